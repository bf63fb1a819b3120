"""The file's units, as factors to SI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from ifc.model import Diagnostic, Severity, Text
from ifc.reading.entities import get, is_entity, items, put, ref, wrapped

_PREFIXES = {
    "EXA": 1e18, "PETA": 1e15, "TERA": 1e12, "GIGA": 1e9, "MEGA": 1e6, "KILO": 1e3, "HECTO": 1e2, "DECA": 1e1,
    "DECI": 1e-1, "CENTI": 1e-2, "MILLI": 1e-3, "MICRO": 1e-6, "NANO": 1e-9, "PICO": 1e-12, "FEMTO": 1e-15,
    "ATTO": 1e-18,
}  # fmt: skip

# The SI unit without prefix in the base units m, kg, s, A, K: only the gram and the degree Celsius differ.
_SI_SCALES = {"GRAM": 1e-3}
_CELSIUS_OFFSET = 273.15
# A prefix of these is raised to the power of the length: a square millimetre is 1e-6 m².
_POWERS = {"SQUARE_METRE": 2, "CUBIC_METRE": 3}

_SYMBOLS = {
    "ABSORBEDDOSEUNIT": "Gy", "AMOUNTOFSUBSTANCEUNIT": "mol", "AREAUNIT": "m²", "ELECTRICCURRENTUNIT": "A",
    "ELECTRICVOLTAGEUNIT": "V", "ENERGYUNIT": "J", "FORCEUNIT": "N", "FREQUENCYUNIT": "Hz",
    "ILLUMINANCEUNIT": "lx", "LENGTHUNIT": "m", "LUMINOUSFLUXUNIT": "lm", "LUMINOUSINTENSITYUNIT": "cd",
    "MASSUNIT": "kg", "PLANEANGLEUNIT": "rad", "POWERUNIT": "W", "PRESSUREUNIT": "Pa", "SOLIDANGLEUNIT": "sr",
    "THERMODYNAMICTEMPERATUREUNIT": "K", "TIMEUNIT": "s", "VOLUMEUNIT": "m³",
    "ISOTHERMALMOISTURECAPACITYUNIT": "m³/kg", "HEATFLUXDENSITYUNIT": "W/m²", "LINEARVELOCITYUNIT": "m/s",
    "MASSDENSITYUNIT": "kg/m³", "MASSFLOWRATEUNIT": "kg/s", "MOISTUREDIFFUSIVITYUNIT": "m²/s",
    "MOLECULARWEIGHTUNIT": "kg/mol", "SPECIFICHEATCAPACITYUNIT": "J/(kg·K)",
    "THERMALADMITTANCEUNIT": "W/(m²·K)",
    "THERMALCONDUCTANCEUNIT": "W/(m·K)", "THERMALRESISTANCEUNIT": "m²·K/W",
    "THERMALTRANSMITTANCEUNIT": "W/(m²·K)", "VAPORPERMEABILITYUNIT": "kg/(s·m·Pa)",
    "VOLUMETRICFLOWRATEUNIT": "m³/s", "AREADENSITYUNIT": "kg/m²", "SOUNDPRESSURELEVELUNIT": "dB",
    "SOUNDPOWERLEVELUNIT": "dB",
}  # fmt: skip

_MEASURES = {
    "IfcLengthMeasure": "LENGTHUNIT", "IfcPositiveLengthMeasure": "LENGTHUNIT",
    "IfcNonNegativeLengthMeasure": "LENGTHUNIT", "IfcAreaMeasure": "AREAUNIT",
    "IfcVolumeMeasure": "VOLUMEUNIT",
    "IfcPlaneAngleMeasure": "PLANEANGLEUNIT", "IfcPositivePlaneAngleMeasure": "PLANEANGLEUNIT",
    "IfcMassMeasure": "MASSUNIT", "IfcTimeMeasure": "TIMEUNIT", "IfcPowerMeasure": "POWERUNIT",
    "IfcEnergyMeasure": "ENERGYUNIT", "IfcForceMeasure": "FORCEUNIT", "IfcPressureMeasure": "PRESSUREUNIT",
    "IfcFrequencyMeasure": "FREQUENCYUNIT", "IfcIlluminanceMeasure": "ILLUMINANCEUNIT",
    "IfcLuminousFluxMeasure": "LUMINOUSFLUXUNIT", "IfcLuminousIntensityMeasure": "LUMINOUSINTENSITYUNIT",
    "IfcElectricCurrentMeasure": "ELECTRICCURRENTUNIT", "IfcElectricVoltageMeasure": "ELECTRICVOLTAGEUNIT",
    "IfcThermodynamicTemperatureMeasure": "THERMODYNAMICTEMPERATUREUNIT",
    "IfcThermalTransmittanceMeasure": "THERMALTRANSMITTANCEUNIT",
    "IfcThermalConductivityMeasure": "THERMALCONDUCTANCEUNIT",
    "IfcThermalResistanceMeasure": "THERMALRESISTANCEUNIT",
    "IfcThermalAdmittanceMeasure": "THERMALADMITTANCEUNIT",
    "IfcSpecificHeatCapacityMeasure": "SPECIFICHEATCAPACITYUNIT", "IfcMassDensityMeasure": "MASSDENSITYUNIT",
    "IfcHeatFluxDensityMeasure": "HEATFLUXDENSITYUNIT", "IfcLinearVelocityMeasure": "LINEARVELOCITYUNIT",
    "IfcVolumetricFlowRateMeasure": "VOLUMETRICFLOWRATEUNIT", "IfcMassFlowRateMeasure": "MASSFLOWRATEUNIT",
    "IfcVaporPermeabilityMeasure": "VAPORPERMEABILITYUNIT",
    "IfcMoistureDiffusivityMeasure": "MOISTUREDIFFUSIVITYUNIT",
    "IfcIsothermalMoistureCapacityMeasure": "ISOTHERMALMOISTURECAPACITYUNIT",
    "IfcMolecularWeightMeasure": "MOLECULARWEIGHTUNIT", "IfcAreaDensityMeasure": "AREADENSITYUNIT",
}  # fmt: skip

_NO_UNIT = ("", 1.0, 0.0)
_HUMAN_HEIGHT_M = (1.2, 12.0)  # of doors and storeys


@dataclass(frozen=True)
class Units:
    """Factors from the file's units to SI.

    ``scale_of`` maps an IfcUnitEnum (or IfcDerivedUnitEnum) to (SI symbol, factor, offset): SI value =
    value · factor + offset.
    """

    scale_of: Mapping[str, tuple[str, float, float]] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def length_m(self) -> float:
        """One length unit of the file in metres."""
        return self.of("LENGTHUNIT")[1]

    @property
    def angle_rad(self) -> float:
        """One plane angle unit of the file in radians."""
        return self.of("PLANEANGLEUNIT")[1]

    def of(self, unit_type: str) -> tuple[str, float, float]:
        """(SI symbol, factor, offset) of a unit type; SI where the file does not declare it.

        Areas and volumes that a file does not declare follow its length unit, by IFC's rule for
        undeclared derived units.
        """
        declared = self.scale_of.get(unit_type)
        if declared is not None:
            return declared
        symbol = _SYMBOLS.get(unit_type, "")
        if unit_type in ("AREAUNIT", "VOLUMEUNIT"):
            return symbol, self.length_m ** (2 if unit_type == "AREAUNIT" else 3), 0.0
        return (symbol, 1.0, 0.0) if symbol else _NO_UNIT

    def of_measure(self, measure: str, unit: Any = None) -> tuple[str, float, float]:
        """(SI symbol, factor, offset) of a measure type; ``unit`` is the value's own IfcUnit, if any."""
        if is_entity(unit):
            return describe_unit(unit)
        unit_type = _MEASURES.get(measure)
        return _NO_UNIT if unit_type is None else self.of(unit_type)


