"""The storm sewers that twin.toml states, in the design storms: outfall, fullness, what they do not take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import Diagnostic, Provenance, Severity, Text, Traced
from twin.kernels.pipe_sections import CIRCULAR, RECTANGULAR_CLOSED, section_geometry
from twin.kernels.pipes import FLOODING_S, OFFERED_M3_S, PASSED_M3_S
from twin.metrics.result import Assumption, Need, Quantity, Table
from twin.metrics.sponge.drainage import STEP_S, SiteDrainage
from twin.metrics.sponge.peak_flow import LEAST_FLOW_L_S, no_formula
from twin.metrics.sponge.pipe_network import Conduit, PipeNetwork, RoutingResult, route
from twin.metrics.sponge.rules import PipeRules
from twin.metrics.sponge.storm import StormRules
from twin.project import Project

Floats = NDArray[np.float64]

METHOD = "EPA/600/R-17/111 (EPA SWMM 5 reference manual volume II), chapter 4"
LAW = "∂A/∂t + ∂Q/∂x = 0, Q = √S / n A R^(2/3)"
DEPTHS = 2001  # of a table of normal flow
FULL = 1.0 + 1e-9


@dataclass(frozen=True)
class PipesResult:
    """What the metric tells of the sewers."""

    summary: dict[str, Quantity]
    series: dict[str, Floats]
    tables: dict[str, Table]
    assumptions: tuple[Assumption, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def site_pipes(
    site: SiteDrainage,
    project: Project,
    city: str,
    outflows: Mapping[float, Floats],
    storms: StormRules,
    rules: PipeRules,
) -> PipesResult:
    """Design storms through the sewers of ``[[site.pipes]]``, by the kinematic wave.

    The outflow of the site, L/s by return period (:func:`storm_outflows`, empty where the storms of the
    ``city`` are not known), enters the manholes by the areas that drain to them; the rest of it, where these
    are less than the site, by-passes the pipes. Without pipes, without an intensity formula, or with areas
    beyond the site's, every quantity is None with its need.
    """
    pipes = project.site.pipes
    drained_m2 = sum(pipe.area_m2 for pipe in pipes)
    if not pipes:
        return _untold(_NO_PIPES, storms)
    if not outflows:
        return _untold(no_formula(city), storms)
    if drained_m2 > site.area_m2 * (1.0 + rules.area_beyond):
        return _untold(_too_much(drained_m2, site.area_m2), storms)
    network = _network(project, rules)
    share = _shares(network, project, max(site.area_m2, drained_m2))
    runs = {
        years: route(network, share[:, None] * (flow_l_s / 1e3), STEP_S, rules.step_s)
        for years, flow_l_s in outflows.items()
    }
    design = runs[storms.return_period_a]
    every = [runs[years] for years in storms.table_return_periods_a]
    fullness = np.array([_fullness(network, run) for run in every])
    at_design = _fullness(network, design)
    flow_l_s = 1e3 * design.flow_m3_s.sum(axis=0)
    values = {
        "pipe_outfall_peak_l_s": float(flow_l_s.max()),
        "pipe_surcharged_count": float((at_design >= 100.0).sum()),
        "pipe_flooded_m3": float(design.flooded_m3.sum()),
    }
    series = {
        "hydrograph_pipes_l_s": np.where(flow_l_s > LEAST_FLOW_L_S, flow_l_s, 0.0),
        "storm_pipe_peak_l_s": np.array([1e3 * run.flow_m3_s.sum(axis=0).max() for run in every]),
        "storm_pipe_surcharged_count": (fullness >= 100.0).sum(axis=1).astype(float),
        "storm_pipe_flooded_m3": np.array([run.flooded_m3.sum() for run in every]),
    }
    return PipesResult(
        {key: _quantity(key, value, storms) for key, value in values.items()},
        series,
        {"pipes": _table(network, project, design, at_design, fullness, storms)},
        _assumptions(project, rules, drained_m2 / site.area_m2),
        _surcharged(network, at_design, storms),
    )


def _network(project: Project, rules: PipeRules) -> PipeNetwork:
    conduits: list[Conduit] = []
    nodes: dict[str, None] = {}
    for pipe in project.site.pipes:
        nodes[pipe.upper] = nodes[pipe.lower] = None
        if pipe.diameter_m is not None:
            shape, sizes = CIRCULAR, (pipe.diameter_m, 0.0, 0.0)
        else:
            assert pipe.height_m is not None
            assert pipe.width_m is not None
            shape, sizes = RECTANGULAR_CLOSED, (pipe.height_m, pipe.width_m, 0.0)
        fall_m = (
            pipe.length_m * pipe.slope / float(np.hypot(1.0, pipe.slope))
        )  # slope: over horizontal length
        conduits.append(
            Conduit(
                pipe.name, pipe.upper, pipe.lower, pipe.length_m, pipe.manning_n or rules.manning_n, fall_m,
                shape, sizes,
            )
        )  # fmt: skip
    return PipeNetwork(tuple(nodes), tuple(conduits))


def _shares(network: PipeNetwork, project: Project, area_m2: float) -> Floats:
    """Share of the site's outflow that enters each node, (N,)."""
    place = {name: row for row, name in enumerate(network.nodes)}
    share = np.zeros(len(network.nodes))
    for pipe in project.site.pipes:
        share[place[pipe.upper]] += pipe.area_m2 / area_m2
    return share


