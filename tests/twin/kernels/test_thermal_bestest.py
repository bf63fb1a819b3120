"""BESTEST: the building-fabric cases of ASHRAE 140 inside the published ranges."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.twin.kernels import bestest

pytestmark = pytest.mark.shared

STEPS_PER_HOUR = 4
COLUMN = {"classic": "classic", "2020": "e2020"}

# What lies outside, by how much, and why.
#  - 930 heating, 650FF and 950FF minima, classic: 1.7 %, 0.2 K and 0.2 K below; EnergyPlus 25.2 scores 58 of 67
#    here, this kernel 64.
OUTSIDE = {
    ("classic", "930", "annual_heating_MWh"),
    ("classic", "650FF", "min_temp_C"),
    ("classic", "950FF", "min_temp_C"),
}


@cache
def site(folder: Path, edition: str) -> bestest.Site:
    return bestest.read_site(folder / "weather" / bestest.EDITIONS[edition])


@cache
def ranges(folder: Path) -> dict[str, Any]:
    return yaml.load((folder / "reference" / "bestest.yaml").read_text("utf-8"), yaml.CSafeLoader)["cases"]


@pytest.mark.parametrize("case", bestest.CASES)
@pytest.mark.parametrize("edition", ["2020", pytest.param("classic", marks=pytest.mark.slow)])
def test_case_is_inside_the_published_range(edition: str, case: str, shared_data: Path) -> None:
    result, year = bestest.run(case, edition, site(shared_data, edition), STEPS_PER_HOUR)
    assert year.balance_error < 1e-6
    expected = ranges(shared_data)[case][COLUMN[edition]]
    accepted = ranges(shared_data)[case].get("accept2023b", {}) if edition == "2020" else {}
    for name, value in vars(result).items():
        if value is None or name not in expected:
            continue
        low, high = expected[name]["min"] - bestest.ROUNDING, expected[name]["max"] + bestest.ROUNDING
        outside = (edition, case, name) in OUTSIDE
        assert (low <= value <= high) != outside, (name, value, low, high)
        if outside:
            assert min(abs(value - low), abs(value - high)) <= 0.02 * abs(value), (name, value)
        if name in accepted:
            assert accepted[name]["min"] <= value <= accepted[name]["max"], (name, value)
