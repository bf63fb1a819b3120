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
from benchmarks.runoff_cases import storm_case, years_case
from twin.kernels.infiltration import GREEN_AMPT, HORTON
from twin.metrics.sponge.runoff_case import RunoffCase, run_case

SUBCATCHMENTS, YEARS = 1000, 10


def run() -> list[Row]:
    """A storm and ten years with Horton, a year with Green and Ampt; ours alone over catchments and years."""
    run_case(storm_case(HORTON))  # compile
    rows = [
        *_beside(f"{SUBCATCHMENTS} x 24-h storm, Horton", storm_case(HORTON, SUBCATCHMENTS)),
        *_beside(f"{SUBCATCHMENTS} x 1 year, Green-Ampt", years_case(GREEN_AMPT, SUBCATCHMENTS, 1)),
        *_beside(f"{SUBCATCHMENTS} x {YEARS} years, Horton", years_case(HORTON, SUBCATCHMENTS, YEARS)),
    ]
    for count, years in ((250, 1), (1000, 1), (4000, 1), (1000, 4)):
        seconds = _seconds(years_case(HORTON, count, years), as_swmm=False)
        rate = count * years / seconds
        rows.append(Row("runoff", f"{count} x {years} a: {rate:,.0f} subcatchment-years/s", seconds))
    return rows


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
