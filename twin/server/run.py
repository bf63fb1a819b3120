"""Serving a project: the app under uvicorn, and what is computed beside it."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import signal
import socket
from collections.abc import Callable

import uvicorn

from ifc.model import Text
from twin.errors import TwinError
from twin.project import Project
from twin.server.app import Started, create_app
from twin.server.context import Settings
from twin.server.frames import FrameProtocol

MAX_FRAME_BYTES = 65_536


def serve(
    project: Project,
    settings: Settings,
    *,
    host: str,
    port: int,
    started: Started | None = None,
    listening: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve until a signal ends it.

    Args:
        project: what twin.toml says.
        settings: how the server behaves; a demo only ever listens on loopback.
        host: where it listens.
        port: 0 for any free one.
        started: called on the event loop once the live twin runs.
        listening: called with the address once connections are taken.

    Raises:
        TwinError: the port is taken, a demo should listen on more than loopback, or the project is wrong.
        SensorError: a table, a rule or a store of the project is wrong.
    """
    if settings.demo and not is_loopback(host):
        raise TwinError(
            "demo-not-local",
            host,
            Text("The demonstration knows no accounts.", "演示模式没有账户保护。"),
            Text("It listens on 127.0.0.1 only.", "只能监听 127.0.0.1。"),
        )
    bound = _bound(host, port)
    app = create_app(project, settings, started)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # addresses of people are no business of a log
        server_header=False,
        proxy_headers=False,  # the app believes the proxies that the project names
        ws=FrameProtocol,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,  # costs more than it saves on a local network
        timeout_graceful_shutdown=5,
    )
    server = _Server(config, lambda: listening(_address(bound)))
    # uvicorn ends in order and then raises the signal again, which must not end us before we have tidied up.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    said = logging.getLogger("uvicorn.error")

    def unless_refused(_: logging.LogRecord) -> bool:
        return app.state.refused is None  # what is wrong is told once, below, and without a traceback

    said.addFilter(unless_refused)
    try:
        with bound, contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[bound])
    except SystemExit:
        if app.state.refused is None:
            raise
    finally:
        said.removeFilter(unless_refused)
        signal.signal(signal.SIGTERM, before)
    if app.state.refused is not None:
        raise app.state.refused


class _Server(uvicorn.Server):
    """Says when it takes connections."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            self._listening()


def is_loopback(host: str) -> bool:
    """Whether a host is this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bound(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port)[0][0]
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError as error:
        raise TwinError(
            "cannot-listen",
            f"{host}:{port}",
            Text(f"The address cannot be used: {error.strerror or error}.", "无法监听该地址。"),
            Text("Choose another --host or --port.", "请更换 --host 或 --port。"),
        ) from None
    return bound


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def log_to_stderr() -> None:
    """Warnings and what the server reports, with times, on stderr."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("sensors").setLevel(logging.INFO)
    logging.getLogger("twin").setLevel(logging.INFO)