def read_units(file: Any) -> Units:
    """The units of the first project that declares any.

    Of two units of one kind the first counts, of two length units the one that makes doors and storeys of
    human size; the others are removed from the file in memory, because IfcOpenShell's geometry would take
    the last. Each such choice is a diagnostic.
    """
    assignment = _assignment(file)
    units = list(items(assignment, "Units"))
    described: dict[str, list[tuple[str, float, float]]] = {}
    for unit in units:
        unit_type = get(unit, "UnitType")
        if unit_type is not None:
            described.setdefault(unit_type, []).append(describe_unit(unit))
    scale_of = {unit_type: found[0] for unit_type, found in described.items()}
    diagnostics: list[Diagnostic] = []
    lengths = described.get("LENGTHUNIT", [])
    if len(set(lengths)) > 1:
        scale_of["LENGTHUNIT"] = _plausible_length(file, lengths)
        keep = lengths.index(scale_of["LENGTHUNIT"])
        others = [unit for unit in units if get(unit, "UnitType") == "LENGTHUNIT"]
        others.pop(keep)
        put(assignment, "Units", tuple(unit for unit in units if unit not in others))
    for unit_type, found in described.items():
        rejected = next((other for other in found if other != scale_of[unit_type]), None)
        if rejected is not None:
            diagnostics.append(_two_units(unit_type, scale_of[unit_type], rejected))
    if not lengths:
        diagnostics.append(_no_length_unit())
    return Units(scale_of, tuple(diagnostics))


