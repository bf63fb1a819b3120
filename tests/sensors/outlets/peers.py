"""Other systems that are told: an HTTP service that can fail in every way, and a subscriber of a broker."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Service:
    """What was posted, in order. ``answers`` are given first: a status, or "cut" for a connection that ends."""

    def __init__(self) -> None:
        self.got: list[tuple[str, Any, dict[str, str]]] = []  # (path, body, headers) of all that was answered
        self.answers: list[int | str] = []
        self.arrays = True  # whether it is a SensorThings service that knows CreateObservations
        self.unknown: set[object] = set()  # Datastreams that it does not have
        self.observations: list[
            tuple[str, dict[str, Any]]
        ] = []  # (Datastream, Observation), repeats included
        self.url = ""

    def answer(self, path: str, body: Any) -> tuple[int, Any]:
        single = re.fullmatch(r"/Datastreams\((.+)\)/Observations", path)
        if single is not None:
            if single[1] in map(str, self.unknown):
                return 400, {"message": "no such Datastream"}
            self.observations.append((single[1], body))
            return 201, None
        if path == "/CreateObservations":
            if not self.arrays:
                return 404, None
            links = []
            for entry in body:
                stream = entry["Datastream"]["@iot.id"]
                assert entry["dataArray@iot.count"] == len(entry["dataArray"])
                for row in entry["dataArray"]:
                    if stream in self.unknown:
                        links.append("error")
                        continue
                    found = dict(zip(entry["components"], row, strict=True))
                    self.observations.append((str(stream), found))
                    links.append(f"{self.url}/Observations({len(self.observations)})")
            return 201, links
        return 204, None


@contextmanager
def service(port: int = 0) -> Iterator[Service]:
    told = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            planned = told.answers.pop(0) if told.answers else None
            if planned == "cut":
                self.close_connection = True
                return
            status, content = told.answer(self.path, body) if planned is None else (planned, None)
            if planned is None:
                told.got.append((self.path, body, dict(self.headers)))
            data = b"" if content is None else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            pass

    server = Server(("127.0.0.1", port), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
