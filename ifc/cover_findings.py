"""What is missing or doubtful about the ground covers of a model."""

from __future__ import annotations

import numpy as np
from shapely.geometry.base import BaseGeometry

from ifc.cover_kind import OVERLAYS
from ifc.model import BuildingModel, Diagnostic, GroundCoverTable, Severity, Text

COVER_CODES = frozenset(
    [
        "site-without-outline",
        "site-outline-doubtful",
        "ground-cover-unknown",
        "storage-not-stated",
        "cover-outside-site",
    ]
)


def cover_findings(
    model: BuildingModel,
    table: GroundCoverTable,
    site: BaseGeometry,
    believed: BaseGeometry | None,
    outside_m2: float,
) -> list[Diagnostic]:
    """What a reader of the covers must know: no outline, unknown ground, storage without size.

    ``believed`` is the site's outline where it was used, ``outside_m2`` what of the covers lies outside it.
    """
    found: list[Diagnostic] = []
    if site.is_empty:
        found.append(
            Diagnostic(
                "site-without-outline",
                Severity.WARNING,
                Text(
                    "The site has no shape, so the ground around the buildings is not known.",
                    "场地没有几何图形，无法判断建筑周边的下垫面。",
                ),
                Text(
                    "Give the IfcSite a surface, or state the covers in twin.toml, [[site.covers]].",
                    "请为 IfcSite 建立地表面，或在 twin.toml 的 [[site.covers]] 中填写下垫面。",
                ),
            )
        )
    elif believed is None:
        found.append(
            Diagnostic(
                "site-outline-doubtful",
                Severity.WARNING,
                Text(
                    "Most of the buildings stand outside the site's shape; it was not used.",
                    "大部分建筑位于场地图形之外，未采用该场地图形。",
                ),
                Text("Correct the shape or the placement of the IfcSite.", "请改正 IfcSite 的图形或定位。"),
            )
        )
    unknown = table.kind == "unknown"
    if unknown.any():
        counted = ~np.isin(table.kind, list(OVERLAYS))
        area, whole = float(table.area_m2[unknown].sum()), float(table.area_m2[counted].sum())
        names = sorted({str(model.elements.name[row]) for row in table.element[unknown] if row >= 0} - {""})
        listed = f" ({', '.join(names[:8])}{' …' if len(names) > 8 else ''})" if names else ""
        found.append(
            Diagnostic(
                "ground-cover-unknown",
                Severity.WARNING,
                Text(
                    f"The cover of {area:.0f} m² ({area / whole:.0%} of the site) is not stated{listed}.",
                    f"{area:.0f} m²（占场地 {area / whole:.0%}）未说明下垫面类型{listed}。",
                ),
                Text(
                    "Model roads, paving and green as IfcSlab or IfcGeographicElement and set "
                    "GBT50378_Site.CoverKind, or state them in twin.toml, [[site.covers]].",
                    "请用 IfcSlab 或 IfcGeographicElement 建立道路、铺装和绿地，"
                    "并填写 GBT50378_Site.CoverKind；或在 twin.toml 的 [[site.covers]] 中填写。",
                ),
                count=int(unknown.sum()),
            )
        )
    without_depth = (table.kind == "sunken_green") & np.isnan(table.storage_depth_m)
    without_volume = (table.kind == "tank") & np.isnan(table.storage_volume_m3)
    missing = without_depth | without_volume
    if missing.any():
        found.append(
            Diagnostic(
                "storage-not-stated",
                Severity.WARNING,
                Text(
                    f"{int(missing.sum())} rain storage facilities state no depth or volume.",
                    f"{int(missing.sum())} 处雨水调蓄设施未填写深度或容积。",
                ),
                Text(
                    "Set GBT50378_Site.StorageDepth (m) of sunken green and StorageVolume (m³) of tanks.",
                    "请填写 GBT50378_Site 的 StorageDepth（下凹深度，m）或 StorageVolume（调蓄容积，m³）。",
                ),
                count=int(missing.sum()),
            )
        )
    if outside_m2 > 0.01 * float(table.area_m2.sum()):
        found.append(
            Diagnostic(
                "cover-outside-site",
                Severity.NOTE,
                Text(
                    f"{outside_m2:.0f} m² of covers lie outside the site's shape and do not count.",
                    f"{outside_m2:.0f} m² 下垫面位于场地图形之外，不计入。",
                ),
                Text("Check the shape of the IfcSite.", "请核对 IfcSite 的图形。"),
            )
        )
    return found
