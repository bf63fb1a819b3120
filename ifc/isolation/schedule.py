"""Who builds what: the requests of one file to its child process, one after the other.

The child parses the file, hands over the tables, then builds geometry, kernel by kernel. When it dies or
stops answering over some products, these are split and tried again in a new child until the ones at fault
are found: they are left out and named, the rest is kept.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ifc import container
from ifc.errors import IfcError
from ifc.isolation.process import RequestFailed, WorkerGone, WorkerProcess
from ifc.model import Text

Progress = Callable[[str, float], None]

OWN_KERNEL = "own"  # no engine: ifc.reading.shapes
FAST_KERNEL = "hybrid-manifold-opencascade"
EXACT_KERNEL = "opencascade"
STALL_S = 20.0  # a product that takes longer is given up

_ATTEMPT = {OWN_KERNEL: 0, FAST_KERNEL: 1, EXACT_KERNEL: 2}  # the later one counts
_SPLIT = 8  # into how many parts products are split after a failure


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much a read may take."""

    total_s: float
    memory_bytes: int = 0  # of a child's address space, 0 for no limit


@dataclass
class RawModel:
    """What the child read.

    ``parts`` are as :func:`ifc.reading.geometry.build_geometry` yields them, each with ``attempt``: products
    are built again, in a later attempt, when the earlier result was unsound.
    """

    tables: dict[str, Any] = field(default_factory=dict)
    complaints: dict[str, dict[str, Any]] = field(default_factory=dict)  # of the parser, by kind
    parts: list[dict[str, Any]] = field(default_factory=list)
    left_out: dict[int, str] = field(default_factory=dict)  # STEP id -> "crash" | "time" | "memory" | "error"
    incomplete: set[int] = field(default_factory=set)  # STEP ids of which a part could not be built
    not_built: list[int] = field(default_factory=list)  # STEP ids the engine returned nothing for
    seconds: dict[str, float] = field(default_factory=dict)


def read_isolated(path: Path, name: str, limits: Limits, progress: Progress) -> RawModel:
    """Read a file in child processes.

    Args:
        path: a STEP file.
        name: what messages call it.
        limits: of time and memory.
        progress: called with a stage and its fraction done, from this thread.

    Raises:
        IfcError: a child crashed, hung or failed before the tables were read.
    """
    with tempfile.TemporaryDirectory(prefix="greentwin-") as folder:
        reading = _Reading(path, name, limits, Path(folder), progress)
        try:
            return reading.run()
        finally:
            reading.close()


