"""LID units: by hand, their balance, and beside EPA SWMM 5 in usual and in stress runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.runoff_cases import START, storm_case, unit, with_units, years_case
from tests.twin.verify.swmm_rounding import moved_by_rounding
from twin.kernels import lid
from twin.kernels.infiltration import GREEN_AMPT, HORTON
from twin.kernels.subcatchment_parts import CATCHMENT_COLUMNS
from twin.metrics.sponge.runoff_case import RunoffCase, RunoffResult, run_case
from twin.verify.swmm_file import write_swmm
from twin.verify.swmm_input.case import read_case
from twin.verify.swmm_input.run import SwmmRun, run_input
from twin.verify.swmm_input.text import read_text

MM_H = 1 / 3.6e6
KINDS = [
    lid.BIORETENTION, lid.RAIN_GARDEN, lid.GREEN_ROOF, lid.INFILTRATION_TRENCH, lid.PERMEABLE_PAVEMENT,
    lid.RAIN_BARREL, lid.VEGETATIVE_SWALE,
]  # fmt: skip
PRINTED = 0.005  # mm: half of the last digit that SWMM prints


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


def beside(case: RunoffCase, path: Path, change: Callable[[str], str] = str) -> tuple[RunoffResult, SwmmRun]:
    """Both programs on one input file, whose text is changed."""
    write_swmm(case, path, series=False)
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    file = read_text(path)
    found = read_case(file)
    assert found.case is not None, found.reasons
    return run_case(found.case, as_swmm=True, common_step=True), run_input(file, found)


def apart(ours: RunoffResult, theirs: SwmmRun) -> float:
    """Largest difference of any term of a unit's or a subcatchment's balance, mm."""
    # SWMM tells the storage at the beginning of its last step.
    units = ours.units_mm[:, [*range(6), lid.STORED_BEFORE]] - theirs.units_mm
    terms = (
        units,
        ours.runoff_mm - theirs.runoff_mm,
        ours.infiltrated_mm - theirs.infiltrated_mm,
        ours.evaporated_mm - theirs.evaporated_mm,
    )
    return max(float(np.abs(term).max()) for term in terms)


def stressed(case: RunoffCase, kind: int, times: float, seepage_mm_h: float) -> RunoffCase:
    """The case with a unit on each catchment, on ground that takes in so much, and so many times its rain."""
    own = kind in (lid.RAIN_BARREL, lid.VEGETATIVE_SWALE, lid.GREEN_ROOF)
    changed = {} if own else {"STORAGE_SEEPAGE_M_S": seepage_mm_h * MM_H}
    return replace(with_units(case, [kind], **changed), rain_mm=case.rain_mm * times)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("times", "seepage_mm_h"), [(1.0, 5.0), (6.0, 0.5)])
def test_a_unit_equals_that_of_swmm(tmp_path: Path, kind: int, times: float, seepage_mm_h: float) -> None:
    ours, theirs = beside(stressed(storm_case(HORTON, 2), kind, times, seepage_mm_h), tmp_path / "site.inp")
    assert apart(ours, theirs) < PRINTED
    assert 1e3 * ours.peak_m3_s == pytest.approx(1e3 * theirs.peak_m3_s, rel=1e-6)


@pytest.mark.parametrize("model", [HORTON, GREEN_AMPT])
def test_each_kind_equals_that_of_swmm_for_two_months(tmp_path: Path, model: int) -> None:
    case = with_units(years_case(model, 2), KINDS, 0.03, FROM_SEALED=0.1)
    ours, theirs = beside(replace(case, rain_mm=4.0 * case.rain_mm[:1500]), tmp_path / "site.inp")
    assert apart(ours, theirs) < PRINTED


@pytest.mark.slow
@pytest.mark.parametrize("model", [HORTON, GREEN_AMPT])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("times", "seepage_mm_h"), [(1.0, 5.0), (6.0, 0.5)])
def test_a_unit_equals_that_of_swmm_over_a_year(
    tmp_path: Path, kind: int, times: float, seepage_mm_h: float, model: int
) -> None:
    case = stressed(years_case(model, 2), kind, times, seepage_mm_h)
    ours, theirs = beside(case, tmp_path / "site.inp")
    allowed = PRINTED
    if kind == lid.PERMEABLE_PAVEMENT and times == 6.0:
        # Whether its storage is just empty or just full is decided by rounding, in SWMM itself too.
        moved = moved_by_rounding(tmp_path / "site.inp", tmp_path / "changed.inp")
        assert moved[-1] > 0.1
        allowed = max(moved)
    assert apart(ours, theirs) < allowed


def test_swales_side_by_side_equal_those_of_swmm(tmp_path: Path) -> None:
    def three(text: str) -> str:
        before, usage = text.split("[LID_USAGE]\n")
        words = usage.split()
        words[2:4] = ["3", f"{float(words[3]) / 3:.10g}"]
        return f"{before}[LID_USAGE]\n" + usage.replace(" ".join(usage.split()[:4]), " ".join(words[:4]))

    case = with_units(storm_case(HORTON, 1), [lid.VEGETATIVE_SWALE])
    assert apart(*beside(case, tmp_path / "site.inp", three)) < PRINTED


def test_a_swale_that_still_flows_at_the_end_holds_what_swmm_says(tmp_path: Path) -> None:
    case = with_units(storm_case(HORTON, 2), [lid.VEGETATIVE_SWALE])
    ours, theirs = beside(replace(case, rain_mm=case.rain_mm[:143]), tmp_path / "site.inp")
    assert theirs.units_mm[:, -1].min() > 10.0
    assert apart(ours, theirs) < PRINTED


def test_a_pavement_on_which_something_grows_equals_that_of_swmm(tmp_path: Path) -> None:
    # SWMM lets its water rise as if nothing grew there, which makes and loses water.
    pavement = {"SURFACE_M": 0.1, "SURFACE_VOID": 0.8, "PAVEMENT_PERMEABILITY_M_S": 5 * MM_H}
    case = with_units(storm_case(HORTON, 2), [lid.PERMEABLE_PAVEMENT], **pavement)
    ours, theirs = beside(case, tmp_path / "site.inp")
    assert apart(ours, theirs) < PRINTED
    assert np.abs(run_case(case).imbalance).max() < 1e-10


@pytest.mark.parametrize("model", [HORTON, GREEN_AMPT])
def test_a_trench_on_all_of_a_subcatchment_below_another_equals_that_of_swmm(
    tmp_path: Path, model: int
) -> None:
    # While the ground would take in water, nothing evaporates from the trench.
    case = with_units(storm_case(model, 2), [lid.INFILTRATION_TRENCH], INITIAL_SATURATION=0.5)
    units = case.units[:1].copy()
    units[0, [lid.AREA_M2, lid.FROM_SEALED]] = case.catchments[0, 0], 0.0
    case = replace(case, units=units, unit_catchment=np.zeros(1, np.int64), outlet=np.array([-1, 0]))
    assert apart(*beside(case, tmp_path / "site.inp")) < PRINTED


def test_drizzle_does_not_keep_a_barrel_shut(tmp_path: Path) -> None:
    case = with_units(storm_case(HORTON, 1), [lid.RAIN_BARREL])
    rain = case.rain_mm.copy()
    rain[200:] = 0.001 / 12.0  # a thousandth of a mm an hour
    ours, theirs = beside(replace(case, rain_mm=rain), tmp_path / "site.inp")
    assert ours.units_mm[0, lid.DRAINED] > 10.0
    assert apart(ours, theirs) < PRINTED


def test_a_train_of_units_equals_that_of_swmm_over_a_year(tmp_path: Path) -> None:
    case = with_units(
        years_case(GREEN_AMPT, 2),
        [lid.BIORETENTION, lid.PERMEABLE_PAVEMENT, lid.GREEN_ROOF, lid.RAIN_BARREL],
    )
    ours, theirs = beside(case, tmp_path / "site.inp")
    assert apart(ours, theirs) < PRINTED
    conserving = run_case(case)
    assert conserving.runoff_mm == pytest.approx(theirs.runoff_mm, rel=0.01)
