"""4.1.6 Wet rooms: a waterproof layer in the floor, a damp-proof layer in walls and ceiling.

A layer counts when a property says so or when a layer's material names it. Layers that do not name one leave
the room untold: membranes are often left out of models, and this is a control item.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ifc.model import Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, Finding, share
from twin.rating.needs import not_modelled, property_missing
from twin.rating.reading import as_bool, material_text, says

WET_ROOMS = ("bathroom", "toilet")
_WATERPROOF = ("防水", "waterproof", "membrane", "bitumen", "卷材", "聚氨酯涂膜", "abdichtung")
_DAMPPROOF = (*_WATERPROOF, "防潮", "damp", "vapour barrier", "vapor barrier", "dampfsperre")
_ROOMS = Text("toilets or bathrooms", "卫生间或浴室")


def wet_room_floor_waterproof_share(case: Case) -> Fact:
    """Share of the wet rooms whose floor has a waterproof layer."""
    what = Text("Waterproof layer in the floor of the wet rooms.", "卫生间、浴室地面防水层。")
    return _share(case, "wet_room_floor_waterproof_share", "waterproof_layer", _WATERPROOF, what, floor=True)


def wet_room_wall_ceiling_dampproof_share(case: Case) -> Fact:
    """Share of the wet rooms whose walls and ceiling have a damp-proof layer."""
    what = Text("Damp-proof layer in walls and ceiling of the wet rooms.", "卫生间、浴室墙面、顶棚防潮层。")
    return _share(
        case, "wet_room_wall_ceiling_dampproof_share", "dampproof_layer", _DAMPPROOF, what, floor=False
    )


def _share(case: Case, fact: str, key: str, words: tuple[str, ...], what: Text, *, floor: bool) -> Fact:
    rooms = case.spaces(*WET_ROOMS)
    findings = [_finding(case, room, key, words, floor) for room in rooms]
    need = property_missing(what, key, fact) if rooms else not_modelled(_ROOMS, fact)
    return share(findings, symbol="n(rooms with the layer)", weight_unit="rooms", need=need)


def _finding(case: Case, room: int, key: str, words: tuple[str, ...], floor: bool) -> Finding:
    element = int(case.model.spaces.element[room])
    stated = case.get(element, key) if element >= 0 else None
    if stated is not None and (answer := as_bool(stated.value)) is not None:
        return Finding(case.space_id(room), answer, source=stated.source)
    surfaces = case.model.surfaces
    own = surfaces.space == room
    faces = own & ((surfaces.tilt_deg > 135) if floor else (surfaces.tilt_deg <= 135))
    behind = {int(row) for row in surfaces.element[np.flatnonzero(faces)] if row >= 0}
    coverings = ("FLOORING",) if floor else ("CLADDING", "CEILING", "INSULATION")
    types, seats = case.model.elements.predefined_type, case.model.elements.space
    behind |= {row for row in case.rows("IfcCovering") if seats[row] == room and types[row] in coverings}
    named = [row for row in behind if says(material_text(case.model, row), words)]
    # The floor is one layer; walls and ceiling must all have theirs.
    complete = bool(named) if floor else bool(behind) and len(named) == len(behind)
    return Finding(
        case.space_id(room), True if complete else None, source="material layers" if complete else ""
    )


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function
    for function in (wet_room_floor_waterproof_share, wet_room_wall_ceiling_dampproof_share)
}
