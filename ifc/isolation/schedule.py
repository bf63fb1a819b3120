"""Who reads what: the jobs of one file on one or two child processes.

Each child parses the file for itself; one then reads the tables while the other begins with the geometry.
When a child dies or stops answering over some products, these are split and tried again in a new child until
the ones at fault are found: they are left out and named, the rest is kept.
"""

from __future__ import annotations

import itertools
import os
import queue
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ifc import container
from ifc.errors import IfcError
from ifc.isolation.process import WorkerGone, WorkerProcess
from ifc.model import Text

Progress = Callable[[str, float], None]

FAST_KERNEL = "hybrid-manifold-opencascade"
EXACT_KERNEL = "opencascade"
STALL_S = 20.0  # a product that takes longer is given up

_SPLIT = 8  # into how many parts products are split after a failure
# A second child parses the file a second time: worth it from some size on, too much memory for a large file.
_PARALLEL_BYTES = range(400_000, 8_000_000)
_LEAST_PRODUCTS = 40  # worth a job of their own


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much a read may take."""

    total_s: float
    memory_bytes: int = 0  # of a child's address space, 0 for no limit


@dataclass
class RawModel:
    """What the children read.

    ``parts`` are as :func:`ifc.reading.geometry.build_geometry` yields them, each with ``attempt``: products
    are built again, in a later attempt, when the earlier result was unsound.
    """

    tables: dict[str, Any] = field(default_factory=dict)
    entities: int = 0  # that the parser found
    complaints: dict[str, dict[str, Any]] = field(default_factory=dict)  # of the parser, by kind
    parts: list[dict[str, Any]] = field(default_factory=list)
    left_out: dict[int, str] = field(default_factory=dict)  # STEP id -> "crash" | "time" | "memory" | "error"
    incomplete: set[int] = field(default_factory=set)  # STEP ids of which a part could not be built
    not_built: list[int] = field(default_factory=list)  # STEP ids the engine returned nothing for
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Job:
    kind: str  # "tables" | "plan" | "geometry"
    products: tuple[int, ...] = ()
    kernel: str = ""
    attempt: int = 1


@dataclass(frozen=True)
class _Event:
    """An answer to a lane's job, or the end of the job."""

    lane: _Lane
    job: _Job
    answer: dict[str, Any] = field(default_factory=dict)
    ended: bool = False
    error: Exception | None = None


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


class _Lane:
    """A thread that drives one child after the other; jobs in, events out."""

    def __init__(self, open_worker: Callable[[], WorkerProcess], reading: _Reading) -> None:
        self._open_worker = open_worker
        self._reading = reading
        self._jobs: queue.Queue[_Job | None] = queue.Queue()
        self._closed = threading.Event()
        self._worker: WorkerProcess | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def do(self, job: _Job) -> None:
        """Take on a job; its end is an event."""
        self._jobs.put(job)

    def close(self) -> None:
        """Kill the child, whatever it does, and end the thread."""
        self._closed.set()
        self._jobs.put(None)
        while self._thread.is_alive():
            if self._worker is not None:
                self._worker.kill()
            self._thread.join(0.05)

    def _serve(self) -> None:
        report = self._reading.events.put
        while (job := self._jobs.get()) is not None and not self._closed.is_set():
            error: Exception | None = None
            try:
                for answer in self._answers(job):
                    report(_Event(self, job, answer))
            except WorkerGone as gone:
                error = gone
                self._drop_worker()
            except Exception as failed:  # noqa: BLE001  whatever it is, the reading must go on
                error = failed
            report(_Event(self, job, ended=True, error=error))
        self._drop_worker()

    def _answers(self, job: _Job) -> Iterator[dict[str, Any]]:
        deadline = self._reading.deadline
        if self._worker is None:
            self._worker = self._open_worker()
            yield from self._worker.ask(deadline, do="open", path=str(self._reading.path))
        out = self._reading.new_path()
        if job.kind == "plan":
            yield from self._worker.ask(deadline, do="plan")
        elif job.kind == "tables":
            yield from self._worker.ask(deadline, do="tables", out=str(out))
            yield {"tables": container.load(out)}
        else:
            asked = self._worker.ask(
                deadline, STALL_S, do="geometry", products=job.products, kernel=job.kernel, out=str(out)
            )
            for answer in asked:
                if "part" in answer:
                    path = Path(answer["part"])
                    answer = {"part": {**container.load(path), "attempt": job.attempt}}
                    path.unlink()
                yield answer

    def _drop_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()


