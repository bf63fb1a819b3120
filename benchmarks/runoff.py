"""Runoff of subcatchments beside EPA SWMM 5 (``swmm-toolkit``) on the same input file.

``error`` is the largest relative difference of any subcatchment's runoff, once booked as SWMM does and once
conserving water. SWMM's time is that of its run, without the start of its process; it computes runoff on one
thread, ours on all.
"""

from __future__ import annotations

import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from benchmarks.row import Row
from benchmarks.runoff_cases import storm_case, with_units, years_case
from benchmarks.runoff_networks import tree
from ifc import read
from twin.climate import typical_year
from twin.kernels import lid
from twin.kernels.infiltration import GREEN_AMPT, HORTON
from twin.kernels.overland import overland_flow
from twin.metrics.sponge.covers import site_covers
from twin.metrics.sponge.design import mixes
from twin.metrics.sponge.drainage import site_drainage
from twin.metrics.sponge.pipe_network import route
from twin.metrics.sponge.rules import sponge_rules
from twin.metrics.sponge.runoff_case import RunoffCase, run_case
from twin.metrics.sponge.storm import storm_rules
from twin.metrics.sponge.water_use import water_use
from twin.project import read_project

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
    rows += [_piped(200), _mixes(), _overland()]
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


def _overland() -> Row:
    """A wet grid of a million cells, all of which flow."""
    random = np.random.default_rng(0)
    ground = 0.2 * random.random((SIDE, SIDE))
    state = [np.full((SIDE, SIDE), 0.5), np.zeros((SIDE, SIDE + 1)), np.zeros((SIDE + 1, SIDE))]
    largest, totals, zeros = np.zeros((2, SIDE, SIDE)), np.zeros(3), np.zeros((SIDE, SIDE))

    def flow(seconds: float) -> int:
        steps = overland_flow(
            ground, np.full((SIDE, SIDE), 0.03), *state, np.zeros(0), 60.0, zeros, zeros,
            np.zeros((SIDE, SIDE), np.uint8), 0.01, 1.0, 0.0, seconds, 5.0, largest, totals,
        )  # fmt: skip
        return int(steps)

    flow(1.0)  # compile
    begin = time.perf_counter()
    steps = flow(10.0)
    seconds = time.perf_counter() - begin
    rate = steps * SIDE**2 / seconds / 1e6
    return Row("runoff", f"overland, {SIDE} x {SIDE} cells all wet: {rate:.0f} M cell-steps/s", seconds)


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