class _Reading:
    """One file on its way."""

    def __init__(self, path: Path, name: str, limits: Limits, folder: Path, progress: Progress) -> None:
        self._path = path
        self._name = name
        self._limits = limits
        self._folder = folder
        self._progress = progress
        self._deadline = time.monotonic() + limits.total_s
        self._numbers = itertools.count()
        self._worker: WorkerProcess | None = None
        self._raw = RawModel()
        self._planned: set[int] = set()

    def run(self) -> RawModel:
        raw = self._raw
        for stage, step in (("open", self._open), ("model", self._tables), ("geometry", self._geometry)):
            begin = time.monotonic()
            self._progress(stage, 0.0)
            step()
            raw.seconds[stage] = time.monotonic() - begin
        raw.not_built = sorted(self._planned - self._returned() - raw.left_out.keys())
        return raw

    def close(self) -> None:
        """Kill the child, whatever it does."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()

    def _open(self) -> None:
        try:
            answer = self._start()
        except (WorkerGone, RequestFailed) as error:
            raise read_error(self._name, "open", error, self._limits.total_s) from None
        self._raw.complaints = answer["complaints"]

    def _tables(self) -> None:
        out = self._new_path()
        try:
            for _ in self._ask(do="tables", out=str(out)):
                pass
        except (WorkerGone, RequestFailed) as error:
            raise read_error(self._name, "tables", error, self._limits.total_s) from None
        self._raw.tables = container.load(out)
        out.unlink()

    def _geometry(self) -> None:
        try:
            (answer,) = self._ask(do="plan")
        except (WorkerGone, RequestFailed) as error:
            self._close_if_gone(error)
            self._leave_out(self._raw.tables["step_ids"].tolist(), _why(error))
            return
        plan = answer["plan"]
        self._planned = {*plan["fast"], *plan["exact"]}
        self._build(plan["own"], OWN_KERNEL)
        unsound = self._build(self._missing(plan["fast"]), FAST_KERNEL) - set(plan["faceted"])
        self._build(sorted({*self._missing([*plan["fast"], *plan["exact"]]), *unsound}), EXACT_KERNEL)

    def _build(self, products: Sequence[int], kernel: str) -> set[int]:
        """Have products built; those whose shape is unsound."""
        unsound: set[int] = set()
        jobs = deque(_split(products, 1))
        while jobs:
            job = jobs.popleft()
            done: set[int] = set()
            error: Exception | None = None
            try:
                for part in self._parts(job, kernel):
                    done.update(part["done"].tolist())
                    unsound.update(part["unsound"].tolist())
            except (WorkerGone, RequestFailed) as failed:
                self._close_if_gone(failed)
                error = failed
            rest = [step_id for step_id in job if step_id not in done]
            if error is None:
                continue
            if time.monotonic() >= self._deadline:
                self._leave_out(itertools.chain(rest, *jobs), "time")
                break
            if len(rest) > 1:
                jobs.extendleft(reversed(_split(rest, _SPLIT)))
            elif kernel == EXACT_KERNEL:
                self._leave_out(rest, _why(error))
        return unsound

    def _parts(self, products: Sequence[int], kernel: str) -> Iterator[dict[str, Any]]:
        """Parts of geometry as they come; they are kept here."""
        raw = self._raw
        request = {"do": "geometry", "products": products, "kernel": kernel, "out": str(self._new_path())}
        for answer in self._ask(STALL_S, **request):
            raw.incomplete.update(answer.get("incomplete", ()))
            if "part" in answer:
                path = Path(answer["part"])
                part = {**container.load(path), "attempt": _ATTEMPT[kernel]}
                path.unlink()
                raw.parts.append(part)
                done = sum(len(part["done"]) for part in raw.parts)
                self._progress("geometry", min(done / max(len(self._planned), 1), 1.0))
                yield part

    def _start(self) -> dict[str, Any]:
        """A child that has the file open."""
        self._worker = WorkerProcess(self._folder, self._limits.memory_bytes, self._limits.total_s)
        (answer,) = self._worker.ask(self._deadline, do="open", path=str(self._path))
        return answer

    def _ask(self, stall_s: float = float("inf"), **request: Any) -> Iterator[dict[str, Any]]:
        if self._worker is None:
            self._start()
        assert self._worker is not None
        yield from self._worker.ask(self._deadline, stall_s, **request)

    def _close_if_gone(self, error: Exception) -> None:
        if isinstance(error, WorkerGone):
            self.close()

    def _new_path(self) -> Path:
        """A path that no other request uses."""
        return self._folder / f"answer-{next(self._numbers)}"

    def _returned(self) -> set[int]:
        return {step_id for part in self._raw.parts for step_id in part["done"].tolist()}

    def _missing(self, products: Iterable[int]) -> list[int]:
        gone = self._returned() | self._raw.left_out.keys()
        return [step_id for step_id in products if step_id not in gone]

    def _leave_out(self, products: Iterable[int], why: str) -> None:
        self._raw.left_out.update(dict.fromkeys(products, why))


def _split(products: Sequence[int], pieces: int) -> list[Sequence[int]]:
    """Consecutive pieces of about the same size, none of them empty."""
    size = max(1, -(-len(products) // pieces))
    return [products[start : start + size] for start in range(0, len(products), size)]


def _why(error: Exception) -> str:
    return error.why if isinstance(error, WorkerGone) else "error"


_STEPS = {"open": Text("opening the file", "打开文件"), "tables": Text("reading its entities", "读取实体")}


def read_error(name: str, step: str, error: Exception, total_s: float) -> IfcError:
    """What a failure before any result means to the user."""
    doing = _STEPS[step]
    if not isinstance(error, WorkerGone):
        return IfcError(
            code="reader-refused" if step == "open" else "reader-failed",
            where=name,
            message=Text(
                f"The IFC engine failed while {doing.en}: {error}.",
                f"IFC 引擎在{doing.zh}时失败：{error}。",
            ),
            remedy=Text(
                "Check the file with a validator and export it again from the authoring tool.",
                "请用校验工具检查文件，并从建模软件重新导出。",
            ),
        )
    code, reason = {
        "crash": ("reader-crashed", Text("the IFC engine crashed", "IFC 引擎崩溃")),
        "memory": ("reader-out-of-memory", Text("the IFC engine ran out of memory", "IFC 引擎内存不足")),
        "time": ("reader-timed-out", Text(f"it took longer than {total_s:g} s", f"用时超过 {total_s:g} 秒")),
    }[error.why]
    return IfcError(
        code=code,
        where=name,
        message=Text(f"While {doing.en}, {reason.en}.", f"{doing.zh}时{reason.zh}。"),
        remedy=Text(
            "The file is probably damaged: export it again from the authoring tool, or allow it more time.",
            "文件很可能已损坏：请从建模软件重新导出，或放宽时间限制。",
        ),
    )