class _Reading:
    """One file on its way; everything here runs in the caller's thread."""

    def __init__(self, path: Path, name: str, limits: Limits, folder: Path, progress: Progress) -> None:
        self.path = path
        self.deadline = time.monotonic() + limits.total_s
        self.events: queue.Queue[_Event] = queue.Queue()
        self._name = name
        self._limits = limits
        self._folder = folder
        self._progress = progress
        self._numbers = itertools.count()
        self._start = time.monotonic()
        self._raw = RawModel()
        self._jobs = deque([_Job("plan"), _Job("tables")])
        self._planned: set[int] = set()
        self._faceted: set[int] = set()
        self._unplanned = ""  # why there is no plan
        lanes = 2 if _cores() > 1 and path.stat().st_size in _PARALLEL_BYTES else 1
        self._lanes = [
            _Lane(lambda: WorkerProcess(folder, limits.memory_bytes, limits.total_s), self)
            for _ in range(lanes)
        ]
        self._idle = list(self._lanes)
        self._returned: dict[_Lane, list[dict[str, Any]]] = {}  # the parts of a lane's current job

    def new_path(self) -> Path:
        """A path that no other request uses."""
        return self._folder / f"answer-{next(self._numbers)}"

    def close(self) -> None:
        for lane in self._lanes:
            lane.close()

    def run(self) -> RawModel:
        self._progress("open", 0.0)
        while self._jobs or len(self._idle) < len(self._lanes):
            while self._jobs and self._idle:
                lane = self._idle.pop(0)
                self._returned[lane] = []
                lane.do(self._jobs.popleft())
            event = self.events.get()
            if event.ended:
                self._idle.append(event.lane)
                self._finish(event)
            else:
                self._take(event)
        self._book("geometry")
        raw = self._raw
        if self._unplanned:
            self._leave_out(raw.tables["step_ids"].tolist(), self._unplanned)
        returned = {step_id for part in raw.parts for step_id in part["done"].tolist()}
        raw.not_built = sorted(self._planned - returned - raw.left_out.keys())
        return raw

    def _take(self, event: _Event) -> None:
        answer, raw = event.answer, self._raw
        if "entities" in answer and "open" not in raw.seconds:
            raw.entities, raw.complaints = answer["entities"], answer["complaints"]
            self._book("open")
            self._progress("model", 0.0)
        elif "tables" in answer:
            raw.tables = answer["tables"]
            self._book("model")
        elif "plan" in answer:
            self._plan(answer["plan"])
        elif "incomplete" in answer:
            raw.incomplete.update(answer["incomplete"])
        elif "part" in answer:
            raw.parts.append(answer["part"])
            self._returned[event.lane].append(answer["part"])
            done = sum(len(part["done"]) for part in raw.parts)
            self._progress("geometry", min(done / max(len(self._planned), 1), 1.0))

    def _book(self, stage: str) -> None:
        """The time since the stage before; of what runs side by side, it counts for what ends later."""
        self._raw.seconds[stage] = time.monotonic() - self._start - sum(self._raw.seconds.values())

    def _plan(self, plan: dict[str, list[int]]) -> None:
        self._faceted = set(plan["faceted"])
        self._planned = {*plan["fast"], *plan["exact"]}
        for kernel, products in ((EXACT_KERNEL, plan["exact"]), (FAST_KERNEL, plan["fast"])):
            pieces = len(self._lanes) if len(products) >= _LEAST_PRODUCTS * len(self._lanes) else 1
            self._jobs += [_Job("geometry", piece, kernel) for piece in _split(products, pieces)]

    def _finish(self, event: _Event) -> None:
        job, error = event.job, event.error
        if job.kind == "geometry":
            self._finish_geometry(job, error, self._returned[event.lane])
        elif error is not None and job.kind == "plan" and "open" in self._raw.seconds:
            self._unplanned = _why(error)
        elif error is not None:
            step = "tables" if "open" in self._raw.seconds else "open"
            raise read_error(self._name, step, error, self._limits.total_s)

    def _finish_geometry(self, job: _Job, error: Exception | None, parts: list[dict[str, Any]]) -> None:
        done = {step_id for part in parts for step_id in part["done"].tolist()}
        rest = [step_id for step_id in job.products if step_id not in done]
        if error is None:
            if job.kernel == FAST_KERNEL:
                unsound = {step_id for part in parts for step_id in part["unsound"].tolist()}
                self._jobs += _jobs(
                    sorted({*rest, *(unsound - self._faceted)}), EXACT_KERNEL, job.attempt + 1
                )
        elif time.monotonic() >= self.deadline:
            self._leave_out(rest, "time")
            for later in self._jobs:
                self._leave_out(later.products, "time")
            self._jobs.clear()
        elif len(rest) == 1 and job.kernel == FAST_KERNEL:
            self._jobs += _jobs(rest, EXACT_KERNEL, job.attempt + 1)
        elif len(rest) == 1:
            self._leave_out(rest, _why(error))
        else:
            self._jobs.extendleft(reversed(_jobs(rest, job.kernel, job.attempt, _SPLIT)))

    def _leave_out(self, products: Sequence[int], why: str) -> None:
        self._raw.left_out.update(dict.fromkeys(products, why))


def _jobs(products: Sequence[int], kernel: str, attempt: int, pieces: int = 1) -> list[_Job]:
    return [_Job("geometry", piece, kernel, attempt) for piece in _split(products, pieces)]


def _split(products: Sequence[int], pieces: int) -> list[tuple[int, ...]]:
    """Consecutive pieces of about the same size, none of them empty."""
    size = max(1, -(-len(products) // pieces))
    return [tuple(products[start : start + size]) for start in range(0, len(products), size)]


def _why(error: Exception) -> str:
    return error.why if isinstance(error, WorkerGone) else "error"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
