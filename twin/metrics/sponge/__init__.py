"""The sponge-city metric: how much of the year's rain the site holds back."""

from twin.metrics.sponge.metric import compute

__all__ = ["compute"]
