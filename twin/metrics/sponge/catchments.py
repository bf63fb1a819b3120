"""The covers of a site as subcatchments, for a continuous record and for storms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.climate import Climate, RainRecord
from twin.climate.evapotranspiration import monthly_reference_evapotranspiration_mm_day
from twin.kernels.infiltration import GREEN_AMPT
from twin.kernels.subcatchments import CATCHMENT_COLUMNS
from twin.metrics.sponge.covers import COUNTED, SiteCovers
from twin.metrics.sponge.rules import SpongeRules
from twin.metrics.sponge.runoff_case import RunoffCase
from twin.metrics.sponge.storm import IntensityFormula, StormRules, chicago_storm

Floats = NDArray[np.float64]

PERVIOUS = ("green", "sunken_green", "green_roof", "permeable_paving")
DRAINING_H = 6  # simulated after a storm
STORM_START = np.datetime64("2020-06-01T00:00:00")


def site_catchments(
    covers: SiteCovers, rules: SpongeRules, storms: StormRules
) -> tuple[tuple[str, ...], Floats, Floats]:
    """One subcatchment per kind of cover: names, (N, CATCHMENT_COLUMNS), soils (N, 4).

    Each drains over its whole width to the outlet; the flow length, slopes and roughness are those of the
    design storm. Green, green roofs and permeable paving infiltrate into the soil of the rules.
    """
    names, rows = [], []
    for kind in COUNTED:
        area = covers.area_of(kind) + (covers.unnamed_m2 if kind == "unknown" else 0.0)
        if area <= 0.0:
            continue
        flow = storms.green if kind in PERVIOUS else storms.sealed
        depression_m = rules.covers[kind].depression_mm / 1000.0
        row = np.zeros(CATCHMENT_COLUMNS)
        row[:] = (
            area,
            float(kind not in PERVIOUS),
            area / flow.flow_length_m,
            flow.slope,
            storms.sealed.manning_n,
            storms.green.manning_n,
            depression_m,
            depression_m,
            0.0,
        )
        names.append(kind)
        rows.append(row)
    soil = rules.soil
    one = [soil.suction_mm / 1000.0, soil.conductivity_mm_h / 3.6e6, soil.deficit, 0.0]
    return tuple(names), np.array(rows), np.tile(one, (len(rows), 1))


def storm_case(
    covers: SiteCovers,
    rules: SpongeRules,
    storms: StormRules,
    formula: IntensityFormula,
    return_period_a: float,
) -> RunoffCase:
    """A Chicago storm on the site, and six hours to drain."""
    names, catchments, soil = site_catchments(covers, rules, storms)
    minutes = storms.duration_min
    rain = chicago_storm(formula, return_period_a, minutes, storms.peak_position, storms.step_min)
    dry = np.zeros(DRAINING_H * 60 // storms.step_min)
    fallen = np.concatenate([rain, dry])
    return RunoffCase(
        names, catchments, GREEN_AMPT, soil, fallen, 60 * storms.step_min, STORM_START, evaporation_mm_day=0.0
    )


def record_case(
    covers: SiteCovers, rules: SpongeRules, storms: StormRules, record: RainRecord, climate: Climate
) -> RunoffCase:
    """The rain record on the site, its gaps dry, with the climate's mean evaporation."""
    names, catchments, soil = site_catchments(covers, rules, storms)
    evaporation = float(monthly_reference_evapotranspiration_mm_day(climate).mean())
    rain = np.nan_to_num(record.depth_mm)
    return RunoffCase(
        names, catchments, GREEN_AMPT, soil, rain, record.step_s, record.start, round(evaporation, 3),
        wet_step_s=min(300, record.step_s), dry_step_s=min(300, record.step_s),
    )  # fmt: skip
