"""A small table of points, a store and an intake for the tests, and a broker of their own."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sensors.intake import Intake
from sensors.points import Point, PointTable, Privacy
from sensors.store.sqlite import SqliteStore

MINUTE_US = 60_000_000
START_US = 1_772_323_200_000_000  # 2026-03-01T00:00:00Z, on the hour

POINTS = PointTable(
    [
        Point("lobby/temperature", "°C", quantity="temperature", interval_s=60, privacy=Privacy.PUBLIC, minimum=-40, maximum=80),
        Point("lobby/co2", "ppm", quantity="co2", interval_s=60, privacy=Privacy.PUBLIC, minimum=0),
        Point("lobby/door", "", privacy=Privacy.COMMUNITY, states={"open": 1, "closed": 0}),
        Point("home-1/electricity", "kWh", quantity="electricity", interval_s=900, household="home-1", privacy=Privacy.HOUSEHOLD, counter=True),
        Point("home-1/call", "", household="home-1", urgent=True),
    ]
)  # fmt: skip


_reserved: list[socket.socket] = []


def free_port() -> int:
    """A port for one server, which may be stopped and started again on it.

    It stays bound, without listening, as long as this process lives: nobody else on the machine is given it
    meanwhile, a server that asks for the very port (with SO_REUSEADDR, as servers do) is let in, and whoever
    connects before that is refused.
    """
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", 0))
    _reserved.append(probe)
    return int(probe.getsockname()[1])


@asynccontextmanager
async def intake_of(
    path: Path, points: PointTable = POINTS, store: object | None = None, **options: object
) -> AsyncIterator[Intake]:
    """A running intake on a store of its own."""
    opened = store or SqliteStore(path / "history.db", points)
    intake = Intake(points, opened, **options)  # type: ignore[arg-type]
    task = asyncio.create_task(intake.run())
    try:
        yield intake
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        opened.close()  # type: ignore[attr-defined]


async def until(condition, timeout_s: float = 60.0) -> None:
    """Wait until something is so; fail when it does not become so, on a machine that is busy with others."""
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.01)


class Broker:
    """A Mosquitto of the test's own, with a persistent session store."""

    def __init__(self, folder: Path, lines: str = "") -> None:
        self.port = free_port()
        self.folder = folder
        self._config = folder / "mosquitto.conf"
        listener = lines or f"listener {self.port} 127.0.0.1\nallow_anonymous true\n"
        self._config.write_text(
            listener.replace("{port}", str(self.port))
            + f"persistence true\npersistence_location {folder}/\nautosave_interval 1\n"
            + "max_queued_messages 0\nmax_inflight_messages 0\nlog_dest none\nuser root\n"
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.process = subprocess.Popen([program, "-c", str(self._config)])
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.process.poll() is None, "the broker did not start"
            time.sleep(0.02)
        raise AssertionError("the broker does not listen")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(60)
            self.process = None

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(60)
        self.process = None


@contextmanager
def broker_in(folder: Path, lines: str = "") -> Iterator[Broker]:
    broker = Broker(folder, lines)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
