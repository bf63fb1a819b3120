"""The site as the runoff kernels take it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.kernels.runoff import (
    AREA_SHARE,
    COVER_COLUMNS,
    DEPRESSION_MM,
    DRY_INFILTRATION_MM_H,
    FEEDS_TANK,
    FIELD_CAPACITY_MM,
    INFILTRATION_MM_H,
    PERCOLATION_MM_H,
    SOIL_MM,
)
from twin.metrics.sponge.covers import COUNTED, GREEN, ROOFS, SiteCovers
from twin.metrics.sponge.rules import CoverRule, SpongeRules

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SiteTable:
    """Covers by kind, and storage over the whole site."""

    kinds: tuple[str, ...]  # of the rows
    covers: Floats  # (c, COVER_COLUMNS)
    sunken: int  # row of the green that stores rain, -1 for none
    tank_mm: float
    pond_mm: float
    pond_share: float
    area_m2: float


def site_table(covers: SiteCovers, rules: SpongeRules) -> SiteTable:
    """One row per kind; ground that nothing covers counts as unknown, green with storage as sunken green.

    Roofs feed the tanks, where there are any. Green that stores rain ponds to its storage over its area.
    """
    area = covers.area_of(*COUNTED) + covers.unnamed_m2
    ponding = np.isin(covers.kind, GREEN) & (covers.storage_m3 > 0.0)
    areas = {kind: float(covers.area_m2[(covers.kind == kind) & ~ponding].sum()) for kind in COUNTED}
    areas["unknown"] += covers.unnamed_m2
    kinds = [kind for kind in COUNTED if areas[kind] > 0.0]
    tank_m3, pond_m3 = covers.storage_of("tank"), covers.storage_of("water")
    rows = [
        cover_row(rules.covers[kind], areas[kind] / area, feeds_tank=kind in ROOFS and tank_m3 > 0.0)
        for kind in kinds
    ]
    ponding_area = float(covers.area_m2[ponding].sum())
    if ponding_area > 0.0:
        kinds.append("sunken_green")
        rows.append(cover_row(rules.covers["sunken_green"], ponding_area / area))
        rows[-1][DEPRESSION_MM] = 1000.0 * float(covers.storage_m3[ponding].sum()) / ponding_area
    return SiteTable(
        kinds=tuple(kinds),
        covers=np.array(rows),
        sunken=len(rows) - 1 if ponding_area > 0.0 else -1,
        tank_mm=1000.0 * tank_m3 / area,
        pond_mm=1000.0 * pond_m3 / area,
        pond_share=covers.area_of("water") / area if pond_m3 > 0.0 else 0.0,
        area_m2=area,
    )


def cover_row(rule: CoverRule, area_share: float, *, feeds_tank: bool = False) -> Floats:
    """The kernel's row of one kind of cover, shape (COVER_COLUMNS,)."""
    row = np.zeros(COVER_COLUMNS)
    row[AREA_SHARE] = area_share
    row[FEEDS_TANK] = feeds_tank
    row[DEPRESSION_MM] = rule.depression_mm
    row[SOIL_MM] = rule.soil_mm
    row[FIELD_CAPACITY_MM] = rule.field_capacity_mm
    row[DRY_INFILTRATION_MM_H] = rule.dry_infiltration_mm_h
    row[INFILTRATION_MM_H] = rule.infiltration_mm_h
    row[PERCOLATION_MM_H] = rule.percolation_mm_h
    return row
