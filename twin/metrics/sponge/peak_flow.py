"""Peak outflow of the design storm, as built and before the site was built on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import Provenance, Text, Traced
from twin.metrics.result import Assumption, Need, Quantity
from twin.metrics.sponge.drainage import STEP_S, SiteDrainage, lawn, storm_case
from twin.metrics.sponge.runoff_case import RunoffCase, run_case
from twin.metrics.sponge.storm import IntensityFormula, StormRules

Floats = NDArray[np.float64]

LEAST_FLOW_L_S = 1e-6  # less is what rounding leaves


def peak_flows(
    site: SiteDrainage, city: str, formula: IntensityFormula | None, storms: StormRules
) -> tuple[dict[str, Quantity], dict[str, Floats], tuple[Assumption, ...]]:
    """Peak outflow before and after, L/s, for the city's design storm, and a table of return periods.

    The series are the table (``storm_*``, one value per return period) and the outflow of each minute of the
    design storm (``hydrograph_*``).

    Before: the whole site as green without storage (GB/T 51345-2018 asks that the peak after does not exceed
    the natural one).
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
        need = Need(
            Text(f"The storm intensity formula of {city}.", f"缺少{city}暴雨强度公式。"),
            Text(
                "Give the local formula in [site.storm_formula] of twin.toml (coefficient, c, b, n), or set "
                "project.city to a city of the built-in table.",
                "请在 twin.toml 的 [site.storm_formula] 中填写当地公式（coefficient、c、b、n），或将 "
                "project.city 设为内置暴雨强度公式表中的城市。",
            ),
        )
        return (
            {key: Quantity(None, "L/s", label, law, storms.source, (need,)) for key, label in words},
            {},
            (),
        )
    design = _storm(site, formula, storms, storms.return_period_a)
    source = (
        f"Chicago storm P = {storms.return_period_a:g} a, {storms.duration_min} min, "
        f"{design.rain_mm:.1f} mm; "
        f"{storms.source}, {city}"
    )
    peaks = (design.before_l_s.max(), design.after_l_s.max())
    quantities = {
        key: Quantity(float(peak), "L/s", label, law, source)
        for (key, label), peak in zip(words, peaks, strict=True)
    }
    every = [_storm(site, formula, storms, years) for years in storms.table_return_periods_a]
    before, after = (
        np.array([flow.max() for flow in flows])
        for flows in ([one.before_l_s for one in every], [one.after_l_s for one in every])
    )
    series = {
        "storm_return_period_a": np.array(storms.table_return_periods_a),
        "storm_rain_mm": np.array([one.rain_mm for one in every]),
        "storm_peak_before_l_s": before,
        "storm_peak_l_s": after,
        "storm_attenuation_pct": 100.0 * (1.0 - after / np.maximum(before, 1e-9)),
        "storm_runoff_m3": np.array([one.after_l_s.sum() * STEP_S / 1e3 for one in every]),
        "hydrograph_before_l_s": design.before_l_s,
        "hydrograph_l_s": design.after_l_s,
    }
    return quantities, series, _assumptions(storms)


@dataclass(frozen=True)
class _Storm:
    """Rain of a storm and the outflow of each minute from its beginning, (n,), before and after building."""

    rain_mm: float
    before_l_s: Floats
    after_l_s: Floats


def _storm(
    site: SiteDrainage, formula: IntensityFormula, storms: StormRules, return_period_a: float
) -> _Storm:
    case = storm_case(site, storms, formula, return_period_a)
    before, after = (
        _outflow(one, storm_case(one, storms, formula, return_period_a))
        for one in (lawn(site.area_m2, site.layers, storms), site)
    )
    return _Storm(float(case.rain_mm.sum()), before, after)


def _outflow(site: SiteDrainage, case: RunoffCase) -> Floats:
    """What leaves the site in each minute, L/s."""
    flow = 1e3 * run_case(case, keep_flow=True).flow_m3_s[site.outlet < 0].sum(axis=0)
    return np.where(flow > LEAST_FLOW_L_S, flow, 0.0)


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
