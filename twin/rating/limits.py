"""Limits of other codes that the evaluators use, from ``data/code_limits.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml


@dataclass(frozen=True, slots=True)
class Limit:
    """A number of a code. A pair of numbers has both in ``values``."""

    values: tuple[float, ...]
    unit: str
    source: str
    confidence: str

    @property
    def value(self) -> float:
        """The number, or the first of several."""
        return self.values[0]


def limit(name: str) -> Limit:
    """The limit of this name.

    Raises:
        KeyError: there is none.
    """
    return _limits()[name]


@cache
def _limits() -> dict[str, Limit]:
    text = resources.files("twin").joinpath("rating", "data", "code_limits.yaml").read_text("utf-8")
    raw = yaml.load(text, yaml.CSafeLoader)
    limits = {}
    for name, entry in raw.items():
        value = entry["value"]
        values = tuple(float(part) for part in value) if isinstance(value, list) else (float(value),)
        limits[name] = Limit(values, entry["unit"], entry["source"], entry["confidence"])
    return limits
