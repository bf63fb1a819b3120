"""Reading a file in a child process, so that no file can take the caller down.

IfcOpenShell may crash, hang or eat all memory on a broken file. The child (:mod:`ifc.reading.worker`) does
the work and streams what it has; this side watches it. When the child dies or stops answering while it builds
geometry, the products in hand are split and tried again in a new child until the ones at fault are found:
they are left out and named, the rest is kept.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ifc import container
from ifc.errors import IfcError
from ifc.model import Text

Progress = Callable[[str, float], None]

FAST_KERNEL = "hybrid-manifold-opencascade"
EXACT_KERNEL = "opencascade"

_BOOTSTRAP = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from ifc.reading.worker import main; main()"
)
_SPLIT = 8
STALL_S = 20.0  # a product that takes longer is given up


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much a read may take."""

    total_s: float
    memory_bytes: int = 0  # of the child's address space, 0 for no limit


@dataclass
class RawModel:
    """What the child read: the tables and the parts of geometry, in the order they came.

    ``parts`` are packed :class:`ifc.reading.geometry.Part`, each with ``attempt``: products are built again,
    in a later attempt, when the earlier result was unsound.
    """

    tables: dict[str, Any]
    entities: int = 0  # that the parser found
    complaints: dict[str, dict[str, Any]] = field(default_factory=dict)  # of the parser, by kind
    parts: list[dict[str, Any]] = field(default_factory=list)
    left_out: dict[int, str] = field(default_factory=dict)  # STEP id -> "crash" | "time" | "error"
    not_built: list[int] = field(default_factory=list)  # STEP ids the engine returned nothing for
    seconds: dict[str, float] = field(default_factory=dict)


