"""The covers of a site as subcatchments that drain to each other, from the roofs to the outlet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Provenance, Text, Traced
from twin.catchments import Catchment
from twin.catchments.ground import ROOFS
from twin.climate import Climate, RainRecord
from twin.climate.evapotranspiration import monthly_reference_evapotranspiration_mm_day
from twin.kernels import lid
from twin.kernels.infiltration import GREEN_AMPT
from twin.kernels.subcatchment_parts import CATCHMENT_COLUMNS
from twin.metrics.result import Assumption
from twin.metrics.sponge.covers import COUNTED, GREEN, SiteCovers
from twin.metrics.sponge.facilities import LAYERED, Facility, facilities, layer_assumptions
from twin.metrics.sponge.rules import SpongeRules
from twin.metrics.sponge.runoff_case import RunoffCase
from twin.metrics.sponge.storm import IntensityFormula, OverlandFlow, StormRules, chicago_storm
from twin.project import Project

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DRAINING_H = 6  # simulated after a storm
STEP_S = 60  # of a storm
STORM_START = np.datetime64("2020-06-01T00:00:00")
OUTLET = "outlet"
ANY_SOIL = [0.1, 1e-7, 0.1, 0.0, 0.0]  # Green and Ampt's, asked for by kernel and SWMM, infiltrates nothing


@dataclass(frozen=True)
class SiteDrainage:
    """N subcatchments: one per kind of cover, one for all tanks, one for each catchment that stands apart."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    catchments: Floats  # (N, CATCHMENT_COLUMNS)
    units: Floats  # (M, UNIT_COLUMNS); green roofs, permeable paving and green are units all over
    unit_catchment: Integers  # (M,)
    outlet: Integers  # (N,)
    gage: Integers  # (N,) 0, or -1 for tanks, which lie under other covers
    soil: Floats  # (N, SOIL_COLUMNS) of pervious parts, of which there are none
    layers: Mapping[str, Facility]
    tank_m3: float
    assumptions: tuple[Assumption, ...]

    @property
    def area_m2(self) -> float:
        """Area of the site."""
        return float(self.catchments[self.gage >= 0, 0].sum())

    def row(self, name: str) -> int:
        """The row of a subcatchment, -1 for none."""
        return self.names.index(name) if name in self.names else -1

    def case(
        self, rain_mm: Floats, interval_s: int, start: np.datetime64, evaporation_mm_day: float | Floats,
        wet_step_s: int, dry_step_s: int,
    ) -> RunoffCase:  # fmt: skip
        """The site under a rain; nothing is drawn from the tanks (see :meth:`with_demand`)."""
        return RunoffCase(
            self.names, self.catchments, GREEN_AMPT, self.soil, rain_mm, interval_s, start,
            evaporation_mm_day,
            wet_step_s=wet_step_s, dry_step_s=dry_step_s, units=self.units,
            unit_catchment=self.unit_catchment,
            outlet=self.outlet, gage=self.gage,
        )  # fmt: skip

    def with_demand(self, mean_m3_h: float) -> SiteDrainage:
        """The site whose tanks are drawn on at a mean rate, as far as there is water in them."""
        units = self.units.copy()
        tank = units[:, lid.REUSE] > 0.0
        units[tank, lid.DRAIN_COEFFICIENT] = 1000.0 * mean_m3_h / units[tank, lid.AREA_M2]
        return replace(self, units=units)


