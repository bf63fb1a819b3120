"""The building-fabric cases of ASHRAE 140 (BESTEST) beside the published ranges, at 4 steps per hour.

One row per result; ``error`` is how far it lies outside the range of the published programs (0 inside). Then
annual loads and peaks of the conditioned cases beside EnergyPlus 25.2 (:mod:`bestest_energyplus`),
``error`` in percent of it. Needs the shared weather files and ranges; the latter, the extra ``verify``.
"""

from __future__ import annotations

import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import yaml

from benchmarks.cases import shared_data
from benchmarks.row import Row

STEPS_PER_HOUR = 4
PEER = "EnergyPlus 25.2"
COLUMN = {"classic": "classic", "2020": "e2020"}


def run() -> list[Row]:
    """All cases of both editions, one row per edition with the number of results in range; EnergyPlus."""
    from tests.twin.kernels import bestest

    shared = shared_data()
    if shared is None:
        return []
    published = yaml.load((shared / "reference" / "bestest.yaml").read_text("utf-8"), yaml.CSafeLoader)
    rows = []
    for edition, weather in bestest.EDITIONS.items():
        site = bestest.read_site(shared / "weather" / weather)
        inside = total = 0
        seconds = 0.0
        own: dict[str, dict[str, float | None]] = {}
        for case in bestest.CASES:
            begin = time.perf_counter()
            result, _ = bestest.run(case, edition, site, STEPS_PER_HOUR)
            elapsed = time.perf_counter() - begin
            seconds += elapsed
            own[case] = vars(result)
            for name, value in vars(result).items():
                limits = published["cases"][case][COLUMN[edition]].get(name)
                if value is None or limits is None:
                    continue
                low, high = limits["min"], limits["max"]
                outside = max(low - value, value - high, 0.0)
                inside += outside < bestest.ROUNDING
                total += 1
                label = f"{edition} {case} {name.rsplit('_', 1)[0]} {value:.3f} in {low:g} … {high:g}"
                rows.append(
                    Row("bestest", label, elapsed, "published", error=outside, unit=name.rsplit("_", 1)[1])
                )
        rows.append(Row("bestest", f"{edition}: {inside} of {total} in range", seconds, "published"))
        rows += _beside_energyplus(edition, shared / "weather" / weather, own, seconds)
    return rows


def _beside_energyplus(
    edition: str, epw: Path, own: dict[str, dict[str, float | None]], seconds: float
) -> list[Row]:
    """One row per load that is not nothing, and the mean and the largest difference of the edition."""
    if find_spec("pyenergyplus") is None:
        return [Row("bestest", f"{edition} beside EnergyPlus", seconds, "EnergyPlus: peer not installed")]
    from benchmarks import bestest_energyplus

    rows = []
    differences: dict[str, list[float]] = {"annual": [], "peak": []}
    for case in bestest_energyplus.CASES:
        begin = time.perf_counter()
        theirs = bestest_energyplus.run(case, edition, epw)
        elapsed = time.perf_counter() - begin
        for name, value in theirs.items():
            ours = own[case][name]
            if ours is None or value <= 0:
                continue
            difference = 100 * (ours / value - 1)
            differences[name.split("_")[0]].append(abs(difference))
            label = f"{edition} {case} {name.rsplit('_', 1)[0]} {ours:.3f} beside {value:.3f}"
            rows.append(Row("bestest", label, seconds, PEER, elapsed, error=difference, unit="%"))
    for kind, found in differences.items():
        label = f"{edition} {kind} loads: mean {np.mean(found):.1f} %, largest {max(found):.1f} %"
        rows.append(Row("bestest", label, seconds, PEER, error=float(np.mean(found)), unit="%"))
    return rows
