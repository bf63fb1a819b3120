"""Subcatchments and their rain as an input file of EPA SWMM 5 (.inp)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from twin.kernels.infiltration import (
    CURVE_NUMBER,
    GREEN_AMPT,
    HORTON,
    MODIFIED_GREEN_AMPT,
    MODIFIED_HORTON,
)
from twin.kernels.lid import REUSE
from twin.kernels.subcatchment_parts import (
    AREA_M2,
    BARE_SHARE,
    PERVIOUS_DEPRESSION_M,
    PERVIOUS_N,
    SEALED_DEPRESSION_M,
    SEALED_N,
    SEALED_SHARE,
    SLOPE,
    WIDTH_M,
)
from twin.metrics.sponge.pipe_network import PipeNetwork
from twin.metrics.sponge.runoff_case import RunoffCase
from twin.verify.swmm_lid import lid_sections
from twin.verify.swmm_network import network_sections

MM_H = 1.0 / 3.6e6
_INFILTRATION = {
    HORTON: "HORTON",
    MODIFIED_HORTON: "MODIFIED_HORTON",
    GREEN_AMPT: "GREEN_AMPT",
    MODIFIED_GREEN_AMPT: "MODIFIED_GREEN_AMPT",
    CURVE_NUMBER: "CURVE_NUMBER",
}


@dataclass(frozen=True)
class Sewer:
    """The pipes that subcatchments drain to, and how SWMM is to route."""

    network: PipeNetwork
    node: tuple[str, ...]  # of each subcatchment that drains to no other
    step_s: int
    steady: bool = False


def write_swmm(case: RunoffCase, path: Path, *, series: bool = True, sewer: Sewer | None = None) -> Path:
    """Write a case as ``path`` and its rain beside it (.dat); returns ``path``.

    The subcatchments drain to each other or to the outfall, without routing, or into a ``sewer``. What lies
    under others has a gage of its own that stays dry; what is drawn on goes to an outfall REUSE. Without
    ``series`` SWMM keeps no time series.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    rain_path = path.with_name(f"{path.stem}_rain.dat")
    rain_path.write_text(_rain(case), "utf-8")
    sections = {
        "OPTIONS": [*_options(case), *_routing(sewer)],
        "EVAPORATION": [_evaporation(case), "DRY_ONLY NO"],
        "RAINGAGES": [
            f"{gage} INTENSITY {_clock(case.interval_s)[:5]} 1.0 TIMESERIES {gage}"
            for gage in ("RAIN", "NONE")
        ],
        "TIMESERIES": [f'RAIN FILE "{rain_path.name}"', f"NONE {_time(case.start):%m/%d/%Y %H:%M} 0"],
        "SUBCATCHMENTS": [
            f"{name} {gage} {to} {row[AREA_M2] / 1e4:.10g} {100 * row[SEALED_SHARE]:.10g} "
            f"{row[WIDTH_M]:.10g} {100 * row[SLOPE]:.10g} 0"
            for name, gage, to, row in zip(
                case.names, _gages(case), _outlets(case, sewer), case.catchments, strict=True
            )
        ],
        "SUBAREAS": [
            f"{name} {row[SEALED_N]:.10g} {row[PERVIOUS_N]:.10g} {1e3 * row[SEALED_DEPRESSION_M]:.10g} "
            f"{1e3 * row[PERVIOUS_DEPRESSION_M]:.10g} {100 * row[BARE_SHARE]:.10g} OUTLET"
            for name, row in zip(case.names, case.catchments, strict=True)
        ],
        "INFILTRATION": _infiltration(case),
        **lid_sections(case),
        "OUTFALLS": ["REUSE 0 FREE NO"] if case.units[:, REUSE].any() else [],
        "REPORT": ["INPUT NO", f"SUBCATCHMENTS {'ALL' if series else 'NONE'}"],
    }
    if sewer is None:
        sections["OUTFALLS"].insert(0, "OUTLET 0 FREE NO")
    else:
        pipes = network_sections(sewer.network)
        pipes["OUTFALLS"] += sections["OUTFALLS"]
        sections |= pipes
    text = "\n\n".join("\n".join((f"[{name}]", *lines)) for name, lines in sections.items())
    path.write_text(text + "\n", "utf-8")
    return path


