"""Subcatchments under a rain record: what the hydrology kernel runs, and what SWMM can be given as well."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.kernels.drainage import drainage_order, simulate_subcatchments
from twin.kernels.infiltration import initial_state
from twin.kernels.lid import KIND, RAIN_BARREL, STORAGE, SURFACE, UNIT_COLUMNS, initial_units
from twin.kernels.nonlinear_reservoir import reservoir_tables
from twin.kernels.subcatchment_parts import (
    DEPTH,
    EVAPORATED,
    INFILTRATED,
    RAIN,
    REUSED,
    RUN_ON,
    RUNOFF,
    STORED,
    SURFACE_COLUMNS,
)

Floats = NDArray[np.float64]

LARGEST_IMBALANCE = 1e-6  # of the rain


@dataclass(frozen=True)
class RunoffCase:
    """N subcatchments, side by side or draining to each other, and the rain that falls on them."""

    names: tuple[str, ...]
    catchments: Floats  # (N, CATCHMENT_COLUMNS) of twin.kernels.subcatchment_parts
    model: int  # HORTON, GREEN_AMPT ... of twin.kernels.infiltration
    soil: Floats  # (N, SOIL_COLUMNS), SI, as in twin.kernels.infiltration.initial_state
    rain_mm: Floats  # (K,) depth of each interval, or (R, K) at several gages
    interval_s: int
    start: np.datetime64
    evaporation_mm_day: float | Floats  # the year round, or (12,) by month
    wet_step_s: int = 60
    dry_step_s: int = 3600
    units: Floats = field(default_factory=lambda: np.zeros((0, UNIT_COLUMNS)))  # (M, UNIT_COLUMNS) LID
    unit_catchment: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))  # (M,) sorted
    outlet: NDArray[np.int64] | None = None  # (N,) the subcatchment that one drains to, -1 for none
    gage: NDArray[np.int64] | None = None  # (N,) row of the rain, -1 for what lies under others
    demand: Floats | None = None  # (K,) factor on the drain of units that are drawn on
    dry_only: bool = False  # nothing evaporates from a subcatchment while it rains on it
    start_level_m: Floats | None = None  # (N,) water that stands at the start, NaN: as the units begin
    record: NDArray[np.int64] | None = None  # (K,) number of the rain record: SWMM ends a step with each

    @property
    def intervals(self) -> int:
        """Number of intervals of the rain."""
        return int(np.shape(self.rain_mm)[-1])

    @property
    def month(self) -> NDArray[np.int64]:
        """(K,) calendar month of each interval, 0 = January."""
        times = self.start + np.arange(self.intervals) * np.timedelta64(self.interval_s, "s")
        return np.asarray(times.astype("datetime64[M]").astype(np.int64) % 12)

    @property
    def evaporation_m_s(self) -> Floats:
        """(K,) potential evaporation of each interval."""
        if np.ndim(self.evaporation_mm_day) == 0:
            return np.full(self.intervals, float(self.evaporation_mm_day) / 86.4e6)
        return np.asarray(self.evaporation_mm_day)[self.month] / 86.4e6


@dataclass(frozen=True)
class RunoffResult:
    """Water of each subcatchment over the record, mm over it, shape (N,); peak in m³/s.

    ``monthly_mm`` (N, 12 or 1, TOTALS) has the columns of ``twin.kernels.subcatchment_parts``.
    """

    rain_mm: Floats
    run_on_mm: Floats
    evaporated_mm: Floats
    infiltrated_mm: Floats
    runoff_mm: Floats
    reused_mm: Floats
    stored_mm: Floats  # more than at the start
    peak_m3_s: Floats
    flow_m3_s: Floats  # (N, K) mean outflow of each interval, or (0, 0)
    level_m: Floats  # (N, K) water that stands at the end of each interval, or (0, 0)
    units_mm: Floats  # (M, UNIT_TOTALS) of twin.kernels.lid, mm over the unit
    monthly_mm: Floats

    @property
    def imbalance(self) -> Floats:
        """What the balance leaves over, as a share of the rain and run-on, or of 1 µm where there is less."""
        came = self.rain_mm + self.run_on_mm
        out = self.evaporated_mm + self.infiltrated_mm + self.runoff_mm + self.reused_mm + self.stored_mm
        return np.asarray((came - out) / np.maximum(came, 1e-3))


def run_case(
    case: RunoffCase,
    *,
    as_swmm: bool = False,
    common_step: bool = False,
    keep_flow: bool = False,
    keep_level: bool = False,
    by_month: bool = False,
) -> RunoffResult:
    """Run the kernel on a case.

    Args:
        case: the subcatchments and their rain.
        as_swmm: book runoff as SWMM does, whose balance does not close; otherwise it is checked.
        common_step: ``as_swmm``, all subcatchments take the short step while any of them runs off, and
            depths are integrated as in SWMM, on one thread.
        keep_flow: also return the outflow of each interval.
        keep_level: also return how deep water stands, not ``as_swmm``; dry spells are then not one step.
        by_month: sum up by calendar month.

    Raises:
        ArithmeticError: the balance does not close to 1e-6 of the rain (a fault of the kernel).
        ValueError: the subcatchments drain in a circle.
    """
    count, intervals = len(case.names), case.intervals
    flow = np.zeros((count, intervals) if keep_flow else (0, 0))
    level = np.zeros((count, intervals) if keep_level else (0, 0))
    first = np.searchsorted(case.unit_catchment, np.arange(count + 1)).astype(np.int64)
    outlet = np.full(count, -1, np.int64) if case.outlet is None else case.outlet
    members, first_member = drainage_order(outlet)
    if as_swmm and common_step:
        first_member = np.array([0, count], np.int64)
    rain = np.ascontiguousarray(np.atleast_2d(case.rain_mm)) / 1000.0 / case.interval_s
    evaporation = case.evaporation_m_s
    demand = np.ones(intervals) if case.demand is None else case.demand
    span = case.month if by_month else np.zeros(intervals, np.int64)
    if keep_level:
        until = np.arange(1, intervals + 1)
    else:
        until = _until(rain, case.record, evaporation, demand, span)
    surface, unit_state = _at_start(case)
    totals, peak, units = simulate_subcatchments(
        rain,
        case.dry_only,
        until,
        float(case.interval_s),
        evaporation,
        demand,
        span,
        12 if by_month else 1,
        case.catchments,
        case.model,
        case.soil,
        initial_state(case.model, case.soil),
        surface,
        outlet,
        np.zeros(count, np.int64) if case.gage is None else case.gage,
        members,
        first_member,
        float(case.wet_step_s),
        float(case.dry_step_s),
        as_swmm,
        common_step,
        reservoir_tables(),
        case.units,
        first,
        unit_state,
        flow,
        level,
    )
    sums = 1000.0 * totals.sum(axis=1)
    result = RunoffResult(
        rain_mm=sums[:, RAIN],
        run_on_mm=sums[:, RUN_ON],
        evaporated_mm=sums[:, EVAPORATED],
        infiltrated_mm=sums[:, INFILTRATED],
        runoff_mm=sums[:, RUNOFF],
        reused_mm=sums[:, REUSED],
        stored_mm=sums[:, STORED],
        peak_m3_s=peak,
        flow_m3_s=flow,
        level_m=level,
        units_mm=1000.0 * units,
        monthly_mm=1000.0 * totals,
    )
    worst = float(np.abs(result.imbalance).max(initial=0.0))
    if not as_swmm and not worst < LARGEST_IMBALANCE:
        raise ArithmeticError(f"the runoff balance is off by {worst:g} of the rain")
    return result


def _at_start(case: RunoffCase) -> tuple[Floats, Floats]:
    """Water on the surfaces (N, SURFACE_COLUMNS) and states of the units (M, UNIT_STATE) at the start."""
    surface = np.zeros((len(case.names), SURFACE_COLUMNS))
    state = initial_units(case.units, case.soil[case.unit_catchment, 2])
    if case.start_level_m is not None:
        known = np.isfinite(case.start_level_m)
        surface[known, DEPTH : DEPTH + 3] = case.start_level_m[known, None]
        for row in np.flatnonzero(known[case.unit_catchment]).tolist():
            barrel = case.units[row, KIND] == RAIN_BARREL
            state[row, STORAGE if barrel else SURFACE] = case.start_level_m[case.unit_catchment[row]]
    return surface, state


def _until(rain: Floats, record: NDArray[np.int64] | None, *constant: NDArray[Any]) -> NDArray[np.int64]:
    """Where the intervals end that are alike: one record of rain, or a dry spell in which nothing changes.

    Args:
        rain: (R, K) at each gage.
        record: (K,) number of the record of an interval, by default each that is wet is one.
        constant: (K,) each, that may not change.
    """
    count = rain.shape[1]
    wet: NDArray[np.bool_] = np.asarray((rain > 0.0).any(axis=0))
    number = np.arange(count) if record is None else record
    new = np.ones(count + 1, bool)  # whether an interval begins
    if count:
        new[1:-1] = wet[1:] != wet[:-1]
        new[1:-1] |= wet[1:] & (number[1:] != number[:-1])
        for one in constant:
            new[1:-1] |= one[1:] != one[:-1]
    starts = np.flatnonzero(new)
    return starts[np.searchsorted(starts, np.arange(count), side="right")]
