"""Delivered and primary energy in the summary of the energy metric, the reference building beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Text
from twin.climate import Climate
from twin.kernels.thermal.year import Year
from twin.metrics.energy.battery import Battery, battery_of
from twin.metrics.energy.controls import purge_fan_w
from twin.metrics.energy.end_uses import END_USES, EnergyUse, energy_use, monthly_kwh
from twin.metrics.energy.photovoltaics import NO_PHOTOVOLTAICS, Photovoltaics, photovoltaics
from twin.metrics.energy.systems import (
    Systems,
    number,
    reference_systems,
    system_assumptions,
    systems_data,
    systems_of,
)
from twin.metrics.energy.thermal_model import ThermalModel
from twin.metrics.result import Assumption, Need, Quantity
from twin.project import Project
from twin.rating.reading import PropertyReader
from twin.rating.storeys import read_storeys
from twin.thermal_zone import building_category

Floats = NDArray[np.float64]

METHOD = "hourly need, seasonal efficiencies; GB/T 51366-2019 (lifts), GB/T 51350-2019 (primary energy)"
_LIFTS = ("IfcTransportElement", "IfcTransportationDevice")
ENERGY_SUMMARY: Mapping[str, tuple[str, Text, str]] = {
    "electricity_kwh": (
        "kWh",
        Text("Electricity bought per year", "年购电量"),
        "Σ max(E_h - E_PV,h - E_battery,h, 0)",
    ),
    "gas_kwh": ("kWh", Text("Gas bought per year", "年购燃气量"), "Σ E_gas"),
    "delivered_energy_kwh_m2": ("kWh/m²", Text("Delivered energy", "终端能耗强度"), "(E_el + E_gas) / A"),
    "primary_energy_kwh_m2": ("kWh/m²", Text("Primary energy", "一次能源消耗强度"), "Σ E_i f_i / A"),
    "electric_peak_kw": ("kW", Text("Electric peak", "用电峰值"), "max_h (E_h - E_PV,h - E_battery,h)"),
    "latent_cooling_need_kwh_m2": (
        "kWh/m²",
        Text("Dehumidification need", "除湿需求（潜热）"),
        "Σ ρ n V r (x_out - x_room) / A",
    ),
    "heating_energy_kwh_m2": ("kWh/m²", Text("Energy for heating", "供暖能耗"), "Q_H / COP_H / A"),
    "cooling_energy_kwh_m2": ("kWh/m²", Text("Energy for cooling", "供冷能耗"), "Q_C / COP_C / A"),
    "fans_energy_kwh_m2": ("kWh/m²", Text("Energy for fresh-air fans", "新风机能耗"), "Σ W_s V / A"),
    "lighting_energy_kwh_m2": ("kWh/m²", Text("Energy for lighting", "照明能耗"), "Σ LPD t / A"),
    "equipment_energy_kwh_m2": ("kWh/m²", Text("Energy for equipment", "设备能耗"), "Σ P t / A"),
    "hot_water_energy_kwh_m2": ("kWh/m²", Text("Energy for hot water", "生活热水能耗"), "Q_W / η / A"),
    "lifts_energy_kwh_m2": ("kWh/m²", Text("Energy for lifts", "电梯能耗"), "(3.6 P t V W + E_standby) / A"),
    "pv_kwh": (
        "kWh",
        Text("Photovoltaic electricity per year", "光伏年发电量"),
        "Σ η_inv (1 - L) P_peak τ G / 1000 (1 + γ (T_cell - 25 °C))",
    ),
    "pv_specific_yield_kwh_kwp": (
        "kWh/kWp",
        Text("Photovoltaic electricity per peak power", "光伏单位装机年发电量"),
        "Σ E_PV / P_peak",
    ),
    "pv_performance_ratio": (
        "%",
        Text("Photovoltaic electricity over peak power and light received", "光伏系统效率（按所得辐照）"),
        "Σ E_PV / Σ (P_peak G / 1000) × 100 %",
    ),
    "pv_self_use_share": (
        "%",
        Text("Photovoltaics used in the building", "光伏自用比例"),
        "(1 - Σ E_sold,h / Σ E_PV,h) × 100 %",
    ),
    "renewable_share_low": (
        "%",
        Text("Renewable share", "可再生能源利用率"),
        "E_PV f / (Q_H + Q_C + Q_W + (E_L + E_E) f) × 100 %",
    ),
    "renewable_share_high": (
        "%",
        Text("Renewable share with the ambient heat of heat pumps", "可再生能源利用率（计入热泵环境热）"),
        "(E_PV f + Σ max(Q - E f, 0)) / (Q_H + Q_C + Q_W + (E_L + E_E) f) × 100 %",
    ),
    "energy_below_reference": (
        "%",
        Text("Energy below the reference building", "较参照建筑节能率"),
        "(1 - E / E_ref) × 100 %",
    ),
    "hvac_energy_below_reference": (
        "%",
        Text("Heating, cooling and fans below the reference building", "供暖空调较参照建筑节能率"),
        "(1 - E_hvac / E_hvac,ref) × 100 %",
    ),
}
# What GB 55015-2021 counts when it compares with the reference building.
_HVAC = ("heating", "cooling", "fans")
_COMPARED = {"residential": ("heating", "cooling"), "public": ("heating", "cooling", "fans", "lighting")}


@dataclass(frozen=True)
class Delivered:
    """The energy of the design and, where its limits are known, of the reference building."""

    systems: Systems
    modules: Photovoltaics
    battery: Battery | None
    design: EnergyUse
    reference: EnergyUse | None
    hot_water_need_kwh: float
    needs_kwh: tuple[float, float]  # heating; cooling with its latent part
    floor_area_m2: float
    lifts: int
    compared: tuple[str, ...]
    needs: tuple[Need, ...]  # why the energy cannot be told; () when it can


def delivered(
    model: BuildingModel,
    climate: Climate,
    project: Project,
    thermal: ThermalModel,
    design: Year,
    reference: Year | None,
    lighting_shares: Floats | None = None,
) -> Delivered:
    """End uses of both years; per gross floor area, else per area of the rooms.

    ``lighting_shares`` are those of :func:`energy_use`; the lights of the reference building are not dimmed.
    """
    systems = systems_of(project.systems)
    modules = photovoltaics(
        model, project.systems, climate, thermal.sun, thermal.north_deg, thermal.obstacles
    )
    lifts = lift_count(model)
    battery = battery_of(project.systems)
    fans = purge_fan_w(model, thermal, project.energy, design)
    own = energy_use(model, climate, thermal, design, systems, modules, battery, lifts, lighting_shares, fans)
    against = None
    if reference is not None:
        plant = reference_systems()
        against = energy_use(model, climate, thermal, reference, plant, NO_PHOTOVOLTAICS, None, lifts)
    storeys = read_storeys(model, PropertyReader(model))
    area = float(np.nansum(storeys.area_m2))
    if not area > 0:
        area = float(sum(model.spaces.area_m2[list(zone.spaces)].sum() for zone in thermal.zones))
    cooling = (design.cooling_w.sum() + own.latent_w.sum()) / 1e3
    return Delivered(
        systems=systems,
        modules=modules,
        battery=battery,
        design=own,
        reference=against,
        hot_water_need_kwh=float(
            own.end_uses["hot_water"].sum() / 1e3 * float(systems.hot_water_efficiency.value)
        ),
        needs_kwh=(float(design.heating_w.sum() / 1e3), float(cooling)),
        floor_area_m2=area,
        lifts=lifts,
        compared=_COMPARED[building_category(model, project)],
        needs=_needs(model, thermal),
    )


def lift_count(model: BuildingModel) -> int:
    """How many lifts the model shows; elements of transport without a type count."""
    rows = model.elements.rows_of_class(*_LIFTS)
    kinds = [str(kind).upper() for kind in model.elements.predefined_type[rows]]
    return sum(kind in ("ELEVATOR", "LIFT", "", "NOTDEFINED") for kind in kinds)


def _needs(model: BuildingModel, thermal: ThermalModel) -> tuple[Need, ...]:
    spaces = model.spaces
    rows = [row for zone in thermal.zones for row in zone.spaces]
    unknown = [row for row in rows if spaces.use[row] == "unknown"]
    share = float(spaces.area_m2[unknown].sum()) / float(spaces.area_m2[rows].sum())
    if share <= float(systems_data()["unknown_share"]):
        return ()
    return (
        Need(
            Text(
                f"The use of these rooms, {share:.0%} of the floor area.",
                f"这些房间的用途（占面积 {share:.0%}）。",
            ),
            Text(
                "Name them by their use, or state it in [uses] of twin.toml.",
                "请按用途命名，或在 twin.toml 的 [uses] 中说明。",
            ),
            tuple(str(spaces.global_id[row]) for row in unknown),
        ),
    )


def energy_quantities(found: Delivered, no_reference: tuple[Need, ...]) -> dict[str, Quantity]:
    """The summary: carriers of the whole building, end uses per gross floor area, comparison, renewables.

    ``no_reference`` says why there is no reference building, where there is none.
    """
    use, area = found.design, found.floor_area_m2

    def kwh(power_w: Floats) -> float:
        return float(power_w.sum()) / 1e3

    bought, gas, made = kwh(use.bought_w), kwh(use.gas_w), kwh(use.photovoltaic_w)
    low, high = _renewable_share(found, made)
    primary = number("primary_electricity") * bought + number("primary_gas") * gas
    values: dict[str, float | None] = {
        "electricity_kwh": bought,
        "gas_kwh": gas,
        "delivered_energy_kwh_m2": (bought + gas) / area,
        "primary_energy_kwh_m2": primary / area,
        "electric_peak_kw": float(use.bought_w.max()) / 1e3,
        "latent_cooling_need_kwh_m2": kwh(use.latent_w) / area,
        **{f"{name}_energy_kwh_m2": kwh(use.end_uses[name]) / area for name in END_USES},
        "pv_kwh": made,
        **_of_modules(found, made, kwh(use.sold_w)),
        "renewable_share_low": low,
        "renewable_share_high": high,
        "energy_below_reference": _below_reference(found, found.compared),
        "hvac_energy_below_reference": _below_reference(
            found, tuple(name for name in _HVAC if name in found.compared)
        ),
    }
    quantities = {}
    for name, value in values.items():
        unit, label, formula = ENERGY_SUMMARY[name]
        needs = no_reference if name.endswith("below_reference") and value is None else ()
        quantities[name] = Quantity(
            None if found.needs else value, unit, label, formula, METHOD, found.needs or needs
        )
    return quantities


def _of_modules(found: Delivered, made_kwh: float, sold_kwh: float) -> dict[str, float | None]:
    """How good the modules are and where their electricity goes; nothing where they give none."""
    if made_kwh <= 0:
        return {}
    return {
        "pv_specific_yield_kwh_kwp": made_kwh / (found.modules.peak_w / 1e3),
        "pv_performance_ratio": 100 * made_kwh / (float(found.modules.light_w.sum()) / 1e3),
        "pv_self_use_share": 100 * (made_kwh - sold_kwh) / made_kwh,
    }


def _renewable_share(found: Delivered, made_kwh: float) -> tuple[float, float]:
    """Without and with the ambient heat of heat pumps, % (GB/T 51350-2019, energies as primary energy)."""
    factor = number("primary_electricity")
    use = found.design.end_uses
    heating, cooling = found.needs_kwh
    fixed = float(use["lighting"].sum() + use["lifts"].sum()) / 1e3
    whole = heating + cooling + found.hot_water_need_kwh + fixed * factor
    ambient = 0.0
    for carrier, need, name in (
        (found.systems.heating_carrier, heating, "heating"),
        (found.systems.hot_water_carrier, found.hot_water_need_kwh, "hot_water"),
    ):
        if carrier == "electricity":
            gain = need - float(use[name].sum()) / 1e3 * factor
            ambient += gain if gain > 1e-9 * need else 0.0  # nothing but rounding where the COP is the factor
    if whole <= 0:
        return 0.0, 0.0
    made = made_kwh * factor
    return 100 * made / whole, 100 * (made + ambient) / whole


def _below_reference(found: Delivered, end_uses: tuple[str, ...]) -> float | None:
    """How far end uses lie below those of the reference building, as primary energy, %."""
    if found.reference is None:
        return None
    factor = {"electricity": number("primary_electricity"), "gas": number("primary_gas")}

    def primary(use: EnergyUse, heating: str) -> float:
        return sum(
            float(use.end_uses[name].sum()) * factor[heating if name == "heating" else "electricity"]
            for name in end_uses
        )

    whole = primary(found.reference, "electricity")
    return 100 * (1 - primary(found.design, found.systems.heating_carrier) / whole) if whole > 0 else None


def energy_series(found: Delivered) -> tuple[dict[str, Floats], dict[str, str]]:
    """Monthly end uses, kWh, and the hourly electricity of building, modules and battery, W; with units."""
    use = found.design
    series = {f"{name}_energy_kwh": monthly_kwh(use.end_uses[name]) for name in END_USES}
    series["pv_kwh"] = monthly_kwh(use.photovoltaic_w)
    series["electricity_bought_kwh"] = monthly_kwh(use.bought_w)
    units = dict.fromkeys(series, "kWh")
    hours = {"hourly_electricity_w": use.electricity_w, "hourly_pv_w": use.photovoltaic_w}
    if found.battery is not None:
        hours["hourly_battery_w"] = use.battery_w
    return series | hours, units | dict.fromkeys(hours, "W")


def energy_assumptions(found: Delivered) -> list[Assumption]:
    """What the systems rest on."""
    notes = [*system_assumptions(found.systems, lifts=found.lifts > 0), *found.modules.assumptions]
    if found.battery is not None:
        notes.append(
            Assumption(Text("Efficiency of the battery", "蓄电池充放电效率"), found.battery.efficiency)
        )
    return notes
