"""Radiance's programs, from the package ``pyradiance`` (extra ``verify``)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ifc.model import Text
from twin.errors import TwinError

Floats = NDArray[np.float64]

# No interpolation of the ambient light (-aa 0), whose cache is biased; every bounce that counts.
UNCACHED = ("-ab", "8", "-as", "0", "-aa", "0", "-lw", "1e-6", "-lr", "-10")


def programs() -> Path:
    """The folder of Radiance's programs and library.

    Raises:
        TwinError: ``pyradiance`` is not installed.
    """
    found = find_spec("pyradiance")
    if found is None or not found.submodule_search_locations:
        raise TwinError(
            "missing-extra",
            "twin verify daylight",
            Text("The library pyradiance is not installed.", "未安装 pyradiance 库。"),
            Text("Run: pip install 'greentwin[verify]'", "请运行：pip install 'greentwin[verify]'"),
        )
    return Path(found.submodule_search_locations[0])


def daylight_factors(
    scene: Path,
    sensors: Floats,
    divisions: int,
    *,
    options: Sequence[str] = UNCACHED,
    processes: int | None = None,
) -> Floats:
    """Daylight factors (N,) as fractions of upward sensors (N, 3) in a scene with a sky of irradiance 1.

    ``divisions``: rays of each sensor (-ad); ``options``: of the ambient light. The sensors are shared out to
    ``processes``, one per core by default.

    Raises:
        TwinError: Radiance is not installed or gave up.
    """
    octree = scene.with_suffix(".oct")
    if not octree.exists():
        octree.write_bytes(_run(["oconv", scene.name], scene.parent))
    command = ["rtrace", "-h", "-I+", *options, "-ad", str(divisions), octree.name]
    shares = [part for part in np.array_split(sensors, processes or os.cpu_count() or 1) if len(part)]

    def trace(part: Floats) -> list[Floats]:
        lines = "\n".join(" ".join(map(repr, (*point, 0, 0, 1))) for point in part.tolist())
        output = _run(command, scene.parent, lines.encode())
        return list(np.array(output.split(), np.float64).reshape(-1, 3)[:, 1])

    with ThreadPoolExecutor(len(shares) or 1) as pool:
        return np.array([value for values in pool.map(trace, shares) for value in values])


def _run(command: Sequence[str], folder: Path, given: bytes = b"") -> bytes:
    home = programs()
    environment = {
        **os.environ,
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        "RAYPATH": f"{home / 'lib'}{os.pathsep}.",
    }
    done = subprocess.run(command, cwd=folder, env=environment, input=given, capture_output=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or [str(done.returncode)])[-1]
        raise TwinError(
            "radiance-failed",
            command[0],
            Text(f"Radiance gave up: {last}.", f"Radiance 运行失败：{last}。"),
            Text("Keep the scene with --scenes and run it by hand.", "请用 --scenes 保留场景并手动运行。"),
        )
    return done.stdout
