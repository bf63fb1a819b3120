"""Runoff of subcatchments beside EPA SWMM 5 (``swmm-toolkit``) on the same input file.

``error`` is the largest relative difference of any subcatchment's runoff, once booked as SWMM does and once
conserving water. SWMM's time is that of its run, without the start of its process; it computes runoff on one
thread, ours on all.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.row import Row
from benchmarks.runoff_cases import storm_case, with_units, years_case
from benchmarks.runoff_networks import tree
from ifc import read
from twin.climate import typical_year
from twin.kernels import lid
from twin.kernels.infiltration import GREEN_AMPT, HORTON
from twin.kernels.overland import overland_flow
from twin.metrics.sponge import compute
from twin.metrics.sponge.covers import site_covers
from twin.metrics.sponge.design import mixes
from twin.metrics.sponge.drainage import site_drainage
from twin.metrics.sponge.pipe_network import route
from twin.metrics.sponge.rules import sponge_rules
from twin.metrics.sponge.runoff_case import RunoffCase, run_case
from twin.metrics.sponge.storm import storm_rules
from twin.metrics.sponge.water_use import water_use
from twin.project import read_project

Floats = NDArray[np.float64]

SUBCATCHMENTS, YEARS = 1000, 10
ROUTING_STEP_S = 60
SIDE = 1000  # cells of the overland grid
PILOT = Path(__file__).parents[1] / "sample_models" / "community_site.ifc"


def run() -> list[Row]:
    """A storm and ten years with Horton, a year with Green and Ampt; ours alone over catchments and years."""
    run_case(storm_case(HORTON))  # compile
    rows = [
        *_beside(f"{SUBCATCHMENTS} x 24-h storm, Horton", storm_case(HORTON, SUBCATCHMENTS)),
        *_beside(f"{SUBCATCHMENTS} x 1 year, Green-Ampt", years_case(GREEN_AMPT, SUBCATCHMENTS, 1)),
        *_beside(f"{SUBCATCHMENTS} x {YEARS} years, Horton", years_case(HORTON, SUBCATCHMENTS, YEARS)),
    ]
    rows += _beside("200 x 1 year, four LID kinds", _with_facilities(200))
    rows += [_piped(200), _mixes(), *_overland(), _report()]
    for count, years in ((250, 1), (1000, 1), (4000, 1), (1000, 4)):
        seconds = _seconds(years_case(HORTON, count, years), as_swmm=False)
        rate = count * years / seconds
        rows.append(Row("runoff", f"{count} x {years} a: {rate:,.0f} subcatchment-years/s", seconds))
    return rows


def _with_facilities(count: int) -> RunoffCase:
    kinds = [lid.BIORETENTION, lid.PERMEABLE_PAVEMENT, lid.GREEN_ROOF, lid.RAIN_BARREL]
    return with_units(years_case(HORTON, count), kinds)


def _piped(count: int) -> Row:
    """A year with four LID kinds and a sewer tree to one outfall, whose volume ``error`` is about."""
    case, network, interval_s = _with_facilities(count), tree(count), 3600.0

    def ours() -> float:
        flow = run_case(case, keep_flow=True).flow_m3_s
        inflow = np.vstack([flow, np.zeros((1, flow.shape[1]))])  # nothing enters at the outfall
        return float(route(network, inflow, interval_s, ROUTING_STEP_S).outflow_m3[0])

    ours()  # compile
    begin = time.perf_counter()
    volume_m3 = ours()
    seconds = time.perf_counter() - begin
    label = f"{count} x 1 year, four LID kinds, kinematic wave in {count} pipes, conserving"
    if find_spec("swmm") is None:
        return Row("runoff", label, seconds, "SWMM: peer not installed (swmm-toolkit)")
    from twin.verify.swmm import run_swmm
    from twin.verify.swmm_file import Sewer, write_swmm

    sewer = Sewer(network, network.nodes[:count], ROUTING_STEP_S)
    with tempfile.TemporaryDirectory() as folder:
        theirs = run_swmm(write_swmm(case, Path(folder) / "case.inp", series=False, sewer=sewer))
    error = 100.0 * abs(volume_m3 / 1e3 / theirs.outfalls["OUT"][0] - 1.0)
    ratio = theirs.seconds / seconds
    return Row("runoff", label, seconds, f"SWMM {theirs.version}", theirs.seconds, ratio, error, "%")


def _mixes() -> Row:
    """10,000 mixes of facilities on the pilot site over a year."""
    model, project, climate = read(PILOT), read_project(PILOT.with_suffix(".toml")), typical_year("Nanchang")
    rules, storms = sponge_rules(), storm_rules()
    covers = site_covers(model, project, rules)
    site = site_drainage(model, project, covers, rules, storms)
    assert climate.rain is not None
    use = water_use(model, project, covers, climate.rain, rules)

    def try_all(steps: tuple[int, int, int, int]) -> None:
        mixes(site, covers, project, use, climate.rain, climate, rules, storms, steps)

    try_all((2, 2, 2, 2))  # compile
    begin = time.perf_counter()
    try_all((10, 10, 10, 10))
    return Row("runoff", "10,000 mixes of facilities, pilot site, 1 year", time.perf_counter() - begin)


def _overland() -> list[Row]:
    """A grid of a million cells that all flow, then one with all water in a pit of a hundredth of them."""
    ground = 0.2 * np.random.default_rng(0).random((SIDE, SIDE))
    middle = slice(9 * SIDE // 20, 11 * SIDE // 20)
    pit = np.ones((SIDE, SIDE), np.bool_)
    pit[middle, middle] = False
    rows = []
    for words, wet in (("all wet", np.ones_like(pit)), ("a hundredth wet", ~pit)):
        state = [np.where(wet, 0.5, 0.0), np.zeros((SIDE, SIDE + 1)), np.zeros((SIDE + 1, SIDE))]
        _flow(ground + ~wet * 2.0, state, 1.0)  # compile, and find the dry cells
        begin = time.perf_counter()
        steps = _flow(ground + ~wet * 2.0, state, 10.0 if wet.all() else 300.0)
        seconds = time.perf_counter() - begin
        rate = steps * np.count_nonzero(wet) / seconds / 1e6
        label = f"overland, {SIDE} x {SIDE} cells, {words}: {rate:.0f} M wet cell-steps/s"
        rows.append(Row("runoff", f"{label}, {1e3 * seconds / steps:.2f} ms a step", seconds))
    return rows


def _flow(ground: Floats, state: list[Floats], seconds: float) -> int:
    """Steps of a run without rain, sinks and outlets."""
    zeros, outlet, largest = (
        np.zeros_like(ground),
        np.zeros(ground.shape, np.uint8),
        np.zeros((3, *ground.shape)),
    )
    steps = overland_flow(
        ground, np.full_like(ground, 0.03), *state, np.zeros(0), 60.0, zeros, zeros,
        outlet, 0.01, 1.0, 0.0, seconds, 5.0, largest, np.zeros(3),
    )  # fmt: skip
    return int(steps)


def _report() -> Row:
    """All that the report of the pilot site says of its water, from ten years of hours; model read before."""
    model, project, climate = read(PILOT), read_project(PILOT.with_suffix(".toml")), typical_year("Nanchang")
    assert climate.rain is not None
    hours = 10 * 8766
    climate = replace(climate, rain=replace(climate.rain, depth_mm=climate.rain.depth_mm[:hours]))
    compute(model, climate, project)  # compile
    begin = time.perf_counter()
    compute(model, climate, project)
    return Row("runoff", "report of the pilot site, 10 years", time.perf_counter() - begin)


def _seconds(case: RunoffCase, *, as_swmm: bool) -> float:
    begin = time.perf_counter()
    run_case(case, as_swmm=as_swmm)
    return time.perf_counter() - begin


def _beside(label: str, case: RunoffCase) -> list[Row]:
    if find_spec("swmm") is None:
        seconds = _seconds(case, as_swmm=False)
        return [Row("runoff", label, seconds, "SWMM: peer not installed (swmm-toolkit)")]
    from twin.verify.swmm import run_swmm
    from twin.verify.swmm_file import write_swmm

    with tempfile.TemporaryDirectory() as folder:
        theirs = run_swmm(write_swmm(case, Path(folder) / "case.inp", series=False))
    rows = []
    for as_swmm, how in ((False, "conserving"), (True, "booked as SWMM")):
        seconds = _seconds(case, as_swmm=as_swmm)
        ours = run_case(case, as_swmm=as_swmm).runoff_mm
        error = 100.0 * float(np.abs(ours / theirs.runoff_mm - 1.0).max())
        peer = f"SWMM {theirs.version}"
        rows.append(
            Row(
                "runoff",
                f"{label}, {how}",
                seconds,
                peer,
                theirs.seconds,
                theirs.seconds / seconds,
                error,
                "%",
            )
        )
    return rows
