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

OVERCAST_SKY = "overcast.rad"  # beside each scene
# No interpolation of the ambient light (-aa 0), whose cache is biased. With 8 bounces, as is often said to be
# enough, a light room would lose 0.3 to 1 % of its light; weak rays end by Russian roulette anyway.
UNCACHED = ("-ab", "24", "-as", "0", "-aa", "0", "-lw", "1e-6", "-lr", "-30")


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
    once: Floats
    (once,) = factors_of_runs(scene, sensors, divisions, 1, options=options, processes=processes)
    return once


def factors_of_runs(
    scene: Path,
    sensors: Floats,
    divisions: int,
    runs: int,
    *,
    options: Sequence[str] = UNCACHED,
    processes: int | None = None,
) -> Floats:
    """The same as :func:`daylight_factors`, as ``(runs, N)`` independent answers.

    A process of rtrace takes its chance from the second it starts in, so that two of one second give the
    same answers. Within one process its chance goes on: here each sensor comes ``runs`` times in a row.

    Raises:
        TwinError: Radiance is not installed or gave up.
    """
    command = ["rtrace", "-h", "-I+", *options, "-ad", str(divisions)]
    command.append(octree(scene, (OVERCAST_SKY,)).name)
    output = in_processes(command, scene.parent, sensors, processes, runs)
    return np.array(output.split(), np.float64).reshape(-1, runs, 3)[:, :, 1].T


def octree(scene: Path, lights: Sequence[str]) -> Path:
    """The octree of a scene with ``lights``, files beside it; made once."""
    made = scene.with_name("_".join([scene.stem, *(Path(name).stem for name in lights)]) + ".oct")
    if not made.exists():
        made.write_bytes(run(["oconv", *lights, scene.name], scene.parent))
    return made


def in_processes(
    command: Sequence[str],
    folder: Path,
    sensors: Floats,
    processes: int | None,
    runs: int = 1,
    facing: Floats | None = None,
) -> bytes:
    """What a program gives for sensors (N, 3), each ``runs`` times in a row.

    They face upwards, else ``facing`` (N, 3), and are shared out to processes, one per core by default.
    """
    up = np.broadcast_to(np.array([0.0, 0.0, 1.0]), sensors.shape)
    rays = np.hstack([sensors, up if facing is None else facing])
    shares = [part for part in np.array_split(rays, processes or os.cpu_count() or 1) if len(part)]

    def trace(part: Floats) -> bytes:
        lines = "\n".join(" ".join(map(repr, ray)) for ray in np.repeat(part, runs, axis=0).tolist())
        return run(command, folder, f"{lines}\n".encode())

    with ThreadPoolExecutor(len(shares) or 1) as pool:
        return b"".join(pool.map(trace, shares))


def run(command: Sequence[str], folder: Path, given: bytes = b"") -> bytes:
    """What a program of Radiance writes to its standard output.

    Raises:
        TwinError: Radiance is not installed or gave up.
    """
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
