"""EnergyPlus from the package ``pyenergyplus-lbnl``, run in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ifc.model import Text
from twin.errors import TwinError

Floats = NDArray[np.float64]

_RUN = (
    "import sys; from pyenergyplus.api import EnergyPlusAPI; api = EnergyPlusAPI(); "
    "state = api.state_manager.new_state(); api.runtime.set_console_output_status(state, False); "
    "sys.exit(api.runtime.run_energyplus(state, ['-w', sys.argv[1], '-d', sys.argv[2], sys.argv[3]]))"
)
_HEATING, _COOLING = "Zone Air System Sensible Heating Energy", "Zone Air System Sensible Cooling Energy"
_TIMEOUT_S = 3600


@dataclass(frozen=True)
class Loads:
    """Sensible loads of Z zones, W, each (Z, 8760), and how long the run took."""

    heating_w: Floats
    cooling_w: Floats
    seconds: float


def require() -> None:
    """Check that EnergyPlus is installed.

    Raises:
        TwinError: it is not.
    """
    if find_spec("pyenergyplus") is None:
        raise TwinError(
            "energyplus-missing",
            "pyenergyplus-lbnl",
            Text("EnergyPlus is not installed.", "未安装 EnergyPlus。"),
            Text("pip install 'greentwin[verify]'", "请运行 pip install 'greentwin[verify]'"),
        )


def run(idf: Path, epw: Path, zones: int) -> Loads:
    """Run an input file next to which the results are written.

    Raises:
        TwinError: EnergyPlus is missing or stops with an error.
    """
    require()
    folder = idf.parent
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(epw), str(folder), str(idf)],
        capture_output=True, text=True, check=False, timeout=_TIMEOUT_S,
    )  # fmt: skip
    seconds = time.perf_counter() - begin
    if done.returncode != 0 or not (folder / "eplusout.eso").exists():
        raise TwinError(
            "energyplus-failed",
            str(idf),
            Text(
                f"EnergyPlus stopped: {_first_error(folder)}", f"EnergyPlus 运行中止：{_first_error(folder)}"
            ),
            Text(
                "Keep the input with --keep and read eplusout.err.",
                "请用 --keep 保留输入并查看 eplusout.err。",
            ),
        )
    heating, cooling = np.zeros((zones, 8760)), np.zeros((zones, 8760))
    for (zone, name), values in _hourly(folder / "eplusout.eso").items():
        if name in (_HEATING, _COOLING) and zone.startswith("Z") and zone[1:].isdigit():
            (heating if name == _HEATING else cooling)[int(zone[1:])] = values / 3600.0
    return Loads(heating, cooling, seconds)


def _first_error(folder: Path) -> str:
    path = folder / "eplusout.err"
    lines = path.read_text("utf-8", "replace").splitlines() if path.exists() else []
    return next(
        (line.strip(" *") for line in lines if "** Severe" in line or "**  Fatal" in line), "no message"
    )


def _hourly(path: Path) -> dict[tuple[str, str], Floats]:
    """(zone, variable) -> hourly values of an ESO file."""
    names: dict[str, tuple[str, str]] = {}
    values: dict[str, list[float]] = {}
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("End of Data Dictionary"):
                break
            parts = line.strip().split(",")
            if len(parts) > 3 and parts[1] == "1" and "Hourly" in line:
                names[parts[0]] = (parts[2], parts[3].split(" [")[0])
        for line in file:
            parts = line.strip().split(",", 2)
            if parts[0] in names:
                values.setdefault(parts[0], []).append(float(parts[1]))
    return {names[key]: np.array(column) for key, column in values.items()}
