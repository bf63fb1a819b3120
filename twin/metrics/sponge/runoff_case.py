"""Subcatchments under a rain record: what the hydrology kernel runs, and what SWMM can be given as well."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from twin.kernels.infiltration import initial_state
from twin.kernels.lid import UNIT_COLUMNS, initial_units
from twin.kernels.nonlinear_reservoir import reservoir_tables
from twin.kernels.subcatchments import (
    EVAPORATED,
    INFILTRATED,
    RAIN,
    RUNOFF,
    STORED,
    simulate_subcatchments,
)

Floats = NDArray[np.float64]

LARGEST_IMBALANCE = 1e-6  # of the rain


@dataclass(frozen=True)
class RunoffCase:
    """N subcatchments side by side and the rain that falls on all of them."""

    names: tuple[str, ...]
    catchments: Floats  # (N, CATCHMENT_COLUMNS) of twin.kernels.subcatchments
    model: int  # HORTON, GREEN_AMPT or CURVE_NUMBER of twin.kernels.infiltration
    soil: Floats  # (N, 4), SI, as in twin.kernels.infiltration.initial_state
    rain_mm: Floats  # (K,) depth of each interval
    interval_s: int
    start: np.datetime64
    evaporation_mm_day: float
    wet_step_s: int = 60
    dry_step_s: int = 3600
    units: Floats = field(default_factory=lambda: np.zeros((0, UNIT_COLUMNS)))  # (M, UNIT_COLUMNS) LID
    unit_catchment: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))  # (M,) sorted


@dataclass(frozen=True)
class RunoffResult:
    """Water of each subcatchment over the record, mm over it, shape (N,); peak in m³/s."""

    rain_mm: Floats
    evaporated_mm: Floats
    infiltrated_mm: Floats
    runoff_mm: Floats
    stored_mm: Floats
    peak_m3_s: Floats
    flow_m3_s: Floats  # (N, K) mean outflow of each interval, or (0, 0)
    units_mm: Floats  # (M, UNIT_TOTALS) of twin.kernels.lid, mm over the unit

    @property
    def imbalance(self) -> Floats:
        """What the balance leaves over, as a share of the rain."""
        out = self.evaporated_mm + self.infiltrated_mm + self.runoff_mm + self.stored_mm
        return np.asarray((self.rain_mm - out) / np.maximum(self.rain_mm, 1e-9))


def run_case(case: RunoffCase, *, as_swmm: bool = False, keep_flow: bool = False) -> RunoffResult:
    """Run the kernel on a case.

    Args:
        case: the subcatchments and their rain.
        as_swmm: book runoff as SWMM does, whose balance does not close; otherwise it is checked.
        keep_flow: also return the outflow of each interval.

    Raises:
        ArithmeticError: the balance does not close to 1e-6 of the rain (a fault of the kernel).
    """
    count, intervals = len(case.names), len(case.rain_mm)
    flow = np.zeros((count, intervals) if keep_flow else (0, 0))
    first = np.searchsorted(case.unit_catchment, np.arange(count + 1)).astype(np.int64)
    totals, peak, units = simulate_subcatchments(
        case.rain_mm / 1000.0 / case.interval_s,
        float(case.interval_s),
        case.evaporation_mm_day / 86.4e6,
        case.catchments,
        case.model,
        case.soil,
        initial_state(case.model, case.soil),
        float(case.wet_step_s),
        float(case.dry_step_s),
        as_swmm,
        reservoir_tables(),
        case.units,
        first,
        initial_units(case.units, case.soil[case.unit_catchment, 2]),
        flow,
    )
    result = RunoffResult(
        rain_mm=1000.0 * totals[:, RAIN],
        evaporated_mm=1000.0 * totals[:, EVAPORATED],
        infiltrated_mm=1000.0 * totals[:, INFILTRATED],
        runoff_mm=1000.0 * totals[:, RUNOFF],
        stored_mm=1000.0 * totals[:, STORED],
        peak_m3_s=peak,
        flow_m3_s=flow,
        units_mm=1000.0 * units,
    )
    worst = float(np.abs(result.imbalance).max(initial=0.0))
    if not as_swmm and not worst < LARGEST_IMBALANCE:
        raise ArithmeticError(f"the runoff balance is off by {worst:g} of the rain")
    return result