class WorkerGone(Exception):  # noqa: N818  an event, not a fault of the caller
    """The child crashed (``"crash"``), ran out of memory (``"memory"``) or of time (``"time"``)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class RequestFailed(Exception):  # noqa: N818
    """The child is well but could not do what was asked."""


def read_isolated(path: Path, name: str, limits: Limits, progress: Progress | None = None) -> RawModel:
    """Read a file in a child process.

    Args:
        path: a STEP file.
        name: what messages call it.
        limits: of time and memory.
        progress: called with a stage and its fraction done, from this thread.

    Raises:
        IfcError: the child crashed, hung or failed before the tables were read.
    """
    report = progress or (lambda stage, fraction: None)
    with tempfile.TemporaryDirectory(prefix="greentwin-") as folder:
        reader = _Reader(path, name, limits, Path(folder), report)
        try:
            return reader.read()
        finally:
            reader.close()


class _Reader:
    def __init__(self, path: Path, name: str, limits: Limits, folder: Path, report: Progress) -> None:
        self._path = path
        self._name = name
        self._limits = limits
        self._folder = folder
        self._report = report
        self._deadline = time.monotonic() + limits.total_s
        self._worker: _Worker | None = None
        self._requests = 0
        self._attempts = 0
        self._entities = 0
        self._complaints: dict[str, dict[str, Any]] = {}
        self._total = 1
        self._done = 0

    def close(self) -> None:
        if self._worker is not None:
            self._worker.close()

    def read(self) -> RawModel:
        seconds: dict[str, float] = {}
        with _timed(seconds, "open"):
            self._report("open", 0.0)
            self._essential("open", lambda: self._opened())
        with _timed(seconds, "model"):
            self._report("model", 0.0)
            tables_path = self._folder / "tables"
            self._essential(
                "tables", lambda: list(self._opened().ask(self._deadline, do="tables", out=str(tables_path)))
            )
            raw = RawModel(container.load(tables_path), self._entities, self._complaints, seconds=seconds)
        with _timed(seconds, "geometry"):
            self._read_geometry(raw)
        return raw

    def _opened(self) -> _Worker:
        """A living worker that has opened the file."""
        if self._worker is None:
            self._worker = _Worker(self._folder, self._limits.memory_bytes)
            for answer in self._worker.ask(self._deadline, do="open", path=str(self._path)):
                self._entities, self._complaints = answer["entities"], answer["complaints"]
        return self._worker

    def _essential(self, step: str, action: Callable[[], object]) -> None:
        try:
            action()
        except WorkerGone as gone:
            raise _gone(self._name, step, gone.why, self._limits) from None
        except RequestFailed as failed:
            raise _failed(self._name, step, str(failed)) from None

    def _drop_worker(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _read_geometry(self, raw: RawModel) -> None:
        plan: dict[str, list[int]] = {"fast": [], "exact": [], "faceted": []}
        try:
            for answer in self._opened().ask(self._deadline, do="plan"):
                plan = answer["plan"]
        except (WorkerGone, RequestFailed) as gone:
            raw.left_out.update(dict.fromkeys(raw.tables["step_ids"].tolist(), getattr(gone, "why", "error")))
            self._drop_worker()
            return
        total = len(plan["fast"]) + len(plan["exact"])
        self._total = max(total, 1)
        self._build(raw, plan["exact"], EXACT_KERNEL)
        missing, unsound = self._build(raw, plan["fast"], FAST_KERNEL)
        self._build(raw, sorted(missing | (unsound - set(plan["faceted"]))), EXACT_KERNEL)
        returned = {step_id for part in raw.parts for step_id in part["done"].tolist()}
        raw.not_built = sorted({*plan["fast"], *plan["exact"]} - returned - raw.left_out.keys())

    def _build(self, raw: RawModel, products: Sequence[int], kernel: str) -> tuple[set[int], set[int]]:
        """Build products with a kernel; hand back those it did not return, and those it returned unsound."""
        attempt = self._attempts = self._attempts + 1
        jobs = deque([list(products)] if products else [])
        unsound: set[int] = set()
        returned: set[int] = set()
        while jobs:
            job = jobs.popleft()
            done: set[int] = set()
            try:
                for part in self._parts(job, kernel):
                    raw.parts.append({**part, "attempt": attempt})
                    unsound.update(part["unsound"].tolist())
                    done.update(part["done"].tolist())
                    self._done += len(part["done"])
                    self._report("geometry", min(self._done / self._total, 1.0))
            except (WorkerGone, RequestFailed) as gone:
                why = getattr(gone, "why", "error")
                if isinstance(gone, WorkerGone):
                    self._drop_worker()
                rest = [step_id for step_id in job if step_id not in done]
                if time.monotonic() >= self._deadline:
                    raw.left_out.update(dict.fromkeys([*rest, *(i for more in jobs for i in more)], "time"))
                    break
                if len(rest) == 1:
                    raw.left_out[rest[0]] = why
                else:
                    size = max(1, -(-len(rest) // _SPLIT))
                    jobs.extendleft(reversed([rest[at : at + size] for at in range(0, len(rest), size)]))
            returned |= done
        return set(products) - returned - raw.left_out.keys(), unsound

    def _parts(self, products: list[int], kernel: str) -> Iterator[dict[str, Any]]:
        self._requests += 1
        out = str(self._folder / f"geometry{self._requests}")
        asked = self._opened().ask(
            self._deadline, STALL_S, do="geometry", products=products, kernel=kernel, out=out
        )
        for answer in asked:
            if "part" in answer:
                path = Path(answer["part"])
                yield container.load(path)
                path.unlink()


class _Worker:
    """One child process and the lines it answers."""

    def __init__(self, folder: Path, memory_bytes: int) -> None:
        environment = {
            **os.environ,
            "GREENTWIN_WORKER_MEMORY": str(memory_bytes),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONUTF8": "1",
        }
        self._log = (folder / "worker.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BOOTSTRAP, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=environment,
            text=True,
            encoding="utf-8",
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def ask(self, deadline: float, stall_s: float = float("inf"), **request: Any) -> Iterator[dict[str, Any]]:
        """Send a request and yield its answers until it is finished.

        Raises:
            WorkerGone: no answer for ``stall_s``, or none before ``deadline``, or the child ended.
            RequestFailed: the child answered that it failed.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError:
            raise WorkerGone("crash") from None
        while True:
            wait = min(stall_s, deadline - time.monotonic())
            try:
                line = self._lines.get(timeout=max(wait, 0.0))
            except queue.Empty:
                raise WorkerGone("time") from None
            if line is None:
                raise WorkerGone("crash")
            answer = json.loads(line)
            if answer.get("finished"):
                return
            if "failed" in answer:
                if "MemoryError" in answer["failed"] or "bad_alloc" in answer["failed"]:
                    raise WorkerGone("memory")
                raise RequestFailed(answer["failed"])
            yield answer

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            if stream is not None:
                with suppress(OSError):  # a pipe to a dead process may fail to flush
                    stream.close()


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    try:
        yield
    finally:
        seconds[stage] = time.perf_counter() - start


_STEPS = {"open": Text("opening the file", "打开文件"), "tables": Text("reading its entities", "读取实体")}


def _gone(name: str, step: str, why: str, limits: Limits) -> IfcError:
    reasons = {
        "crash": Text("the IFC engine crashed", "IFC 引擎崩溃"),
        "memory": Text("the IFC engine ran out of memory", "IFC 引擎内存不足"),
        "time": Text(f"it took longer than {limits.total_s:g} s", f"用时超过 {limits.total_s:g} 秒"),
    }
    while_doing = _STEPS[step]
    reason = reasons[why]
    return IfcError(
        code={"crash": "reader-crashed", "memory": "reader-out-of-memory", "time": "reader-timed-out"}[why],
        where=name,
        message=Text(f"While {while_doing.en}, {reason.en}.", f"{while_doing.zh}时{reason.zh}。"),
        remedy=Text(
            "The file is probably damaged: export it again from the authoring tool, or allow it more time.",
            "文件很可能已损坏：请从建模软件重新导出，或放宽时间限制。",
        ),
    )


def _failed(name: str, step: str, reason: str) -> IfcError:
    while_doing = _STEPS[step]
    return IfcError(
        code="reader-failed",
        where=name,
        message=Text(
            f"The IFC engine failed while {while_doing.en}: {reason}.",
            f"IFC 引擎在{while_doing.zh}时失败：{reason}。",
        ),
        remedy=Text(
            "Check the file with a validator and export it again from the authoring tool.",
            "请用校验工具检查文件，并从建模软件重新导出。",
        ),
    )