def _fullness(network: PipeNetwork, run: RoutingResult) -> Floats:
    """Largest depth of each pipe, normal to its largest flow, % of the full one; 100 where surcharged."""
    found = []
    for pipe, record, full in zip(network.conduits, run.record, run.full_flow_m3_s, strict=True):
        flow = max(record[OFFERED_M3_S], record[PASSED_M3_S])
        depth = np.linspace(0.0, 1.0, DEPTHS)
        area, wetted = section_geometry(pipe.shape, depth * pipe.sizes[0], np.array(pipe.sizes))
        factor = area * (area / np.maximum(wetted, 1e-300)) ** (2.0 / 3.0)
        rising = np.maximum.accumulate(factor / factor[-1])
        surcharged = record[FLOODING_S] > 0.0 or record[OFFERED_M3_S] > full * FULL
        found.append(100.0 if surcharged else 100.0 * float(np.interp(flow / full, rising, depth)))
    return np.array(found)


def _table(
    network: PipeNetwork, project: Project, design: RoutingResult, at_design: Floats, every: Floats,
    storms: StormRules,
) -> Table:  # fmt: skip
    """One row per pipe in the design storm; the least return period that surcharges it, NaN for none."""
    pipes, conduits = project.site.pipes, network.conduits
    years = np.array(storms.table_return_periods_a)
    surcharging = [float(years[full].min()) if full.any() else np.nan for full in (every >= 100.0).T]
    offered = design.record[:, [OFFERED_M3_S, PASSED_M3_S]].max(axis=1)
    full_area = [
        float(section_geometry(one.shape, np.array(one.sizes[0]), np.array(one.sizes))[0]) for one in conduits
    ]
    columns = {
        "global_id": np.full(len(pipes), "", object),
        "name": np.array([pipe.name for pipe in pipes], object),
        "from_node": np.array([pipe.upper for pipe in pipes], object),
        "to_node": np.array([pipe.lower for pipe in pipes], object),
        "section_mm": np.array([_section(one) for one in conduits], object),
        "full_flow_l_s": 1e3 * design.full_flow_m3_s,
        "peak_flow_l_s": 1e3 * offered,
        "fullness_pct": at_design,
        "surcharged_min": design.record[:, FLOODING_S] / 60.0,
        "surcharged_from_a": np.array(surcharging),
        "length_m": np.array([pipe.length_m for pipe in pipes]),
        "slope_permille": np.array([1e3 * pipe.slope for pipe in pipes]),
        "manning_n": np.array([one.manning_n for one in conduits]),
        "manning_n_from": np.array([_origin(pipe.manning_n).value for pipe in pipes], object),
        "drained_area_m2": np.array([pipe.area_m2 for pipe in pipes]),
        "full_speed_m_s": design.full_flow_m3_s / np.array(full_area),
    }  # fmt: skip
    units = {
        "length_m": "m", "slope_permille": "‰", "drained_area_m2": "m²", "full_flow_l_s": "L/s",
        "full_speed_m_s": "m/s", "peak_flow_l_s": "L/s", "fullness_pct": "%", "surcharged_min": "min",
        "surcharged_from_a": "a",
    }  # fmt: skip
    label = Text(
        f"Storm sewers, P = {storms.return_period_a:g} a",
        f"雨水管道（重现期 P = {storms.return_period_a:g} 年）",
    )
    return Table(label, columns, units)