def site_drainage(
    model: BuildingModel, project: Project, covers: SiteCovers, rules: SpongeRules, storms: StormRules
) -> SiteDrainage:
    """The subcatchments of a site.

    Ground that nothing covers counts as unknown, green with storage as sunken green. Water runs from roofs to
    the tanks, from these and all other covers to the sunken green, from there to water that stores rain, and
    out; ``[site.drainage]`` of twin.toml sends the runoff of a kind elsewhere. A catchment of the file that
    stands apart has its own slope, roughness, length and way, and where it states none that of its kind.
    """
    layers = facilities(model, project, covers, rules)
    joined = np.array(
        [row.catchment is None or row.catchment.name not in covers.apart for row in covers.rows]
    )
    areas = _areas(covers, joined)
    ponding_m3 = float(covers.storage_m3[np.isin(covers.kind, GREEN) & joined].sum())
    tank_m3 = covers.storage_of("tank")
    pond_m3 = float(covers.storage_m3[(covers.kind == "water") & joined].sum())
    names: list[str] = []
    kinds: list[str] = []
    owners: list[int] = []
    rows: list[Floats] = []
    units: list[Floats] = []

    def add(kind: str, row: Floats, unit: Floats | None = None, name: str = "") -> None:
        if unit is not None:
            units.append(unit)
            owners.append(len(names))
        names.append(name or kind)
        kinds.append(kind)
        rows.append(row)

    for kind in (kind for kind in areas if kind not in ("sunken_green", "water")):
        if areas[kind] <= 0.0:
            continue
        flow = storms.green if kind in ("green", "green_roof") else storms.sealed
        depression_m = 0.0 if kind in LAYERED else rules.covers[kind].depression_mm / 1000.0
        unit = layers[kind].unit(areas[kind], flow) if kind in LAYERED else None
        add(kind, cover_catchment(areas[kind], depression_m, storms), unit)
    if tank_m3 > 0.0:
        tank = tank_unit(tank_m3 / rules.tank_depth_m, rules)
        add("tank", cover_catchment(tank[lid.AREA_M2], 0.0, storms), tank)
    if areas["sunken_green"] > 0.0:
        area = areas["sunken_green"]
        unit = layers["sunken_green"].unit(area, storms.green, surface_m=ponding_m3 / area)
        add("sunken_green", cover_catchment(area, 0.0, storms), unit)
    if areas["water"] > 0.0:
        add("water", cover_catchment(areas["water"], pond_m3 / areas["water"], storms))
    for place in np.flatnonzero(~joined).tolist():
        catchment = covers.rows[place].catchment
        if catchment is not None and catchment.area_m2 > 0.0:
            kind, row, unit = _apart(catchment, float(covers.storage_m3[place]), layers, rules, storms)
            add(kind, row, unit, _word(catchment.name))
    outlet = _outlets(names, kinds, pond_m3 > 0.0, covers, project)
    return SiteDrainage(
        names=tuple(names),
        kinds=tuple(kinds),
        catchments=np.array(rows),
        units=np.array(units).reshape(-1, lid.UNIT_COLUMNS),
        unit_catchment=np.array(owners, np.int64),
        outlet=outlet,
        gage=np.array([-1 if kind == "tank" else 0 for kind in kinds], np.int64),
        soil=np.tile(ANY_SOIL, (len(names), 1)),
        layers=layers,
        tank_m3=tank_m3,
        assumptions=(
            *layer_assumptions(layers, set(kinds), covers),
            _way(names, outlet, _who_says(covers, project)),
        ),
    )


def lawn(area_m2: float, layers: Mapping[str, Facility], storms: StormRules) -> SiteDrainage:
    """The same site before it was built on: green without storage all over."""
    unit = layers["green"].unit(area_m2, storms.green)
    return SiteDrainage(
        ("green",), ("green",), cover_catchment(area_m2, 0.0, storms)[None, :], unit[None, :],
        np.zeros(1, np.int64), np.array([-1]), np.zeros(1, np.int64), np.array([ANY_SOIL]), layers, 0.0, (),
    )  # fmt: skip


def storm_case(
    site: SiteDrainage, storms: StormRules, formula: IntensityFormula, return_period_a: float
) -> RunoffCase:
    """A Chicago storm on the site by the minute, tanks and ponds empty, and six hours to drain."""
    rain = chicago_storm(formula, return_period_a, storms.duration_min, storms.peak_position, storms.step_min)
    by_minute = np.repeat(rain / storms.step_min, storms.step_min)
    fallen = np.concatenate([by_minute, np.zeros(60 * DRAINING_H)])
    return site.case(fallen, STEP_S, STORM_START, 0.0, STEP_S, STEP_S)


def record_case(site: SiteDrainage, record: RainRecord, climate: Climate, dry_step_s: int) -> RunoffCase:
    """The rain record on the site, its gaps dry, with the climate's evaporation of each month."""
    evaporation = monthly_reference_evapotranspiration_mm_day(climate).round(4)
    rain = np.nan_to_num(record.depth_mm)
    wet_step_s = min(300, record.step_s)
    return site.case(rain, record.step_s, record.start, evaporation, wet_step_s, max(wet_step_s, dry_step_s))


def _areas(covers: SiteCovers, joined: NDArray[np.bool_]) -> dict[str, float]:
    """Area of each kind: green with storage is sunken green, sunken green without is green."""
    ponding = np.isin(covers.kind, GREEN) & (covers.storage_m3 > 0.0)
    areas = {kind: float(covers.area_m2[(covers.kind == kind) & joined & ~ponding].sum()) for kind in COUNTED}
    areas["unknown"] += covers.unnamed_m2
    areas["green"] += areas["sunken_green"]
    areas["sunken_green"] = float(covers.area_m2[ponding & joined].sum())
    return areas


