"""Hours of sunlight of rooms on the reference day of the planning standard (日照)."""

from twin.metrics.sunlight.compute import compute
from twin.metrics.sunlight.massing import Massing, moved_sunlight

__all__ = ["Massing", "compute", "moved_sunlight"]
