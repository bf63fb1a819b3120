"""Design help: which mix of facilities reaches a control rate at the least cost."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ifc.model import Provenance, Text, Traced
from twin.catchments.ground import ROOFS
from twin.climate import Climate, RainRecord
from twin.kernels.lid import initial_units
from twin.kernels.lid_mix import OUT, TO_GREEN, TO_POND, TO_TANK, mix_runoff
from twin.kernels.nonlinear_reservoir import reservoir_tables
from twin.metrics.result import Assumption
from twin.metrics.sponge.covers import GREEN, SiteCovers
from twin.metrics.sponge.drainage import ANY_SOIL, SiteDrainage, cover_catchment, record_case, tank_unit
from twin.metrics.sponge.facilities import LAYERED
from twin.metrics.sponge.rules import SpongeRules
from twin.metrics.sponge.runoff_case import run_case
from twin.metrics.sponge.storm import StormRules
from twin.metrics.sponge.water_use import WaterUse
from twin.project import Project

Floats = NDArray[np.float64]

VARIABLES = ("green_roof_share", "permeable_share", "sunken_share", "tank_days")
STEPS = (3, 3, 7, 4)  # 252 mixes
SOFT_PAVED = ("paving", "parking", "permeable_paving")  # roads stay as they are
COVERS = ("roof", "green_roof", "road", "paving", "parking", "permeable_paving", "green", "unknown")
DRY_STEP_S = 3600
WET_STEP_S = 900.0  # changes the rate of the pilot site by less than 0.1 %
_PLACES = {"tank": TO_TANK, "sunken_green": TO_GREEN, "water": TO_POND, "outlet": OUT}


@dataclass(frozen=True)
class Mixes:
    """A mixes of facilities: shares and tanks, areas, cost and simulated control rate."""

    green_roof_m2: Floats  # (A,)
    permeable_m2: Floats
    sunken_m2: Floats
    tank_m3: Floats
    cost_cny: Floats
    rate_pct: Floats

    def front(self) -> NDArray[np.int64]:
        """Rows that no cheaper mix reaches the rate of, by rising cost."""
        order = np.lexsort((-self.rate_pct, self.cost_cny))
        best = np.maximum.accumulate(self.rate_pct[order])
        return np.asarray(order[np.diff(best, prepend=-1.0) > 1e-9])


def mean_year(record: RainRecord) -> RainRecord:
    """The calendar length of a year whose rain is nearest to the mean of the record's whole years."""
    steps = 365 * 86400 // record.step_s
    years = len(record.depth_mm) // steps
    if years < 2:
        return record
    depth = np.nan_to_num(record.depth_mm[: years * steps]).reshape(years, steps)
    sums = depth.sum(axis=1)
    nearest = int(np.abs(sums - sums.mean()).argmin())
    start = record.start + np.timedelta64(nearest * steps * record.step_s, "s")
    return replace(record, depth_mm=depth[nearest], start=start)


def mixes(
    site: SiteDrainage,
    covers: SiteCovers,
    project: Project,
    use: WaterUse,
    record: RainRecord,
    climate: Climate,
    rules: SpongeRules,
    storms: StormRules,
    steps: tuple[int, int, int, int] = STEPS,
) -> Mixes | None:
    """Cost and control rate of a grid of mixes over one mean year of the record.

    Green roofs instead of roofs, permeable paving instead of paving and parking, sunken instead of ordinary
    green, and a tank; the site keeps its areas, layers, ponds and ways of the water. None where twin.toml
    sends water onto a cover, so that what it does depends on its area, or where catchments stand apart.

    Args:
        site: as it is designed; the row -1 of the answer is that design.
        covers: areas and storage.
        project: for its ways of the water.
        use: demand on the tank.
        record: the whole rain record.
        climate: for the evaporation.
        rules: ranges and costs.
        storms: overland flow.
        steps: how many values of each variable are tried.
    """
    ways = {str(kind): str(to) for kind, to in project.site.drainage.items()}
    if covers.apart or any(to not in _PLACES for to in ways.values()):
        return None
    year = mean_year(record)
    pond_m2 = covers.area_of("water")
    pond = TO_POND if covers.storage_of("water") > 0.0 else OUT
    default = {kind: TO_TANK if kind in ROOFS else TO_GREEN for kind in COVERS}
    default |= {"tank": TO_GREEN, "sunken_green": pond}
    to = {kind: _PLACES[ways[kind]] if kind in ways else place for kind, place in default.items()}
    if to["tank"] == TO_TANK or to["sunken_green"] in (TO_TANK, TO_GREEN):
        return None
    areas, sunken, tank, cost = _grid(site, covers, use, rules, steps)
    response = _responses(site, year, climate, storms, rules)
    case = record_case(site, year, climate, DRY_STEP_S)
    depth = (
        float(covers.storage_m3[np.isin(covers.kind, GREEN)].sum()) / sunken[-1] if sunken[-1] > 0.0 else None
    )
    green = site.layers["sunken_green"].unit(
        1.0, storms.green, surface_m=rules.design.sunken_depth_m if depth is None else depth
    )
    pond_depth_m = covers.storage_of("water") / pond_m2 if pond_m2 > 0.0 else 0.0
    at = int((year.start - record.start) / np.timedelta64(year.step_s, "s"))
    left = mix_runoff(
        case.rain_mm / 1000.0 / year.step_s, float(year.step_s), case.evaporation_m_s,
        use.demand_m3[at : at + case.intervals] / year.step_s, response,
        np.array([to[kind] for kind in COVERS]),
        areas, np.array([to["tank"], to["sunken_green"]]),
        np.array([cover_catchment(1.0, d, storms) for d in (0.0, 0.0, pond_depth_m)]),
        tank_unit(1.0, rules), green, initial_units(green[None, :], np.zeros(1))[0], tank, sunken, pond_m2,
        min(WET_STEP_S, float(year.step_s)), float(case.dry_step_s), reservoir_tables(),
    )  # fmt: skip
    fallen = case.rain_mm.sum() / 1000.0 * site.area_m2
    rate = 100.0 * (1.0 - left / fallen) if fallen > 0.0 else np.full(len(left), 100.0)
    column = {kind: areas[:, place] for place, kind in enumerate(COVERS)}
    return Mixes(column["green_roof"], column["permeable_paving"], sunken, tank, cost, rate)