def _assignment(file: Any) -> Any:
    contexts = sorted(file.by_type("IfcProject"), key=lambda entity: entity.id())
    if file.schema != "IFC2X3":
        contexts += sorted(file.by_type("IfcProjectLibrary"), key=lambda entity: entity.id())
    return next(
        (units for context in contexts if (units := ref(context, "UnitsInContext")) is not None), None
    )


def _plausible_length(file: Any, candidates: list[tuple[str, float, float]]) -> tuple[str, float, float]:
    """The first length unit that gives doors, or else storeys, a height that people build; else the first."""
    heights = [
        height
        for door in file.by_type("IfcDoor")
        if isinstance(height := get(door, "OverallHeight"), (int, float)) and height > 0
    ]
    if not heights:
        elevations = sorted(
            float(elevation)
            for storey in file.by_type("IfcBuildingStorey")
            if isinstance(elevation := get(storey, "Elevation"), (int, float))
        )
        heights = [upper - lower for lower, upper in pairwise(elevations) if upper > lower]
    if not heights:
        return candidates[0]
    middle = float(np.median(heights))
    low, high = _HUMAN_HEIGHT_M
    return next((unit for unit in candidates if low <= middle * unit[1] <= high), candidates[0])


def describe_unit(unit: Any) -> tuple[str, float, float]:
    """(SI symbol, factor, offset) of an IfcUnit; money and unknown kinds are left as they are."""
    kind = unit.is_a()
    if kind == "IfcMonetaryUnit":
        return str(get(unit, "Currency") or ""), 1.0, 0.0
    if kind == "IfcDerivedUnit":
        return _derived_unit(unit)
    unit_type = get(unit, "UnitType") or ""
    symbol = _SYMBOLS.get(unit_type, "")
    if kind == "IfcSIUnit":
        name = get(unit, "Name") or ""
        prefix = _PREFIXES.get(get(unit, "Prefix") or "", 1.0) ** _POWERS.get(name, 1)
        return (
            symbol,
            prefix * _SI_SCALES.get(name, 1.0),
            _CELSIUS_OFFSET if name == "DEGREE_CELSIUS" else 0.0,
        )
    if kind in ("IfcConversionBasedUnit", "IfcConversionBasedUnitWithOffset"):
        measure = ref(unit, "ConversionFactor")
        value = wrapped(ref(measure, "ValueComponent"))
        component = ref(measure, "UnitComponent")
        if not isinstance(value, (int, float)) or component is None:
            return symbol, 1.0, 0.0
        factor = float(value) * describe_unit(component)[1]
        return symbol, factor, float(get(unit, "ConversionOffset") or 0.0)
    return symbol, 1.0, 0.0


def _derived_unit(unit: Any) -> tuple[str, float, float]:
    factor = 1.0
    for element in items(unit, "Elements"):
        component, exponent = ref(element, "Unit"), get(element, "Exponent")
        if component is not None and isinstance(exponent, int):
            factor *= describe_unit(component)[1] ** exponent
    return _SYMBOLS.get(get(unit, "UnitType") or "", ""), factor, 0.0


def _two_units(
    unit_type: str, used: tuple[str, float, float], rejected: tuple[str, float, float]
) -> Diagnostic:
    fields = {"kind": unit_type, "used": f"{used[1]:g}", "rejected": f"{rejected[1]:g}", "symbol": used[0]}
    return Diagnostic(
        code="two-units-of-one-kind",
        severity=Severity.WARNING,
        message=Text(
            "The project declares two units for {kind}: {used} and {rejected} {symbol}. The former is used.",
            "项目为 {kind} 声明了两个单位：{used} 与 {rejected} {symbol}，按前者换算。",
        ).format(**fields),
        remedy=Text(
            "Keep one unit per kind in IfcUnitAssignment and export again.",
            "在 IfcUnitAssignment 中每类只保留一个单位后重新导出。",
        ),
    )


def _no_length_unit() -> Diagnostic:
    return Diagnostic(
        code="no-length-unit",
        severity=Severity.WARNING,
        message=Text(
            "The project declares no length unit; metres are assumed.", "项目未声明长度单位，按米处理。"
        ),
        remedy=Text(
            "Add a LENGTHUNIT to the project's IfcUnitAssignment.",
            "在项目的 IfcUnitAssignment 中补充 LENGTHUNIT。",
        ),
    )
