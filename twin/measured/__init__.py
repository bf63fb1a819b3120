"""Measured against designed: limits and claims held against the history of points."""
