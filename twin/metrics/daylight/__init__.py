"""Daylight: the daylight factor of every room and, with a weather year, the hours that daylight suffices."""

from twin.metrics.daylight.compute import compute

__all__ = ["compute"]
