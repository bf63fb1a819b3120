"""5.2.10 Natural ventilation of dwellings: ventilation opening over floor area, room by room.

An opening's ventilation area is its stated openable area, or its stated openable fraction of its area. A sash
that opens less than 45° counts half. An opening that states neither can give anything between nothing and its
whole area; so the ratio of the worst room is known within bounds, which can already fail a room with small
windows. A room in which the model shows no outer opening at all stays untold.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.limits import limit
from twin.rating.needs import fact_missing, not_modelled, property_missing
from twin.rating.openings import Opening
from twin.rating.reading import as_number

ROOMS = ("bedroom", "living_room", "study", "kitchen")
_FACT = "vent_opening_floor_ratio"


def vent_opening_floor_ratio(case: Case) -> Fact:
    """Ventilation opening over floor area of the worst room, %."""
    spaces = case.model.spaces
    by_room: dict[int, list[Opening]] = {}
    for opening in case.openings:
        if opening.external and opening.space >= 0:
            by_room.setdefault(opening.space, []).append(opening)
    ratios: dict[int, tuple[float, float]] = {}
    silent: set[int] = set()
    closed: list[int] = []
    sources: dict[str, None] = {}
    for room in case.spaces(*ROOMS):
        floor = float(spaces.area_m2[room])
        if not (np.isfinite(floor) and floor > 0):
            continue
        if room not in by_room:
            closed.append(room)
            ratios[room] = (0.0, np.inf)
            continue
        low = high = 0.0
        for opening in by_room[room]:
            own_low, own_high, source = _ventilation_area(case, opening)
            low, high = low + own_low, high + own_high
            if source:
                sources[source] = None
            else:
                silent.add(opening.element)
        ratios[room] = (100 * low / floor, 100 * high / floor)
    if not by_room or not ratios:
        return unknown("%", not_modelled(Text("dwelling rooms with windows", "带外窗的住宅房间"), _FACT))
    low, high = min(pair[0] for pair in ratios.values()), min(pair[1] for pair in ratios.values())
    worst = [room for room, pair in ratios.items() if pair[1] <= high + 1e-9]
    name = f"{spaces.name[worst[0]]} {spaces.long_name[worst[0]]}".strip()
    short = tuple(case.space_id(room) for room in worst)
    if high - low < 1e-9:
        formula = f"A(vent) / A(floor) × 100 % of the worst of {len(ratios)} rooms, {name} = {low:.1f} %"
        return Fact(
            low, "%", Provenance.IFC, ", ".join(sources), formula, elements=short, confidence="medium"
        )
    what = Text("Openable area of the windows.", "外窗可开启面积。")
    needs = (
        [property_missing(what, "openable_area", _FACT, case.global_ids(sorted(silent)))] if silent else []
    )
    if closed:
        lacking = Text("An outer window or door of these rooms.", "这些房间的外窗或外门。")
        needs.append(fact_missing(lacking, _FACT, [case.space_id(room) for room in closed]))
    formula = (
        f"0 ≤ A(vent) ≤ A(window): {low:.1f} to {high:.1f} % in the worst of {len(ratios)} rooms, {name}"
    )
    return Fact(
        None,
        "%",
        Provenance.DERIVED,
        "areas of windows and floors",
        formula,
        elements=short,
        needs=tuple(needs),
        confidence="medium",
        bounds=(low, high),
    )


def _ventilation_area(case: Case, opening: Opening) -> tuple[float, float, str]:
    """Least and greatest ventilation area, and the property that states it ("" for none)."""
    area = opening.area_m2 if np.isfinite(opening.area_m2) else np.inf
    found = case.get(opening.element, "openable_area")
    stated = as_number(found.value) if found else None
    if stated is None:
        found = case.get(opening.element, "openable_fraction")
        fraction = as_number(found.value) if found else None
        if found is None or fraction is None or np.isinf(area):
            return 0.0, float(area), ""
        stated = area * (fraction / 100 if fraction > 1 else fraction)
    angle = case.get(opening.element, "opening_angle")
    degrees = as_number(angle.value) if angle else None
    if degrees is not None and degrees < limit("half_open_angle").value:
        stated /= 2
    assert found is not None
    return stated, stated, found.source


FACTS: Mapping[str, Evaluator] = {_FACT: vent_opening_floor_ratio}
