"""5.2.7 Sound insulation of the main rooms, bounded from above by the stated ratings (see acoustics)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import partial

import numpy as np

from ifc.model import Neighbour, Provenance, Text
from twin.dwellings import dwellings
from twin.rating.acoustics import Bounds, at_facade, between_rooms, composite, parse_rating
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.needs import not_modelled, property_missing
from twin.rating.reading import as_number
from twin.use_types import use_types

BEDROOMS = ("bedroom",)
HABITABLE = ("bedroom", "living_room", "study", "dining_room")
_REASON = Text(
    "Estimated from laboratory ratings: flanking is not modelled, so only a failure is sure.",
    "由实验室隔声量估算，未计侧向传声，仅可判定不满足。",
)


def _worst(case: Case, fact: str, results: Mapping[str, Bounds | None], what: Text, none: Text) -> Fact:
    """The worst of several rooms or partitions as a fact within bounds."""
    if not results:
        return unknown("dB", not_modelled(none, fact))
    told = {gid: bounds for gid, bounds in results.items() if bounds is not None}
    silent = [gid for gid, bounds in results.items() if bounds is None]
    low = min((bounds[0] for bounds in told.values()), default=-math.inf)
    high = min((bounds[1] for bounds in told.values()), default=math.inf)
    worst = tuple(gid for gid, bounds in told.items() if bounds[1] <= high + 0.05)
    formula = f"min over {len(told)} of {len(results)}: {low:.1f} to {high:.1f} dB" if told else ""
    need = property_missing(what, "acoustic_rating", fact, silent or worst)
    return Fact(
        None,
        "dB",
        Provenance.DERIVED,
        "AcousticRating of the elements; ISO 12354",
        formula,
        _REASON if told else Text("", ""),
        tuple(dict.fromkeys((*worst, *silent))),
        (need,),
        "medium",
        (-math.inf, high) if told else None,
    )


def facade(case: Case, fact: str, uses: Iterable[str]) -> Fact:
    """Least D_2m,nT,w + Ctr of the facades of rooms of these uses."""
    surfaces, spaces = case.model.surfaces, case.model.spaces
    results: dict[str, Bounds | None] = {}
    for room in case.spaces(*uses):
        walls = np.flatnonzero((surfaces.space == room) & (surfaces.neighbour == Neighbour.OUTDOORS))
        walls = walls[np.abs(surfaces.tilt_deg[walls] - 90) < 45]
        if not len(walls) or not np.isfinite(spaces.volume_m3[room]):
            continue
        parts = _facade_parts(case, walls.tolist())
        area = float(surfaces.area_m2[walls].sum())
        results[case.space_id(room)] = (
            None if parts is None else at_facade(composite(parts), float(spaces.volume_m3[room]), area)
        )
    what = Text("Sound reduction index of facade walls and windows.", "外墙和外窗的隔声量。")
    return _worst(case, fact, results, what, Text("facades of such rooms", "此类房间的外围护结构"))


def _facade_parts(case: Case, walls: list[int]) -> list[tuple[float, Bounds]] | None:
    """(area, R_w + Ctr) of the walls net of openings and of the openings; None when one states no rating."""
    surfaces, openings = case.model.surfaces, case.model.surface_openings
    parts = []
    for wall in walls:
        net = float(surfaces.area_m2[wall])
        for opening in np.flatnonzero(openings.surface == wall):
            rating = _rating(case, int(openings.element[opening]))
            if rating is None:
                return None
            area = float(openings.area_m2[opening])
            net -= area
            parts.append((area, rating))
        if net > 0.01:
            rating = _rating(case, int(surfaces.element[wall]))
            if rating is None:
                return None
            parts.append((net, rating))
    return parts


def _rating(case: Case, element: int, term: str = "Ctr") -> Bounds | None:
    found = case.get(element, "acoustic_rating") if element >= 0 else None
    stated = parse_rating(found.value) if found else None
    return None if stated is None else stated.with_term(term)


def party(case: Case, fact: str, uses: Iterable[str], term: str, floor: bool) -> Fact:
    """Least D_nT,w + C or Ctr through the walls or floors between dwellings, of rooms of these uses."""
    surfaces, spaces = case.model.surfaces, case.model.spaces
    dwelling_of = dwellings(case.model)
    rooms = set(case.spaces(*uses))
    results: dict[str, Bounds | None] = {}
    for row in np.flatnonzero(surfaces.neighbour == Neighbour.SPACE).tolist():
        room, other = int(surfaces.space[row]), int(surfaces.neighbour_space[row])
        level = abs(float(surfaces.tilt_deg[row]) - 90) >= 45
        if room not in rooms or level != floor or dwelling_of.get(room) == dwelling_of.get(other):
            continue
        if room not in dwelling_of or other not in dwelling_of:
            continue
        element = int(surfaces.element[row])
        rating = _rating(case, element, term)
        key = case.global_id(element) if element >= 0 else case.space_id(room)
        estimate = (
            None
            if rating is None or not np.isfinite(spaces.volume_m3[room])
            else between_rooms(rating, float(spaces.volume_m3[room]), float(surfaces.area_m2[row]))
        )
        before = results.get(key)
        if estimate is None or (key in results and before is None):
            results[key] = None
        else:
            results[key] = estimate if before is None else min(before, estimate)
    what = Text("Sound reduction index of the elements between dwellings.", "分户墙、分户楼板的隔声量。")
    none = Text("partitions between dwellings (IfcZone per dwelling)", "分户构件（每套住宅一个 IfcZone）")
    return _worst(case, fact, results, what, none)


def impact(case: Case, fact: str, uses: Iterable[str]) -> Fact:
    """Highest stated impact sound level of the floors above and below rooms of these uses, dB."""
    surfaces = case.model.surfaces
    rooms = case.spaces(*uses)
    level = np.abs(surfaces.tilt_deg - 90) >= 45
    between = np.isin(surfaces.space, rooms) & level & (surfaces.neighbour == Neighbour.SPACE)
    floors = sorted({int(row) for row in surfaces.element[between] if row >= 0})
    levels: dict[int, float] = {}
    sources: dict[str, None] = {}
    for row in floors:
        found = case.get(row, "impact_sound")
        number = as_number(found.value) if found else None
        if found and number is not None:
            levels[row] = number
            sources[found.source] = None
    silent = [row for row in floors if row not in levels]
    highest = max(levels.values(), default=-math.inf)
    loud = [row for row, value in levels.items() if value == highest]
    formula = f"max L'nT,w of {len(levels)} floors = {highest:g} dB" if levels else ""
    if not floors:
        return unknown("dB", not_modelled(Text("floors between such rooms", "此类房间的楼板"), fact))
    if silent:
        what = Text("Impact sound level of the floors.", "楼板撞击声压级。")
        need = property_missing(what, "impact_sound", fact, case.global_ids(silent))
        bounds = (highest, math.inf) if levels else None
        return Fact(None, "dB", formula=formula, elements=case.global_ids(loud), needs=(need,), bounds=bounds)
    return Fact(highest, "dB", Provenance.IFC, ", ".join(sources), formula, elements=case.global_ids(loud))


def bedroom_party(case: Case) -> Fact:
    """The lesser of the bedrooms' party walls and party floors (table 3.2.8)."""
    parts = [case.fact(f"DnT_w_plus_Ctr_bedroom_neighbour_{part}") for part in ("wall", "floor")]
    lesser = min(parts, key=lambda fact: fact.interval[1])
    if all(fact.known for fact in parts):
        return lesser
    low, high = min(fact.interval[0] for fact in parts), min(fact.interval[1] for fact in parts)
    needs = tuple(need for fact in parts if not fact.known for need in fact.needs)
    bounds = None if math.isinf(low) and math.isinf(high) else (low, high)
    return Fact(
        None, "dB", lesser.provenance, lesser.source, lesser.formula, lesser.reason, lesser.elements, needs,
        "medium", bounds,
    )  # fmt: skip


