"""One reading of one file, measured: ``python -m benchmarks.intake_probe WHAT MODEL [FOLDER] ANSWER``.

WHAT is ``ours`` (open, geometry and model, no cache), ``steps`` (the whole read, kernels compiled before;
leaves the model in the cache FOLDER), ``warm`` (from that cache) or ``iterator`` (IfcOpenShell's default).
The clock starts after the imports.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.cases import ROOT

ONE_ROOM = ROOT / "twin" / "data" / "one_room.ifc"


def ours(path: Path) -> dict[str, Any]:
    """Open, geometry and model: what the file states, nothing derived."""
    from ifc.reader import read_file
    from ifc.step_file import find_source

    begin = time.perf_counter()
    model = read_file(find_source(path), lambda stage, fraction: None)
    seconds = time.perf_counter() - begin
    return {"seconds": seconds, "stages": dict(model.seconds), "built": int(_built(model))}


def steps(path: Path, folder: Path) -> dict[str, Any]:
    """The whole read with every step, its digest, and what became of the spaces."""
    from ifc.reader import read

    read(ONE_ROOM, cache=None)
    begin = time.perf_counter()
    model = read(path, cache=folder)
    seconds = time.perf_counter() - begin
    solid = model.spaces.volume_m3 > 0
    return {
        "seconds": seconds,
        "stages": dict(model.seconds),
        "digest": digest(model),
        "spaces": len(model.spaces),
        "grades": dict(Counter(model.spaces.grade[model.spaces.internal].tolist())),
        "without_solid": int((~solid & model.spaces.internal).sum()),
        "reasons": [
            f"{model.spaces.grade[row]} {model.spaces.name[row]}: {model.spaces.grade_reason_en[row]}"
            for row in range(len(model.spaces))
            if model.spaces.internal[row] and model.spaces.grade[row] != "A"
        ],
    }


def warm(path: Path, folder: Path) -> dict[str, Any]:
    """The first read of a file from the cache in this process."""
    from ifc.reader import read

    begin = time.perf_counter()
    model = read(path, cache=folder)
    seconds = time.perf_counter() - begin
    if "cache" not in model.seconds:
        raise RuntimeError(f"{path} was not in the cache")
    return {"seconds": seconds, "digest": digest(model)}


def iterator(path: Path) -> dict[str, Any]:
    """IfcOpenShell: open, then the default iterator (opencascade, one thread) over everything."""
    import ifcopenshell
    import ifcopenshell.geom

    begin = time.perf_counter()
    file = ifcopenshell.open(str(path))
    found = ifcopenshell.geom.iterator(ifcopenshell.geom.settings(), file)
    built = set()
    if found.initialize():
        while True:
            built.add(found.get().id)
            if not found.next():
                break
    return {"seconds": time.perf_counter() - begin, "built": len(built)}


def digest(model: Any) -> str:
    """SHA-256 of everything in a model but the time it took."""
    from ifc import container

    with tempfile.TemporaryDirectory(prefix="greentwin-benchmark-") as folder:
        saved = Path(folder, "model")
        container.save(saved, replace(model, seconds={}))
        return hashlib.sha256(saved.read_bytes()).hexdigest()


def _built(model: Any) -> int:
    return len(set(model.geometry.instance_element.tolist()))


def main() -> None:
    what, *arguments, answer = sys.argv[1:]
    probes: dict[str, Callable[..., dict[str, Any]]] = {
        "ours": ours, "steps": steps, "warm": warm, "iterator": iterator,
    }  # fmt: skip
    if what == "iterator":  # what the clock must not see
        import ifcopenshell.geom  # noqa: F401
    else:
        import ifc.reader
        import ifc.reading.worker  # noqa: F401  all but IfcOpenShell, which only the child loads
    begin = _cpu_s()
    found = probes[what](*map(Path, arguments))
    found["cpu_s"] = _cpu_s() - begin
    Path(answer).write_text(json.dumps(found), "utf-8")


def _cpu_s() -> float:
    """Processor time so far of this process and its children that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


if __name__ == "__main__":
    main()
