"""The energy metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import config
from numpy.typing import NDArray

from ifc.model import BuildingModel, Text
from twin.climate import Climate
from twin.kernels.thermal.network import Flow
from twin.kernels.thermal.year import Year, simulate
from twin.metrics.energy.assumptions import assumptions
from twin.metrics.energy.comfort import comfort_assumptions, comfort_quantities
from twin.metrics.energy.controls import (
    control_assumptions,
    design_schedules,
    ventilation,
    with_controls,
)
from twin.metrics.energy.data import data, default
from twin.metrics.energy.delivered import (
    ENERGY_SUMMARY,
    delivered,
    energy_assumptions,
    energy_quantities,
    energy_series,
)
from twin.metrics.energy.dimming import dimmed_operation, lighting_shares, of_zones, with_own_operation
from twin.metrics.energy.findings import NOT_DIMMED, no_conditioned_room, no_rooms, room_findings
from twin.metrics.energy.inputs import input_sha256
from twin.metrics.energy.limits import building_class, limits_of, reference_parts, table_of
from twin.metrics.energy.parts import Part
from twin.metrics.energy.thermal_model import ThermalModel, kernel_input, pack_input, thermal_model
from twin.metrics.energy.zoning import usable_spaces
from twin.metrics.result import Assumption, MetricResult, Need, Quantity
from twin.metrics.trees import tree_assumptions
from twin.project import Project
from twin.thermal_zone import thermal_zone
from twin.use_types import use_type

Floats = NDArray[np.float64]

NAME = "energy"
VERSION = "3"
METHOD = "ISO 52016-1:2017, hourly, ideal loads"

_SUMMARY: Mapping[str, tuple[str, Text, str]] = {
    "heating_need_kwh_m2": ("kWh/m²", Text("Heating need", "供暖需求"), "Σ Φ_H Δt / A_c"),
    "cooling_need_kwh_m2": ("kWh/m²", Text("Cooling need (sensible)", "供冷需求（显热）"), "Σ Φ_C Δt / A_c"),
    "heating_peak_w_m2": ("W/m²", Text("Peak heating load", "供暖峰值负荷"), "max_h Σ_z Φ_H / A_c"),
    "cooling_peak_w_m2": (
        "W/m²",
        Text("Peak cooling load (sensible)", "供冷峰值负荷（显热）"),
        "max_h Σ_z Φ_C / A_c",
    ),
    "conditioned_area_m2": (
        "m²",
        Text("Heated and cooled floor area", "供暖空调面积"),
        "A_c = Σ A of conditioned rooms",
    ),
}
_REFERENCE: Mapping[str, tuple[str, Text, str]] = {
    "reference_heating_need_kwh_m2": (
        "kWh/m²", Text("Heating need of the reference building", "参照建筑供暖需求"), "Σ Φ_H,ref Δt / A_c"
    ),
    "reference_cooling_need_kwh_m2": (
        "kWh/m²", Text("Cooling need of the reference building", "参照建筑供冷需求"), "Σ Φ_C,ref Δt / A_c"
    ),
    "hvac_load_reduction": (
        "%",
        Text("Heating and cooling load below the reference building", "供暖空调负荷降低幅度"),
        "(1 - (Q_H + Q_C) / (Q_H,ref + Q_C,ref)) × 100 %",
    ),
}  # fmt: skip
_TABLE_UNITS = {
    "area_m2": "m²", "heating_need_kwh_m2": "kWh/m²", "cooling_need_kwh_m2": "kWh/m²",
    "heating_peak_w_m2": "W/m²", "cooling_peak_w_m2": "W/m²",
}  # fmt: skip
_SERIES: Mapping[str, tuple[Flow, ...]] = {
    "transmission_opaque_kwh": (Flow.OPAQUE,),
    "transmission_windows_kwh": (Flow.WINDOW,),
    "ground_kwh": (Flow.GROUND,),
    "infiltration_kwh": (Flow.VENTILATION,),
    "solar_gain_kwh": (Flow.SOLAR,),
    "internal_gain_kwh": (Flow.GAINS,),
    "storage_kwh": (Flow.INTERNAL, Flow.MIXING, Flow.AIR_STORAGE),
}

_DIMMED = Text(
    "Lights dimmed by the daylight of each hour (declared); least share of their power",
    "照明随逐时天然光调光（已声明），最低功率比例",
)


def compute(
    model: BuildingModel, climate: Climate, project: Project, daylight: MetricResult | None = None
) -> MetricResult:
    """Annual heating and cooling need of the rooms that are heated and cooled.

    Every value is sensible and at the room: no plant, no distribution, no dehumidification. ``series`` are
    monthly and over all rooms, heated or not: ``heating_need_kwh`` and ``cooling_need_kwh`` are positive, the
    others are flows into the rooms (losses negative), and
    heating - cooling + transmission + ground + infiltration + solar + internal + storage = 0 in every month.
    ``table`` has one row per room; rooms that are neither heated nor cooled hold NaN. ``daylight`` is the
    result of the daylight metric: where twin.toml says that the lights are dimmed, their power and heat
    follow its hours.
    """
    digest = input_sha256(VERSION, model, climate, project, daylight)
    rooms = usable_spaces(model)
    if not len(rooms):
        return _untold(no_rooms(model), digest)
    if not any(use_type(str(model.spaces.use[row])).conditioned for row in rooms):
        return _untold(no_conditioned_room(model, rooms), digest)
    zone = thermal_zone(project)
    zone_name = None if zone is None else str(zone.value)
    seasonal = zone_name in data()["dwelling_seasons"]["zones"]
    thermal = thermal_model(model, climate, project, seasonal)
    shares = None
    if project.energy.daylight_dimming:
        shares = lighting_shares(model, thermal.zones, daylight)
    design, reference = _simulate(model, climate, project, thermal, zone_name, shares)
    area = sum(float(model.spaces.area_m2[list(z.spaces)].sum()) for z in thermal.zones if z.conditioned)
    energy = delivered(model, climate, project, thermal, design, reference, shares)
    hourly, hourly_units = energy_series(energy)
    balance = _series(design)
    needs = _summary(model, project, design, reference, area, zone_name)
    return MetricResult(
        name=NAME,
        version=VERSION,
        summary=needs
        | energy_quantities(energy, needs["hvac_load_reduction"].needs)
        | comfort_quantities(model, climate, thermal, design, zone_name),
        table=_table(model, thermal, design),
        table_units=_TABLE_UNITS,
        series=balance | hourly,
        series_units=dict.fromkeys(balance, "kWh") | hourly_units,
        assumptions=(
            *assumptions(model, thermal, project.energy, seasonal),
            *energy_assumptions(energy),
            *control_assumptions(project.energy),
            *comfort_assumptions(),
            *tree_assumptions(model, thermal.trees, Text("sun on the building", "建筑日照得热")),
            *(() if shares is None else (Assumption(_DIMMED, default("dimming_least_share")),)),
        ),
        diagnostics=(
            *room_findings(model, rooms),
            *(() if shares is not None or not project.energy.daylight_dimming else (NOT_DIMMED,)),
        ),
        input_sha256=digest,
    )


def _simulate(
    model: BuildingModel, climate: Climate, project: Project, thermal: ThermalModel, zone_name: str | None,
    shares: Floats | None,
) -> tuple[Year, Year | None]:  # fmt: skip
    """The design, and the reference building where the code's limits are known, side by side.

    ``shares`` (Z, 8760) of their power is what the lights of the design need. Opened windows, fans at night,
    blinds, heat recovery and leaks are the design's alone.
    """
    steps = int(data()["calculation"]["steps_per_hour"])
    parts = thermal.envelope.parts

    def run(
        chosen: Sequence[Part],
        shaded: Sequence[bool],
        dimmed: Floats | None = None,
        controlled: bool = False,
    ) -> Year:
        given = kernel_input(model, thermal, chosen, shaded)
        let_in, schedules = None, thermal.operation
        if controlled:
            schedules = design_schedules(thermal.uses, schedules, climate.dry_bulb_c, project.energy)
            given = with_controls(model, thermal, given, project.energy)
            let_in = ventilation(thermal.uses, project.energy)
        network = pack_input(climate, thermal, given, steps)
        if dimmed is not None:
            network, schedules = (
                with_own_operation(network),
                dimmed_operation(model, thermal, schedules, dimmed),
            )
            let_in = None if let_in is None else of_zones(model, thermal, let_in)
        threads = max(config.NUMBA_NUM_THREADS // 2, 1)  # the other half runs the reference building
        return simulate(network, thermal.weather, schedules, steps, threads, let_in)

    tasks: list[Callable[[], Year]] = [lambda: run(parts, [True] * len(parts), shares, True)]
    building = building_class(model, project)
    if zone_name is not None and table_of(building, zone_name) is not None:
        at_limit = reference_parts(parts, limits_of(model, parts, building, zone_name))
        tasks.append(lambda: run(*at_limit))
    if config.NUMBA_NUM_THREADS > 1:
        with ThreadPoolExecutor(len(tasks)) as pool:
            years = [future.result() for future in [pool.submit(task) for task in tasks]]
    else:
        years = [task() for task in tasks]
    return years[0], years[1] if len(years) > 1 else None


def _summary(
    model: BuildingModel,
    project: Project,
    design: Year,
    reference: Year | None,
    area: float,
    zone_name: str | None,
) -> dict[str, Quantity]:
    values = {
        "heating_need_kwh_m2": design.heating_w.sum() / 1e3 / area,
        "cooling_need_kwh_m2": design.cooling_w.sum() / 1e3 / area,
        "heating_peak_w_m2": design.heating_w.sum(axis=0).max() / area,
        "cooling_peak_w_m2": design.cooling_w.sum(axis=0).max() / area,
        "conditioned_area_m2": area,
    }
    summary = {
        name: Quantity(float(values[name]), unit, label, formula, METHOD)
        for name, (unit, label, formula) in _SUMMARY.items()
    }
    needs: tuple[Need, ...] = ()
    against: dict[str, float | None] = dict.fromkeys(_REFERENCE)
    if reference is None:
        where = Text(f"thermal zone {zone_name}", f"热工分区 {zone_name}")
        if zone_name is None:
            where = Text(f"the city {project.project.city}", f"{project.project.city}")
        needs = (
            Need(
                Text(
                    f"The library has no limits of GB 55015-2021 for {where.en}.",
                    f"库中没有 GB 55015-2021 对{where.zh}的限值。",
                ),
                Text(
                    "Give project.thermal_zone in twin.toml (3A or 3B).",
                    "请在 twin.toml 中给出 project.thermal_zone（3A 或 3B）。",
                ),
            ),
        )
    else:
        whole = design.heating_w.sum() + design.cooling_w.sum()
        whole_reference = reference.heating_w.sum() + reference.cooling_w.sum()
        against = {
            "reference_heating_need_kwh_m2": float(reference.heating_w.sum() / 1e3 / area),
            "reference_cooling_need_kwh_m2": float(reference.cooling_w.sum() / 1e3 / area),
            "hvac_load_reduction": float(100 * (1 - whole / whole_reference))
            if whole_reference > 0
            else None,
        }
    source = (
        f"{METHOD}; {data()['gb55015'][building_class(model, project)]['source']}, same shape and operation"
    )
    for name, (unit, label, formula) in _REFERENCE.items():
        summary[name] = Quantity(against[name], unit, label, formula, source, needs)
    return summary


def _table(model: BuildingModel, thermal: ThermalModel, year: Year) -> dict[str, NDArray[np.generic]]:
    spaces = model.spaces
    rows = [(row, index) for index, zone in enumerate(thermal.zones) for row in zone.spaces]
    rows.sort()
    space = np.array([row for row, _ in rows])
    zone = np.array([index for _, index in rows])
    zone_area = np.array([spaces.area_m2[list(z.spaces)].sum() for z in thermal.zones])
    conditioned = np.array([z.conditioned for z in thermal.zones])

    def per_area(values: Floats) -> Floats:
        return np.asarray(np.where(conditioned, values / zone_area, np.nan)[zone])

    storey = spaces.storey[space]
    names = np.append(model.storeys.name, "")
    return {
        "global_id": spaces.global_id[space],
        "name": spaces.name[space],
        "storey": names[np.where(storey >= 0, storey, len(names) - 1)],
        "use": spaces.use[space],
        "area_m2": spaces.area_m2[space],
        "heating_need_kwh_m2": per_area(year.heating_w.sum(axis=1) / 1e3),
        "cooling_need_kwh_m2": per_area(year.cooling_w.sum(axis=1) / 1e3),
        "heating_peak_w_m2": per_area(year.heating_w.max(axis=1)),
        "cooling_peak_w_m2": per_area(year.cooling_w.max(axis=1)),
        "grade": spaces.grade[space],
        "zone": np.array([thermal.zones[index].name for index in zone], object),
    }


def _series(year: Year) -> dict[str, Floats]:
    monthly = year.flows_wh.sum(axis=1) / 1e3
    return {
        "heating_need_kwh": monthly[:, Flow.HEATING],
        "cooling_need_kwh": 0.0 - monthly[:, Flow.COOLING],
        **{name: monthly[:, list(flows)].sum(axis=1) for name, flows in _SERIES.items()},
    }


def _untold(need: Need, digest: str) -> MetricResult:
    """A result that says why there is none."""
    return MetricResult(
        name=NAME,
        version=VERSION,
        summary={
            name: Quantity(None, unit, label, formula, METHOD, (need,))
            for name, (unit, label, formula) in {**_SUMMARY, **_REFERENCE, **ENERGY_SUMMARY}.items()
        },
        input_sha256=digest,
    )