def _public_rooms() -> tuple[str, ...]:
    return tuple(use for use, kind in use_types().items() if kind.main_function and kind.category == "public")


def _named(function: Callable[..., Fact], fact: str, *arguments: object) -> Evaluator:
    return lambda case: function(case, fact, *arguments)


_OTHERS = tuple(use for use in HABITABLE if use not in BEDROOMS)
FACTS: Mapping[str, Evaluator] = {
    "D2m_nT_w_plus_Ctr_bedroom_facade": partial(
        facade, fact="D2m_nT_w_plus_Ctr_bedroom_facade", uses=BEDROOMS
    ),
    "D2m_nT_w_plus_Ctr_facade_public": lambda case: facade(
        case, "D2m_nT_w_plus_Ctr_facade_public", _public_rooms()
    ),
    **{
        name: _named(party, name, uses, term, part == "floor")
        for part in ("wall", "floor")
        for name, uses, term in (
            (f"DnT_w_plus_Ctr_bedroom_neighbour_{part}", BEDROOMS, "Ctr"),
            (f"DnT_w_plus_C_other_neighbour_{part}", _OTHERS, "C"),
        )
    },
    "LnTw_impact_residential": partial(
        impact, fact="LnTw_impact_residential", uses=("bedroom", "living_room")
    ),
    "LnTw_bedroom_party_floor": partial(impact, fact="LnTw_bedroom_party_floor", uses=BEDROOMS),
    "DnT_w_plus_Ctr_bedroom_party_wall_and_floor": bedroom_party,
}
