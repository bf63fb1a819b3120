"""Readings in a rhythm, over MQTT: python -m benchmarks.live_rhythm PORT POINTS PER_S CALLS_PER_S.

Every point reports once in POINTS / PER_S seconds, the messages spread evenly. A call for help carries the
millisecond of its sending as its value and is taken back half a period later. Runs until its stdin closes.
"""

from __future__ import annotations

import socket
import sys
import threading
import time

from sensors.mqtt.packets import connect_packet, publish_packet

TICK_S = 0.01


def main(port: int, points: int, per_s: float, calls_per_s: float) -> None:
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    with socket.create_connection(("127.0.0.1", port)) as link:
        link.sendall(connect_packet(4, "rhythm", 0, clean=True))
        link.recv(4)
        begin = time.monotonic()
        sent = called = 0
        while not ended.wait(TICK_S):
            passed = time.monotonic() - begin
            packets = []
            while sent < passed * per_s:
                body = b'{"value": %d.5, "time": %d}' % (sent % 50, time.time_ns() // 1000)
                packets.append(_packet(f"site/p{sent % points}", body))
                sent += 1
            while called < 2 * passed * calls_per_s:
                now_us = time.time_ns() // 1000
                value = now_us / 1000 if called % 2 == 0 else 0.0
                packets.append(_packet("site/call", b'{"value": %.3f, "time": %d}' % (value, now_us)))
                called += 1
            link.sendall(b"".join(packets))


def _packet(topic: str, body: bytes) -> bytes:
    return publish_packet(4, topic, body, qos=0, packet_id=1)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
