"""An input file in SWMM itself, for what it computes in full precision instead of what it prints."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ifc.model import Text
from twin.errors import TwinError
from twin.kernels.subcatchment_parts import AREA_M2
from twin.verify.swmm import require_swmm
from twin.verify.swmm_input.case import SwmmCase
from twin.verify.swmm_input.rain import data_path
from twin.verify.swmm_input.text import InputFile, Row
from twin.verify.swmm_input.units import FOOT

Floats = NDArray[np.float64]

# In a process of its own: SWMM writes to the standard output, and keeps its state in globals.
_RUN = """
import json, os, sys, time
from swmm.toolkit import shared_enum as kinds, solver
out = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
begin = time.perf_counter()
solver.swmm_open("site.inp", "site.rpt", "site.out")
solver.swmm_start(False)
while solver.swmm_stride(86400 * 3650) > 0:
    pass
found = {"subcatchments": {}}
wanted = [kinds.LidResult[name] for name in json.loads(sys.argv[1])]
for j in range(solver.project_get_count(kinds.ObjectType.SUBCATCH)):
    one = solver.subcatch_get_stats(j)
    found["subcatchments"][solver.project_get_id(kinds.ObjectType.SUBCATCH, j)] = {
        "values": [one.precip, one.runon, one.evap, one.infil, one.runoff, one.maxFlow],
        "units": [
            [solver.lid_usage_get_result(j, k, what) for what in wanted]
            for k in range(solver.lid_usage_get_count(j))
        ],
    }
found["seconds"] = time.perf_counter() - begin
solver.swmm_end()
found["imbalance_pct"] = list(solver.swmm_get_mass_balance())
solver.swmm_close()
os.write(out, json.dumps(found).encode())
"""
UNIT_RESULTS = (
    "INFLOW", "EVAPORATION", "INFILTRATION", "SURFACE_FLOW", "DRAIN_FLOW", "INITIAL_VOLUME", "FINAL_VOLUME",
)  # fmt: skip
VOLUMES = (1.0, 0.02832)  # SWMM's unit of volume per cubic foot, US and metric


@dataclass(frozen=True)
class SwmmRun:
    """SWMM's totals of each subcatchment, mm over it, shape (N,); peak in m³/s."""

    rain_mm: Floats
    run_on_mm: Floats
    evaporated_mm: Floats
    infiltrated_mm: Floats
    runoff_mm: Floats  # with what drains send elsewhere
    peak_m3_s: Floats
    units_mm: Floats  # (M, 7) UNIT_RESULTS, mm over the unit
    imbalance_pct: float  # of its own balance of runoff
    seconds: float


def run_input(file: InputFile, found: SwmmCase) -> SwmmRun:
    """Run the subcatchments of a file.

    Args:
        file: the input.
        found: what it comes to, with a case.

    Raises:
        TwinError: SWMM is not installed or finds an error.
    """
    require_swmm()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_copy(file, folder)
        data = run_copy(file, folder, _RUN, json.dumps(UNIT_RESULTS))
    return _result(data, found)


def run_copy(file: InputFile, folder: Path, script: str, *arguments: str) -> dict[str, Any]:
    """What a script prints as JSON that runs the copy of a file in ``folder``.

    Raises:
        TwinError: SWMM finds an error.
    """
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=folder, capture_output=True, check=False
    )
    if done.returncode != 0:
        report = folder / "site.rpt"
        text = report.read_text("utf-8", errors="replace") if report.exists() else ""
        errors = [line.strip() for line in text.splitlines() if "ERROR" in line]
        last = errors or done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no report"]
        raise TwinError(
            "swmm-failed",
            str(file.path),
            Text(f"SWMM gave up: {last[0]}", f"SWMM 运行失败：{last[0]}"),
            Text("Open the file in SWMM to see where.", "请在 SWMM 中打开该文件查看。"),
        )
    data: dict[str, Any] = json.loads(done.stdout)
    return data


def _result(data: dict[str, Any], found: SwmmCase) -> SwmmRun:
    """The totals in our units."""
    case, units = found.case, found.units
    assert case is not None
    rows = data["subcatchments"]
    values = np.array([rows[name]["values"] for name in case.names])
    depth = values * 1e3 * units.depth_m  # of rain alone
    cubic_foot = FOOT**3
    mm = 1e3 * values * cubic_foot / VOLUMES[units.metric] / case.catchments[:, AREA_M2, None]
    lids = []
    for row, place in zip(case.unit_catchment.tolist(), found.unit_place, strict=True):
        own = rows[case.names[row]]["units"]
        lids.append([1e3 * units.depth_m * value for value in own[place]])
    return SwmmRun(
        rain_mm=depth[:, 0],
        run_on_mm=mm[:, 1],
        evaporated_mm=mm[:, 2],
        infiltrated_mm=mm[:, 3],
        runoff_mm=mm[:, 4],
        peak_m3_s=values[:, 5] / units.flow * cubic_foot,
        units_mm=np.array(lids).reshape(-1, len(UNIT_RESULTS)),
        imbalance_pct=float(data["imbalance_pct"][0]),
        seconds=float(data["seconds"]),
    )


def write_copy(file: InputFile, folder: Path, routing: Sequence[str] = ("IGNORE_ROUTING YES",)) -> Path:
    """Write the file into a folder, with its data beside it, so that SWMM writes nothing anywhere else.

    Reports of LID units and interface files are left out, and so is what we do not compare. The options
    ``routing`` count before those of the file.

    Raises:
        TwinError: a row that no subcatchment needs is cut short, or its data file is missing.
    """
    lines: list[str] = []
    copied: dict[Path, str] = {}

    def local(row: Row, place: int) -> Row:
        """The row with the name of a copy of its data file."""
        source = data_path(row, row.word(place, "name of the file"))
        if source not in copied:
            copied[source] = f"data{len(copied)}.dat"
            try:
                shutil.copyfile(source, folder / copied[source])
            except OSError:
                raise row.error("Its file cannot be read.", "数据文件无法读取。") from None
        return Row(row.path, row.line, (*row.words[:place], copied[source], *row.words[place + 1 :]))

    for section, rows in file.sections.items():
        if section in ("TITLE", "FILE", "TEMPERATURE", "REPORT"):
            continue
        lines.append(f"[{section}]" if section != "INFIL" else "[INFILTRATION]")
        for row in rows:
            words = row.words
            if section == "RAINGAGE" and row.word(4, "TIMESERIES or FILE").upper() == "FILE":
                words = local(row, 5).words
                if row.word(6, "station") == "*":  # any, which SWMM finds ambiguous where there are two files
                    words = (*words[:6], f"STATION{row.line}", *words[7:])
            elif section == "TIMESERIES" and row.word(1, "time or FILE").upper() == "FILE":
                words = local(row, 2).words
            elif section == "LID_USAGE" and len(words) > 8:
                words = (*words[:8], "*", *words[9:])
            lines.append(" ".join(f'"{word}"' if " " in word or not word else word for word in words))
    lines += ["[OPTIONS]", *routing, "[REPORT]", "INPUT NO", "SUBCATCHMENTS NONE"]
    path = folder / "site.inp"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
