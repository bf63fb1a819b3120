"""7.2.8 Lower energy use: the design beside the reference building of GB 55015, from the energy metric.

Heating and cooling (in public buildings also fans and lighting) as primary energy. It decides only when the
envelope is known and [systems] of twin.toml states the efficiencies: defaults are those of the reference.
A building in use is held by its measured electricity (``twin measure``) against the limit of the
energy-consumption standard.
"""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Provenance, Text
from twin.metrics.result import Need
from twin.rating.case import Case, Evaluator
from twin.rating.clauses.c7_2_4 import hvac_load_reduction
from twin.rating.facts import Fact, least_trusted, lowest, unknown
from twin.rating.needs import fact_missing

_FACT = "design_energy_reduction_vs_GB55015"


def design_energy_reduction(case: Case) -> Fact:
    """How far the design's energy use lies below the reference building's, %."""
    return below_reference(case, "energy_below_reference")


def below_reference(case: Case, quantity: str) -> Fact:
    """A comparison with the reference building by the energy metric, unless it rests on defaults."""
    found = case.quantity("energy", quantity, "%", confidence="medium")
    if not found.known:
        return found
    envelope = hvac_load_reduction(case)
    own = case.project.systems
    needs = list(envelope.needs) if not envelope.known else []
    if own.heating_cop is None or (own.cooling_cop is None and own.cooling_part_load is None):
        needs.append(
            Need(
                Text("Seasonal efficiency of heating and cooling.", "供暖与供冷的季节能效。"),
                Text(
                    "State heating_cop and cooling_cop in [systems] of twin.toml.",
                    "请在 twin.toml 的 [systems] 中填写 heating_cop 和 cooling_cop。",
                ),
            )
        )
    if not needs:
        return found
    reason = Text(
        f"The simulation gives {found.value:.1f} % on default values, which proves nothing.",
        f"按默认值模拟得 {found.value:.1f} %，不能作为依据。",
    )
    return unknown("%", *needs, reason=reason)


def operating_energy_reduction(case: Case) -> Fact:
    """How far a year's measured electricity lies below the limit of the energy-consumption standard, %."""
    name = "operating_energy_reduction"
    if "measured" not in case.metrics or "electricity_kwh" not in case.metrics["measured"].summary:
        return unknown("%")
    used = case.quantity("measured", "electricity_kwh", "kWh")
    parts = [used, *map(case.fact, ("floor_area_above_ground", "floor_area_below_ground", "energy_quota"))]
    if any(not part.known for part in parts):
        return unknown("%", *(need for part in parts for need in part.needs))
    gas = case.quantity("energy", "gas_kwh", "kWh")
    if gas.known and float(gas.value or 0) > 0:
        what = Text(
            "The building burns gas, which the electricity meters do not count.",
            "建筑还使用燃气，电表未计入。",
        )
        return unknown("%", fact_missing(what, name))
    kwh, above, below, quota = (float(part.value or 0) for part in parts)
    if above + below <= 0 or quota <= 0:
        return unknown(
            "%", fact_missing(Text("Floor area and limit above 0.", "大于零的建筑面积和约束值。"), name)
        )
    per_area = kwh / (above + below)
    value = 100 * (1 - per_area / quota)
    formula = (
        f"(1 − E / A / limit) × 100 % = (1 − {kwh:.4g} kWh / {above + below:.4g} m² / {quota:g}) × 100 %"
        f" = {value:.1f} %; {used.formula}"
    )
    return Fact(
        value, "%", least_trusted([part.provenance for part in parts]), used.source, formula,
        confidence=lowest([part.confidence for part in parts]),
    )  # fmt: skip


def in_operation_one_year(case: Case) -> Fact:
    """True once a whole year was measured; meters cannot tell that a building is younger."""
    told = [] if "measured" not in case.metrics else case.metrics["measured"].summary.values()
    whole = next((each for each in told if each.value is not None), None)
    if whole is None:
        return unknown("bool")
    return Fact(True, "bool", Provenance.DERIVED, whole.source, f"{whole.label.en}: 12 months measured")


FACTS: Mapping[str, Evaluator] = {
    _FACT: design_energy_reduction,
    "operating_energy_reduction": operating_energy_reduction,
    "in_operation_one_year": in_operation_one_year,
}
