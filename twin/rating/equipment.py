"""Lifts, heating and cooling, sanitary fixtures: what the model shows, and the facts that clauses share."""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Provenance
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.reading import LIFTS, says

_FIXTURE_TYPES = {
    "TOILETPAN": "toilet", "WCSEAT": "toilet", "CISTERN": "toilet", "URINAL": "urinal", "BIDET": "basin",
    "WASHHANDBASIN": "basin", "SINK": "basin", "SANITARYFOUNTAIN": "basin", "SHOWER": "shower",
    "BATH": "shower", "FAUCET": "tap",
}  # fmt: skip
_FIXTURE_WORDS = (
    ("toilet", ("马桶", "坐便器", "蹲便器", "大便器", "便器", "toilet", "wc", "water closet")),
    ("urinal", ("小便器", "小便斗", "urinal")),
    ("basin", ("洗脸盆", "洗手盆", "面盆", "台盆", "水槽", "洗涤盆", "basin", "lavatory", "sink", "vanity")),
    ("shower", ("淋浴", "花洒", "浴缸", "浴盆", "shower", "bath", "tub")),
    ("tap", ("水龙头", "水嘴", "faucet", "tap")),
)
_FIXTURE_CLASSES = ("IfcSanitaryTerminal", "IfcFlowTerminal", "IfcValve")


def sanitary_fixtures(case: Case) -> dict[int, str]:
    """Element row -> toilet, urinal, basin, shower or tap, for the fixtures that use water."""
    found: dict[int, str] = {}
    for row in case.rows(*_FIXTURE_CLASSES):
        stated = str(case.model.elements.predefined_type[row]).upper()
        ifc_class = str(case.model.elements.ifc_class[row])
        if stated in _FIXTURE_TYPES:
            found[row] = _FIXTURE_TYPES[stated]
        elif ifc_class != "IfcValve":
            text = f"{case.text(row)} {stated}"
            kind = next((kind for kind, words in _FIXTURE_WORDS if says(text, words)), "")
            if kind or ifc_class == "IfcSanitaryTerminal":
                found[row] = kind or "basin"
    return found


def lift_present(case: Case) -> Fact:
    """Whether the building has a lift; false only for one storey or where the model shows other transport."""
    lifts = _transport(case, "ELEVATOR", ("电梯", "elevator", "lift"))
    shafts = case.spaces("elevator")
    if lifts or shafts:
        ids = case.global_ids(lifts) + tuple(str(case.model.spaces.global_id[row]) for row in shafts)
        return Fact(
            True,
            "bool",
            Provenance.IFC,
            "IfcTransportElement, uses of the spaces",
            f"{len(ids)} lifts",
            elements=ids,
        )
    occupied = {int(storey) for storey in case.model.spaces.storey[case.model.spaces.internal] if storey >= 0}
    if len(occupied) == 1:
        return Fact(False, "bool", Provenance.DERIVED, "storeys with rooms", "one storey")
    return unknown("bool")


def escalator_present(case: Case) -> Fact:
    """Whether the building has escalators; false where the model shows lifts only, or one storey."""
    words = ("扶梯", "人行道", "escalator", "moving walkway")
    escalators = _transport(case, "ESCALATOR", words) + _transport(case, "MOVINGWALKWAY", words)
    if escalators:
        ids = case.global_ids(escalators)
        return Fact(
            True, "bool", Provenance.IFC, "IfcTransportElement", f"{len(ids)} escalators", elements=ids
        )
    if case.rows(*LIFTS):
        return Fact(
            False, "bool", Provenance.IFC, "IfcTransportElement", "the model shows lifts and no escalator"
        )
    lift = case.fact("lift_present")
    if lift.value is False:
        return Fact(False, "bool", Provenance.DERIVED, lift.source, lift.formula)
    return unknown("bool")


def _transport(case: Case, predefined_type: str, words: tuple[str, ...]) -> list[int]:
    found = []
    for row in case.rows(*LIFTS):
        stated = str(case.model.elements.predefined_type[row])
        if stated == predefined_type or (stated in ("", "NOTDEFINED") and says(case.text(row), words)):
            found.append(row)
    return found


def hvac_kind(case: Case) -> Fact:
    """Central, decentral or mixed heating and cooling, from the equipment in the model."""
    central = case.rows("IfcChiller", "IfcBoiler", "IfcCoolingTower", "IfcAirToAirHeatRecovery")
    decentral = []
    for row in case.rows("IfcUnitaryEquipment"):
        kind = str(case.model.elements.predefined_type[row])
        if kind in ("AIRHANDLER", "ROOFTOPUNIT", "DEHUMIDIFIER"):
            central.append(row)
        elif kind in ("SPLITSYSTEM", "AIRCONDITIONINGUNIT"):
            decentral.append(row)
    if not central and not decentral:
        return unknown("enum")
    value = "mixed" if central and decentral else "central" if central else "decentral"
    return Fact(
        value,
        "enum",
        Provenance.IFC,
        "IfcEnergyConversionDevice",
        f"{len(central)} central, {len(decentral)} decentral units",
    )


def air_conditioning_present(case: Case) -> Fact:
    """True where the model shows cooling equipment; a model without equipment does not tell."""
    rows = case.rows("IfcChiller", "IfcUnitaryEquipment", "IfcCoolingTower", "IfcEvaporator", "IfcCooledBeam")
    if rows:
        return Fact(True, "bool", Provenance.IFC, "IfcEnergyConversionDevice", f"{len(rows)} units")
    return unknown("bool")


def central_electric_cooling_present(case: Case) -> Fact:
    """True with a chiller in the model, false where all equipment is split units."""
    chillers = case.rows("IfcChiller")
    if chillers:
        return Fact(True, "bool", Provenance.IFC, "IfcChiller", f"{len(chillers)} chillers")
    kind = case.fact("hvac_kind")
    if kind.value == "decentral":
        return Fact(False, "bool", kind.provenance, kind.source, kind.formula, evidence=kind.evidence)
    return unknown("bool")


def hvac_is_split_or_vrf(case: Case) -> Fact:
    """True where all heating and cooling is split units or VRF."""
    kind = case.fact("hvac_kind")
    if kind.known:
        return Fact(
            kind.value == "decentral",
            "bool",
            kind.provenance,
            kind.source,
            kind.formula,
            evidence=kind.evidence,
        )
    return unknown("bool", *kind.needs)


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function
    for function in (
        lift_present,
        escalator_present,
        hvac_kind,
        air_conditioning_present,
        central_electric_cooling_present,
        hvac_is_split_or_vrf,
    )
}
