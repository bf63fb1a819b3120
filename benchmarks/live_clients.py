"""Many WebSocket clients that cost next to nothing: python -m benchmarks.live_clients PORT COUNT SECONDS.

Every client takes every frame; a text that many get is parsed once. Prints, as JSON, quantiles of the age
that the oldest reading of a batch had when a client got it, and of alarms.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import numpy as np

WARM_S = 3.0


class Clients:
    """What all clients heard."""

    def __init__(self) -> None:
        self.batch_ms: list[float] = []
        self.alarm_ms: list[float] = []
        self.from_s = float("inf")
        self._known: dict[bytes, dict[str, Any]] = {}

    def hear(self, text: bytes) -> None:
        """Take in what one client got."""
        at_ms = time.time() * 1000
        if time.monotonic() < self.from_s:
            return
        message = self._known.get(text)
        if message is None:
            if len(self._known) > 50:
                self._known.clear()
            message = self._known[text] = json.loads(text)
            message["oldest_ms"] = min(message.get("time_ms", [0]), default=0)
        if message["type"] == "readings" and not message["full"]:
            self.batch_ms.append(at_ms - message["oldest_ms"])
        elif message["type"] == "alarm" and message["what"] == "raised":
            self.alarm_ms.append(at_ms - message["alarm"]["value"])


class Client(asyncio.Protocol):
    """One connection: the handshake, a subscription to all, then frames of the server."""

    def __init__(self, clients: Clients, port: int, ready: asyncio.Future[None]) -> None:
        self.clients, self.port, self.ready = clients, port, ready
        self.buffer = bytearray()
        self.upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the WebSocket."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(
            b"GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n" % self.port
        )

    def data_received(self, data: bytes) -> None:
        """Take the frames out of what came."""
        self.buffer += data
        if not self.upgraded:
            head, found, rest = bytes(self.buffer).partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head, head
            self.upgraded, self.buffer = True, bytearray(rest)
            self._send(b'{"type": "subscribe"}', 0x81)
        while len(self.buffer) >= 2:
            size, begin = self.buffer[1] & 0x7F, 2
            if size >= 126:
                begin = 4 if size == 126 else 10
                if len(self.buffer) < begin:
                    return
                size = int.from_bytes(self.buffer[2:begin], "big")
            if len(self.buffer) < begin + size:
                return
            code, body = self.buffer[0] & 0x0F, bytes(self.buffer[begin : begin + size])
            del self.buffer[: begin + size]
            if code == 9:
                self._send(body, 0x8A)
            elif code == 1:
                if not self.ready.done():
                    self.ready.set_result(None)
                self.clients.hear(body)

    def _send(self, body: bytes, head: int) -> None:
        # A mask of zeros is a mask: the server need not know that we save the work.
        self.transport.write(bytes((head, 0x80 | len(body), 0, 0, 0, 0)) + body)


async def run(port: int, count: int, seconds: float) -> dict[str, Any]:
    clients = Clients()
    loop = asyncio.get_running_loop()
    for first in range(0, count, 50):
        ready = [loop.create_future() for _ in range(first, min(first + 50, count))]
        for each in ready:
            await loop.create_connection(lambda each=each: Client(clients, port, each), "127.0.0.1", port)
        await asyncio.gather(*ready)
    print("ready", file=sys.stderr, flush=True)
    clients.from_s = time.monotonic() + WARM_S
    await asyncio.sleep(WARM_S + seconds)
    return {"batch_ms": _quantiles(clients.batch_ms), "alarm_ms": _quantiles(clients.alarm_ms)}


def _quantiles(values: list[float]) -> dict[str, float]:
    if not values:
        return {"count": 0}
    p50, p99 = np.quantile(values, [0.5, 0.99])
    return {"count": len(values), "p50": float(p50), "p99": float(p99), "max": max(values)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))))
