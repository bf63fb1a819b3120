"""The child process that reads a file with IfcOpenShell.

It is a server of one client, its parent: one JSON request per line, JSON answers on another pipe. Large
results go into containers (:mod:`ifc.container`) in a folder of the parent's. It may crash or hang at any
time; the parent (:mod:`ifc.isolation`) knows what to do then. IfcOpenShell is imported inside functions: a
parent that forks this child imports this module, but never the engine.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from ifc import container
from ifc.reading.boundaries import read_boundaries
from ifc.reading.complaints import products_with_failures, products_with_gaps, summarise
from ifc.reading.entities import forget_positions, make_light
from ifc.reading.geometry import build_geometry
from ifc.reading.materials import read_constructions
from ifc.reading.plan import plan_geometry
from ifc.reading.products import (
    read_elements,
    read_groups,
    read_openings,
    read_products,
    read_storeys,
    storey_of_elements,
)
from ifc.reading.project import read_project, repeated_ids
from ifc.reading.properties import read_properties
from ifc.reading.shapes.build import KERNEL as OWN_KERNEL
from ifc.reading.shapes.build import build_own
from ifc.reading.site import read_site
from ifc.reading.units import Units, read_units


def main(memory_bytes: int, seconds: int) -> None:
    """Serve the requests on stdin; answers go to the pipe that was stdout.

    Args:
        memory_bytes: as for :func:`serve`.
        seconds: as for :func:`serve`.
    """
    serve(sys.stdin, _private_stdout(), memory_bytes, seconds)


def serve(requests: TextIO, answers: TextIO, memory_bytes: int, seconds: int) -> None:
    """Serve requests until there are no more.

    Args:
        requests: one per line.
        answers: as they come.
        memory_bytes: of address space that this process may take from now on, 0 for no limit.
        seconds: after which this process ends, whatever becomes of its parent; 0 for no limit.
    """
    gc.disable()  # millions of small objects, no cycles that matter, and a short life
    _limit(memory_bytes, seconds)
    sys.modules["lark"] = None  # type: ignore[assignment]  # where it is there, IfcOpenShell compiles a grammar
    make_light()  # imports IfcOpenShell: a failure is a crash, not the file's fault
    server = _Server(answers)
    for line in requests:
        request = json.loads(line)
        try:
            getattr(server, f"do_{request.pop('do')}")(**request)
        except Exception as error:  # noqa: BLE001  whatever it is, the parent must hear of it
            server.answer({"failed": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()})
        else:
            server.answer({"finished": True})


class _Server:
    def __init__(self, answers: TextIO) -> None:
        self._answers = answers
        self._file: Any = None
        self._path = Path()
        self._units = Units()
        self._with_gaps: list[int] = []

    def answer(self, message: dict[str, Any]) -> None:
        self._answers.write(json.dumps(message) + "\n")
        self._answers.flush()

    def do_open(self, path: str) -> None:
        """Parse the file and answer what the parser complained of."""
        import ifcopenshell

        ifcopenshell.get_log()  # which empties it: a fork inherits its parent's
        forget_positions()
        self._path = Path(path)
        self._file = ifcopenshell.open(path, format=".ifc")
        self._units = read_units(self._file)
        log = ifcopenshell.get_log()
        self._with_gaps = products_with_gaps(self._file, log)
        self.answer({"complaints": summarise(log)})

    def do_tables(self, out: str) -> None:
        """Write everything but geometry to the container ``out``."""
        file = self._file
        units = self._units
        products = read_products(file)
        elements = read_elements(file, products)
        storeys = read_storeys(products, elements.parent, units)
        elements.storey[:] = storey_of_elements(elements.parent, storeys)
        properties = read_properties(file, products, units)
        constructions, rows, directions = read_constructions(file, products, elements, properties, units)
        elements.construction[:] = rows
        elements.layer_direction[:] = directions
        container.save(
            Path(out),
            {
                "project": read_project(file, self._path),
                "length_unit_m": units.length_m,
                "site": read_site(file, units),
                "elements": elements,
                "properties": properties,
                "storeys": storeys,
                "openings": read_openings(file, products),
                "groups": read_groups(file, products),
                "boundaries": read_boundaries(file, products, units),
                "constructions": constructions,
                "diagnostics": units.diagnostics,
                "repeated_ids": repeated_ids(file),
                "with_gaps": np.array(self._with_gaps, np.int64),
                "step_ids": np.array(list(products.row_of), np.int64),
            },
        )

    def do_plan(self) -> None:
        """Answer which products have a shape, and which kernel builds it."""
        self.answer({"plan": plan_geometry(self._file)})

    def do_geometry(self, products: list[int], kernel: str, out: str) -> None:
        """Write parts ``out``.0, ``out``.1, ...; answer the path of each, and products that lack a part."""
        import ifcopenshell

        ifcopenshell.get_log()  # which empties it
        own = kernel == OWN_KERNEL
        parts = (
            build_own(self._file, self._path, products, self._units)
            if own
            else build_geometry(self._file, products, kernel)
        )
        for number, part in enumerate(parts):
            path = f"{out}.{number}"
            container.save(Path(path), part)
            self.answer({"part": path})
        if not own:
            failed = products_with_failures(self._file, ifcopenshell.get_log())
            self.answer({"incomplete": failed})


def _private_stdout() -> TextIO:
    """Keep the pipe for answers; whatever the engine prints goes to stderr."""
    private = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    return private


def _limit(memory_bytes: int, seconds: int) -> None:
    """Limit the address space, and end after some time even if the parent is gone; 0 for no limit."""
    if sys.platform == "win32":
        return
    import resource
    import signal

    if memory_bytes > 0:
        limit = memory_bytes + _address_space_bytes()
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    if seconds > 0:
        signal.alarm(seconds)


def _address_space_bytes() -> int:
    """What this process has of it, much of it inherited where it was forked; 0 where nobody tells."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
