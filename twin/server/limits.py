"""Limits on requests: how often, how large."""

from __future__ import annotations

import time
from collections import OrderedDict

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ifc.model import Text
from twin.server.errors import ApiError, answer_of, too_many

MAX_BODY_BYTES = 2**20
_REMEMBERED = 10_000  # callers


class Allowance:
    """``burst`` requests at once, then ``per_s`` a second, for each caller."""

    def __init__(self, burst: float, per_s: float) -> None:
        self.burst, self.per_s = burst, per_s
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # caller -> (left, at)

    def take(self, caller: str) -> None:
        """Count a request.

        Raises:
            ApiError: the caller has no request left.
        """
        now = time.monotonic()
        left, at = self._left.pop(caller, (self.burst, now))
        left = min(self.burst, left + (now - at) * self.per_s)
        self._left[caller] = (max(left - 1, 0.0) if left >= 1 else left, now)
        if len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)
        if left < 1:
            raise too_many(max(1, round((1 - left) / self.per_s)))


class BodyLimit:
    """Refuses bodies over a size, stated or not, before they are in memory."""

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY_BYTES) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is small enough."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        stated = dict(scope["headers"]).get(b"content-length", b"0")
        if not stated.isdigit() or int(stated) > self.limit:
            await _refuse(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if len(body) > self.limit:
                await _refuse(scope, receive, send)
                return
            if not message.get("more_body", False):
                break
        given = False

        async def whole() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, whole, send)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    error = ApiError(
        413,
        "too-large",
        Text("The request is too large.", "请求体过大。"),
        Text("Send less at once.", "请减少单次发送的数据。"),
    )
    await answer_of(error, scope["path"])(scope, receive, send)
