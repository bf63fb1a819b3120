"""One child process that reads with IfcOpenShell, and the lines it answers."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ifc.isolation import child

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
        self._child = child.start(folder / "worker.log", memory_bytes, int(total_s) + _GRACE_S)
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
        try:
            self._child.requests.write(json.dumps(request) + "\n")
            self._child.requests.flush()
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
        self._child.kill()

    def close(self) -> None:
        """Kill the child and wait for its end."""
        self.kill()
        self._child.wait()
        self._listener.join()
        for stream in (self._child.requests, self._child.answers):
            with suppress(OSError):  # a pipe to a dead process may fail to flush
                stream.close()

    def _listen(self) -> None:
        for line in self._child.answers:
            self._lines.put(line)
        self._lines.put(None)
