"""Photovoltaic modules as the metrics take them: what twin.toml declares, else defaults, and the chain."""

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
from twin.kernels.photovoltaics import (
    Cover,
    Mounting,
    alternating_current,
    cell_temperature_c,
    combined_loss,
    cover_modifier,
    diffuse_modifiers,
    direct_current,
)
from twin.kernels.thermal.irradiance import Irradiance
from twin.metrics.result import Assumption

Floats = NDArray[np.float64]

METHOD = "PVWatts 5 (NREL/TP-6A20-62641), King et al. 2004, Marion 2017"


@dataclass(frozen=True)
class SolarModules:
    """What all modules of a project share."""

    efficiency: Traced  # of modules that state neither peak power nor efficiency
    temperature_coefficient: Traced  # of the power, 1/K
    losses: Traced  # share of the direct current, but for shadows
    inverter_efficiency: Traced
    dc_ac_ratio: Traced
    mounting: Traced | None  # key of ``mountings`` in the data, where twin.toml says it

    def direct_current(
        self, effective_w_m2: Floats, received_w_m2: Floats, air_c: Floats, wind_m_s: Floats, mounting: str
    ) -> Floats:
        """Direct current over peak power, (O, H), with the losses taken.

        Args:
            effective_w_m2: light on the cells of O modules in H hours, (O, H).
            received_w_m2: light on the modules, which warms them, (O, H).
            air_c: dry bulb, (H,).
            wind_m_s: 10 m above ground, (H,).
            mounting: a key of ``mountings`` in the data.
        """
        row = solar_data()["mountings"][mounting]
        heat = Mounting(float(row["a"]), float(row["b"]), float(row["difference"]))
        cell = cell_temperature_c(received_w_m2, air_c, wind_m_s, heat)
        kept = 1.0 - float(self.losses.value)
        return kept * direct_current(effective_w_m2, cell, float(self.temperature_coefficient.value))

    def alternating_current(self, direct: Floats, rated: float) -> Floats:
        """What an inverter that can give ``rated`` makes of direct current, in the unit of both."""
        return alternating_current(direct, rated, float(self.inverter_efficiency.value))

    @property
    def assumed_mounting(self) -> Traced:
        """How modules are mounted that the model does not show."""
        if self.mounting is not None:
            return self.mounting
        given = solar_data()["assumed_mounting"]
        return Traced(given["value"], "", Provenance.DEFAULT, _source(given["source"]), given["confidence"])


def through_cover(on: Irradiance, tilt_cosine: Floats) -> Irradiance:
    """What the covers of modules in O planes let through to the cells, of light on the planes.

    Args:
        on: light in H hours, each array (O, H).
        tilt_cosine: (O,) upward parts of the planes' normals.
    """
    cover = module_cover()
    sky, ground = diffuse_modifiers(tilt_cosine, cover)
    return Irradiance(
        beam=on.beam * cover_modifier(on.cos_incidence, cover),
        diffuse=on.diffuse * sky[:, None],
        ground=on.ground * ground[:, None],
        cos_incidence=on.cos_incidence,
    )


def solar_modules(section: SystemsSection) -> SolarModules:
    """The modules that ``[systems]`` of twin.toml describes, with defaults for what it leaves open."""

    def traced(key: str) -> Traced:
        own = getattr(section, f"pv_{key}")
        if own is None:
            return _losses() if key == "losses" else _default(key)
        unit = "1" if key == "losses" else _default(key).unit
        return Traced(float(own), unit, Provenance.DECLARED, f"systems.pv_{key} in twin.toml")

    mounting = None
    if section.pv_mounting is not None:
        mounting = Traced(section.pv_mounting, "", Provenance.DECLARED, "systems.pv_mounting in twin.toml")
    return SolarModules(
        efficiency=traced("efficiency"),
        temperature_coefficient=traced("temperature_coefficient"),
        losses=traced("losses"),
        inverter_efficiency=traced("inverter_efficiency"),
        dc_ac_ratio=traced("dc_ac_ratio"),
        mounting=mounting,
    )


def module_assumptions(modules: SolarModules) -> list[Assumption]:
    """What every yield of modules rests on, but for their peak power and mounting."""
    parts = solar_data()["losses"]["shares"]
    english, chinese = (
        ", ".join(f"{part['label'][language]} {part['share']:.1%}" for part in parts)
        for language in ("en", "zh")
    )
    losses = Text("Losses of photovoltaic systems but for shadows", "光伏系统损失（不含遮挡）")
    if modules.losses.provenance is Provenance.DEFAULT:
        losses = Text(f"{losses.en}: {english}", f"{losses.zh}：{chinese}")
    found = [
        (
            Text("Temperature coefficient of photovoltaic power", "光伏功率温度系数"),
            modules.temperature_coefficient,
        ),
        (losses, modules.losses),
        (Text("Nominal efficiency of the inverter", "逆变器额定效率"), modules.inverter_efficiency),
        (
            Text("Peak power of the modules over the inverter's", "光伏组件与逆变器容量比"),
            modules.dc_ac_ratio,
        ),
        (
            Text("Refractive index of the modules' coating (on glass)", "组件玻璃减反射膜折射率"),
            _traced(solar_data()["cover"]["coating_index"]),
        ),
    ]
    return [Assumption(what, value) for what, value in found]


def mounting_assumption(what: Text, mounting: Traced, global_ids: tuple[str, ...] = ()) -> Assumption:
    """How modules are mounted, in words."""
    label = solar_data()["mountings"][str(mounting.value)]["label"]
    return Assumption(Text(f"{what.en}: {label['en']}", f"{what.zh}：{label['zh']}"), mounting, global_ids)


def mounting_of_gap(gap_m: float) -> str:
    """The mounting of a module with so much room behind it, m."""
    gaps = solar_data()["gaps_m"]
    if gap_m < float(gaps["least"]):
        return "insulated_back"
    return "close_mount" if gap_m < float(gaps["free"]) else "open_rack"


def shading_loss() -> Traced:
    """Share of the direct current that shadows take where the model does not show what casts them."""
    given = solar_data()["losses"]
    return _traced([given["shading"], "1", given["source"], given["confidence"]])


def mounting_from_gap(mounting: str) -> Traced:
    """A mounting that follows from the room behind a module."""
    given = solar_data()["gaps_m"]
    return Traced(mounting, "", Provenance.DERIVED, _source(given["source"]), given["confidence"])


@cache
def module_cover() -> Cover:
    """The cover of every module."""
    values = {name: float(row[0]) for name, row in solar_data()["cover"].items()}
    return Cover(values["index"], values["coating_index"], values["extinction"] * values["thickness"])


def _losses() -> Traced:
    given = solar_data()["losses"]
    taken = round(combined_loss(float(part["share"]) for part in given["shares"]), 4)
    return _traced([taken, "1", given["source"], given["confidence"]])


def _default(name: str) -> Traced:
    return _traced(solar_data()["defaults"][name])


def _traced(row: list[Any]) -> Traced:
    value, unit, source, confidence = row
    return Traced(float(value), unit, Provenance.DEFAULT, _source(source), confidence)


def _source(source: str) -> str:
    key, _, place = source.partition(",")
    return str(solar_data()["sources"][key]) + ("," + place if place else "")


@cache
def solar_data() -> Mapping[str, Any]:
    """The whole of ``twin/data/photovoltaics.yaml``."""
    text = resources.files("twin").joinpath("data/photovoltaics.yaml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return loaded
