"""Runoff beside EPA SWMM 5 on identical input (extra ``verify``)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.runoff_cases import storm_case, years_case
from twin.errors import TwinError
from twin.kernels.infiltration import CURVE_NUMBER, GREEN_AMPT, HORTON
from twin.metrics.sponge.runoff_case import run_case
from twin.verify.swmm import run_swmm
from twin.verify.swmm_file import write_swmm

PRINTED = 0.011  # mm and l/s: SWMM prints two decimals


@pytest.mark.parametrize("model", [HORTON, GREEN_AMPT])
@pytest.mark.parametrize("make", [storm_case, years_case])
def test_booked_as_swmm_runoff_equals_swmm(tmp_path: Path, model, make) -> None:  # type: ignore[no-untyped-def]
    case = make(model)
    theirs = run_swmm(write_swmm(case, tmp_path / "site.inp"))
    ours = run_case(case, as_swmm=True)
    assert ours.rain_mm == pytest.approx(theirs.rain_mm, abs=PRINTED)
    assert ours.runoff_mm == pytest.approx(theirs.runoff_mm, rel=2e-4, abs=PRINTED)
    assert 1e3 * ours.peak_m3_s == pytest.approx(1e3 * theirs.peak_m3_s, rel=1e-3, abs=PRINTED)
    assert ours.infiltrated_mm == pytest.approx(theirs.infiltrated_mm, rel=1e-3, abs=PRINTED)
    assert ours.evaporated_mm == pytest.approx(theirs.evaporated_mm, rel=3e-3, abs=PRINTED)


@pytest.mark.parametrize("model", [HORTON, GREEN_AMPT, CURVE_NUMBER])
@pytest.mark.parametrize(
    ("make", "runoff", "infiltration", "evaporation", "peak"),
    [(storm_case, 0.0005, 0.001, 0.005, 0.002), (years_case, 0.01, 0.01, 0.03, 0.04)],
)
def test_conserving_water_runoff_is_close_to_swmm(  # type: ignore[no-untyped-def]
    tmp_path: Path, model, make, runoff, infiltration, evaporation, peak
) -> None:
    # SWMM books the flow at the end of a step for all of it, so that its own balance is off by 0.15 % in the
    # hourly year. The curve number method is explicit and depends most on where the steps lie.
    case = make(model)
    theirs = run_swmm(write_swmm(case, tmp_path / "site.inp"))
    ours = run_case(case)
    assert ours.runoff_mm == pytest.approx(theirs.runoff_mm, rel=runoff, abs=PRINTED)
    assert ours.infiltrated_mm == pytest.approx(theirs.infiltrated_mm, rel=infiltration, abs=PRINTED)
    assert ours.evaporated_mm == pytest.approx(theirs.evaporated_mm, rel=evaporation, abs=PRINTED)
    assert 1e3 * ours.peak_m3_s == pytest.approx(1e3 * theirs.peak_m3_s, rel=peak, abs=PRINTED)
    assert np.abs(ours.imbalance).max() < 1e-9


def test_an_input_that_swmm_refuses_is_one_message(tmp_path: Path) -> None:
    broken = tmp_path / "broken.inp"
    broken.write_text("[SUBCATCHMENTS]\nS1 nowhere\n", "utf-8")
    with pytest.raises(TwinError, match="SWMM gave up: ERROR"):
        run_swmm(broken)


def test_the_subcatchment_that_differs_most_among_a_thousand_equals_swmm_alone(tmp_path: Path) -> None:
    # In company SWMM gives it 628.22 mm: as long as any subcatchment runs off, all take the short step there.
    every = years_case(GREEN_AMPT, 1000)
    case = replace(every, names=("S842",), catchments=every.catchments[842:843], soil=every.soil[842:843])
    theirs = run_swmm(write_swmm(case, tmp_path / "site.inp"))
    ours = run_case(case, as_swmm=True)
    assert ours.runoff_mm == pytest.approx(theirs.runoff_mm, rel=1e-4)
    assert ours.runoff_mm == pytest.approx([617.01], abs=0.02)


def test_with_common_steps_and_its_integration_a_hundred_equal_swmm(tmp_path: Path) -> None:
    # Also the one whose rain falls on the threshold at which Green and Ampt's event is a new one.
    case = years_case(GREEN_AMPT, 100)
    case = replace(case, rain_mm=case.rain_mm[:2500])
    theirs = run_swmm(write_swmm(case, tmp_path / "site.inp", series=False))
    ours, apart = (run_case(case, as_swmm=True, common_step=common) for common in (True, False))
    assert ours.runoff_mm == pytest.approx(theirs.runoff_mm, abs=PRINTED)
    assert ours.infiltrated_mm == pytest.approx(theirs.infiltrated_mm, abs=PRINTED)
    assert ours.evaporated_mm == pytest.approx(theirs.evaporated_mm, abs=PRINTED)
    assert 1e3 * ours.peak_m3_s == pytest.approx(1e3 * theirs.peak_m3_s, abs=PRINTED)
    assert np.abs(apart.runoff_mm / theirs.runoff_mm - 1.0).max() > 2e-3
