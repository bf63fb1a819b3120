"""Peak outflow of the design storm, as built and before the site was built on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ifc.model import Provenance, Text, Traced
from twin.metrics.result import Assumption, Need, Quantity
from twin.metrics.sponge.drainage import STEP_S, SiteDrainage, lawn, storm_case
from twin.metrics.sponge.runoff_case import run_case
from twin.metrics.sponge.storm import IntensityFormula, StormRules

Floats = NDArray[np.float64]

LEAST_FLOW_L_S = 1e-6  # less is what rounding leaves


def storm_outflows(site: SiteDrainage, formula: IntensityFormula, storms: StormRules) -> dict[float, Floats]:
    """What leaves a site in each minute of its storms, L/s (n,), by return period in years.

    The storms are the design storm and those of the table of return periods.
    """
    found = {}
    for years in sorted({*storms.table_return_periods_a, storms.return_period_a}):
        case = storm_case(site, storms, formula, years)
        flow = 1e3 * run_case(case, keep_flow=True).flow_m3_s[site.outlet < 0].sum(axis=0)
        found[years] = np.where(flow > LEAST_FLOW_L_S, flow, 0.0)
    return found


def peak_flows(
    site: SiteDrainage,
    city: str,
    formula: IntensityFormula | None,
    storms: StormRules,
    after: Mapping[float, Floats],
) -> tuple[dict[str, Quantity], dict[str, Floats], tuple[Assumption, ...]]:
    """Peak outflow before and after, L/s, for the city's design storm, and a table of return periods.

    The series are the table (``storm_*``, one value per return period) and the outflow of each minute of the
    design storm (``hydrograph_*``).

    Before: the whole site as green without storage (GB/T 51345-2018 asks that the peak after does not exceed
    the natural one). ``after``: the :func:`storm_outflows` of the site as built.
    """
    words = (
        (
            "peak_flow_before_l_s",
            Text("Peak outflow before building", "开发前（按绿地计）外排峰值流量"),
        ),
        ("peak_flow_l_s", Text("Peak outflow of the design storm", "设计暴雨外排峰值流量")),
    )
    law = "dx/dt = i - (√S / (n L)) x^(5/3), Q = Σ A_i (√S / (n L)) x_i^(5/3)"
    if formula is None:
        need = no_formula(city)
        return (
            {key: Quantity(None, "L/s", label, law, storms.source, (need,)) for key, label in words},
            {},
            (),
        )
    before = storm_outflows(lawn(site.area_m2, site.layers, storms), formula, storms)
    years, design = storms.table_return_periods_a, storms.return_period_a
    rain_mm = {
        each: float(storm_case(site, storms, formula, each).rain_mm.sum()) for each in (*years, design)
    }
    source = (
        f"Chicago storm P = {design:g} a, {storms.duration_min} min, "
        f"{rain_mm[design]:.1f} mm; "
        f"{storms.source}, {city}"
    )
    peaks = (before[design].max(), after[design].max())
    quantities = {
        key: Quantity(float(peak), "L/s", label, law, source)
        for (key, label), peak in zip(words, peaks, strict=True)
    }
    peaks_before, peaks_after = (np.array([flows[each].max() for each in years]) for flows in (before, after))
    series = {
        "storm_return_period_a": np.array(years),
        "storm_rain_mm": np.array([rain_mm[each] for each in years]),
        "storm_peak_before_l_s": peaks_before,
        "storm_peak_l_s": peaks_after,
        "storm_attenuation_pct": 100.0 * (1.0 - peaks_after / np.maximum(peaks_before, 1e-9)),
        "storm_runoff_m3": np.array([after[each].sum() * STEP_S / 1e3 for each in years]),
        "hydrograph_before_l_s": before[design],
        "hydrograph_l_s": after[design],
    }
    return quantities, series, _assumptions(storms)


def no_formula(city: str) -> Need:
    """What to supply where the storms of a city are not known."""
    return Need(
        Text(f"The storm intensity formula of {city}.", f"缺少{city}暴雨强度公式。"),
        Text(
            "Give the local formula in [site.storm_formula] of twin.toml (coefficient, c, b, n), or set "
            "project.city to a city of the built-in table.",
            "请在 twin.toml 的 [site.storm_formula] 中填写当地公式（coefficient、c、b、n），或将 "
            "project.city 设为内置暴雨强度公式表中的城市。",
        ),
    )


def _assumptions(storms: StormRules) -> tuple[Assumption, ...]:
    return (
        Assumption(
            Text("Return period of the design storm", "设计暴雨重现期"),
            Traced(
                storms.return_period_a,
                "a",
                Provenance.DEFAULT,
                storms.return_period_source,
                storms.confidence,
            ),
        ),
        Assumption(
            Text("Length of the overland flow", "坡面汇流长度"),
            Traced(
                storms.sealed.flow_length_m,
                "m",
                Provenance.DEFAULT,
                storms.overland_source,
                storms.overland_confidence,
            ),
        ),
    )