def _options(case: RunoffCase) -> list[str]:
    start = _time(case.start)
    end = start + timedelta(seconds=case.interval_s * case.intervals)
    return [
        "FLOW_UNITS LPS",
        f"INFILTRATION {_INFILTRATION[case.model]}",
        f"START_DATE {start:%m/%d/%Y}",
        f"START_TIME {start:%H:%M:%S}",
        f"REPORT_START_DATE {start:%m/%d/%Y}",
        f"REPORT_START_TIME {start:%H:%M:%S}",
        f"END_DATE {end:%m/%d/%Y}",
        f"END_TIME {end:%H:%M:%S}",
        f"REPORT_STEP {_clock(max(case.interval_s, 3600))}",
        f"WET_STEP {_clock(case.wet_step_s)}",
        f"DRY_STEP {_clock(case.dry_step_s)}",
    ]


def _routing(sewer: Sewer | None) -> list[str]:
    if sewer is None:
        return ["IGNORE_ROUTING YES"]
    method = "STEADY" if sewer.steady else "KINWAVE"
    return [f"FLOW_ROUTING {method}", f"ROUTING_STEP {_clock(sewer.step_s)}"]


def _evaporation(case: RunoffCase) -> str:
    """mm/day, the year round or of each month."""
    values = np.atleast_1d(case.evaporation_mm_day).tolist()
    return " ".join(["CONSTANT" if len(values) == 1 else "MONTHLY", *(f"{value:.10g}" for value in values)])


def _gages(case: RunoffCase) -> list[str]:
    gage = [0] * len(case.names) if case.gage is None else case.gage.tolist()
    return ["RAIN" if row >= 0 else "NONE" for row in gage]


def _outlets(case: RunoffCase, sewer: Sewer | None) -> list[str]:
    outlet = [-1] * len(case.names) if case.outlet is None else case.outlet.tolist()
    out = ("OUTLET",) * len(outlet) if sewer is None else sewer.node
    return [node if to < 0 else case.names[to] for to, node in zip(outlet, out, strict=True)]


def _infiltration(case: RunoffCase) -> list[str]:
    """Rows in the units of SWMM's input: mm/h, 1/h, days, mm."""
    a, b, c, d, most = case.soil.T
    with np.errstate(divide="ignore"):
        if case.model in (HORTON, MODIFIED_HORTON):
            columns = [a / MM_H, b / MM_H, c * 3600.0, -np.log(0.02) / d / 86400.0, 1e3 * most]
        elif case.model in (GREEN_AMPT, MODIFIED_GREEN_AMPT):
            columns = [1e3 * a, b / MM_H, c]
        else:
            columns = [1000.0 / (a / 25.4e-3 + 10.0), np.full_like(a, 0.5), 1.0 / b / 86400.0]
    rows = np.column_stack(columns)
    return [
        f"{name} {' '.join(f'{value:.10g}' for value in row)}"
        for name, row in zip(case.names, rows, strict=True)
    ]


def _rain(case: RunoffCase) -> str:
    """The wet intervals, mm/h."""
    start, hour = _time(case.start), 3600.0 / case.interval_s
    lines = ["; mm/h"]
    for index in np.flatnonzero(case.rain_mm).tolist():
        at = start + timedelta(seconds=case.interval_s * index)
        lines.append(f"{at:%m/%d/%Y %H:%M} {case.rain_mm[index] * hour:.10g}")
    return "\n".join(lines) + "\n"


def _time(moment: np.datetime64) -> datetime:
    found = moment.astype("datetime64[s]").item()
    assert isinstance(found, datetime)
    return found


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
