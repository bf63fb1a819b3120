"""Runoff beside EPA SWMM 5 on identical input (extra ``verify``)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from twin.kernels.infiltration import CURVE_NUMBER, GREEN_AMPT, HORTON, initial_state
from twin.kernels.nonlinear_reservoir import reservoir_tables
from twin.kernels.subcatchments import (
    CATCHMENT_COLUMNS,
    EVAPORATED,
    INFILTRATED,
    RAIN,
    RUNOFF,
    simulate_subcatchments,
)

COUNT = 12
EVAPORATION_MM_DAY = 3.0
MM_H = 1 / 3.6e6
MODELS = {HORTON: "HORTON", GREEN_AMPT: "GREEN_AMPT", CURVE_NUMBER: "CURVE_NUMBER"}


def catchments() -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """Catchments in SI, and soil parameters as SWMM's input states them."""
    random = np.random.default_rng(3)

    def between(low: float, high: float) -> np.ndarray:
        return random.uniform(low, high, COUNT).round(3)

    table = np.column_stack(
        [
            between(0.2, 2) * 1e4, between(30, 80) / 100, between(30, 150), between(0.5, 3) / 100,
            between(0.011, 0.02), between(0.1, 0.3), between(1, 2.5) / 1e3, between(3, 8) / 1e3, np.full(COUNT, 0.25),
        ]
    )  # fmt: skip
    assert table.shape[1] == CATCHMENT_COLUMNS
    soils = {
        HORTON: np.column_stack([between(40, 90), between(2, 12), between(2, 5), np.full(COUNT, 7.0)]),
        GREEN_AMPT: np.column_stack([between(60, 250), between(1, 15), between(0.15, 0.35)]),
        CURVE_NUMBER: np.column_stack([between(60, 90), np.full(COUNT, 0.5), np.full(COUNT, 7.0)]),
    }
    return table, soils


def in_si(model: int, soil: np.ndarray) -> np.ndarray:
    zero = np.zeros(COUNT)
    if model == HORTON:
        recovery = -np.log(0.02) / soil[:, 3] / 86400  # 98 % in the drying time
        return np.column_stack([soil[:, 0] * MM_H, soil[:, 1] * MM_H, soil[:, 2] / 3600, recovery])
    if model == GREEN_AMPT:
        return np.column_stack([soil[:, 0] / 1e3, soil[:, 1] * MM_H, soil[:, 2], zero])
    return np.column_stack([25.4e-3 * (1000 / soil[:, 0] - 10), 1 / soil[:, 2] / 86400, zero, zero])


def swmm(folder: Path, rain_mm_h: np.ndarray, minutes: int, wet_s: int, model: int) -> np.ndarray:
    """SWMM's summary per subcatchment: precipitation, run-on, evaporation, infiltration, ..., runoff, ..., peak."""
    table, soils = catchments()
    end = np.datetime64("2020-01-01T00:00") + np.timedelta64(len(rain_mm_h) * minutes, "m")
    day, clock = str(end).split("T")
    year, month, date = day.split("-")

    def clock_of(seconds: int) -> str:
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"

    with (folder / "rain.dat").open("w", encoding="utf-8") as file:
        for index in np.flatnonzero(rain_mm_h):
            at = np.datetime64("2020-01-01T00:00") + np.timedelta64(int(index) * minutes, "m")
            date_text, time_text = str(at).split("T")
            y, m, d = date_text.split("-")
            file.write(f"{m}/{d}/{y} {time_text} {rain_mm_h[index]:.6f}\n")
    lines = [
        "[OPTIONS]", "FLOW_UNITS LPS", f"INFILTRATION {MODELS[model]}", "START_DATE 01/01/2020", "START_TIME 00:00:00",
        "REPORT_START_DATE 01/01/2020", "REPORT_START_TIME 00:00:00", f"END_DATE {month}/{date}/{year}",
        f"END_TIME {clock}:00", f"REPORT_STEP {clock_of(3600)}", f"WET_STEP {clock_of(wet_s)}",
        f"DRY_STEP {clock_of(3600)}", "IGNORE_ROUTING YES", "[EVAPORATION]", f"CONSTANT {EVAPORATION_MM_DAY}",
        "DRY_ONLY NO", "[RAINGAGES]", f"G1 INTENSITY {clock_of(minutes * 60)[:5]} 1.0 TIMESERIES R1", "[TIMESERIES]",
        f'R1 FILE "{folder / "rain.dat"}"', "[SUBCATCHMENTS]",
    ]  # fmt: skip
    lines += [
        f"S{i} G1 OUT {row[0] / 1e4} {row[1] * 100} {row[2]} {row[3] * 100} 0" for i, row in enumerate(table)
    ]
    lines += ["[SUBAREAS]"]
    lines += [
        f"S{i} {r[4]} {r[5]} {r[6] * 1e3} {r[7] * 1e3} {r[8] * 100} OUTLET" for i, r in enumerate(table)
    ]
    lines += ["[INFILTRATION]"]
    lines += [f"S{i} {' '.join(map(str, row))}" for i, row in enumerate(soils[model])]
    lines += ["[OUTFALLS]", "OUT 0 FREE NO", "[REPORT]", "INPUT NO", "SUBCATCHMENTS ALL"]
    source, report = folder / "site.inp", folder / "site.rpt"
    source.write_text("\n".join(lines) + "\n", "utf-8")
    # In a process of its own: SWMM writes its progress to the standard output.
    code = f"from swmm.toolkit import solver; solver.swmm_run({str(source)!r}, {str(report)!r}, {str(folder / 'o')!r})"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    summary = report.read_text("utf-8").split("Subcatchment Runoff Summary")[1].splitlines()
    rows = [
        line.split() for line in summary if line.strip().startswith("S") and line.split()[0][1:].isdigit()
    ]
    return np.array([[float(cell) for cell in row[1:]] for row in rows])