def _origin(stated: float | None) -> Provenance:
    return Provenance.DEFAULT if stated is None else Provenance.DECLARED


def _section(pipe: Conduit) -> str:
    height, width = 1e3 * pipe.sizes[0], 1e3 * pipe.sizes[1]
    return f"DN{height:.0f}" if pipe.shape == CIRCULAR else f"{width:.0f}×{height:.0f}"


_LABELS = {
    "pipe_outfall_peak_l_s": ("L/s", Text("Peak at the outfall of the storm sewers", "雨水管道出口峰值流量")),
    "pipe_surcharged_count": ("", Text("Storm sewers that are surcharged", "超负荷雨水管段数")),
    "pipe_flooded_m3": ("m³", Text("What the storm sewers do not take", "雨水管道未能接纳的水量")),
}


def _quantity(key: str, value: float | None, storms: StormRules, needs: tuple[Need, ...] = ()) -> Quantity:
    unit, label = _LABELS[key]
    source = f"Chicago storm P = {storms.return_period_a:g} a, {storms.duration_min} min; {METHOD}"
    return Quantity(value, unit, label, LAW, source, needs)


def _untold(need: Need, storms: StormRules) -> PipesResult:
    return PipesResult({key: _quantity(key, None, storms, (need,)) for key in _LABELS}, {}, {})


_NO_PIPES = Need(
    Text("The storm sewers of the site: no pipes are stated.", "未提供场地雨水管道资料。"),
    Text(
        "List the pipes with their manholes, lengths, slopes, sizes and drained areas in [[site.pipes]] of "
        "twin.toml.",
        "请在 twin.toml 的 [[site.pipes]] 中逐段填写雨水管道的起止检查井、长度、坡度、断面尺寸与汇水面积。",
    ),
)


def _too_much(drained_m2: float, area_m2: float) -> Need:
    return Need(
        Text(
            f"Which area drains to which pipe: those of [[site.pipes]] add up to {drained_m2:,.0f} m², "
            f"those of the site's covers to {area_m2:,.0f} m².",
            f"各管段汇水面积：[[site.pipes]] 合计 {drained_m2:,.0f} m²，而场地下垫面合计 {area_m2:,.0f} m²。",
        ),
        Text(
            "State in area_m2 of each pipe what drains to its upper manhole, without the pipes above.",
            "area_m2 应填写本管段起点检查井的汇水面积，不含上游转输面积。",
        ),
    )


def _assumptions(project: Project, rules: PipeRules, drained: float) -> tuple[Assumption, ...]:
    found = [
        Assumption(
            Text(
                "Runoff of the site that enters its storm sewers, by drained area",
                "按汇水面积比例进入雨水管道的场地外排径流",
            ),
            Traced(round(100.0 * min(drained, 1.0), 1), "%", Provenance.DECLARED, "site.pipes in twin.toml"),
        )
    ]
    if any(pipe.manning_n is None for pipe in project.site.pipes):
        found.append(
            Assumption(
                Text("Manning's n of storm sewers", "雨水管道糙率"),
                Traced(rules.manning_n, "", Provenance.DEFAULT, rules.source, rules.confidence),
            )
        )
    return tuple(found)


def _surcharged(network: PipeNetwork, fullness: Floats, storms: StormRules) -> tuple[Diagnostic, ...]:
    """Says which pipes the design storm surcharges."""
    names = [pipe.name for pipe, full in zip(network.conduits, fullness, strict=True) if full >= 100.0]
    if not names:
        return ()
    shown = ", ".join(names[:10]) + (" …" if len(names) > 10 else "")
    return (
        Diagnostic(
            "storm-sewers-surcharged",
            Severity.WARNING,
            Text(
                f"The storm of {storms.return_period_a:g} years surcharges {len(names)} of "
                f"{len(network.conduits)} storm sewers: {shown}.",
                f"{storms.return_period_a:g} 年一遇暴雨下 {len(network.conduits)} 段雨水管道中有 "
                f"{len(names)} 段超负荷：{shown}。",
            ),
            Text(
                "Enlarge or steepen them, or hold back more of the rain above them.",
                "请加大管径或坡度，或增加上游调蓄。",
            ),
        ),
    )
