"""The building-fabric cases of ASHRAE 140 (BESTEST) beside the published ranges, at 4 steps per hour.

One row per result; ``error`` is how far it lies outside the range of the published programs (0 inside). Needs
the shared weather files and ranges.
"""

from __future__ import annotations

import time

import yaml

from benchmarks.cases import shared_data
from benchmarks.row import Row

STEPS_PER_HOUR = 4
COLUMN = {"classic": "classic", "2020": "e2020"}


def run() -> list[Row]:
    """All cases of both editions, and one row per edition with the number of results in range."""
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
        for case in bestest.CASES:
            begin = time.perf_counter()
            result, _ = bestest.run(case, edition, site, STEPS_PER_HOUR)
            elapsed = time.perf_counter() - begin
            seconds += elapsed
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
    return rows
