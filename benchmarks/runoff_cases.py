"""Subcatchments with parameters drawn at random, a storm and a year of rain: for us and for SWMM."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from twin.kernels import lid
from twin.kernels.infiltration import CURVE_NUMBER, GREEN_AMPT, HORTON
from twin.metrics.sponge.runoff_case import RunoffCase

MM_H = 1 / 3.6e6
START = np.datetime64("2020-01-01T00:00:00")


def catchments(count: int) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """Subcatchments, and the soils of each infiltration method."""
    random = np.random.default_rng(3)

    def between(low: float, high: float) -> np.ndarray:
        return random.uniform(low, high, count).round(3)

    zero = np.zeros(count)
    table = np.column_stack(
        [
            between(0.2, 2) * 1e4, between(30, 80) / 100, between(30, 150), between(0.5, 3) / 100,
            between(0.011, 0.02), between(0.1, 0.3), between(1, 2.5) / 1e3,
            between(3, 8) / 1e3, np.full(count, 0.25), zero, zero,
        ]
    )  # fmt: skip
    drying = np.full(count, -np.log(0.02) / 7.0 / 86400)  # 98 % in seven days
    soils = {
        HORTON: np.column_stack(
            [between(40, 90) * MM_H, between(2, 12) * MM_H, between(2, 5) / 3600, drying, zero]
        ),
        GREEN_AMPT: np.column_stack(
            [between(60, 250) / 1e3, between(1, 15) * MM_H, between(0.15, 0.35), zero, zero]
        ),
        CURVE_NUMBER: np.column_stack(
            [25.4e-3 * (1000 / between(60, 90) - 10), np.full(count, 1 / 7 / 86400), zero, zero, zero]
        ),
    }
    return table, soils


def storm_mm() -> np.ndarray:
    """24 h in steps of 5 min, 120 mm, the peak in the middle, and 6 h to drain."""
    hours = (np.arange(24 * 12) + 0.5) / 12
    intensity = 1 / (np.abs(hours - 12) + 0.12) ** 0.85
    return np.concatenate([intensity * 120 / intensity.sum(), np.zeros(72)])


def showers_mm(years: int = 1) -> np.ndarray:
    """Years of hourly showers."""
    random = np.random.default_rng(1)
    rain = np.zeros(years * 8760)
    hour = 0
    while hour < len(rain):
        hour += int(random.exponential(75)) + 1
        length = int(random.exponential(5)) + 1
        rain[hour : hour + length] = random.gamma(0.6, 3.2, len(rain[hour : hour + length])).round(1)
        hour += length
    return rain


def storm_case(model: int, count: int = 12) -> RunoffCase:
    table, soils = catchments(count)
    names = tuple(f"S{index}" for index in range(count))
    return RunoffCase(names, table, model, soils[model], storm_mm(), 300, START, 3.0)


def years_case(model: int, count: int = 12, years: int = 1) -> RunoffCase:
    table, soils = catchments(count)
    names = tuple(f"S{index}" for index in range(count))
    rain = showers_mm(years)
    return RunoffCase(names, table, model, soils[model], rain, 3600, START, 3.0, wet_step_s=300)


def unit(kind: int, area_m2: float, **changed: float) -> np.ndarray:
    """A LID unit of a kind with usual layers, some values changed by the names of twin.kernels.lid."""
    values: dict[str, float] = {"SURFACE_VOID": 1.0, "STORAGE_VOID": 1.0, "DRAIN_EXPONENT": 0.5}
    soil = {
        "POROSITY": 0.5, "FIELD_CAPACITY": 0.2, "WILTING_POINT": 0.1,
        "SOIL_CONDUCTIVITY_M_S": 30 * MM_H, "SOIL_SLOPE": 10.0, "SUCTION_M": 0.06,
    }  # fmt: skip
    gravel = {"STORAGE_M": 0.3, "STORAGE_VOID": 0.67 / 1.67, "STORAGE_SEEPAGE_M_S": 5 * MM_H}
    values |= {
        lid.BIORETENTION: {
            "SURFACE_M": 0.2, "SURFACE_VOID": 0.9, "SOIL_M": 0.5, **soil, **gravel,
            "DRAIN_COEFFICIENT": 5.0, "DRAIN_OFFSET_M": 0.05,
        },
        lid.RAIN_GARDEN: {"SURFACE_M": 0.15, "SURFACE_VOID": 0.9, "SOIL_M": 0.4, **soil,
                          "STORAGE_SEEPAGE_M_S": 5 * MM_H},
        lid.GREEN_ROOF: {
            "SURFACE_M": 0.025, "SURFACE_VOID": 0.9, "SOIL_M": 0.1, **soil, "STORAGE_M": 0.025,
            "STORAGE_VOID": 0.5, "MAT_CONVEYANCE": 0.02,
        },
        lid.INFILTRATION_TRENCH: {"SURFACE_M": 0.05, "STORAGE_M": 1.0, "STORAGE_VOID": 0.4,
                                  "STORAGE_SEEPAGE_M_S": 5 * MM_H, "DRAIN_COEFFICIENT": 2.0,
                                  "DRAIN_OFFSET_M": 0.3},
        lid.PERMEABLE_PAVEMENT: {
            "SURFACE_M": 0.002, "PAVEMENT_M": 0.1, "PAVEMENT_VOID": 0.15 / 1.15,
            "PAVEMENT_PERMEABILITY_M_S": 500 * MM_H, **gravel, "DRAIN_COEFFICIENT": 3.0,
        },
        lid.RAIN_BARREL: {"STORAGE_M": 1.0, "DRAIN_COEFFICIENT": 1.5, "DRAIN_DELAY_S": 6 * 3600.0},
        lid.VEGETATIVE_SWALE: {"SURFACE_M": 0.3, "SURFACE_VOID": 0.9, "SWALE_WIDTH_M": 3.0,
                               "SWALE_SIDE_SLOPE": 4.0, "SWALE_CONVEYANCE": 0.1 / 0.2},
    }[kind] | changed  # fmt: skip
    row = np.zeros(lid.UNIT_COLUMNS)
    row[lid.KIND], row[lid.AREA_M2], row[lid.FROM_SEALED] = kind, area_m2, 0.25
    for name, value in values.items():
        row[getattr(lid, name)] = value
    return row


def with_units(case: RunoffCase, kinds: list[int], share: float = 0.05, **changed: float) -> RunoffCase:
    """The case with a unit of each kind on that share of each catchment."""
    rows = [unit(kind, share * row[0], **changed) for row in case.catchments for kind in kinds]
    owner = np.repeat(np.arange(len(case.names)), len(kinds))
    return replace(case, units=np.array(rows), unit_catchment=owner)
