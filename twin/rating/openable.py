"""How much of a window or door can be opened, from what the model says of it.

The openable area of its properties comes first, then an openable fraction, then its panels
(IfcWindowPanelProperties, IfcDoorPanelProperties): the share of each by the lining's mullion and transom, and
of a panel by how it moves (``data/openable_panels.yaml``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import yaml

from twin.rating.limits import limit
from twin.rating.reading import Found, PropertyReader, as_number

_POSITIONS = ("left", "middle", "right", "top", "bottom", "notdefined")


@dataclass(frozen=True, slots=True)
class Openable:
    """Least and greatest ventilation area, m², and the property that states it ("" for none)."""

    low: float
    high: float
    source: str


@cache
def _panels() -> Mapping[str, Any]:
    text = resources.files("twin").joinpath("rating", "data", "openable_panels.yaml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return loaded


def openable_area(properties: PropertyReader, element: int, area_m2: float) -> Openable:
    """What can be opened of a window or door of ``area_m2`` (inf: not known).

    A sash whose stated angle is below 45° counts half. Where nothing is stated anything between nothing and
    all of it may be.
    """
    found = properties.get(element, "openable_area")
    stated = as_number(found.value) if found else None
    if stated is None:
        found = properties.get(element, "openable_fraction")
        fraction = as_number(found.value) if found else None
        if fraction is None or np.isinf(area_m2):
            return _of_panels(properties, element, area_m2)
        stated = area_m2 * (fraction / 100 if fraction > 1 else fraction)
    assert found is not None
    stated *= _angle_factor(properties, element)
    return Openable(stated, stated, found.source)


def _angle_factor(properties: PropertyReader, element: int) -> float:
    angle = properties.get(element, "opening_angle")
    degrees = as_number(angle.value) if angle else None
    return 0.5 if degrees is not None and degrees < limit("half_open_angle").value else 1.0


def _of_panels(properties: PropertyReader, element: int, area_m2: float) -> Openable:
    panels: dict[str, Found] = {}
    for position in _POSITIONS:
        found = properties.get(element, f"panel_{position}")
        if found is not None:
            panels[position] = found
    nothing = Openable(0.0, area_m2, "")
    rule = _panels()["operations"]
    moves = {position: rule.get(str(found.value).upper()) for position, found in panels.items()}
    if np.isinf(area_m2) or not moves or any(move is None for move in moves.values()):
        return nothing
    shares = _shares(properties, element, tuple(panels))
    slides = sum(share for share, move in zip(shares, moves.values(), strict=True) if move["slides"])
    whole = [0.0, 0.0]
    for share, move in zip(shares, moves.values(), strict=True):
        for end in (0, 1):
            whole[end] += 0.0 if move["slides"] else share * move["share"][end]
    slid = min(slides, float(_panels()["most_sliding_share"]))  # one panel moves in front of another
    factor = area_m2 * _angle_factor(properties, element)
    source = next(iter(panels.values())).source.split(".")[0] + ".OperationType"
    return Openable(factor * (whole[0] + slid), factor * (whole[1] + slid), source)


def _shares(properties: PropertyReader, element: int, positions: tuple[str, ...]) -> tuple[float, ...]:
    """Share of each panel in the window: by the mullion or transom of two panels, else equal."""
    found = None
    if positions == ("left", "right"):
        found = properties.get(element, "first_mullion")  # from the left
    elif positions == ("top", "bottom"):
        found = properties.get(element, "first_transom")  # from below
    ratio = as_number(found.value) if found else None
    if ratio is None or not 0 < ratio < 1:
        return (1 / len(positions),) * len(positions)
    return (ratio, 1 - ratio) if positions[0] == "left" else (1 - ratio, ratio)
