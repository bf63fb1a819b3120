"""Hours of sunlight of rooms on the reference day of the planning standard (日照)."""

from twin.metrics.sunlight.compute import compute

__all__ = ["compute"]
