"""Many WebSocket clients that cost next to nothing: python -m benchmarks.live_clients PORT COUNT SECONDS.

Every client takes every frame; a text that many get is parsed once. They share one loop over epoll, a
quarter of the processor time of asyncio's. Prints, as JSON, quantiles of the age that the oldest reading of
a batch had when a client got it, and of alarms.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from typing import Any

import numpy as np

WARM_S = 3.0
READ_BYTES = 65_536
TEXT, PING = 1, 9


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


class Client:
    """One connection: the handshake, a subscription to all, then frames of the server."""

    def __init__(self, clients: Clients, port: int) -> None:
        self.clients = clients
        self.ready = False
        self._rest = b""  # of a frame that has not come whole
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.sendall(
            b"GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n" % port
        )
        while b"\r\n\r\n" not in self._rest:
            self._rest += self.socket.recv(4096)
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        assert b" 101 " in head, head
        self._send(b'{"type": "subscribe"}', 0x81)
        self.socket.setblocking(False)

    def hear(self, data: bytes) -> None:
        """Take the frames out of what came."""
        if self._rest:
            data = self._rest + data
        begin = 0
        while len(data) - begin >= 2:
            size, body = data[begin + 1] & 0x7F, begin + 2
            if size >= 126:
                body = begin + (4 if size == 126 else 10)
                if len(data) < body:
                    break
                size = int.from_bytes(data[begin + 2 : body], "big")
            if len(data) < body + size:
                break
            code = data[begin] & 0x0F
            begin = body + size
            if code == PING:
                self._send(data[body:begin], 0x8A)
            elif code == TEXT:
                self.ready = True
                self.clients.hear(data[body:begin])
        self._rest = data[begin:]

    def _send(self, body: bytes, head: int) -> None:
        # A mask of zeros is a mask: the server need not know that we save the work.
        self.socket.sendall(bytes((head, 0x80 | len(body), 0, 0, 0, 0)) + body)


def run(port: int, count: int, seconds: float) -> dict[str, Any]:
    heard = Clients()
    poll = select.epoll()
    by_number: dict[int, Client] = {}

    def listen(timeout_s: float) -> None:
        for number, _ in poll.poll(timeout_s):
            client = by_number[number]
            data = client.socket.recv(READ_BYTES)
            assert data, "the server closed a connection"
            client.hear(data)

    for _ in range(count):
        client = Client(heard, port)
        by_number[client.socket.fileno()] = client
        poll.register(client.socket, select.EPOLLIN)
    while not all(client.ready for client in by_number.values()):
        listen(1.0)
    print("ready", file=sys.stderr, flush=True)
    heard.from_s = time.monotonic() + WARM_S
    while (left_s := heard.from_s + seconds - time.monotonic()) > 0:
        listen(left_s)
    return {"batch_ms": _quantiles(heard.batch_ms), "alarm_ms": _quantiles(heard.alarm_ms)}


def _quantiles(values: list[float]) -> dict[str, float]:
    if not values:
        return {"count": 0}
    p50, p99 = np.quantile(values, [0.5, 0.99])
    return {"count": len(values), "p50": float(p50), "p99": float(p99), "max": max(values)}


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))))
