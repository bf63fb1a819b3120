"""From a device's message to WebSocket clients: broker, feed, store, hub, socket, all as in operation.

``ours_s`` is the 99th percentile of the age that the oldest reading of a batch has when a client gets it, the
publisher's clock and the client's being the same. There is no peer: the goals stand in docs/benchmarks.md.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.row import Row
from tests.sensors.community import broker_in, free_port

POINTS = 1000
SECONDS = 12.0


def run() -> list[Row]:
    rows = []
    for clients in (200, 1000):
        found = measured(clients, per_s=POINTS, calls_per_s=0)
        case = f"{clients} clients x {POINTS:,} points at 1 Hz, spread: p99 from publish to client"
        rows.append(_row(case, found["batch_ms"]))
    found = measured(10, per_s=10_000, calls_per_s=5)
    rows.append(_row("call for help to 10 operators while 10,000 readings/s come in: p99", found["alarm_ms"]))
    return rows


def _row(case: str, found: dict[str, float]) -> Row:
    load = os.getloadavg()[0]
    text = f"{case} (p50 {found['p50']:.0f} ms, {found['count']} heard, load {load:.1f})"
    return Row("live_socket", text, found["p99"] / 1000, "no peer")


def measured(clients: int, *, per_s: float, calls_per_s: float, seconds: float = SECONDS) -> dict[str, Any]:
    """What some clients of a server of its own heard."""
    with tempfile.TemporaryDirectory() as place, broker_in(Path(place)) as broker:
        folder, port = Path(place), free_port()
        _write_project(folder, broker.port)
        with _started("live_server", folder, port, stdout=subprocess.PIPE) as server:
            assert server.stdout is not None
            server.stdout.readline()
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            with _started("live_clients", port, clients, seconds, **pipes) as hearing:
                assert hearing.stderr is not None
                while hearing.stderr.readline() not in (b"ready\n", b""):
                    pass
                with _started("live_rhythm", broker.port, POINTS, per_s, calls_per_s, stdin=subprocess.PIPE):
                    told, _ = hearing.communicate(timeout=seconds + 60)
        found: dict[str, Any] = json.loads(told)
        return found


@contextlib.contextmanager
def _started(module: str, *arguments: object, **streams: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    with subprocess.Popen(command, **streams) as process:  # type: ignore[call-overload]
        try:
            yield process
        finally:
            process.terminate()


def _write_project(folder: Path, broker: int) -> None:
    lines = ["id,unit,interval_s,privacy,urgent,minimum,maximum"]
    lines += [f"p{number},,10,public,,," for number in range(POINTS)]
    lines.append("call,,,public,yes,,")
    (folder / "points.csv").write_text("\n".join(lines))
    (folder / "alarms.yaml").write_text(
        "alarms:\n- {id: call, points: call, above: 0.5, severity: emergency}\n"
    )
    (folder / "twin.toml").write_text(
        '[live]\npoints = "points.csv"\nalarms = "alarms.yaml"\n'
        f'[[feeds]]\nkind = "mqtt"\nname = "broker"\nport = {broker}\n'
        'topics = ["site/#"]\npoint = "{1}"\nqos = 0\n'
    )
