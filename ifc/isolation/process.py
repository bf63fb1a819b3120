"""One child process that reads with IfcOpenShell, and the lines it answers."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

# Stdout is for answers only. Where IfcOpenShell finds lark, it compiles a grammar that nobody needs here.
BOOTSTRAP = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); sys.stdout = sys.stderr; "
    "sys.modules['lark'] = None; from ifc.reading.worker import main; main()"
)

_GRACE_S = 60  # after which a child ends itself that its parent could not end


class WorkerGone(Exception):  # noqa: N818  an event, not a fault of the caller
    """The child crashed (``"crash"``), ran out of memory (``"memory"``) or of time (``"time"``)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class RequestFailed(Exception):  # noqa: N818
    """The child is well but could not do what was asked."""


class WorkerProcess:
    """A child process. It ends when it is closed, when this process ends, or when it crashes."""

    def __init__(self, folder: Path, memory_bytes: int, total_s: float) -> None:
        environment = {
            **os.environ,
            "GREENTWIN_WORKER_MEMORY": str(memory_bytes),
            "GREENTWIN_WORKER_SECONDS": str(int(total_s) + _GRACE_S),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONUTF8": "1",
        }
        self._log = (folder / "worker.log").open("ab")
        # The paths of this process go along, so that the child finds the same packages from a script, a
        # notebook or a worker of a pool, and never runs the caller's __main__.
        self._process = subprocess.Popen(
            [sys.executable, "-c", BOOTSTRAP, json.dumps(sys.path)],
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

    def ask(self, deadline: float, stall_s: float = float("inf"), **request: Any) -> Iterator[dict[str, Any]]:
        """Send a request and yield its answers until it is finished.

        Args:
            deadline: on the clock of :func:`time.monotonic`.
            stall_s: the longest time between two answers.
            request: what to ``do`` and its arguments.

        Raises:
            WorkerGone: no answer for ``stall_s`` or before ``deadline``, or the child ended.
            RequestFailed: the child answered that it failed.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError):  # ValueError: closed meanwhile
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

    def kill(self) -> None:
        """End the child; whoever waits for its answers sees it gone."""
        self._process.kill()

    def close(self) -> None:
        """Kill the child and wait for its end."""
        self.kill()
        self._process.wait()
        self._listener.join()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            if stream is not None:
                with suppress(OSError):  # a pipe to a dead process may fail to flush
                    stream.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)
