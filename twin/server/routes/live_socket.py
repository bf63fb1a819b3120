"""The WebSocket: batches of changed values, alarms at once."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import Field, ValidationError

from ifc.model import Text
from sensors.alarms.alarm import Alarm
from sensors.readings import MICROSECONDS, now_us
from twin.server.columns import text_of
from twin.server.context import Context
from twin.server.errors import ApiError, body_of
from twin.server.frames import writer_in
from twin.server.hub import HEARTBEAT_S, Client, heartbeat
from twin.server.rights import Principal
from twin.server.schemas import Request

router = APIRouter()

NOT_SIGNED_IN, OTHER_ORIGIN, TOO_SLOW, TOO_MANY = 4401, 4403, 4408, 4429
_CLOSE_CODES = {401: NOT_SIGNED_IN, 403: OTHER_ORIGIN, 429: TOO_MANY}
SESSION_CHECK_S = 5.0
Ids = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=2000)]


class Subscribe(Request):
    """What a client wants: points that fit every list that is not empty."""

    type: Literal["subscribe"]
    id: Annotated[str, Field(max_length=64)] = ""
    elements: Ids = Field(default_factory=list)
    storeys: Ids = Field(default_factory=list)
    quantities: Ids = Field(default_factory=list)
    points: Ids = Field(default_factory=list)


@router.websocket("/api/v1/live")
async def live(socket: WebSocket) -> None:
    """Serve one client until it leaves, its token ends, or it reads nothing any more."""
    context: Context = socket.app.state.context
    hub = context.hub
    await socket.accept()
    refused: ApiError | None = socket.state.refused
    if refused is not None:
        await socket.close(_CLOSE_CODES.get(refused.status, OTHER_ORIGIN), refused.code)
        return
    caller: Principal = socket.state.caller
    own = sum(client.caller.name == caller.name for client in hub.clients)
    if len(hub.clients) >= context.settings.clients or own >= context.settings.clients_each:
        await socket.close(TOO_MANY, "too many connections")
        return
    client = Client(caller, writer_in(socket.scope))
    client.say(
        text_of(
            {"type": "hello", "epoch": context.epoch, "now_ms": now_us() // 1000, "heartbeat_s": HEARTBEAT_S}
        )
    )
    alarms = [
        context.alarm_to(caller, alarm)
        for alarm in context.live.alarms.open_alarms()
        if context.hears(caller, alarm)
    ]
    client.say(text_of({"type": "alarms", "alarms": alarms}))
    hub.join(client)
    tasks = {
        asyncio.create_task(_send(socket, context, client)),
        asyncio.create_task(_hear(socket, context, client)),
    }
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        hub.leave(client)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def alarm_text_of(context: Context) -> Any:
    """How the hub words an alarm for an account; None when it is not for it."""

    def word(caller: Principal, alarm: Alarm, what: str) -> str | None:
        if not context.hears(caller, alarm):
            return None
        return text_of({"type": "alarm", "what": what, "alarm": context.alarm_to(caller, alarm)})

    return word


async def _send(socket: WebSocket, context: Context, client: Client) -> None:
    """What the hub has for a client; then heartbeats; a close when its token has ended."""
    loop = asyncio.get_running_loop()
    said_s = checked_s = loop.time()
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            left_s = (client.caller.until_us - now_us()) / MICROSECONDS
            if loop.time() - checked_s >= SESSION_CHECK_S:
                checked_s = loop.time()
                if client.caller.session and not context.accounts.session_account(client.caller.session):
                    left_s = 0
            if left_s <= 0:
                await socket.close(NOT_SIGNED_IN, "the token has ended")
                return
            try:
                async with asyncio.timeout(min(SESSION_CHECK_S, left_s)):
                    await client.wake.wait()
            except TimeoutError:
                if loop.time() - said_s >= HEARTBEAT_S - SESSION_CHECK_S:
                    await socket.send_text(heartbeat())
                    said_s = loop.time()
                continue
            client.wake.clear()
            said_s = loop.time()
            while (text := context.hub.next_of(client)) is not None:
                await socket.send_text(text)
            if client.overrun:
                await socket.close(TOO_SLOW, "too slow")
                return


async def _hear(socket: WebSocket, context: Context, client: Client) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            text = await socket.receive_text()
            try:
                wanted = Subscribe.model_validate(json.loads(text))
            except (ValueError, RecursionError, ValidationError):
                client.say(_bad_frame())
                continue
            mask = context.chosen(
                client.caller, wanted.elements, wanted.storeys, wanted.quantities, wanted.points
            )
            context.hub.subscribe(client, mask)
            client.say(text_of({"type": "subscribed", "id": wanted.id, "key": mask.nonzero()[0].tolist()}))
            client.say(context.hub.full(client))


def _bad_frame() -> str:
    body = body_of(
        "bad-frame",
        "/api/v1/live",
        Text("This frame is no subscription.", "无法识别的订阅请求。"),
        Text("Send a subscribe message.", "请发送 subscribe 消息。"),
    )
    return text_of({"type": "error", **body})