def _apart(
    catchment: Catchment, storage_m3: float, layers: Mapping[str, Facility], rules: SpongeRules,
    storms: StormRules,
) -> tuple[str, Floats, Floats | None]:  # fmt: skip
    """Kind, row and unit of a catchment that stands apart, with defaults of its kind where it is silent."""
    kind, area = catchment.kind, catchment.area_m2
    if kind in GREEN:
        kind = "sunken_green" if storage_m3 > 0.0 else "green"
    usual = storms.green if kind in ("green", "green_roof", "sunken_green") else storms.sealed
    slope, manning_n, length = (
        value if np.isfinite(value) else default
        for value, default in (
            (catchment.slope, usual.slope), (catchment.manning_n, usual.manning_n),
            (catchment.flow_length_m, usual.flow_length_m),
        )
    )  # fmt: skip
    flow = OverlandFlow(manning_n, slope, length)
    ponded_m = storage_m3 / area
    if kind in LAYERED:
        unit = layers[kind].unit(area, flow, surface_m=ponded_m if kind == "sunken_green" else None)
        return kind, cover_catchment(area, 0.0, storms, flow), unit
    depression_m = ponded_m if kind == "water" else rules.covers[kind].depression_mm / 1000.0
    return kind, cover_catchment(area, depression_m, storms, flow), None


def cover_catchment(
    area_m2: float, depression_m: float, storms: StormRules, flow: OverlandFlow | None = None
) -> Floats:
    """A sealed subcatchment that drains over its whole width."""
    sealed, row = flow or storms.sealed, np.zeros(CATCHMENT_COLUMNS)
    row[:] = (
        area_m2, 1.0, area_m2 / sealed.flow_length_m, sealed.slope, sealed.manning_n, storms.green.manning_n,
        depression_m, depression_m, 0.0, 0.0, 0.0,
    )  # fmt: skip
    return row


def tank_unit(area_m2: float, rules: SpongeRules) -> Floats:
    """A closed barrel that is drawn on, (UNIT_COLUMNS,)."""
    tank = np.zeros(lid.UNIT_COLUMNS)
    tank[lid.KIND], tank[lid.AREA_M2], tank[lid.REUSE] = lid.RAIN_BARREL, area_m2, 1.0
    tank[lid.STORAGE_M] = rules.tank_depth_m
    tank[lid.SURFACE_VOID] = tank[lid.STORAGE_VOID] = 1.0
    return tank


def _outlets(
    names: list[str], kinds: list[str], ponds: bool, covers: SiteCovers, project: Project
) -> Integers:
    """Row that each subcatchment drains to, -1 for the outlet of the site."""
    place = {name: row for row, name in enumerate(names)}
    pond = place.get("water", -1) if ponds else -1
    green = place.get("sunken_green", pond)
    found = []
    stated = {str(kind): str(to) for kind, to in project.site.drainage.items()}
    own = {_word(row.catchment.name): row.catchment.drains_to for row in covers.rows if row.catchment}
    ways = {name: own.get(name) or stated.get(kind) for name, kind in zip(names, kinds, strict=True)}
    for name, kind in zip(names, kinds, strict=True):
        to = pond if kind == "sunken_green" else -1 if kind == "water" else green
        if kind in ROOFS and "tank" in place:
            to = place["tank"]
        wanted = ways[name]
        if wanted is not None:
            to = place.get(_word(wanted), -1)
        found.append(to)
    # What twin.toml states may close a circle with a default, which gives way.
    for start in range(len(names)):
        passed = [start]
        while found[passed[-1]] >= 0 and found[passed[-1]] not in passed:
            passed.append(found[passed[-1]])
        for row in passed if found[passed[-1]] >= 0 else ():
            if ways[names[row]] is None:
                found[row] = -1
    return np.array(found, np.int64)


def _who_says(covers: SiteCovers, project: Project) -> str:
    """What states ways of the water, "" if nothing does."""
    sources = ["site.drainage in twin.toml"] if project.site.drainage else []
    file = next((row for row in covers.rows if row.catchment and row.catchment.drains_to), None)
    if file is not None and project.site.catchments is not None:
        sources.append(f"drains_to in {project.site.catchments.name}")
    return ", ".join(sources)


def _word(name: str) -> str:
    """The name of a subcatchment as one word, as SWMM's input files want it."""
    return "_".join(name.split())


def _way(names: list[str], outlet: Integers, stated: str) -> Assumption:
    """The way of the water as an assumption."""
    ways = [f"{name} > {names[to] if to >= 0 else OUTLET}" for name, to in zip(names, outlet, strict=True)]
    provenance = Provenance.DECLARED if stated else Provenance.DEFAULT
    return Assumption(
        Text("Way of the water", "雨水径流组织"),
        Traced(", ".join(ways), "", provenance, stated or "greentwin", "" if stated else "low"),
    )
