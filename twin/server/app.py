"""The app: routes, errors, limits, headers, and the life of the live twin behind it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from fastapi import Depends, FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from sensors.errors import SensorError
from twin.errors import TwinError
from twin.live.composition import Live, open_live, running
from twin.project import Project
from twin.server import errors
from twin.server.accounts import Accounts
from twin.server.audit import AuditLog
from twin.server.context import Context, Settings
from twin.server.errors import ErrorBody
from twin.server.gate import authorise
from twin.server.hub import Hub
from twin.server.limits import BodyLimit
from twin.server.routes import (
    alarms,
    designed,
    history,
    live_socket,
    measured,
    operation,
    pages,
    points,
    push,
    runoff,
    session,
    sta,
    twin_info,
)

ACCOUNTS, AUDIT = "accounts.db", "audit.db"
# three.js needs workers and blobs, its mesh decoder compiles WebAssembly; nothing comes from elsewhere.
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; "
    "img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; connect-src 'self'; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

Started = Callable[[Context], None]


def create_app(project: Project, settings: Settings | None = None, started: Started | None = None) -> FastAPI:
    """The app of one project. Its files are opened, and its feeds run, while the app runs.

    Args:
        project: what twin.toml says; it names points under [live].
        settings: the safe ones by default.
        started: called on the event loop once everything runs.
    """
    settings = settings or Settings()

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            live = open_live(project)
            context = _context(live, settings)
        except (SensorError, TwinError) as error:
            app.state.refused = error  # for whoever started us: a server of ASGI only prints a traceback
            raise
        app.state.context = context
        async with running(live):
            hub = asyncio.create_task(context.hub.run(), name="hub")
            if started is not None:
                started(context)
            try:
                yield
            finally:
                for task in (hub, *context.tasks):
                    task.cancel()
                await asyncio.gather(hub, *context.tasks, return_exceptions=True)
                context.accounts.close()
                context.audit.close()

    app = FastAPI(
        title="greentwin",
        version="1",
        description="The live green twin of a building or a community.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(authorise)],
        generate_unique_id_function=lambda route: route.name,
        responses={"4XX": {"model": ErrorBody}, "5XX": {"model": ErrorBody}, 422: {"model": ErrorBody}},
        lifespan=lifespan,
    )
    app.state.refused = None
    subjects = (session, twin_info, points, history, measured, designed, runoff, alarms, operation, push, sta)
    for part in (*subjects, live_socket, pages):
        app.include_router(part.router)
    errors.install(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(_Headers)
    if project.live.trusted_proxies:
        networks = [str(each) for each in project.live.trusted_proxies]
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=networks)
    return app


def state_folder(project: Project) -> Path:
    """Where the accounts and the history of a project lie; made when it is not there."""
    folder = project.resolve(project.live.folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _context(live: Live, settings: Settings) -> Context:
    context = Context(
        live=live,
        accounts=Accounts(live.folder / ACCOUNTS),
        audit=AuditLog(live.folder / AUDIT),
        hub=Hub(live),
        settings=settings,
        epoch=secrets.token_hex(8),
    )
    context.hub.alarm_text = live_socket.alarm_text_of(context)
    return context


class _Headers:
    """Puts the security headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)
