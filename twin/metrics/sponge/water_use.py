"""What the rain tanks are drawn on for: irrigation, washing and flushing, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Provenance, Text, Traced
from twin.climate import RainRecord
from twin.metrics.result import Assumption, Quantity
from twin.metrics.sponge.control_rate import DAY_S, DAYS_PER_YEAR
from twin.metrics.sponge.covers import GREEN, SiteCovers
from twin.metrics.sponge.greywater import greywater_quantities, greywater_supply
from twin.metrics.sponge.rules import SpongeRules
from twin.project import Project

Floats = NDArray[np.float64]

OUTDOORS = ("irrigation", "washing")
WASHED = ("road", "paving", "parking", "permeable_paving")
_LABELS = {
    "irrigation_m3_m2_a": Text("Irrigation quota of green", "绿化灌溉用水定额"),
    "road_washing_l_m2": Text("Water of one washing of roads and paving", "道路与场地每次浇洒用水定额"),
    "road_washings_a": Text("Washings of roads and paving", "道路与场地浇洒次数"),
    "flushing_resident_l_d": Text("Flushing of a resident", "居民冲厕用水定额"),
    "flushing_worker_l_d": Text("Flushing of a worker", "工作人员冲厕用水定额"),
}
_QUOTAS = {
    "irrigation": ("irrigation_m3_m2_a",),
    "washing": ("road_washing_l_m2", "road_washings_a"),
    "flushing": ("flushing_resident_l_d", "flushing_worker_l_d"),
}


@dataclass(frozen=True)
class WaterUse:
    """Demand by use, whatever serves it, and the uses that the tank serves.

    ``annual_m3`` is None for a use whose extent is not known: flushing without people.
    """

    annual_m3: dict[str, float | None]
    served: tuple[str, ...]
    served_stated: bool  # by twin.toml or the tank itself
    reclaimed_m3_a: float  # reclaimed water and treated greywater that serve them
    demand_m3: Floats  # (K,) what is left for the tanks in each step of the record
    years: float
    greywater: dict[str, Quantity]  # rows of the result; empty without it
    assumptions: tuple[Assumption, ...]

    @property
    def served_m3_a(self) -> float:
        """Demand on the tanks in a mean year of the record."""
        return float(self.demand_m3.sum() / self.years)


def water_use(
    model: BuildingModel, project: Project, covers: SiteCovers, record: RainRecord, rules: SpongeRules
) -> WaterUse:
    """The demand on the tanks over a rain record.

    Irrigation and washing fall evenly on the hours of dry days, so that a mean year has its quota, flushing
    on all hours. Reclaimed water serves first, then treated greywater, the tanks the rest.
    """
    quota = {name: float(value.value) for name, value in rules.water_use.items()}
    people = project.water
    annual: dict[str, float | None] = {
        "irrigation": quota["irrigation_m3_m2_a"] * covers.area_of(*GREEN, "green_roof"),
        "washing": quota["road_washing_l_m2"] / 1e3 * quota["road_washings_a"] * covers.area_of(*WASHED),
        "flushing": None,
    }
    if people.residents is not None or people.workers is not None:
        daily_l = quota["flushing_resident_l_d"] * (people.residents or 0.0)
        daily_l += quota["flushing_worker_l_d"] * (people.workers or 0.0)
        annual["flushing"] = daily_l / 1e3 * DAYS_PER_YEAR
    served, source = _served(model, project, covers, rules)
    dry = _dry_steps(record, rules.dry_day_mm)
    years = len(dry) * record.step_s / (DAYS_PER_YEAR * DAY_S)
    outdoors = sum(annual[use] or 0.0 for use in served if use in OUTDOORS)
    indoors = (annual["flushing"] or 0.0) if "flushing" in served else 0.0
    demand = np.where(dry, outdoors * years / max(dry.sum(), 1), 0.0) + indoors * years / len(dry)
    reclaimed = min(people.reclaimed_m3_d * DAYS_PER_YEAR, outdoors + indoors)
    if reclaimed > 0.0:
        demand *= 1.0 - reclaimed / (outdoors + indoors)
    quotas = [name for use in served for name in _QUOTAS[use] if annual[use]]
    quoted = [Assumption(_LABELS[name], rules.water_use[name]) for name in quotas]
    greywater: dict[str, Quantity] = {}
    if people.greywater is not None:
        found = greywater_supply(
            people.greywater, people.residents or 0.0, demand, float(record.step_s), rules
        )
        greywater = greywater_quantities(found, float(demand.sum()) / years, years)
        reclaimed += float(found.supplied_m3.sum()) / years
        demand = demand - found.supplied_m3
        quoted += found.assumptions
    what = Text("Uses that the rain tank serves", "雨水回用用途")
    names = ", ".join(served)
    origin = Provenance.DEFAULT if source == "greentwin" else Provenance.IFC
    if people.serves is not None:
        origin = Provenance.DECLARED
    return WaterUse(
        annual, served, origin is not Provenance.DEFAULT, reclaimed, demand, years, greywater,
        (
            Assumption(what, Traced(names, "", origin, source, "low" if source == "greentwin" else "")),
            *quoted,
        ),
    )  # fmt: skip


def _served(
    model: BuildingModel, project: Project, covers: SiteCovers, rules: SpongeRules
) -> tuple[tuple[str, ...], str]:
    """The uses that twin.toml or a tank names, else those out of doors; and who says so."""
    if project.water.serves is not None:
        return project.water.serves, "water.serves in twin.toml"
    rows = {global_id: row for row, global_id in enumerate(model.elements.global_id)}
    for global_id in covers.global_id[covers.kind == "tank"].tolist():
        stated = (
            model.properties.find(rows[global_id], *rules.reuse_properties) if global_id in rows else None
        )
        if stated is None or not isinstance(stated[1], str):
            continue
        text = stated[1].casefold()
        found = tuple(use for use, words in rules.reuse_words.items() if any(word in text for word in words))
        if found:
            return found, stated[0]
    return OUTDOORS, "greentwin"


def _dry_steps(record: RainRecord, dry_day_mm: float) -> NDArray[np.bool_]:
    """Steps of the days with less rain than that; gaps count as dry."""
    start = int(record.start.astype("datetime64[s]").astype(np.int64))
    day = (start + np.arange(len(record.depth_mm)) * record.step_s) // DAY_S
    day -= day[0]
    return np.asarray(np.bincount(day, np.nan_to_num(record.depth_mm))[day] < dry_day_mm)
