"""4.2.2 Protective measures: guard rails and sills above the code's height, shelters over the entrances.

The clause has no number. Item 1 takes a raise of 10 % over the code's heights as enough (local review
points); item 2 takes an entrance as sheltered when something solid covers the ground in front of it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ifc.model import Neighbour, Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, Finding, every
from twin.rating.limits import limit
from twin.rating.needs import not_modelled, property_missing
from twin.rating.reading import RAILINGS, as_number, box

_SHELTERS = (
    "IfcSlab", "IfcSlabStandardCase", "IfcRoof", "IfcPlate", "IfcCovering", "IfcBeam", "IfcMember",
    "IfcShadingDevice", "IfcBuildingElementProxy", "IfcCurtainWall",
)  # fmt: skip


def fall_protection_enhanced(case: Case) -> Fact:
    """Whether guard rails and the window sills above the ground floor are 10 % higher than the code asks."""
    raise_ = 1 + limit("raised_protection").value / 100
    rail = limit("guard_height").value * raise_
    residential = case.fact("building_type").value == "residential"
    sill = limit("dwelling_sill_height" if residential else "public_sill_height").value * raise_
    findings = [_rail(case, row, rail) for row in case.rows(*RAILINGS) if not _on_a_stair(case, row)]
    if not findings:
        return every(
            [],
            symbol="",
            need=not_modelled(Text("guard rails", "栏杆"), "fall_protection_enhanced"),
        )
    above = _storeys_above_the_lowest_entrance(case)
    for opening in case.openings:
        storey = int(case.model.elements.storey[opening.element])
        if opening.window and opening.external and storey in above:
            known = np.isfinite(opening.sill_m)
            findings.append(
                Finding(
                    case.global_id(opening.element), bool(opening.sill_m >= sill - 1e-6) if known else None
                )
            )
    return every(
        findings,
        symbol=f"h(rail) ≥ {rail:.2f} m, h(sill) ≥ {sill:.2f} m",
        need=property_missing(
            Text("Height of guard rails and window sills.", "栏杆和窗台高度。"),
            "railing_height",
            "fall_protection_enhanced",
        ),
        provenance=Provenance.DERIVED,
        confidence="low",
    )


def _rail(case: Case, row: int, least: float) -> Finding:
    found = case.get(row, "railing_height")
    height = as_number(found.value) if found else None
    source = found.source if found and height is not None else "shape of the railing"
    if height is None:
        corners = box(case.model, row)
        height = float(corners[1][2] - corners[0][2]) if corners is not None else None
    return Finding(case.global_id(row), None if height is None else height >= least - 1e-6, source=source)


def _on_a_stair(case: Case, railing: int) -> bool:
    parent = int(case.model.elements.parent[railing])
    return parent >= 0 and str(case.model.elements.ifc_class[parent]) in (
        "IfcStair",
        "IfcStairFlight",
        "IfcRamp",
    )


def _storeys_above_the_lowest_entrance(case: Case) -> set[int]:
    entrances = {int(case.model.elements.storey[row]) for row in entrance_doors(case)}
    below = case.storeys.below
    ground = min(entrances, default=next((row for row, down in enumerate(below) if not down), 0))
    return {row for row in range(len(case.model.storeys)) if row > ground}


def entrance_doors(case: Case) -> list[int]:
    """External doors of the lowest storey above ground that has any."""
    below = case.storeys.below
    by_storey: dict[int, list[int]] = {}
    for opening in case.openings:
        storey = int(case.model.elements.storey[opening.element])
        outside_room = opening.space >= 0 and case.model.spaces.use[opening.space] in ("balcony", "terrace")
        if not opening.window and opening.external and storey >= 0 and not below[storey] and not outside_room:
            by_storey.setdefault(storey, []).append(opening.element)
    return by_storey[min(by_storey)] if by_storey else []


def all_entrances_have_canopy_protection(case: Case) -> Fact:
    """Whether something solid covers the ground in front of each entrance door."""
    depth = limit("canopy_depth")
    doors = entrance_doors(case)
    shelters = [corners for row in case.rows(*_SHELTERS) if (corners := box(case.model, row)) is not None]
    findings = [
        Finding(case.global_id(door), _sheltered(case, door, shelters, depth.value)) for door in doors
    ]
    need = (
        property_missing(
            Text("Shape of the entrance doors.", "出入口门的几何形体。"),
            "is_external",
            "all_entrances_have_canopy_protection",
        )
        if doors
        else not_modelled(
            Text("external doors at the entrances", "出入口外门"), "all_entrances_have_canopy_protection"
        )
    )
    return every(
        findings,
        symbol=f"cover ≥ {depth.value:g} m deep above the entrance",
        need=need,
        provenance=Provenance.DERIVED,
        confidence="low",
    )


def _sheltered(
    case: Case, door: int, shelters: list[tuple[np.ndarray, np.ndarray]], depth: float
) -> bool | None:
    """Whether a box above the door's head covers its middle on one of its two sides, ``depth`` metres out."""
    corners = box(case.model, door)
    if corners is None:
        return None
    low, high = corners
    middle = (low[:2] + high[:2]) / 2
    across = np.array([0.0, 1.0]) if high[0] - low[0] >= high[1] - low[1] else np.array([1.0, 0.0])
    half = abs(across @ (high[:2] - low[:2])) / 2
    outside = _outside(case, door)
    sides = [across, -across] if outside is None else [outside]
    for side in sides:
        outer = middle + side * (half + depth)
        for shelter_low, shelter_high in shelters:
            above = high[2] - 0.05 <= shelter_low[2] <= high[2] + 3.5
            if above and (shelter_low[:2] <= outer + 0.05).all() and (shelter_high[:2] >= outer - 0.05).all():
                return True
    return False


def _outside(case: Case, door: int) -> np.ndarray | None:
    """The horizontal unit vector out of the building at a door, from the surface that holds it."""
    table, surfaces = case.model.surface_openings, case.model.surfaces
    for row in np.flatnonzero(table.element == door):
        surface = int(table.surface[row])
        if surfaces.neighbour[surface] == Neighbour.OUTDOORS:
            normal = surfaces.normal[surface][:2]
            length = float(np.hypot(*normal))
            if length > 0.5:
                return np.asarray(normal / length)
    return None


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function
    for function in (fall_protection_enhanced, all_entrances_have_canopy_protection)
}
