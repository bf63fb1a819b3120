"""5.2.10 Natural ventilation of dwellings: ventilation opening over floor area, room by room.

An opening's ventilation area is its stated openable area, its stated openable fraction of its area, or that
of its panels by how they move. A sash that opens less than 45° counts half. An opening that states none of
them can give anything between nothing and its whole area; so the ratio of the worst room is known within
bounds, which can already fail a room with small windows. A room in which the model shows no outer opening at
all stays untold.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.needs import fact_missing, not_modelled, property_missing
from twin.rating.openable import openable_area
from twin.rating.openings import Opening

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
            area = opening.area_m2 if np.isfinite(opening.area_m2) else np.inf
            own = openable_area(case.properties, opening.element, area)
            low, high = low + own.low, high + own.high
            if own.source:
                sources[own.source] = None
            if not own.source or own.low < own.high:
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


FACTS: Mapping[str, Evaluator] = {_FACT: vent_opening_floor_ratio}
