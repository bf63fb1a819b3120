"""Subcatchments that drain to each other: by hand, their balance, and beside EPA SWMM 5."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.runoff_cases import MM_H, START, showers_mm, storm_mm, unit
from twin.kernels import lid
from twin.kernels.drainage import drainage_order
from twin.kernels.infiltration import GREEN_AMPT
from twin.kernels.subcatchment_parts import CATCHMENT_COLUMNS
from twin.metrics.sponge.runoff_case import RunoffCase, run_case
from twin.verify.swmm import run_swmm
from twin.verify.swmm_file import write_swmm

PRINTED = 0.011  # mm and l/s: SWMM prints two decimals
NAMES = ("roof", "road", "garden", "tank", "green_roof", "paving", "pond")


def block(rain_mm: np.ndarray, interval_s: int, step_s: int) -> RunoffCase:
    """Roof and green roof to a tank, all to a rain garden, from there to a pond."""
    rows = np.zeros((7, CATCHMENT_COLUMNS))
    for row, area in zip(rows, [1000.0, 800.0, 300.0, 20.0, 400.0, 500.0, 50.0], strict=True):
        row[:] = [area, 1.0, area / 20, 0.01, 0.013, 0.24, 1.5e-3, 5e-3, 0.25, 0.0, 0.0]
    rows[6, 6:9] = [0.2, 0.2, 0.0]
    units = np.array(
        [
            unit(lid.RAIN_GARDEN, 300.0, STORAGE_SEEPAGE_M_S=MM_H, SOIL_CONDUCTIVITY_M_S=3.3 * MM_H),
            unit(lid.RAIN_BARREL, 20.0, DRAIN_COEFFICIENT=4.0, DRAIN_EXPONENT=0.0, DRAIN_DELAY_S=0.0, REUSE=1.0),
            unit(lid.GREEN_ROOF, 400.0, SURFACE_CONVEYANCE=0.02),
            unit(lid.PERMEABLE_PAVEMENT, 500.0, DRAIN_COEFFICIENT=0.0),
        ]
    )  # fmt: skip
    units[:, lid.FROM_SEALED] = 0.0
    return RunoffCase(
        NAMES, rows, GREEN_AMPT, np.tile([0.2, MM_H, 0.15, 0.0, 0.0], (7, 1)), rain_mm, interval_s, START,
        np.linspace(1, 5, 12), wet_step_s=step_s, dry_step_s=step_s, units=units, unit_catchment=np.array([2, 3, 4, 5]),
        outlet=np.array([3, 2, 6, 2, 3, 2, -1]), gage=np.array([0, 0, 0, -1, 0, 0, 0]),
    )  # fmt: skip


@pytest.mark.parametrize("times", [1.0, 3.0])
@pytest.mark.parametrize("storm", [True, False])
def test_a_block_that_drains_through_its_facilities_equals_swmm(
    tmp_path: Path, storm: bool, times: float
) -> None:
    case = block(storm_mm() * times, 300, 60) if storm else block(showers_mm()[:3000] * times, 3600, 300)
    theirs = run_swmm(write_swmm(case, tmp_path / "site.inp", series=False))
    ours = run_case(case, as_swmm=True)
    # SWMM counts what is drawn from the tank as its runoff.
    assert ours.runoff_mm + ours.reused_mm == pytest.approx(theirs.runoff_mm, rel=1e-3, abs=PRINTED)
    assert ours.infiltrated_mm == pytest.approx(theirs.infiltrated_mm, rel=1e-3, abs=PRINTED)
    assert ours.evaporated_mm == pytest.approx(theirs.evaporated_mm, rel=1e-3, abs=PRINTED)
    others = [row for row, name in enumerate(NAMES) if name not in ("tank", "pond")]
    peak, printed = 1e3 * ours.peak_m3_s, 1e3 * theirs.peak_m3_s
    assert peak[others] == pytest.approx(printed[others], rel=1e-3, abs=PRINTED)
    assert peak[6] == pytest.approx(printed[6], rel=4e-3)  # SWMM integrates a full pond with a tolerance


@pytest.mark.parametrize("by_month", [False, True])
def test_what_leaves_one_arrives_at_the_next_and_water_is_conserved(by_month: bool) -> None:
    case = block(showers_mm() * 2, 3600, 300)
    result = run_case(replace(case, dry_step_s=3600), by_month=by_month, keep_flow=True)
    area = case.catchments[:, 0]
    sent = np.zeros(7)
    np.add.at(sent, case.outlet[:-1], (result.runoff_mm * area)[:-1])
    assert result.run_on_mm * area == pytest.approx(sent)
    assert np.abs(result.imbalance).max() < 1e-9
    rain = (result.rain_mm * area).sum()
    leaves = (result.runoff_mm * area)[-1]
    kept = ((result.infiltrated_mm + result.evaporated_mm + result.reused_mm + result.stored_mm) * area).sum()
    assert rain == pytest.approx(leaves + kept, rel=1e-10)
    assert result.rain_mm[3] == 0.0  # the tank lies below ground
    assert result.flow_m3_s.sum(axis=1) * 3600 == pytest.approx(result.runoff_mm * area / 1000)


def test_every_month_closes_its_own_balance() -> None:
    result = run_case(block(showers_mm() * 2, 3600, 300), by_month=True)
    rain, run_on, *out, stored = np.moveaxis(result.monthly_mm, 2, 0)
    assert rain + run_on == pytest.approx(sum(out) + stored, abs=1e-7)
    assert np.abs(stored).max() > 1.0


def test_long_dry_steps_change_little() -> None:
    fine, coarse = (
        run_case(replace(block(showers_mm(), 3600, 300), dry_step_s=step)).runoff_mm[6]
        for step in (300, 3600)
    )
    assert coarse == pytest.approx(fine, rel=5e-3)


def test_a_tank_gives_what_is_asked_of_it_and_no_more() -> None:
    # 10 mm on 1000 m² of roof without losses are 10 m³ in a tank of 20 m³; 2 m³/h are asked for in hours 2 to 4.
    rows = np.zeros((2, CATCHMENT_COLUMNS))
    rows[0] = [1000.0, 1.0, 1000.0, 0.05, 0.01, 0.1, 0.0, 0.0, 1.0, 0.0, 0.0]
    rows[1] = [20.0, 1.0, 10.0, 0.01, 0.01, 0.1, 0.0, 0.0, 1.0, 0.0, 0.0]
    barrel = unit(
        lid.RAIN_BARREL, 20.0, DRAIN_COEFFICIENT=100.0, DRAIN_EXPONENT=0.0, DRAIN_DELAY_S=0.0, REUSE=1.0
    )
    rain = np.array([10.0, *[0.0] * 9])
    case = RunoffCase(
        ("roof", "tank"), rows, GREEN_AMPT, np.tile([0.1, 1e-7, 0.1, 0.0, 0.0], (2, 1)), rain, 3600, START, 0.0,
        wet_step_s=300, units=barrel[None, :], unit_catchment=np.array([1]), outlet=np.array([1, -1]),
        gage=np.array([0, -1]), demand=np.array([0.0, 1, 1, 1, *[0.0] * 6]),
    )  # fmt: skip
    assert run_case(case).reused_mm[1] * 20 / 1000 == pytest.approx(6.0)
    always = run_case(replace(case, demand=np.ones(10)))
    assert always.reused_mm[1] * 20 / 1000 == pytest.approx(10.0, abs=0.05)
    small = run_case(replace(case, rain_mm=rain * 5, demand=np.zeros(10)))
    assert small.runoff_mm[1] * 20 / 1000 == pytest.approx(30.0, abs=0.2)


def test_groups_are_put_in_the_order_of_the_water() -> None:
    members, first = drainage_order(np.array([2, 2, 4, -1, -1, 3]))
    assert first.tolist() == [0, 2, 6]
    assert members[:2].tolist() == [5, 3]
    assert members[-2:].tolist() == [2, 4]
    with pytest.raises(ValueError, match="drains to itself"):
        drainage_order(np.array([1, 2, 0]))