def storm() -> np.ndarray:
    """24 h in steps of 5 min, 120 mm, the peak in the middle, and 6 h to drain; mm/h."""
    hours = (np.arange(24 * 12) + 0.5) / 12
    intensity = 1 / (np.abs(hours - 12) + 0.12) ** 0.85
    return np.concatenate([intensity * 120 / intensity.sum() * 12, np.zeros(72)])


def year() -> np.ndarray:
    """A year of hourly showers, mm/h."""
    random = np.random.default_rng(1)
    rain = np.zeros(8760)
    hour = 0
    while hour < 8760:
        hour += int(random.exponential(75)) + 1
        length = int(random.exponential(5)) + 1
        rain[hour : hour + length] = random.gamma(0.6, 3.2, len(rain[hour : hour + length])).round(1)
        hour += length
    return rain


@pytest.mark.slow
@pytest.mark.parametrize("model", list(MODELS))
@pytest.mark.parametrize(
    ("rain", "minutes", "wet_s", "runoff", "infiltration", "evaporation", "peak"),
    [(storm(), 5, 60, 0.0005, 0.001, 0.005, 0.002), (year(), 60, 300, 0.01, 0.01, 0.03, 0.04)],
    ids=["storm", "year"],
)
def test_runoff_equals_swmm(  # type: ignore[no-untyped-def]
    tmp_path: Path, model, rain, minutes, wet_s, runoff, infiltration, evaporation, peak
) -> None:
    # SWMM books the flow at the end of a step for all of it, so that its own balance is off by 0.15 % in the
    # hourly year. The curve number method is explicit and depends most on where the steps lie.
    theirs = swmm(tmp_path, rain, minutes, wet_s, model)
    table, soils = catchments()
    soil = in_si(model, soils[model])
    totals, peaks = simulate_subcatchments(
        rain * MM_H, minutes * 60.0, EVAPORATION_MM_DAY / 86.4e6, table, model, soil, initial_state(model, soil),
        float(wet_s), 3600.0, reservoir_tables(), np.zeros((0, 0)),
    )  # fmt: skip
    assert totals[:, RAIN] * 1e3 == pytest.approx(theirs[:, 0], abs=0.01)
    assert totals[:, RUNOFF] * 1e3 == pytest.approx(theirs[:, 6], rel=runoff, abs=0.01)
    assert totals[:, INFILTRATED] * 1e3 == pytest.approx(theirs[:, 3], rel=infiltration, abs=0.01)
    assert totals[:, EVAPORATED] * 1e3 == pytest.approx(theirs[:, 2], rel=evaporation, abs=0.01)
    assert peaks * 1e3 == pytest.approx(theirs[:, 8], rel=peak, abs=0.01)
    assert totals[:, 1:].sum(axis=1) == pytest.approx(totals[:, RAIN], abs=1e-9)