def _grid(
    site: SiteDrainage,
    covers: SiteCovers,
    use: WaterUse,
    rules: SpongeRules,
    steps: tuple[int, int, int, int],
) -> tuple[Floats, Floats, Floats, Floats]:
    """Areas (A, COVERS), sunken green, tank (A,) and cost of every mix; the last is the site as designed."""
    now = dict(zip(site.names, site.catchments[:, 0], strict=True))
    roofs = sum(now.get(kind, 0.0) for kind in ROOFS)
    paved = sum(now.get(kind, 0.0) for kind in SOFT_PAVED)
    green = sum(now.get(kind, 0.0) for kind in GREEN)
    values = [
        np.linspace(*rules.design.ranges[name], count) for name, count in zip(VARIABLES, steps, strict=True)
    ]
    shares = np.stack([axis.ravel() for axis in np.meshgrid(*values, indexing="ij")], axis=1)
    green_roof, permeable = shares[:, 0] * roofs, shares[:, 1] * paved
    sunken, tank = shares[:, 2] * green, shares[:, 3] * use.served_m3_a / 365.25
    hard = now.get("paving", 0.0) + now.get("parking", 0.0)
    areas = np.zeros((len(shares) + 1, len(COVERS)))
    rest = {
        "roof": roofs - green_roof,
        "green_roof": green_roof,
        "permeable_paving": permeable,
        "green": green - sunken,
        "road": now.get("road", 0.0),
        "unknown": now.get("unknown", 0.0),
        "parking": (paved - permeable) * (now.get("parking", 0.0) / hard if hard > 0.0 else 0.0),
    }
    rest["paving"] = paved - permeable - rest["parking"]
    for place, kind in enumerate(COVERS):
        areas[:-1, place] = rest[kind]
        areas[-1, place] = now.get(kind, 0.0)
    sunken, tank = np.append(sunken, now.get("sunken_green", 0.0)), np.append(tank, site.tank_m3)
    costs = rules.design.costs
    cost = costs["green_roof"] * areas[:, COVERS.index("green_roof")]
    cost = cost + costs["permeable_paving"] * areas[:, COVERS.index("permeable_paving")]
    return areas, sunken, tank, cost + costs["sunken_green"] * sunken + costs["tank"] * tank


def _responses(
    site: SiteDrainage, year: RainRecord, climate: Climate, storms: StormRules, rules: SpongeRules
) -> Floats:
    """Runoff of a square metre of each cover that nothing runs onto, m/s, (COVERS, K)."""
    units, owners, rows = [], [], []
    for place, kind in enumerate(COVERS):
        depression_m = 0.0 if kind in LAYERED else rules.covers[kind].depression_mm / 1000.0
        rows.append(cover_catchment(1.0, depression_m, storms))
        if kind in LAYERED:
            flow = storms.sealed if kind == "permeable_paving" else storms.green
            units.append(site.layers[kind].unit(1.0, flow))
            owners.append(place)
    alone = replace(
        site, names=COVERS, kinds=COVERS, catchments=np.array(rows), units=np.array(units),
        unit_catchment=np.array(owners), outlet=np.full(len(COVERS), -1),
        gage=np.zeros(len(COVERS), np.int64), soil=np.tile(ANY_SOIL, (len(COVERS), 1)),
    )  # fmt: skip
    return run_case(record_case(alone, year, climate, DRY_STEP_S), keep_flow=True).flow_m3_s


def design_series(found: Mixes, rules: SpongeRules) -> tuple[dict[str, Floats], tuple[Assumption, ...]]:
    """The cost–rate front, the cheapest mix of each target (NaN where none reaches it), the design itself."""
    front = found.front()
    columns = {
        "rate_pct": found.rate_pct,
        "cost_cny": found.cost_cny,
        "green_roof_m2": found.green_roof_m2,
        "permeable_m2": found.permeable_m2,
        "sunken_m2": found.sunken_m2,
        "tank_m3": found.tank_m3,
    }
    series = {f"mix_front_{name}": values[front] for name, values in columns.items()}
    series |= {f"mix_design_{name}": values[-1:] for name, values in columns.items()}
    targets = np.array(rules.design.targets_pct)
    series["mix_target_pct"] = targets
    place = np.searchsorted(found.rate_pct[front], targets)
    rows = np.append(front, -1)[np.minimum(place, len(front))]
    for name, values in columns.items():
        series[f"mix_target_{name}"] = np.where(place < len(front), values[rows], np.nan)
    labels = {
        "green_roof": Text("Cost of a green roof", "绿色屋顶单价"),
        "permeable_paving": Text("Cost of permeable paving", "透水铺装单价"),
        "sunken_green": Text("Cost of sunken green", "下沉式绿地单价"),
        "tank": Text("Cost of a tank", "雨水调蓄池单价"),
    }
    costs = rules.design
    return series, tuple(
        Assumption(
            label,
            Traced(
                costs.costs[kind],
                "CNY/m³" if kind == "tank" else "CNY/m²",
                Provenance.DEFAULT,
                costs.cost_source,
                costs.cost_confidence,
            ),
        )
        for kind, label in labels.items()
    )
