"""LID units as sections of a SWMM input file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.kernels import lid
from twin.kernels.subcatchment_parts import SWMM_METRE
from twin.metrics.sponge.runoff_case import RunoffCase

Floats = NDArray[np.float64]

MM_H = 1.0 / 3.6e6
CODES = {
    lid.BIORETENTION: "BC",
    lid.RAIN_GARDEN: "RG",
    lid.GREEN_ROOF: "GR",
    lid.INFILTRATION_TRENCH: "IT",
    lid.PERMEABLE_PAVEMENT: "PP",
    lid.RAIN_BARREL: "RB",
    lid.VEGETATIVE_SWALE: "VS",
}


def lid_sections(case: RunoffCase) -> dict[str, list[str]]:
    """The sections LID_CONTROLS and LID_USAGE, one control per unit; none without units."""
    if not len(case.units):
        return {}
    controls: list[str] = []
    usage: list[str] = []
    for row, unit in enumerate(case.units):
        name, catchment = f"LID{row}", case.names[int(case.unit_catchment[row])]
        controls += _control(name, unit)
        usage.append(
            f"{catchment} {name} 1 {unit[lid.AREA_M2]:.10g} {_width_m(unit):.10g} "
            f"{100 * unit[lid.INITIAL_SATURATION]:.10g} {100 * unit[lid.FROM_SEALED]:.10g} 0 * "
            f"{'REUSE' if unit[lid.REUSE] > 0.0 else '*'} "
            f"{100 * unit[lid.FROM_PERVIOUS]:.10g}"
        )
    return {"LID_CONTROLS": controls, "LID_USAGE": usage}


def _control(name: str, unit: Floats) -> list[str]:
    kind = int(unit[lid.KIND])

    def row(layer: str, *values: float) -> str:
        return f"{name} {layer} {' '.join(f'{value:.10g}' for value in values)}"

    # Conveyance is √S / n W / A; with a slope of 1 % and the width of the usage, n follows from it.
    slope_pct, roughness, root = 1.0, 0.0, 0.1 * SWMM_METRE
    if kind == lid.VEGETATIVE_SWALE:
        roughness = root / unit[lid.SWALE_CONVEYANCE]
    elif unit[lid.SURFACE_CONVEYANCE] > 0.0:
        roughness = root * _width_m(unit) / unit[lid.AREA_M2] / unit[lid.SURFACE_CONVEYANCE]
    lines = [f"{name} {CODES[kind]}"]
    lines.append(
        row(
            "SURFACE", 1e3 * unit[lid.SURFACE_M], 1.0 - unit[lid.SURFACE_VOID], roughness, slope_pct,
            unit[lid.SWALE_SIDE_SLOPE],
        )
    )  # fmt: skip
    if unit[lid.PAVEMENT_M] > 0.0:
        sealed = unit[lid.PAVEMENT_SEALED]
        void = unit[lid.PAVEMENT_VOID] / (1.0 - sealed)
        lines.append(
            row(
                "PAVEMENT", 1e3 * unit[lid.PAVEMENT_M], void / (1.0 - void), sealed,
                unit[lid.PAVEMENT_PERMEABILITY_M_S] / MM_H, 0.0,
            )
        )  # fmt: skip
    if unit[lid.SOIL_M] > 0.0:
        lines.append(
            row(
                "SOIL", 1e3 * unit[lid.SOIL_M], unit[lid.POROSITY], unit[lid.FIELD_CAPACITY],
                unit[lid.WILTING_POINT], unit[lid.SOIL_CONDUCTIVITY_M_S] / MM_H, unit[lid.SOIL_SLOPE],
                1e3 * unit[lid.SUCTION_M],
            )
        )  # fmt: skip
    if kind == lid.GREEN_ROOF:
        mat = unit[lid.MAT_CONVEYANCE]
        roughness = root * _width_m(unit) / unit[lid.AREA_M2] / mat if mat > 0.0 else 0.0
        lines.append(row("DRAINMAT", 1e3 * unit[lid.STORAGE_M], unit[lid.STORAGE_VOID], roughness))
    elif kind in (lid.BIORETENTION, lid.INFILTRATION_TRENCH, lid.PERMEABLE_PAVEMENT, lid.RAIN_BARREL):
        void = unit[lid.STORAGE_VOID]
        ratio = void / (1.0 - void) if void < 1.0 else 0.75
        lines.append(
            row("STORAGE", 1e3 * unit[lid.STORAGE_M], ratio, unit[lid.STORAGE_SEEPAGE_M_S] / MM_H, 0.0)
            + (" YES" if unit[lid.COVERED] > 0.0 else "")
        )
        lines.append(
            row(
                "DRAIN", unit[lid.DRAIN_COEFFICIENT], unit[lid.DRAIN_EXPONENT],
                1e3 * unit[lid.DRAIN_OFFSET_M], unit[lid.DRAIN_DELAY_S] / 3600.0,
            )
        )  # fmt: skip
    elif kind == lid.RAIN_GARDEN:
        lines.append(row("STORAGE", 0.0, 0.75, unit[lid.STORAGE_SEEPAGE_M_S] / MM_H, 0.0))
    return lines


def _width_m(unit: Floats) -> float:
    """Width of the usage: that of a swale, the side of a square where there is overland flow, else none."""
    if int(unit[lid.KIND]) == lid.VEGETATIVE_SWALE:
        return float(unit[lid.SWALE_WIDTH_M])
    flows = unit[lid.SURFACE_CONVEYANCE] > 0.0 or unit[lid.MAT_CONVEYANCE] > 0.0
    return float(np.sqrt(unit[lid.AREA_M2])) if flows else 0.0
