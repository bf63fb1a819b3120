"""6.1.3 Electric-vehicle charging and accessible parking bays, from the parking elements of the model."""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.needs import not_modelled
from twin.rating.reading import as_bool, as_number, says
from twin.rating.site import parking_elements

_CHARGER_WORDS = ("充电桩", "充电设施", "充电车位", "ev charger", "charging station", "charging point")


def ev_charging_or_ready(case: Case) -> Fact:
    """Whether parking has chargers: outlets or appliances named so, or bays that state one."""
    named = [
        row for row in case.rows("IfcOutlet", "IfcElectricAppliance") if says(case.text(row), _CHARGER_WORDS)
    ]
    stated = [row for row, found in case.properties.column("ev_charger").items() if as_bool(found.value)]
    chargers = list(dict.fromkeys([*named, *stated]))
    if chargers:
        formula = f"n(chargers and bays with a charger) = {len(chargers)}"
        return Fact(True, "bool", Provenance.IFC, "IfcOutlet, IfcElectricAppliance, EVCharger", formula)
    return unknown(
        "bool",
        not_modelled(Text("chargers for electric vehicles", "电动汽车充电设施"), "ev_charging_or_ready"),
    )


def parking_bays(case: Case) -> Fact:
    """Number of car parking bays that the model states."""
    units = [as_number(found.value) for found in case.properties.column("parking_units").values()]
    known = [number for number in units if number is not None]
    if known:
        return Fact(
            sum(known), "count", Provenance.IFC, "Pset_SpaceParking.ParkingUnits", f"Σ n = {sum(known):g}"
        )
    return unknown("count")


def ev_charger_bay_share(case: Case) -> Fact:
    """Share of the bays with a charger, %, where the bays state their number and their charger."""
    total = charged = 0.0
    for row in parking_elements(case):
        units = case.get(row, "parking_units")
        number = (as_number(units.value) if units else None) or 1.0
        found = case.get(row, "ev_charger")
        answer = as_bool(found.value) if found else None
        if answer is None:
            return unknown("%")
        total += number
        charged += number if answer else 0.0
    if not total:
        return unknown("%")
    formula = f"n(bays with charger) / n(bays) = {charged:g} / {total:g} = {100 * charged / total:.1f} %"
    return Fact(100 * charged / total, "%", Provenance.IFC, "EVCharger, ParkingUnits", formula)


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function for function in (ev_charging_or_ready, parking_bays, ev_charger_bay_share)
}
