"""4.2.4 Slip resistance of floors, from the grades (JGJ/T 331) of the coverings in the rooms that count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, Finding, every, unknown
from twin.rating.needs import not_modelled, property_missing
from twin.rating.reading import RAMPS, STAIRS, as_bool

GENERAL = (
    "entrance",
    "lobby",
    "hall",
    "corridor",
    "elevator",
    "kitchen",
    "commercial_kitchen",
    "bathroom",
    "toilet",
)
ACTIVITY = ("activity_room", "fitness", "gymnasium", "elderly_day_care", "nursery")
# The wet grade is asked where water comes: everywhere indoors except dry circulation.
_WET = ("entrance", "lobby", "kitchen", "commercial_kitchen", "bathroom", "toilet")


def _worst_grade(case: Case, fact: str, key: str, uses: Sequence[str]) -> Fact:
    """The lowest grade of the floors of all rooms of these uses."""
    order = case.standard.metrics[fact].order
    rooms = case.spaces(*uses)
    grades: dict[str, int] = {}
    silent: list[str] = []
    sources: dict[str, None] = {}
    for room in rooms:
        told = [found for row in _floor_elements(case, room) if (found := case.get(row, key)) is not None]
        known = [(str(found.value), found.source) for found in told if str(found.value) in order]
        if not known:
            silent.append(case.space_id(room))
            continue
        worst, source = min(known, key=lambda pair: order.index(pair[0]))
        grades[case.space_id(room)] = order.index(worst)
        sources[source] = None
    what = Text("Slip grade of the floors.", "地面防滑等级。")
    if not rooms:
        return unknown("grade", not_modelled(Text("rooms of these uses", "此类房间"), fact))
    lowest = min(grades.values(), default=len(order) - 1)
    short = tuple(room for room, grade in grades.items() if grade == lowest)
    if silent:
        need = property_missing(what, key, fact, silent)
        bounds = (0.0, float(lowest))
        formula = f"worst known grade {order[lowest]} of {len(grades)} rooms" if grades else ""
        place = ", ".join(sources)
        return Fact(
            None, "grade", Provenance.IFC, place, formula, elements=short, needs=(need,), bounds=bounds
        )
    formula = f"worst of {len(grades)} rooms: {order[lowest]}"
    return Fact(order[lowest], "grade", Provenance.IFC, ", ".join(sources), formula, elements=short)


def _floor_elements(case: Case, room: int) -> list[int]:
    """The room itself, the coverings in it and the elements behind its floor."""
    surfaces, elements = case.model.surfaces, case.model.elements
    rows = [int(case.model.spaces.element[room])]
    rows += [row for row in case.rows("IfcCovering") if elements.space[row] == room]
    rows += [int(row) for row in surfaces.element[(surfaces.space == room) & (surfaces.tilt_deg > 135)]]
    return [row for row in dict.fromkeys(rows) if row >= 0]


def anti_slip_strips_on_ramp_stair(case: Case) -> Fact:
    """Whether all stairs and ramps have a non-skid surface."""
    findings = []
    for row in _stairs_and_ramps(case):
        found = case.get(row, "non_skid_surface")
        answer = as_bool(found.value) if found else None
        findings.append(Finding(case.global_id(row), answer, source=found.source if found else ""))
    what = Text("Anti-slip strips on stairs and ramps.", "楼梯、坡道防滑条。")
    need = (
        property_missing(what, "non_skid_surface", "anti_slip_strips_on_ramp_stair")
        if findings
        else not_modelled(Text("stairs or ramps", "楼梯或坡道"), "anti_slip_strips_on_ramp_stair")
    )
    return every(findings, symbol="non-skid surface", need=need)


def slip_grade_ramp_stair_ad_aw_or_plus_one(case: Case) -> Fact:
    """Whether all stairs and ramps reach Ad and Aw, or one grade above the level floor next to them."""
    findings = []
    name = "slip_grade_ramp_stair_AdAw_or_plus_one"
    floors = {kind: case.fact(f"slip_grade_{kind}_general").value for kind in ("dry", "wet")}
    for row in _stairs_and_ramps(case):
        answers: list[bool] = []
        source = ""
        for kind in ("dry", "wet"):
            found = case.get(row, f"slip_grade_{kind}")
            order = case.standard.metrics[f"slip_grade_{kind}_general"].order
            if found is None or str(found.value) not in order:
                continue
            source = found.source
            grade, floor = order.index(str(found.value)), floors[kind]
            raised = floor is not None and grade >= order.index(str(floor)) + 1
            answers.append(grade == len(order) - 1 or raised)
        truth = None if len(answers) < 2 and all(answers) else all(answers)
        findings.append(Finding(case.global_id(row), truth, source=source))
    what = Text("Slip grades of stairs and ramps.", "楼梯、坡道防滑等级。")
    need = (
        property_missing(what, "slip_grade_dry", name)
        if findings
        else not_modelled(Text("stairs or ramps", "楼梯或坡道"), name)
    )
    return every(findings, symbol="Ad and Aw, or one grade raised", need=need)


def _stairs_and_ramps(case: Case) -> list[int]:
    """Flights where they are modelled, else the stairs and ramps as wholes."""
    rows = case.rows(*STAIRS, *RAMPS)
    wholes = {int(case.model.elements.parent[row]) for row in rows}
    return [row for row in rows if row not in wholes]


FACTS: Mapping[str, Evaluator] = {
    "slip_grade_dry_general": partial(
        _worst_grade, fact="slip_grade_dry_general", key="slip_grade_dry", uses=GENERAL
    ),
    "slip_grade_wet_general": partial(
        _worst_grade, fact="slip_grade_wet_general", key="slip_grade_wet", uses=_WET
    ),
    "slip_grade_dry_activity": partial(
        _worst_grade, fact="slip_grade_dry_activity", key="slip_grade_dry", uses=ACTIVITY
    ),
    "slip_grade_wet_activity": partial(
        _worst_grade, fact="slip_grade_wet_activity", key="slip_grade_wet", uses=ACTIVITY
    ),
    "anti_slip_strips_on_ramp_stair": anti_slip_strips_on_ramp_stair,
    "slip_grade_ramp_stair_AdAw_or_plus_one": slip_grade_ramp_stair_ad_aw_or_plus_one,
}
