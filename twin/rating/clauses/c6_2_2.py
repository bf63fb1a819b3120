"""6.2.2 All-age design of the indoor public areas.

Rounded corners, handrails, a lift that takes a stretcher.
"""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, Finding, every, unknown
from twin.rating.limits import limit
from twin.rating.needs import not_modelled, property_missing
from twin.rating.reading import COLUMNS, LIFTS, RAILINGS, WALLS, as_bool, as_number, says

PUBLIC_AREAS = ("corridor", "lobby", "hall", "elevator", "entrance", "stair")


def public_area_corners_rounded(case: Case) -> Fact:
    """Whether every wall and column that states its corners in the public areas has them rounded."""
    name = "public_area_corners_rounded"
    findings = []
    for row in case.rows(*WALLS, *COLUMNS):
        found = case.get(row, "rounded_corner")
        if found is not None:
            findings.append(Finding(case.global_id(row), as_bool(found.value), source=found.source))
    what = Text("Rounded corners of walls and columns in public areas.", "公共区域墙、柱阳角圆角。")
    need = property_missing(what, "rounded_corner", name)
    return every(findings, symbol="rounded corners", need=need)


def public_area_grab_bars_or_handrails(case: Case) -> Fact:
    """Whether each storey's corridors have a handrail, from the railings of type HANDRAIL."""
    name = "public_area_grab_bars_or_handrails"
    types = case.model.elements.predefined_type
    rails = [
        row
        for row in case.rows(*RAILINGS)
        if types[row] == "HANDRAIL" or says(case.text(row), ("扶手", "抓杆", "handrail", "grab bar"))
    ]
    on_stairs = {"IfcStair", "IfcStairFlight"}
    parents = case.model.elements.parent
    classes = case.model.elements.ifc_class
    free = [row for row in rails if parents[row] < 0 or classes[parents[row]] not in on_stairs]
    storeys = {int(case.model.elements.storey[row]) for row in free}
    spaces = case.model.spaces
    corridors = [row for row in case.spaces("corridor", "lobby", "hall") if spaces.internal[row]]
    findings = [
        Finding(case.space_id(row), True if int(spaces.storey[row]) in storeys else None) for row in corridors
    ]
    if not rails or not corridors:
        return unknown("bool", not_modelled(Text("handrails in corridors", "公共走道扶手或抓杆"), name))
    what = Text("Handrails or grab bars in these corridors.", "这些公共走道的扶手或抓杆。")
    need = property_missing(what, "handicap_accessible", name)
    return every(findings, symbol="corridors with a handrail", need=need, confidence="medium")


def stretcher_accessible_lift(case: Case) -> Fact:
    """Whether one lift has a car that takes a stretcher."""
    name = "stretcher_accessible_lift"
    lifts = [
        row for row in case.rows(*LIFTS) if "ESCALATOR" not in str(case.model.elements.predefined_type[row])
    ]
    long, wide = limit("stretcher_car"), limit("stretcher_car_wide")
    sizes: dict[int, tuple[float, float]] = {}
    for row in lifts:
        found = [case.get(row, key) for key in ("lift_clear_width", "lift_clear_depth")]
        numbers = [as_number(item.value) if item else None for item in found]
        if numbers[0] is not None and numbers[1] is not None:
            sizes[row] = (numbers[0], numbers[1])
    fits = [
        row
        for row, size in sizes.items()
        if any(size[0] >= least.values[0] and size[1] >= least.values[1] for least in (long, wide))
    ]
    shown = ", ".join(f"{width:.2f} × {depth:.2f} m" for width, depth in sizes.values())
    asked = " or ".join(f"{least.values[0]} × {least.values[1]} m" for least in (long, wide))
    formula = f"car width × depth: {shown or 'not stated'}; asked {asked}"
    if fits:
        return Fact(
            True,
            "bool",
            Provenance.IFC,
            f"ClearWidth, ClearDepth; {long.source}",
            formula,
            confidence="medium",
        )
    silent = [row for row in lifts if row not in sizes]
    if lifts and not silent:
        return Fact(
            False, "bool", Provenance.IFC, f"ClearWidth, ClearDepth; {long.source}", formula,
            elements=case.global_ids(lifts), confidence="medium",
        )  # fmt: skip
    what = Text("Clear width and depth of the lift cars.", "电梯轿厢净宽和净深。")
    need = (
        property_missing(what, "lift_clear_width", name, case.global_ids(silent))
        if lifts
        else not_modelled(Text("lifts", "电梯"), name)
    )
    return unknown("bool", need)


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function
    for function in (
        public_area_corners_rounded,
        public_area_grab_bars_or_handrails,
        stretcher_accessible_lift,
    )
}
