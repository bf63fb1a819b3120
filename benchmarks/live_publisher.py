"""A load of MQTT messages, sent from prepared bytes: python -m benchmarks.live_publisher PORT COUNT QOS.

It costs next to nothing itself, so that what is measured is the broker and the listener.
"""

from __future__ import annotations

import socket
import sys
import threading
import time

from sensors.mqtt.packets import connect_packet, publish_packet

POINTS = 1000
AHEAD = 20_000  # messages that may be unanswered
ANSWER_BYTES = 4  # of a PUBACK


def main(port: int, count: int, qos: int) -> None:
    answered = 0

    def hear() -> None:
        nonlocal answered
        while answered < count * ANSWER_BYTES:
            data = link.recv(65_536)
            if not data:
                return
            answered += len(data)

    with socket.create_connection(("127.0.0.1", port)) as link:
        link.sendall(connect_packet(4, "load", 0, clean=True))
        link.recv(4)
        if qos:
            threading.Thread(target=hear, daemon=True).start()
        base = time.time_ns() // 1000
        for start in range(0, count, 500):
            while qos and start - answered // ANSWER_BYTES > AHEAD:
                time.sleep(0.001)
            link.sendall(
                b"".join(
                    publish_packet(
                        4,
                        f"site/p{number % POINTS}",
                        b'{"value": %d.5, "time": %d}' % (number % 50, base + number),
                        qos=qos,
                        packet_id=number % 65_535 + 1,
                    )
                    for number in range(start, start + 500)
                )
            )
        while qos and answered < count * ANSWER_BYTES:
            time.sleep(0.01)
        sys.stdin.read()


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:4]))
