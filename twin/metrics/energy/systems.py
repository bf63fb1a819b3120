"""The systems of a building: efficiencies and contents, declared in twin.toml or by default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from ifc.model import Provenance, Text, Traced
from twin.calculation_sections import SystemsSection
from twin.metrics.result import Assumption
from twin.use_types import UseType

Floats = NDArray[np.float64]

_PART_LOADS = np.array([0.25, 0.5, 0.75, 1.0])


@cache
def systems_data() -> Mapping[str, Any]:
    """The whole of ``twin/data/energy_systems.yaml``."""
    text = resources.files("twin").joinpath("data/energy_systems.yaml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return loaded


@cache
def system_default(name: str) -> Traced:
    """One default with its unit, source and confidence."""
    value, unit, source, confidence = systems_data()["defaults"][name]
    return Traced(float(value), unit, Provenance.DEFAULT, _source(source), confidence)


def number(name: str) -> float:
    """The value of one default."""
    return float(system_default(name).value)


def _source(source: str) -> str:
    key, _, place = source.partition(",")
    return str(systems_data()["sources"][key]) + ("," + place if place else "")


@dataclass(frozen=True)
class Systems:
    """What turns need into energy. COPs are seasonal means but for ``cooling_part_load``."""

    heating_carrier: str  # "electricity" or "gas"
    heating_cop: Traced
    cooling_cop: Traced
    cooling_part_load: tuple[float, ...] | None  # COP at 25, 50, 75 and 100 % of the peak load
    hot_water_carrier: str
    hot_water_efficiency: Traced
    fan_w_m3h: Traced

    @property
    def is_declared(self) -> bool:
        """Whether the efficiencies of heating and cooling are the project's own."""
        own = self.heating_cop.provenance is Provenance.DECLARED
        return own and (
            self.cooling_part_load is not None or self.cooling_cop.provenance is Provenance.DECLARED
        )

    def heating_energy_w(self, need_w: Floats) -> Floats:
        """Energy taken in for heating, W, from the need (8760,)."""
        return np.asarray(need_w / float(self.heating_cop.value))

    def cooling_energy_w(self, need_w: Floats) -> Floats:
        """Electricity for cooling, W, from the need (8760,); the peak is full load."""
        peak = float(need_w.max(initial=0.0))
        if self.cooling_part_load is None or peak <= 0:
            return np.asarray(need_w / float(self.cooling_cop.value))
        return np.asarray(need_w / np.interp(need_w / peak, _PART_LOADS, self.cooling_part_load))


def systems_of(section: SystemsSection) -> Systems:
    """The systems that twin.toml declares, with defaults for what it leaves open."""

    def traced(key: str, fallback: str) -> Traced:
        own = getattr(section, key)
        if own is None:
            return system_default(fallback)
        unit = system_default(fallback).unit
        return Traced(float(own), unit, Provenance.DECLARED, f"systems.{key} in twin.toml")

    gas = section.heating_carrier == "gas"
    gas_water = section.hot_water_carrier == "gas"
    return Systems(
        heating_carrier=section.heating_carrier,
        heating_cop=traced("heating_cop", "boiler_efficiency" if gas else "heating_cop"),
        cooling_cop=traced("cooling_cop", "cooling_cop"),
        cooling_part_load=section.cooling_part_load,
        hot_water_carrier=section.hot_water_carrier,
        hot_water_efficiency=traced(
            "hot_water_efficiency", "boiler_efficiency" if gas_water else "hot_water_efficiency"
        ),
        fan_w_m3h=traced("fan_w_m3h", "fan_w_m3h"),
    )


def reference_systems() -> Systems:
    """The reference system of GB 55015-2021 Annex C, with the same hot water and fans as the default."""
    return systems_of(SystemsSection())


def hot_water_l_person_day(kind: UseType) -> float:
    """Hot water of a use, litres of 60 °C per person and day."""
    rows = systems_data()["hot_water_l_person_day"]
    return float(rows["use"].get(kind.use_id, rows["category"].get(kind.category, 0.0)))


def system_assumptions(systems: Systems, *, lifts: bool) -> list[Assumption]:
    """Every number of the systems that is not the model's."""
    found = [
        Assumption(Text("Seasonal efficiency of heating", "供暖季节能效"), systems.heating_cop),
        Assumption(Text("Efficiency of hot water", "生活热水系统效率"), systems.hot_water_efficiency),
        Assumption(Text("Fans of the fresh air", "新风单位风量耗功率"), systems.fan_w_m3h),
    ]
    if systems.cooling_part_load is None:
        found.append(Assumption(Text("Seasonal efficiency of cooling", "供冷季节能效"), systems.cooling_cop))
    else:
        shown = " / ".join(f"{cop:g}" for cop in systems.cooling_part_load)
        source = "systems.cooling_part_load in twin.toml"
        found.append(
            Assumption(
                Text("COP of cooling at 25, 50, 75 and 100 % load", "25%、50%、75%、100% 负荷率下的供冷 COP"),
                Traced(shown, "1", Provenance.DECLARED, source),
            )
        )
    named = {
        "room_humidity": Text("Humidity of cooled rooms", "空调房间相对湿度"),
        "person_latent_heat": Text("Latent heat of a person", "人员潜热散热量"),
        "hot_water_c": Text("Temperature of hot water", "热水温度"),
        "cold_water_c": Text("Temperature of cold water", "冷水温度"),
        "primary_electricity": Text("Primary energy factor of electricity", "电力一次能源换算系数"),
    }
    if lifts:
        named |= {
            "lift_specific_energy": Text("Specific energy of lifts", "电梯特定能量消耗"),
            "lift_standby_w": Text("Standby of lifts", "电梯待机功率"),
            "lift_load_kg": Text("Rated load of lifts", "电梯额定载重量"),
            "lift_speed_m_s": Text("Speed of lifts", "电梯速度"),
            "lift_hours_per_day": Text("Running time of lifts per day", "电梯日运行时间"),
        }
    found += [Assumption(text, system_default(key)) for key, text in named.items()]
    rows = systems_data()["hot_water_l_person_day"]
    per_person = Traced(
        "40 (dwellings)", "L/(person·d)", Provenance.DEFAULT, _source(rows["source"]), rows["confidence"]
    )
    found.append(Assumption(Text("Hot water per person and day", "热水用水定额"), per_person))
    return found
