"""7.1.6 Energy-saving lifts and escalators, from what they state about their control."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ifc.model import Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, Finding, every
from twin.rating.needs import not_modelled, property_missing
from twin.rating.reading import LIFTS, as_bool, says

_WORDS = (
    "群控",
    "变频",
    "能量反馈",
    "能量回馈",
    "感应启动",
    "group control",
    "variable frequency",
    "vvvf",
    "regenerative",
)


def saving(case: Case, fact: str, escalators: bool) -> Fact:
    """Whether all lifts (or escalators) state an energy-saving control."""
    types = case.model.elements.predefined_type
    rows = [
        row for row in case.rows(*LIFTS) if (str(types[row]) in ("ESCALATOR", "MOVINGWALKWAY")) == escalators
    ]
    findings = []
    for row in rows:
        found = case.get(row, "lift_energy_saving")
        answer = None
        if found is not None:
            answer = True if says(str(found.value), _WORDS) else as_bool(found.value)
        findings.append(Finding(case.global_id(row), answer, source=found.source if found else ""))
    what = Text("Energy-saving control of these lifts.", "电梯节能控制措施。")
    need = (
        property_missing(what, "lift_energy_saving", fact)
        if rows
        else not_modelled(Text("lifts or escalators", "电梯或扶梯"), fact)
    )
    return every(findings, symbol="energy-saving control", need=need)


FACTS: Mapping[str, Evaluator] = {
    "lift_energy_saving": partial(saving, fact="lift_energy_saving", escalators=False),
    "escalator_vfd_sensing": partial(saving, fact="escalator_vfd_sensing", escalators=True),
}
