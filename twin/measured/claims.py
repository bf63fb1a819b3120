"""What the evaluation of a design claims of the finished building, as far as sensors can tell.

Read from the JSON that ``twin evaluate --json`` prints. A claim speaks of a room (GlobalId) or of the whole
building or site ("").
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import yaml

from ifc.model import Text
from twin.errors import TwinError
from twin.use_types import use_type


class Kind(StrEnum):
    """What is claimed."""

    ILLUMINANCE = "illuminance"
    TEMPERATURE = "temperature"
    CO2 = "co2"
    ELECTRICITY = "electricity"
    CAPTURE = "capture_ratio"


@dataclass(frozen=True, slots=True)
class Claim:
    """Between ``low`` and ``high``, of which one may be infinite.

    ``detail`` is what the kind needs besides: the illuminance of whose hours is spoken; the use of the room
    whose set-points hold; the area (m²) and the kWh of the months; the area of the site (m²).
    """

    kind: Kind
    element: str
    low: float
    high: float
    unit: str
    statement: Text
    source: str
    detail: Any = None


def claims_of(evaluation: Mapping[str, Any]) -> list[Claim]:
    """The claims of an evaluation; what it could not tell is not claimed."""
    metrics = evaluation["metrics"]
    found: list[Claim] = []
    if "daylight" in metrics:
        found += _illuminance(metrics["daylight"]["table"])
    if "energy" in metrics:
        found += _rooms(metrics["energy"]["table"])
        found += _electricity(metrics["energy"])
    if "sponge" in metrics:
        found += _capture(metrics["sponge"]["summary"])
    return found


def _illuminance(table: Mapping[str, list[Any]]) -> list[Claim]:
    columns = ("global_id", "target_lx", "hours_per_day")
    return [
        Claim(
            Kind.ILLUMINANCE, room, hours, math.inf, "h/d",
            Text(
                f"Daylight reaches {target:g} lx for {hours:.1f} hours a day.",
                f"天然采光照度达到 {target:g} lx 的时数为每天 {hours:.1f} 小时。",
            ),
            "daylight: hours_per_day", target,
        )
        for room, target, hours in zip(*(table.get(name, []) for name in columns), strict=True)
        if target and hours
    ]  # fmt: skip


def _rooms(table: Mapping[str, list[Any]]) -> list[Claim]:
    found = []
    rule = rules()
    for room, use in zip(table.get("global_id", []), table.get("use", []), strict=True):
        try:
            kind = use_type(use)
        except TwinError:
            continue
        if kind.conditioned:
            found.append(
                Claim(
                    Kind.TEMPERATURE, room, rule["share_of_hours"], math.inf, "%",
                    Text(
                        "The room keeps the set-points of its use in the hours in which they hold.",
                        "在设定时段内，室温保持在该用途的设定温度范围内。",
                    ),
                    f"energy: set-points of {use}; {rule['share_source']}", use,
                )
            )  # fmt: skip
        air = kind.fresh_air_m3_h_person
        if air is not None and float(air.value) > 0:
            most = rule["outdoor_co2_ppm"] + 1e6 * rule["person_co2_m3_h"] / float(air.value)
            found.append(
                Claim(
                    Kind.CO2, room, -math.inf, most, "ppm",
                    Text(
                        f"{float(air.value):g} m³/h of fresh air a person keep CO₂ below {most:.0f} ppm.",
                        f"人均新风量 {float(air.value):g} m³/h 使 CO₂ 浓度不超过 {most:.0f} ppm。",
                    ),
                    f"energy: fresh air of {use}; {rule['co2_source']}", use,
                )
            )  # fmt: skip
    return found


def _electricity(energy: Mapping[str, Any]) -> list[Claim]:
    summary, months = energy["summary"], energy["series"].get("electricity_bought_kwh", [])
    values = [
        summary.get(name, {}).get("value")
        for name in ("electricity_kwh", "gas_kwh", "delivered_energy_kwh_m2")
    ]
    if len(months) != 12 or None in values or not values[2]:
        return []
    area_m2 = (values[0] + values[1]) / values[2]
    year = values[0] / area_m2
    return [
        Claim(
            Kind.ELECTRICITY, "", -math.inf, year, "kWh/m²",
            Text(
                f"The building buys {year:.1f} kWh/m² of electricity a year.",
                f"建筑年购电量为 {year:.1f} kWh/m²。",
            ),
            "energy: electricity_bought_kwh", (area_m2, tuple(months)),
        )
    ]  # fmt: skip


def _capture(summary: Mapping[str, Any]) -> list[Claim]:
    share = summary.get("annual_runoff_control_rate_simulated", {}).get("value")
    area_m2 = summary.get("site_area_m2", {}).get("value")
    if share is None or not area_m2:
        return []
    return [
        Claim(
            Kind.CAPTURE, "", share, math.inf, "%",
            Text(f"The site keeps back {share:.1f} % of the rain.", f"场地年径流总量控制率为 {share:.1f}%。"),
            "sponge: annual_runoff_control_rate_simulated", area_m2,
        )
    ]  # fmt: skip


@cache
def rules() -> Mapping[str, Any]:
    """How claims are held against readings, with sources."""
    text = resources.files("twin").joinpath("data", "measured_claims.yaml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return loaded
