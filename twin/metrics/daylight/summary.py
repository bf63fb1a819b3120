"""The figures of a whole model: means, and the shares of area that clause 5.2.8 asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Neighbour, Text
from twin.metrics.daylight.rooms import GridPoints, Room
from twin.metrics.daylight.rules import DaylightRules, LightClimate
from twin.metrics.result import Need, Quantity

Floats = NDArray[np.float64]

GB50033 = "GB 50033-2013"

_FIGURES = {
    "daylight_factor_mean_pct": (
        "%",
        Text("Mean daylight factor of the main rooms", "主要功能房间平均采光系数"),
        "Σ DF_i A_i / Σ A_i",
    ),
    "area_share_meeting_requirement_pct": (
        "%",
        Text("Area of main rooms with the required daylight factor", "主要功能房间采光系数达标面积比例"),
        "Σ A(DF_mean ≥ K × DF_required) / Σ A × 100 %",
    ),
    "inner_zone_area_m2": (
        "m²",
        Text("Area of main rooms in the inner zone", "主要功能房间内区面积"),
        "Σ A(distance to facade > 5 m)",
    ),
    "inner_zone_daylight_factor_area_share": (
        "%",
        Text("Inner zone with the required daylight factor", "内区采光系数满足要求的面积比例"),
        "A_inner(DF ≥ K × DF_required) / A_inner × 100 %",
    ),
    "underground_area_m2": (
        "m²",
        Text("Area of rooms underground", "地下空间面积"),
        "Σ A(underground)",
    ),
    "underground_daylit_area_ratio": (
        "%",
        Text("Daylit underground area over the first basement", "地下空间采光达标面积与首层地下室面积之比"),
        "A_underground(DF_mean ≥ 0.5 %) / A_first basement × 100 %",
    ),
}
_HOURS = {
    "daylight_area_share_300lx_8h": (
        "dwelling",
        Text(
            "Main rooms of dwellings with 300 lx for 8 h a day",
            "住宅主要功能房间采光照度不低于 300 lx 且平均不少于 8 h/d 的面积比例",
        ),
        "Σ A(h(E ≥ 300 lx) / 365 d ≥ 8 h/d) / Σ A × 100 %",
        Text("The model has no main rooms of dwellings.", "模型中没有住宅主要功能房间。"),
    ),
    "daylight_area_share_required_4h": (
        "public",
        Text(
            "Main rooms of public buildings with the required illuminance for 4 h a day",
            "公共建筑主要功能房间采光照度满足要求且平均不少于 4 h/d 的面积比例",
        ),
        "Σ A(h(E ≥ E_required) / 365 d ≥ 4 h/d) / Σ A × 100 %",
        Text("The model has no main rooms of public buildings.", "模型中没有公共建筑主要功能房间。"),
    ),
}
_FIX_SPACES = Text(
    "Correct the geometry of these spaces (see the grade of their surfaces).",
    "请修正这些空间的几何（见围护面等级）。",
)
NO_ROOMS = Need(
    Text("The model has no rooms whose surfaces are known.", "模型中没有围护面已知的房间。"),
    Text(
        "Model the rooms as IfcSpace with a body that fits between the walls and slabs.",
        "请以 IfcSpace 建立房间，其几何体应与墙、楼板相接。",
    ),
)
NO_WINDOWS = Need(
    Text("The model has no windows in the surfaces of its rooms.", "模型房间的围护面上没有窗。"),
    Text(
        "Model the windows as IfcWindow that fill openings of the walls (IfcRelVoidsElement and "
        "IfcRelFillsElement).",
        "请以 IfcWindow 建立外窗，并使其填充墙体洞口（IfcRelVoidsElement、IfcRelFillsElement）。",
    ),
)


@dataclass(frozen=True)
class RoomFactors:
    """Daylight factors of the rooms, (R,) each, in %. ``mean`` is NaN where it cannot be told."""

    mean: Floats
    minimum: Floats
    error: Floats  # standard error of the mean
    count: NDArray[np.int64]  # of points
    required: Floats  # NaN: no requirement, or the light climate is not known

    @property
    def meets(self) -> Floats:
        """1 met, 0 not met, NaN no requirement or not known."""
        met = (self.mean >= self.required).astype(np.float64)
        return np.where(np.isnan(self.mean) | np.isnan(self.required), np.nan, met)


@dataclass(frozen=True)
class Findings:
    """All rooms and grid points with their results; ``point_factors`` (N,) in %."""

    model: BuildingModel
    rooms: Sequence[Room]
    points: GridPoints
    factors: RoomFactors
    point_factors: Floats

    @cached_property
    def area(self) -> Floats:
        """Area (R,) of the rooms, m²: measured, else as the file states it, else NaN."""
        spaces, rows = self.model.spaces, [room.space for room in self.rooms]
        area: Floats = np.where(np.isnan(spaces.area_m2), spaces.declared_area_m2, spaces.area_m2)[rows]
        return area

    @cached_property
    def point_area(self) -> Floats:
        """Area (N,) that each point stands for, m²."""
        number = np.maximum(self.factors.count, 1)
        each: Floats = (self.area / number)[self.points.room]
        return each

    @cached_property
    def main(self) -> NDArray[np.bool_]:
        """Which rooms (R,) are main functional rooms."""
        return np.array([room.use.main_function for room in self.rooms], np.bool_)

    def names(self, which: NDArray[np.bool_]) -> tuple[str, ...]:
        """GlobalIds of some rooms."""
        rows = np.flatnonzero(which).tolist()
        return tuple(str(self.model.spaces.global_id[self.rooms[row].space]) for row in rows)


def required_factors(rooms: Sequence[Room], climate: LightClimate | None) -> Floats:
    """The required mean daylight factor (R,) of each room in %: the table's value times K."""
    required = np.full(len(rooms), np.nan)
    for row, room in enumerate(rooms):
        if climate is not None and room.use.daylight is not None:
            table = room.use.daylight
            factor = table.top_factor_percent if room.top_lit else table.side_factor_percent
            required[row] = factor * float(climate.k.value)
    return required


