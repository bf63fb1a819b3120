"""5.1.8 Local thermal control: a thermostat, a controller or a split unit in every main room."""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, Finding, share, unknown
from twin.rating.needs import fact_missing, not_modelled
from twin.rating.reading import says
from twin.use_types import use_types

_CONTROL_WORDS = ("温控", "恒温", "thermostat", "temperature controller", "room controller")
_LOCAL_UNITS = ("SPLITSYSTEM", "AIRCONDITIONINGUNIT")


def rooms_with_local_thermal_control_share(case: Case) -> Fact:
    """Share of the main rooms with a control in them. A model without controls tells nothing."""
    name = "rooms_with_local_thermal_control_share"
    seats = case.model.elements.space
    controls = {int(seats[row]) for row in _controls(case) if seats[row] >= 0}
    if not controls:
        return unknown("%", not_modelled(Text("thermal controls in the rooms", "室内温控装置"), name))
    categories = use_types()
    rooms = [
        row
        for row, use in enumerate(case.model.spaces.use)
        if use in categories and categories[use].main_function and case.model.spaces.internal[row]
    ]
    findings = [Finding(case.space_id(room), True if room in controls else None) for room in rooms]
    need = fact_missing(Text("A thermal control in these rooms.", "这些房间的独立温控装置。"), name)
    return share(findings, symbol="n(main rooms with control)", weight_unit="rooms", need=need)


def _controls(case: Case) -> list[int]:
    types = case.model.elements.predefined_type
    rows = [row for row in case.rows("IfcUnitaryControlElement") if types[row] == "THERMOSTAT"]
    rows += [row for row in case.rows("IfcUnitaryEquipment") if types[row] in _LOCAL_UNITS]
    named = case.rows("IfcUnitaryControlElement", "IfcController", "IfcDistributionControlElement")
    return rows + [row for row in named if says(case.text(row), _CONTROL_WORDS)]


FACTS: Mapping[str, Evaluator] = {
    "rooms_with_local_thermal_control_share": rooms_with_local_thermal_control_share
}
