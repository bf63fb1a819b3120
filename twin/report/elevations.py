"""Pictures of what the outer walls and roofs get: an elevation of each side, and the roofs from above."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from ifc.model import BuildingModel, Text
from twin.metrics.daylight.annual import north_of
from twin.metrics.result import MetricResult
from twin.metrics.sunlight.facade import Facade, facade_points, sunny_points
from twin.project import Project
from viewer.plan import field_map, legend

Floats = NDArray[np.float64]

_SIDES = (
    Text("South", "南立面"),
    Text("West", "西立面"),
    Text("North", "北立面"),
    Text("East", "东立面"),
)
_ROOFS = Text("Roofs, from above", "屋面（俯视）")
_LIMITS = {"facade_sunlight": 8.0, "surface_irradiation": 1600.0}  # one scale for every model
_WIDTH_PX = 420.0  # of the widest picture of a field
_PIXEL = 1.25  # in spacings of the points, which are not the same on every wall: no gaps


def elevations(model: BuildingModel, project: Project, metric: MetricResult | None) -> list[dict[str, Any]]:
    """For each field: its label, legend, and the pictures with their names. What stands before hides."""
    found = []
    for name, limit in _LIMITS.items():
        field = None if metric is None else metric.fields.get(name)
        if field is None or not len(field.values):
            continue
        outside = facade_points(model) if name == "facade_sunlight" else sunny_points(model)
        pictures = list(_pictures(outside, field.values, limit, north_of(model, project)))
        shown = Markup(legend(0, limit, field.unit))
        found.append({"label": field.label, "legend": shown, "pictures": pictures})
    return found


def _pictures(
    outside: Facade, values: Floats, limit: float, north_deg: float
) -> Iterator[tuple[Text, Markup]]:
    roof = outside.is_roof
    azimuth = np.degrees(np.arctan2(outside.normals[:, 0], outside.normals[:, 1])) + north_deg
    side = np.round((azimuth - 180.0) / 90.0).astype(np.int64) % 4
    views = []
    for number, name in enumerate(_SIDES):
        turn = np.radians(180.0 + 90.0 * number - north_deg)
        towards = np.array([np.sin(turn), np.cos(turn), 0.0])  # from the wall to who looks at it
        axes = np.array([[-towards[1], towards[0], 0.0], [0.0, 0.0, 1.0], towards])
        views.append((name, ~roof & (side == number), axes))
    views.append((_ROOFS, roof, np.eye(3)))
    pixel = _PIXEL * outside.spacing_m
    pictures = [
        (name, *_nearest(outside.points[which] @ axes.T, values[which], pixel))
        for name, which, axes in views
        if which.any()
    ]
    widest = max(np.ptp(squares[:, 0]) + pixel for _, squares, _ in pictures)
    for name, squares, seen in pictures:
        width = _WIDTH_PX * float((np.ptp(squares[:, 0]) + pixel) / widest)
        yield name, Markup(field_map(squares, seen, pixel, limit, width))


def _nearest(flat: Floats, values: Floats, pixel: float) -> tuple[Floats, Floats]:
    """Middles (n, 2) of the squares of a picture and the value nearest to the eye in each.

    ``flat`` (N, 3): right, up and towards the eye.
    """
    order = np.argsort(flat[:, 2], kind="stable")[::-1]
    squares = np.rint((flat[order, :2] - flat[:, :2].min(axis=0)) / pixel)
    _, first = np.unique(squares, axis=0, return_index=True)
    return squares[first] * pixel, values[order[first]]
