"""Outlines of catchments: mended where they cross themselves, told where they repeat or overlap."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ifc.cover_kind import OVERLAYS
from ifc.model import Diagnostic, Severity, Text
from twin.catchments.catchment import Catchment, Record
from twin.catchments.rules import CatchmentRules

MOST_PAIRS = 1000  # of overlapping outlines that are looked at
_MEND = Text("Correct the outline in the GIS.", "请在 GIS 中修正该多边形。")


def outline_of(
    polygons: Sequence[Sequence[NDArray[np.float64]]], where: str
) -> tuple[BaseGeometry | None, list[Diagnostic]]:
    """The area of some polygons, each of rings (n, 2) with the outside first; None where there is none.

    Where that is not valid, rings that cross themselves keep all that they surround, the largest ring of a
    polygon is its outside, the others take away what of it they surround, and polygons of one outline that
    overlap count once; it is told.
    """
    if not polygons:
        return None, []
    shapes = [shapely.Polygon(rings[0], rings[1:]) for rings in polygons]
    shape: BaseGeometry = shapes[0] if len(shapes) == 1 else shapely.MultiPolygon(shapes)
    if shape.is_valid and shape.area > 0.0:
        return shape, []
    reason = shapely.is_valid_reason(shape)
    mended = shapely.union_all([_mended(rings) for rings in polygons])
    if not mended.area > 0.0:
        return None, [
            Diagnostic(
                "catchment-without-area",
                Severity.WARNING,
                Text(
                    f"{where}: its outline has no area and is left out.", f"{where}：多边形没有面积，未计入。"
                ),
                _MEND,
            )
        ]
    return mended, [
        Diagnostic(
            "catchment-outline-mended",
            Severity.WARNING,
            Text(
                f"{where}: its outline is not valid ({reason}); {mended.area:,.1f} m² are taken for it.",
                f"{where}：多边形无效（{reason}），按 {mended.area:,.1f} m² 计。",
            ),
            _MEND,
        )
    ]


def _mended(rings: Sequence[NDArray[np.float64]]) -> BaseGeometry:
    areas = [
        shapely.make_valid(shapely.Polygon(ring), method="structure", keep_collapsed=False) for ring in rings
    ]
    areas.sort(key=lambda area: -float(area.area))
    return areas[0].difference(shapely.union_all(areas[1:]))


def without_repeated(records: list[Record]) -> tuple[list[Record], list[Diagnostic]]:
    """The records but those whose kind and outline are those of an earlier one, which are told."""
    kept: list[Record] = []
    first: dict[tuple[str, bytes], str] = {}
    found = []
    for record in records:
        if record.outline is None:
            kept.append(record)
            continue
        key = (str(record.values.get("kind")), shapely.to_wkb(shapely.normalize(record.outline)))
        if key in first:
            found.append(
                Diagnostic(
                    "catchment-twice",
                    Severity.WARNING,
                    Text(
                        f"{record.where} repeats {first[key]} and is left out.",
                        f"{record.where} 与 {first[key]} 重复，未计入。",
                    ),
                    Text("Delete one of them.", "请删除其中之一。"),
                )
            )
        else:
            first[key] = record.where
            kept.append(record)
    return kept, found


def tell_overlaps(rows: Sequence[Catchment], path: Path, rules: CatchmentRules) -> list[Diagnostic]:
    """A warning where outlines of the ground lie over one another, so that their areas count twice."""
    ground = [row for row in rows if row.outline is not None and row.kind not in OVERLAYS]
    outlines = np.array([row.outline for row in ground], object)
    if len(outlines) < 2:
        return []
    total = float(shapely.area(outlines).sum())
    twice = total - float(shapely.union_all(outlines).area)
    if twice <= rules.overlap * total:
        return []
    tree = shapely.STRtree(outlines)
    pairs: list[tuple[float, int, int]] = []
    for row, outline in enumerate(outlines):
        pairs += [
            (float(outline.intersection(outlines[other]).area), row, other)
            for other in tree.query(outline, predicate="intersects").tolist()
            if other > row
        ]
        if len(pairs) > MOST_PAIRS:
            break
    largest, one, two = max(pairs)
    return [
        Diagnostic(
            "catchments-overlap",
            Severity.WARNING,
            Text(
                f"{path}: its outlines overlap by {twice:,.1f} m², which count twice; most between "
                f"{ground[one].name} and {ground[two].name} ({largest:,.1f} m²).",
                f"{path}：多边形相互重叠 {twice:,.1f} m²，面积被重复计算；重叠最大的是 "
                f"{ground[one].name} 与 {ground[two].name}（{largest:,.1f} m²）。",
            ),
            Text(
                "Cut them in the GIS so that each piece of ground is in one of them.",
                "请在 GIS 中裁剪，使每块场地只属于一个多边形。",
            ),
        )
    ]