def summary(
    found: Findings, climate: LightClimate | None, city: str, rules: DaylightRules
) -> dict[str, Quantity]:
    """All figures of the daylight factor."""
    no_climate = () if climate is not None else (unknown_light_climate(city),)
    return {
        **_main_rooms(found, no_climate, rules),
        **_inner_zone(found, no_climate, rules),
        **_underground(found, rules),
    }


def untold(need: Need) -> dict[str, Quantity]:
    """The summary of a model that lacks what every figure needs."""
    found = {name: _quantity(name, None, GB50033, (need,)) for name in _FIGURES}
    hours = {
        name: Quantity(None, "%", label, formula, GB50033, (need,))
        for name, (_, label, formula, _) in _HOURS.items()
    }
    return {**found, **hours}


def hours_summary(found: Findings, enough_share: Floats, rules: DaylightRules) -> dict[str, Quantity]:
    """The two shares of clause 5.2.8 that a year's calculation gives; ``enough_share`` (R,) of each room."""
    figures = {}
    for name, (category, label, formula, nothing) in _HOURS.items():
        of = found.main & np.array([room.use.category == category for room in found.rooms], np.bool_)
        share = Share(None, (Need(nothing, no_main_rooms(found.model).how),))
        if of.any():
            share = share_of_known(found, of, enough_share, rules)
        figures[name] = Quantity(share.value, "%", label, formula, rules.rating_source, share.needs)
    return figures


def share_of_known(found: Findings, of: NDArray[np.bool_], met: Floats, rules: DaylightRules) -> Share:
    """Share of the area of the rooms ``of`` (R,) where ``met`` (R,) is 1; it is 0, or NaN for not known.

    Rooms that are not known count as not met, as long as they are few; else the share cannot be told.
    """
    unknown = of & (np.isnan(met) | np.isnan(found.area))
    total = float(np.nansum(found.area[of]))
    unmeasured = bool(np.isnan(found.area[unknown]).any())
    if unmeasured or float(found.area[unknown].sum()) > rules.unknown_area_share * total:
        number = int(unknown.sum())
        what = Text(f"The daylight of {number} rooms is not known.", f"{number} 个房间的采光情况未知。")
        return Share(None, (Need(what, _FIX_SPACES, found.names(unknown)),))
    return Share(100.0 * float(np.nansum(met[of] * found.area[of])) / total, ())


@dataclass(frozen=True, slots=True)
class Share:
    """A share in %, or what is missing to tell it."""

    value: float | None
    needs: tuple[Need, ...]


def no_main_rooms(model: BuildingModel) -> Need:
    """Why figures about main rooms cannot be told."""
    unknown = model.spaces.internal & (model.spaces.use == "unknown")
    return Need(
        Text("No main functional room was recognised.", "没有识别出主要功能房间。"),
        Text(
            "Give the spaces a LongName or ObjectType that says their use, or declare it under [uses] in "
            "twin.toml.",
            "请在空间的 LongName 或 ObjectType 中注明用途，或在 twin.toml 的 [uses] 中声明。",
        ),
        tuple(str(name) for name in model.spaces.global_id[unknown]),
    )


def unknown_light_climate(city: str) -> Need:
    """Why requirements cannot be told."""
    return Need(
        Text(f"The light climate zone of {city!r} is not known.", f"不知道“{city}”所在的光气候区。"),
        Text(
            "Set daylight.light_climate in twin.toml to I, II, III, IV or V (GB 50033-2013 Annex A).",
            "请在 twin.toml 的 daylight.light_climate 中给出光气候区 I～V（GB 50033-2013 附录 A）。",
        ),
    )


