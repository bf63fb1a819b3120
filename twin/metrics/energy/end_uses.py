"""From need to energy: end uses by the hour, what the roof gives, what the building takes in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel
from twin.climate import HOURS, MONTH_OF_HOUR, Climate
from twin.climate.moist_air import saturation_pressure_pa
from twin.kernels.thermal.year import Year
from twin.metrics.energy.battery import Battery, output_w
from twin.metrics.energy.operation import hourly_schedule
from twin.metrics.energy.photovoltaics import Photovoltaics
from twin.metrics.energy.systems import Systems, hot_water_l_person_day, number
from twin.metrics.energy.thermal_model import ThermalModel, zone_size, zone_use
from twin.use_types import UseType, use_type

Floats = NDArray[np.float64]

END_USES = ("heating", "cooling", "fans", "lighting", "equipment", "hot_water", "lifts")
_AIR_DENSITY = 1.2  # kg/m³
_EVAPORATION_J_KG = 2.5e6
_WATER_WH_LK = 1.163


@dataclass(frozen=True)
class EnergyUse:
    """One year of a building, hourly means in W, each (8760,)."""

    end_uses: dict[str, Floats]  # by END_USES, in the carrier of each
    latent_w: Floats  # heat that dehumidification takes from the cooled rooms
    electricity_w: Floats  # all that is used
    gas_w: Floats
    photovoltaic_w: Floats
    battery_w: Floats  # what it gives, negative where it takes in

    @property
    def bought_w(self) -> Floats:
        """Electricity from the grid: what modules and battery do not give in the same hour."""
        return np.asarray(np.maximum(self.electricity_w - self.photovoltaic_w - self.battery_w, 0.0))

    @property
    def sold_w(self) -> Floats:
        """Electricity of the modules that building and battery do not take in the same hour."""
        return np.asarray(np.maximum(self.photovoltaic_w + self.battery_w - self.electricity_w, 0.0))


def energy_use(
    model: BuildingModel,
    climate: Climate,
    thermal: ThermalModel,
    year: Year,
    systems: Systems,
    modules: Photovoltaics,
    battery: Battery | None,
    lifts: int,
    lighting_shares: Floats | None = None,
    purge_fans_w: Floats | None = None,
) -> EnergyUse:
    """The end uses of a simulated year.

    Cooling holds the latent heat of fresh air and people in the hours in which a zone is cooled (see
    :func:`latent_w`). Fans move the fresh air of rooms that are ventilated by the number of people.
    ``lighting_shares`` (Z, 8760) of their power is what the lights of each zone need, all of it by default.
    ``purge_fans_w`` (8760,) is the power of fans at night.
    """
    latent = latent_w(model, climate, thermal, year)
    uses = {name: np.zeros(HOURS) for name in END_USES}
    uses["heating"] = systems.heating_energy_w(year.heating_w.sum(axis=0))
    uses["cooling"] = systems.cooling_energy_w(year.cooling_w.sum(axis=0) + latent)
    if purge_fans_w is not None:
        uses["fans"] += purge_fans_w
    areas: dict[str, float] = {}
    for row, zone in enumerate(thermal.zones):
        areas[zone.use] = areas.get(zone.use, 0.0) + zone_size(model, zone)[0]
        share = 1.0 if lighting_shares is None else lighting_shares[row]
        uses["lighting"] += zone_size(model, zone)[0] * share * _power(use_type(zone.use), "lighting")
    for use_id, area in areas.items():
        kind = use_type(use_id)
        uses["equipment"] += area * _power(kind, "equipment")
        people = _people(kind, area)
        if kind.fresh_air_m3_h_person is not None:
            flow = people * float(kind.fresh_air_m3_h_person.value) * hourly_schedule(kind, "fresh_air")
            uses["fans"] += float(systems.fan_w_m3h.value) * flow
        uses["hot_water"] += _hot_water_w(kind, people) / float(systems.hot_water_efficiency.value)
    uses["lifts"] += lifts * lift_w()
    gas = np.zeros(HOURS)
    for name, carrier in (("heating", systems.heating_carrier), ("hot_water", systems.hot_water_carrier)):
        if carrier == "gas":
            gas += uses[name]
    whole = np.sum(list(uses.values()), axis=0) - gas
    given = np.zeros(HOURS) if battery is None else output_w(battery, whole, modules.power_w)
    return EnergyUse(uses, latent, whole, gas, modules.power_w, given)


def latent_w(model: BuildingModel, climate: Climate, thermal: ThermalModel, year: Year) -> Floats:
    """Latent heat, W (8760,), that cooling takes out to keep cooled rooms at their humidity.

    ρ n V r (x_out - x_room) of the outdoor air and 60 W per person, in each hour in which the zone is cooled;
    x_room at 60 % and the temperature of its air. Never negative.
    """
    steps = thermal.operation.air_changes_per_h.shape[1] // HOURS
    pressure = climate.pressure_pa
    outside = _humidity_ratio(saturation_pressure_pa(climate.dew_point_c), pressure)
    total = np.zeros(HOURS)
    for row, zone in enumerate(thermal.zones):
        cooled = year.cooling_w[row] > 0
        if not cooled.any():
            continue
        area, volume = zone_size(model, zone)
        index = thermal.uses.index(zone_use(model, zone))
        changes = thermal.operation.air_changes_per_h[index].reshape(HOURS, steps).mean(axis=1)
        air = np.asarray(year.air_temperature_c[row], np.float64)
        inside = _humidity_ratio(number("room_humidity") / 100 * saturation_pressure_pa(air), pressure)
        drying = _AIR_DENSITY * changes * volume / 3600 * _EVAPORATION_J_KG * (outside - inside)
        kind = use_type(zone.use)
        people = _people(kind, area) * hourly_schedule(kind, "occupancy") * number("person_latent_heat")
        total += np.where(cooled, np.maximum(drying + people, 0.0), 0.0)
    return total


def lift_w() -> float:
    """Mean power of one lift, W, after GB/T 51366-2019: E = 3.6 P t V W + E_standby."""
    running = number("lift_hours_per_day")
    moved = 3.6 * number("lift_specific_energy") * number("lift_speed_m_s") * number("lift_load_kg")
    return (moved * running + number("lift_standby_w") * (24 - running)) / 24


def monthly_kwh(power_w: Floats) -> Floats:
    """Sums of each month, (12,), kWh."""
    return np.bincount(MONTH_OF_HOUR, power_w) / 1e3


def _humidity_ratio(vapour_pa: Floats, pressure_pa: Floats) -> Floats:
    return np.asarray(0.622 * vapour_pa / (pressure_pa - vapour_pa))


def _power(kind: UseType, name: str) -> Floats:
    """Lighting or equipment over the year, W/m²."""
    power = kind.lighting_w_m2 if name == "lighting" else kind.equipment_w_m2
    return (0.0 if power is None else float(power.value)) * hourly_schedule(kind, name)


def _people(kind: UseType, area_m2: float) -> float:
    per_person = kind.floor_area_per_person_m2
    return 0.0 if per_person is None else area_m2 / float(per_person.value)


def _hot_water_w(kind: UseType, people: float) -> Floats:
    """Heat in the hot water, W (8760,): the day's litres follow the people in the room."""
    litres = hot_water_l_person_day(kind) * people
    occupancy = hourly_schedule(kind, "occupancy")
    by_day = occupancy.reshape(-1, 24)
    whole = by_day.sum(axis=1, keepdims=True)
    share = np.divide(by_day, whole, out=np.zeros_like(by_day), where=whole > 0)
    warm = number("hot_water_c") - number("cold_water_c")
    return np.asarray(litres * _WATER_WH_LK * warm * share.reshape(-1))
