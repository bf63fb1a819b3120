"""EPA SWMM 5, from the package ``swmm-toolkit`` (extra ``verify``)."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ifc.model import Text
from twin.errors import TwinError

Floats = NDArray[np.float64]

# In a process of its own: SWMM writes its progress to the standard output, and keeps its state in globals.
_RUN = """
import sys, time
from swmm.toolkit import solver
begin = time.perf_counter()
solver.swmm_run(*sys.argv[1:])
print(f"\\nseconds {time.perf_counter() - begin}")
"""


@dataclass(frozen=True)
class SwmmResult:
    """SWMM's printed summary of each subcatchment, mm over it, shape (N,); peak in m³/s."""

    rain_mm: Floats
    evaporated_mm: Floats
    infiltrated_mm: Floats
    runoff_mm: Floats
    peak_m3_s: Floats
    imbalance_pct: float  # of its own balance
    version: str
    seconds: float  # without the start of the process
    units_mm: Floats  # (M, 7) inflow, evaporated, exfiltrated, overflow, drained, storage before and after
    outfalls: dict[str, tuple[float, float]]  # volume in the units of the file (10⁶ l, 10⁶ gal), largest flow
    routing: dict[str, float]  # of its balance of routing, ha m or acre-feet; its error in %


def require_swmm() -> None:
    """Say what to install.

    Raises:
        TwinError: ``swmm-toolkit`` is not installed.
    """
    if find_spec("swmm") is None:
        raise TwinError(
            "missing-extra",
            "twin verify sponge",
            Text("The library swmm-toolkit is not installed.", "未安装 swmm-toolkit 库。"),
            Text("Run: pip install 'greentwin[verify]'", "请运行：pip install 'greentwin[verify]'"),
        )


def run_swmm(path: Path) -> SwmmResult:
    """Run an input file; the report (.rpt) and the results (.out) are written beside it.

    Raises:
        TwinError: SWMM is not installed or found an error in the file.
    """
    require_swmm()
    report = path.with_suffix(".rpt")
    done = subprocess.run(
        [sys.executable, "-c", _RUN, path.name, report.name, path.with_suffix(".out").name],
        cwd=path.parent, capture_output=True, check=False,
    )  # fmt: skip
    text = report.read_text("utf-8", errors="replace") if report.exists() else ""
    if done.returncode != 0 or "Subcatchment Runoff Summary" not in text:
        errors = [line.strip() for line in text.splitlines() if "ERROR" in line]
        last = errors or done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no report"]
        raise TwinError(
            "swmm-failed",
            str(path),
            Text(f"SWMM gave up: {last[0]}", f"SWMM 运行失败：{last[0]}"),
            Text("Keep the file with --keep and run it by hand.", "请用 --keep 保留输入文件并手动运行。"),
        )
    seconds = float(done.stdout.decode(errors="replace").rsplit("seconds", 1)[1])
    return _read_report(text, seconds)


def _read_report(text: str, seconds: float) -> SwmmResult:
    """The figures of a report's summary.

    Its columns: name, precipitation, run-on, evaporation, infiltration, ..., total runoff in mm; total runoff
    in 10⁶ l; peak in l/s; coefficient.
    """
    table = text.split("Subcatchment Runoff Summary", 1)[1].split("****", 2)[-1]
    rows = []
    for line in table.splitlines():
        cells = line.split()
        if len(cells) == 11:
            try:
                rows.append([float(cell) for cell in cells[1:]])
            except ValueError:
                continue  # a heading
        elif rows and not cells:
            break
    found = np.array(rows)
    balance = text.split("Runoff Quantity Continuity", 1)[1]
    error = balance.split("Continuity Error (%)", 1)[1].splitlines()[0]
    return SwmmResult(
        rain_mm=found[:, 0],
        evaporated_mm=found[:, 2],
        infiltrated_mm=found[:, 3],
        runoff_mm=found[:, 6],
        peak_m3_s=found[:, 8] / 1e3,
        imbalance_pct=float(error.strip(" .\t")),
        version=text.split("VERSION", 1)[1].split("(", 1)[0].strip(),
        seconds=seconds,
        units_mm=_read_units(text),
        outfalls=_read_outfalls(text),
        routing=_read_routing(text),
    )


def _read_outfalls(text: str) -> dict[str, tuple[float, float]]:
    """Volume and largest flow of each outfall."""
    found: dict[str, tuple[float, float]] = {}
    if "Outfall Loading Summary" not in text:
        return found
    for line in text.split("Outfall Loading Summary", 1)[1].splitlines()[2:]:
        cells = line.split()
        if cells[:1] == ["System"]:
            break
        if len(cells) >= 5 and not line.lstrip().startswith(("-", "Outfall", "Freq", "Pcnt")):
            found[cells[0]] = float(cells[4]), float(cells[3])
    return found


def _read_routing(text: str) -> dict[str, float]:
    """The balance of the flow routing, by SWMM's names."""
    found: dict[str, float] = {}
    if "Flow Routing Continuity" not in text:
        return found
    for line in text.split("Flow Routing Continuity", 1)[1].splitlines():
        name, dots, values = line.partition("..")
        if dots:
            found[name.strip()] = float(values.strip(" .").split()[0])
            if name.strip().startswith("Continuity"):
                break
    return found


def _read_units(text: str) -> Floats:
    """The table of LID units, mm over the unit."""
    if "LID Performance Summary" not in text:
        return np.zeros((0, 7))
    rows: dict[int, list[float]] = {}  # by the number in the name: SWMM lists them backwards
    for line in text.split("LID Performance Summary", 1)[1].splitlines():
        cells = line.split()
        if len(cells) == 10 and cells[1].startswith("LID"):
            rows[int(cells[1].removeprefix("LID"))] = [float(cell) for cell in cells[2:9]]
        elif rows:
            break
    return np.array([rows[number] for number in sorted(rows)])
