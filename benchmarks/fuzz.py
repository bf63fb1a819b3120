"""Damaged files: each must end in a result or in one clear error, within the time limit.

Small models, mutated with seeds, are read by ``ifc.read``, one in twenty also evaluated to the end (metrics,
rating, HTML and JSON that obeys its schema); every shared model is evaluated as it is. All in a process that
stands for the caller: it must neither die nor hang. A row per outcome; what went wrong is told on stderr and
its file kept. ``GREENTWIN_FUZZ`` sets how many mutated files are read (2,000).
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.cases import ROOT, pilot_models, real_models, shared_data
from benchmarks.fuzz_mutations import MUTATIONS
from benchmarks.row import Row

MUTATED_FILES = int(os.environ.get("GREENTWIN_FUZZ", "2000"))
_EVALUATED_ONE_IN = 20
_LARGEST_BYTES = 500_000  # of a model that is mutated
_READ_S = 60.0  # what ifc.read is allowed for IfcOpenShell's part
_LIMIT_S = {"read": 240.0, "evaluate": 420.0, "whole": 1800.0}  # a busy machine included
_FAULTS = ("derivation-failed", "metric-failed")
GOOD = ("result", "result with diagnostics", "error")


@dataclass(frozen=True, slots=True)
class Case:
    """One file to try."""

    kind: str  # "read" | "evaluate" | "whole"
    model: Path
    seed: int | None = None  # of the mutation; None for the file as it is

    def __str__(self) -> str:
        if self.seed is None:
            return f"{self.kind} {self.model.name}"
        return f"{self.kind} {self.model.name} seed {self.seed} ({self.mutation()[0]})"

    def mutation(self) -> tuple[str, bytes]:
        """The name of the mutation and the mutated file."""
        rng = random.Random(self.seed)
        mutate = MUTATIONS[rng.randrange(len(MUTATIONS))]
        return mutate.__name__, mutate(self.model.read_bytes(), rng)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case: one of GOOD, or ``traceback``, ``crash`` or ``over time``."""

    what: str
    detail: str
    seconds: float


def cases(mutated: int = MUTATED_FILES) -> Iterator[Case]:
    """Mutated small models in turn, then every shared model as it is."""
    small = [ROOT / "twin" / "data" / "one_room.ifc", *pilot_models(), *_shared_models()]
    small = [path for path in small if path.stat().st_size <= _LARGEST_BYTES]
    for seed in range(mutated):
        yield Case("read", small[seed % len(small)], seed)
        if seed % _EVALUATED_ONE_IN == 0:
            number = seed // _EVALUATED_ONE_IN
            yield Case("evaluate", small[number % len(small)], 1_000_000 + number)
    for path in _shared_models():
        yield Case("whole", path)


def _shared_models() -> list[Path]:
    shared = shared_data()
    broken = [] if shared is None else sorted((shared / "models").glob("*.ifc"))
    return sorted({*real_models(), *broken})


class Caller:
    """The process that calls greentwin; a new one after each death."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = self._context.Pipe()
        self._process = self._context.Process(target=_serve, args=(theirs,), daemon=False)
        self._process.start()
        theirs.close()

    def try_case(self, kind: str, path: Path) -> Outcome:
        """Let the process try one file."""
        begin = time.perf_counter()
        what, detail = "over time", f"no end after {_LIMIT_S[kind]:g} s"
        try:
            self._pipe.send((kind, str(path)))
            if self._pipe.poll(_LIMIT_S[kind]):
                what, detail = self._pipe.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            what, detail = "crash", f"the caller ended with {self._process.exitcode}"
        if what in ("crash", "over time"):
            self.close()
            self._start()
        return Outcome(what, detail, time.perf_counter() - begin)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _serve(pipe: Connection) -> None:
    """In the caller's process: answer (what, detail) for each (kind, path), to the end of the pipe."""
    while True:
        try:
            kind, path = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(_read(Path(path)) if kind == "read" else _evaluate(Path(path)))
        except Exception:  # noqa: BLE001  a traceback is what is looked for
            pipe.send(("traceback", traceback.format_exc()))


def _read(path: Path) -> tuple[str, str]:
    import ifc
    from ifc.errors import IfcError

    try:
        model = ifc.read(path, cache=None, timeout_s=_READ_S)
    except IfcError as error:
        return "error", error.code
    if not model.diagnostics:
        return "result", ""
    if failed := [found.message.en for found in model.diagnostics if found.code in _FAULTS]:
        return "traceback", "\n".join(failed)
    return "result with diagnostics", model.diagnostics[0].code


def _evaluate(path: Path) -> tuple[str, str]:
    import jsonschema

    from ifc.errors import IfcError
    from twin.errors import TwinError
    from twin.evaluate import evaluate
    from twin.report.html_report import write_html
    from twin.report.json_report import evaluation_to_dict, json_schema

    try:
        evaluation = evaluate(path, cache=None)
    except (IfcError, TwinError) as error:
        return "error", error.code
    data = json.loads(json.dumps(evaluation_to_dict(evaluation, "en"), allow_nan=False))
    jsonschema.validate(data, json_schema())
    write_html(evaluation, path.parent / "report.html")
    if failed := [found.message.en for found in evaluation.diagnostics if found.code in _FAULTS]:
        return "traceback", "\n".join(failed)
    return ("result with diagnostics" if evaluation.diagnostics else "result"), ""


def run() -> list[Row]:
    """One row per kind and outcome: ``error`` counts the files, ``ours_s`` is their median time."""
    kept = Path(tempfile.mkdtemp(prefix="greentwin-fuzz-"))
    outcomes: dict[tuple[str, str], list[Outcome]] = {}
    caller = Caller()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for number, case in enumerate(cases()):
                path = Path(folder) / "model.ifc"
                path.write_bytes(case.model.read_bytes() if case.seed is None else case.mutation()[1])
                outcome = caller.try_case(case.kind, path)
                outcomes.setdefault((case.kind, outcome.what), []).append(outcome)
                if outcome.what not in GOOD:
                    (kept / f"{number}.ifc").write_bytes(path.read_bytes())
                    print(f"{case}: {outcome.what}: {outcome.detail}\n  {kept}/{number}.ifc", file=sys.stderr)
                if number % 100 == 99:
                    print(f"{number + 1} files", file=sys.stderr)
    finally:
        caller.close()
    return [
        Row(
            "fuzz",
            f"{kind}: {what}",
            statistics.median(one.seconds for one in found),
            error=len(found),
            unit="files",
        )
        for (kind, what), found in sorted(outcomes.items())
    ]
