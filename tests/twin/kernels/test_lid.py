"""LID units: by hand, their balance, and beside EPA SWMM 5 in usual and in stress runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.runoff_cases import START, storm_case, unit, with_units, years_case
from twin.kernels import lid
from twin.kernels.infiltration import GREEN_AMPT, HORTON
from twin.kernels.subcatchment_parts import CATCHMENT_COLUMNS
from twin.metrics.sponge.runoff_case import RunoffCase, run_case
from twin.verify.swmm import run_swmm
from twin.verify.swmm_file import write_swmm

MM_H = 1 / 3.6e6
KINDS = [
    lid.BIORETENTION, lid.RAIN_GARDEN, lid.GREEN_ROOF, lid.INFILTRATION_TRENCH, lid.PERMEABLE_PAVEMENT,
    lid.RAIN_BARREL, lid.VEGETATIVE_SWALE,
]  # fmt: skip
PRINTED = 0.0101  # mm: SWMM prints two decimals


def roof_with(row: np.ndarray, rain_mm: list[float]) -> RunoffCase:
    """A sealed catchment of 100 m² without depression, nothing evaporates, one unit."""
    catchment = np.zeros((1, CATCHMENT_COLUMNS))
    catchment[0] = [100.0, 1.0, 50.0, 0.02, 0.01, 0.1, 0.0, 0.0, 1.0, 0.0, 0.0]
    soil = np.array([[60 * MM_H, 5 * MM_H, 1e-3, 6.5e-6, 0.0]])
    return RunoffCase(
        ("roof",), catchment, HORTON, soil, np.array(rain_mm), 3600, START, 0.0,
        units=row[None, :], unit_catchment=np.zeros(1, np.int64),
    )  # fmt: skip


def test_a_barrel_keeps_what_it_holds() -> None:
    # 10 m² of barrels, 1 m high, take the runoff of 90 m² and their own rain: 100 mm on 100 m² are 10 m³.
    barrel = unit(lid.RAIN_BARREL, 10.0, DRAIN_COEFFICIENT=0.0)
    barrel[lid.FROM_SEALED] = 1.0
    kept = run_case(roof_with(barrel, [50.0, 40.0, *[0.0] * 48]))
    assert kept.runoff_mm[0] == pytest.approx(0.0, abs=1e-9)
    assert kept.units_mm[0, lid.STORED] == pytest.approx(900.0, abs=1.0)
    spilled = run_case(roof_with(barrel, [100.0, 50.0, *[0.0] * 48]))
    assert spilled.runoff_mm[0] == pytest.approx(50.0, abs=0.1)
    assert spilled.units_mm[0, lid.STORED] == pytest.approx(1000.0)


def test_a_barrel_opens_when_it_has_been_dry_for_long_enough() -> None:
    barrel = unit(lid.RAIN_BARREL, 10.0, DRAIN_COEFFICIENT=5.0, DRAIN_DELAY_S=24 * 3600.0)
    barrel[lid.FROM_SEALED] = 1.0
    shut, opened = (
        run_case(roof_with(barrel, [20.0, *[0.0] * hours])).units_mm[0, lid.DRAINED] for hours in (24, 30)
    )
    assert shut == 0.0
    assert opened > 0.0


def test_a_pavement_on_tight_ground_fills_to_its_underdrain() -> None:
    # A drain 150 mm above the bottom leaves 150 mm of storage with 40 % voids that only seep away.
    row = unit(lid.PERMEABLE_PAVEMENT, 100.0, DRAIN_OFFSET_M=0.15, DRAIN_COEFFICIENT=50.0,
               STORAGE_SEEPAGE_M_S=0.0)  # fmt: skip
    result = run_case(roof_with(row, [80.0, *[0.0] * 72]))
    void = 0.67 / 1.67
    assert result.units_mm[0, lid.STORED] == pytest.approx(150.0 * void, abs=0.05)
    assert result.units_mm[0, lid.DRAINED] == pytest.approx(80.0 - 150.0 * void, abs=0.05)


@pytest.mark.parametrize("soil", [HORTON, GREEN_AMPT])
@pytest.mark.parametrize("times", [1.0, 6.0])
def test_water_is_conserved_in_every_kind(soil: int, times: float) -> None:
    case = with_units(years_case(soil, 2), KINDS, 0.03)
    rain = case.rain_mm[:2000] * times
    result = run_case(replace(case, rain_mm=rain), keep_flow=True)
    assert np.abs(result.imbalance).max() < 1e-10
    volume = result.flow_m3_s.sum(axis=1) * 3600 / case.catchments[:, 0]
    assert volume * 1000 == pytest.approx(result.runoff_mm)
    change = result.units_mm[:, lid.STORED] - result.units_mm[:, lid.STORED_START]
    leaving = result.units_mm[:, [lid.EVAPORATED, lid.EXFILTRATED, lid.OVERFLOW, lid.DRAINED]]
    assert leaving.sum(axis=1) + change == pytest.approx(result.units_mm[:, lid.INFLOW], abs=1e-8)
    assert leaving.min() > -1e-9


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("times", "seepage_mm_h"), [(1.0, 5.0), (6.0, 0.5)])
def test_a_unit_equals_that_of_swmm(tmp_path: Path, kind: int, times: float, seepage_mm_h: float) -> None:
    changed = {} if kind in (lid.RAIN_BARREL, lid.VEGETATIVE_SWALE, lid.GREEN_ROOF) else {
        "STORAGE_SEEPAGE_M_S": seepage_mm_h * MM_H
    }  # fmt: skip
    case = with_units(storm_case(HORTON, 2), [kind], **changed)
    case = replace(case, rain_mm=case.rain_mm * times)
    theirs = run_swmm(write_swmm(case, tmp_path / "site.inp", series=False))
    ours = run_case(case, as_swmm=True)
    tolerance = 0.1 if kind == lid.VEGETATIVE_SWALE else PRINTED
    # SWMM prints the storage at the beginning of its last step.
    columns = [*range(6), lid.STORED_BEFORE]
    assert ours.units_mm[:, columns] == pytest.approx(theirs.units_mm, abs=tolerance)
    assert ours.runoff_mm == pytest.approx(theirs.runoff_mm, rel=2e-4, abs=PRINTED)
    assert 1e3 * ours.peak_m3_s == pytest.approx(1e3 * theirs.peak_m3_s, rel=1e-3, abs=PRINTED)


def test_a_train_of_units_equals_that_of_swmm_over_a_year(tmp_path: Path) -> None:
    case = with_units(
        years_case(GREEN_AMPT, 2),
        [lid.BIORETENTION, lid.PERMEABLE_PAVEMENT, lid.GREEN_ROOF, lid.RAIN_BARREL],
    )
    theirs = run_swmm(write_swmm(case, tmp_path / "site.inp", series=False))
    ours = run_case(case, as_swmm=True)
    assert ours.units_mm[:, :6] == pytest.approx(theirs.units_mm[:, :6], rel=1e-3, abs=PRINTED)
    assert ours.runoff_mm == pytest.approx(theirs.runoff_mm, rel=1e-3)
    conserving = run_case(case)
    assert conserving.runoff_mm == pytest.approx(theirs.runoff_mm, rel=0.01)
