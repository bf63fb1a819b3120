"""Overlays of outlines that broken meshes make."""

from __future__ import annotations

import shapely

from ifc.plan_outline import without


def test_points_and_lines_beside_areas_do_not_stop_an_overlay() -> None:
    square = shapely.box(0, 0, 2, 2)
    mixed = shapely.GeometryCollection([shapely.box(0, 0, 1, 2), shapely.LineString([(0, 0), (5, 5)])])
    assert without(square, mixed).area == 2.0
    assert without(mixed, shapely.box(0, 0, 1, 1)).area == 1.0
    assert without(square, shapely.LineString([(0, 0), (5, 5)])).area == 4.0
