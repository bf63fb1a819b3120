"""Resistances of the two faces of a component, by the standard that a U-value follows.

Every U-value of an opaque element is a K of GB 50176, for it is compared with limits that are. ISO 6946 is
known to read what files state by it; a simulation of hours leaves both out and has films of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import yaml

# The heat flow of the heating season, by construction kind.
_HEAT_FLOW = {"roof": "up", "floor": "down", "ground_floor": "down"}


class SurfaceResistances(NamedTuple):
    """Resistances of the two faces of a component, m²·K/W."""

    inside: float
    outside: float


def heat_flow(kind: str) -> str:
    """Where heat goes through a construction in winter: ``"up"``, ``"horizontal"`` or ``"down"``."""
    return _HEAT_FLOW.get(kind, "horizontal")


def gb50176_surfaces(kind: str = "wall", *, both_inside: bool = False) -> SurfaceResistances:
    """Surface resistances of GB 50176-2016 in winter, the same for all directions of the heat flow.

    Args:
        kind: construction kind; a ground floor has none on the side of the ground.
        both_inside: for a component between two rooms.
    """
    values = _data()["gb50176"]
    return _of(float(values["inside"]), float(values["outside"]), kind, both_inside)


def iso6946_surfaces(kind: str = "wall", *, both_inside: bool = False) -> SurfaceResistances:
    """Surface resistances of ISO 6946:2017 table 7; arguments as of :func:`gb50176_surfaces`."""
    values = _data()["iso6946"]
    return _of(float(values[heat_flow(kind)]), float(values["outside"]), kind, both_inside)


def _of(inside: float, outside: float, kind: str, both_inside: bool) -> SurfaceResistances:
    if both_inside:
        return SurfaceResistances(inside, inside)
    return SurfaceResistances(inside, 0.0 if kind == "ground_floor" else outside)


@cache
def _data() -> Mapping[str, Mapping[str, Any]]:
    text = resources.files("ifc").joinpath("data", "surface_resistances.yaml").read_text("utf-8")
    data: Mapping[str, Mapping[str, Any]] = yaml.load(text, Loader=yaml.CSafeLoader)
    return data
