"""Sensors of the level in what stores rain: which store they stand in, how full it is, and when they part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ifc.model import BuildingModel, Text
from sensors.points import Point, PointTable
from sensors.quantities import kind_of_name, quantity_kinds
from sensors.units import conversion, unit_of
from twin.kernels import lid
from twin.kernels.subcatchment_parts import SEALED_DEPRESSION_M
from twin.live.places import Places
from twin.live.sections import LevelSection
from twin.measured.hours import Floats
from twin.measured.rain_events import rules
from twin.metrics.sponge.covers import GREEN, SiteCovers
from twin.metrics.sponge.drainage import SiteDrainage

STORES: Mapping[str, Text] = {
    "tank": Text("rain tank", "雨水调蓄池"),
    "sunken_green": Text("sunken green", "下沉式绿地"),
    "water": Text("pond", "景观水体"),
}


class Together(StrEnum):
    """How a level stands to the model's at the end of the period."""

    TOGETHER = "together"
    ABOVE = "above"
    BELOW = "below"
    UNKNOWN = "unknown"


MEANS: Mapping[tuple[str, Together], Text] = {
    ("tank", Together.ABOVE): Text(
        "The tank is fuller than the model's: less is drawn than assumed, or the pump stands still.",
        "水池水位高于模拟：实际用水少于设定，或水泵未运行。",
    ),
    ("tank", Together.BELOW): Text(
        "The tank is emptier than the model's: a gutter or filter may be blocked, the tank may leak, or more "
        "is drawn than assumed.",
        "水池水位低于模拟：雨落管或过滤器可能堵塞，水池可能渗漏，或用水多于设定。",
    ),
    ("sunken_green", Together.ABOVE): Text(
        "Water stands longer than in the model: the soil or the drain may be blocked.",
        "积水时间长于模拟：土壤或盲管可能堵塞。",
    ),
    ("sunken_green", Together.BELOW): Text(
        "Less water stands than in the model: its inflow may be blocked.", "积水少于模拟：进水口可能堵塞。"
    ),
    ("water", Together.ABOVE): Text(
        "The pond stands higher than the model's: its outlet may be blocked.",
        "水体水位高于模拟：出水口可能堵塞。",
    ),
    ("water", Together.BELOW): Text(
        "The pond stands lower than the model's: it may leak, or its inflow be blocked.",
        "水体水位低于模拟：可能渗漏，或进水口堵塞。",
    ),
}


@dataclass(frozen=True, slots=True)
class LevelSensor:
    """A point that measures the level of a store; ``empty`` and ``full`` are readings in its unit."""

    row: int
    point: Point
    store: str
    empty: float
    full: float

    def fill(self, reading: Floats | float) -> Floats:
        """How full the store is, 0 … 1 and more where water stands above its overflow."""
        return np.asarray((np.asarray(reading) - self.empty) / (self.full - self.empty))

    def reading(self, fill: Floats) -> Floats:
        """What the sensor would read of a store that is so full."""
        return np.asarray(self.empty + fill * (self.full - self.empty))


def level_sensors(
    stated: tuple[LevelSection, ...],
    points: PointTable,
    places: Places,
    model: BuildingModel,
    covers: SiteCovers,
    site: SiteDrainage,
) -> list[LevelSensor]:
    """The sensors of [[live.levels]], and every other level that is bound to something that stores rain.

    A sensor whose store the site does not have is left out.
    """
    table = model.ground_covers
    ids = model.elements.global_id
    depth_m = {
        str(ids[element]): float(depth)
        for element, depth in zip(table.element.tolist(), table.storage_depth_m.tolist(), strict=True)
        if element >= 0
    }
    store_of = {
        str(global_id): "sunken_green" if kind in GREEN else str(kind)
        for global_id, kind, volume in zip(covers.global_id, covers.kind, covers.storage_m3, strict=True)
        if volume > 0.0
    }
    given = {each.point: each for each in stated}
    found = []
    for row, point in enumerate(points):
        section, element = given.get(point.id), places.element_of.get(point.id, "")
        store = section.store if section else store_of.get(element, "")
        if store not in site.names or not (section or _is_level(point)):
            continue
        stated_m = depth_m.get(element, np.nan)
        full_m = stated_m if np.isfinite(stated_m) and stated_m > 0.0 else capacity_m(site, store)
        scale = conversion("m", point.unit).scale
        empty = section.empty if section else 0.0
        full = section.full if section and section.full is not None else empty + full_m * scale
        if full != empty:
            found.append(LevelSensor(row, point, store, empty, full))
    return found


def capacity_m(site: SiteDrainage, store: str) -> float:
    """Depth of water in a store of the model that is full, m."""
    row = site.row(store)
    for unit in site.units[site.unit_catchment == row]:
        return float(unit[lid.STORAGE_M if unit[lid.KIND] == lid.RAIN_BARREL else lid.SURFACE_M])
    return float(site.catchments[row, SEALED_DEPRESSION_M])


def parting(measured: Floats, simulated: Floats, sensor: LevelSensor, step_s: int) -> tuple[Together, float]:
    """How a level stands to the model's at the end, and for how many hours it has.

    They part when their distance was more than a share of the range, to one side, for some hours; of a sensor
    that has been silent for as long nothing is said.
    """
    rule = rules()["parting"]
    distance = sensor.fill(measured) - sensor.fill(simulated)
    known = np.flatnonzero(np.isfinite(distance))
    if not len(known) or (len(distance) - 1 - known[-1]) * step_s > rule["hours"] * 3600:
        return Together.UNKNOWN, 0.0
    sides = np.where(np.abs(distance[known]) > rule["share"], np.sign(distance[known]), 0.0)
    other = np.flatnonzero(sides != sides[-1])
    since = int(known[other[-1]]) + 1 if len(other) else int(known[0])
    hours = (len(distance) - since) * step_s / 3600.0
    if sides[-1] == 0.0 or hours < rule["hours"]:
        return Together.TOGETHER, hours if sides[-1] == 0.0 else 0.0
    return (Together.ABOVE if sides[-1] > 0.0 else Together.BELOW), hours


def _is_level(point: Point) -> bool:
    known = point.quantity in quantity_kinds()
    kind = point.quantity if known else kind_of_name(f"{point.quantity} {point.name}")
    return kind == "water_level" and unit_of(point.unit).dimension == unit_of("m").dimension