def _quantity(name: str, value: float | None, source: str, needs: tuple[Need, ...] = ()) -> Quantity:
    unit, label, formula = _FIGURES[name]
    return Quantity(value, unit, label, formula, source, needs)


def _main_rooms(found: Findings, no_climate: tuple[Need, ...], rules: DaylightRules) -> dict[str, Quantity]:
    mean_name, share_name = "daylight_factor_mean_pct", "area_share_meeting_requirement_pct"
    if not found.main.any():
        needs = (no_main_rooms(found.model),)
        return {name: _quantity(name, None, GB50033, needs) for name in (mean_name, share_name)}
    known = found.main & ~np.isnan(found.factors.mean)
    whole = share_of_known(found, found.main, np.where(known, 1.0, np.nan), rules)
    mean = None
    if whole.value is not None:
        mean = float(np.average(found.factors.mean[known], weights=found.area[known]))
    share = share_of_known(found, found.main, found.factors.meets, rules)
    if no_climate:
        share = Share(None, (*whole.needs, *no_climate))
    return {
        mean_name: _quantity(mean_name, mean, GB50033, whole.needs),
        share_name: _quantity(share_name, share.value, f"{GB50033} 3.0.3, 3.0.4", share.needs),
    }


def _inner_zone(found: Findings, no_climate: tuple[Need, ...], rules: DaylightRules) -> dict[str, Quantity]:
    area_name, share_name = "inner_zone_area_m2", "inner_zone_daylight_factor_area_share"
    if not found.main.any():
        needs: tuple[Need, ...] = (no_main_rooms(found.model),)
        return {name: _quantity(name, None, rules.rating_source, needs) for name in (area_name, share_name)}
    points, room = found.points, found.points.room
    inner = found.main[room] & (points.facade_distance_m > float(rules.inner_zone_from_facade_m.value))
    met = found.point_factors >= np.nan_to_num(found.factors.required[room], nan=np.inf)
    area = float(found.point_area[inner].sum())
    # Main rooms that no light reaches have no points. Without an outer wall they are inner zone.
    dark = found.main & (found.factors.count == 0)
    dark &= np.array([not _has_facade(found.model, room) for room in found.rooms], np.bool_)
    unmeasured = dark & np.isnan(found.area)
    if unmeasured.any():
        what = Text(
            f"The size of {unmeasured.sum()} rooms is not known.", f"{unmeasured.sum()} 个房间的面积未知。"
        )
        needs = (Need(what, _FIX_SPACES, found.names(unmeasured)),)
        return {name: _quantity(name, None, rules.rating_source, needs) for name in (area_name, share_name)}
    area += float(found.area[dark].sum())
    share, needs = None, no_climate
    if area == 0.0:
        needs = (
            Need(
                Text(
                    "There is no inner zone: no main room lies beyond 5 m from the facade.",
                    "不存在内区：主要功能房间均在距外墙 5 m 以内。",
                ),
                Text("Nothing to supply.", "无需补充。"),
            ),
        )
    elif not no_climate:
        share = 100.0 * float(found.point_area[inner & met].sum()) / area
    return {
        area_name: _quantity(area_name, area, rules.inner_zone_from_facade_m.source),
        share_name: _quantity(share_name, share, rules.rating_source, needs),
    }


def _has_facade(model: BuildingModel, room: Room) -> bool:
    surfaces = model.surfaces
    outer = (surfaces.neighbour == Neighbour.OUTDOORS) & (np.abs(surfaces.tilt_deg - 90.0) < 30.0)
    return bool((outer & (surfaces.space == room.space)).any())


def _underground(found: Findings, rules: DaylightRules) -> dict[str, Quantity]:
    area_name, ratio_name = "underground_area_m2", "underground_daylit_area_ratio"
    below = np.array([room.underground for room in found.rooms], np.bool_)
    area = float(np.nansum(found.area[below]))
    if area == 0.0:
        need = Need(
            Text("The model has no rooms underground.", "模型没有地下房间。"),
            Text(
                "If it has a basement, model its rooms as IfcSpace.", "如有地下室，请以 IfcSpace 建立其房间。"
            ),
        )
        share = Share(None, (need,))
    else:
        storey = np.array([found.model.spaces.storey[room.space] for room in found.rooms])
        first = below & (storey == storey[below].max())
        mean = found.factors.mean
        lit = np.where(np.isnan(mean), np.nan, mean >= rules.underground_daylight_factor_pct)
        share = share_of_known(found, below, lit, rules)
        if share.value is not None:
            share = Share(share.value * area / float(found.area[first].sum()), ())
    return {
        area_name: _quantity(area_name, area, rules.rating_source),
        ratio_name: _quantity(ratio_name, share.value, rules.rating_source, share.needs),
    }
