"""The WebSocket of a real server: batches, states, alarms, slow clients, restarts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import httpx
import numpy as np
import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from sensors.readings import Sample, now_us
from tests.sensors.community import free_port, until
from tests.twin.server.site import HOMES, PASSWORD, project_in
from twin.server.accounts import Accounts
from twin.server.app import ACCOUNTS, create_app
from twin.server.context import Settings
from twin.server.frames import FrameProtocol
from twin.server.gate import token_for
from twin.server.hub import LANES, Client, Hub
from twin.server.rights import Principal, Role


@contextlib.asynccontextmanager
async def served(folder, settings=None, **config):
    """A server on this event loop: its address and context."""
    port = free_port()
    app = create_app(project_in(folder), settings or Settings())
    options = {
        "ws": FrameProtocol,
        "log_config": None,
        "lifespan": "on",
        "ws_per_message_deflate": False,
    }
    server = uvicorn.Server(uvicorn.Config(app, port=port, **{**options, **config}))
    server.install_signal_handlers = lambda: None
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield f"ws://127.0.0.1:{port}/api/v1/live", app.state.context
    finally:
        server.should_exit = True
        await task


def bearer(context, name, role, household=""):
    account = context.accounts.add(name, role, household, PASSWORD)
    return {
        "Authorization": f"Bearer {token_for(context, account, context.accounts.open_session(account)[0])}"
    }


async def hear(client, kind, timeout_s=60.0):
    """The next message of a kind."""
    async with asyncio.timeout(timeout_s):
        while True:
            message = json.loads(await client.recv())
            if message["type"] == kind:
                return message


async def subscribed(address, headers, **wanted):
    client = await connect(address, additional_headers=headers, max_size=2**24, max_queue=1)
    await client.send(json.dumps({"type": "subscribe", "id": "a", **wanted}))
    keys = (await hear(client, "subscribed"))["key"]
    full = await hear(client, "readings")
    assert full["full"]
    assert full["key"] == keys
    return client, keys


def test_a_subscriber_gets_all_then_what_changes_and_alarms_at_once(tmp_path):
    async def run():
        async with served(tmp_path) as (address, context):
            intake = context.live.intake
            client, keys = await subscribed(
                address, bearer(context, "o", Role.OPERATOR), quantities=["temperature", "co2"]
            )
            assert [context.live.points[key].id for key in keys] == ["lobby/temperature", "lobby/co2"]
            await intake.deliver([Sample("lobby/co2", 700.0), Sample("home-1/temperature", 21.0)], "test")
            batch = await hear(client, "readings")
            assert (batch["key"], batch["value"], batch["state"], batch["full"]) == ([1], [700.0], [0], False)
            await intake.deliver([Sample("home-1/call", 1.0), Sample("lobby/co2", 1500.0)], "test")
            rules = {(await hear(client, "alarm"))["alarm"]["rule"] for _ in range(2)}
            assert rules == {"call", "co2-high"}
            assert (await hear(client, "readings"))["value"] == [1500.0]
            await client.send("[1, 2")
            assert (await hear(client, "error"))["error"]["code"] == "bad-frame"
            await client.send(json.dumps({"type": "subscribe", "points": ["home-1/call"]}))
            assert (await hear(client, "subscribed"))["key"] == []
            assert (await hear(client, "readings"))["full"]
            await client.close()
            await until(lambda: not context.hub.clients)

    asyncio.run(run())


def test_a_point_that_goes_stale_is_told(tmp_path):
    async def run():
        async with served(tmp_path) as (address, context):
            latest = context.live.intake.latest
            client, _ = await subscribed(address, bearer(context, "o", Role.OPERATOR))
            await context.live.intake.deliver([Sample("lobby/co2", 700.0)], "test")
            assert (await hear(client, "readings"))["state"] == [0]
            latest._limit_s[1] = 0.5
            stale = await hear(client, "readings")
            assert (stale["key"], stale["value"], stale["state"]) == ([1], [700.0], [1])
            await client.close()

    asyncio.run(run())


def test_a_resident_hears_the_own_home_only(tmp_path):
    async def run():
        async with served(tmp_path) as (address, context):
            client, keys = await subscribed(address, bearer(context, "r", Role.RESIDENT, "home-2"))
            homes = {context.live.points[key].household for key in keys}
            assert homes == {"", "home-2"}
            samples = [Sample(f"{home}/temperature", 35.0) for home in HOMES]
            await context.live.intake.deliver([*samples, Sample("home-1/call", 1.0)], "test")
            alarm = (await hear(client, "alarm"))["alarm"]
            assert alarm["household"] == "home-2"
            batch = await hear(client, "readings")
            assert [context.live.points[key].id for key in batch["key"]] == ["home-2/temperature"]
            with pytest.raises(TimeoutError):
                await hear(client, "alarm", 0.3)
            await client.close()

    asyncio.run(run())


async def closing_code(address, headers=None, **options):
    async with connect(address, additional_headers=headers or {}, **options) as client:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.wait_for(client.recv(), 60)
        return client.close_code


def test_connections_that_may_not_be_are_closed_with_their_reason(tmp_path, monkeypatch):
    monkeypatch.setattr("twin.server.routes.live_socket.SESSION_CHECK_S", 0.2)

    async def run():
        async with served(tmp_path, Settings(clients_each=1)) as (address, context):
            assert await closing_code(address) == 4401
            headers = bearer(context, "o", Role.OPERATOR)
            cookie = {"Cookie": f"greentwin_token={headers['Authorization'][7:]}"}
            assert await closing_code(address, cookie, origin="https://elsewhere.example") == 4403
            service = {"Authorization": f"Bearer {context.accounts.add_service('s')[1]}"}
            assert await closing_code(address, service) == 4403
            first, _ = await subscribed(address, headers)
            assert await closing_code(address, headers) == 4429
            context.accounts.remove("o")  # ends the session
            async with asyncio.timeout(60):
                await first.wait_closed()
            assert first.close_code == 4401

    asyncio.run(run())


@pytest.mark.fault
@pytest.mark.parametrize("ws", [FrameProtocol, "websockets-sansio"])
def test_a_slow_client_gets_the_latest_state_and_holds_nobody_up(ws, tmp_path):
    async def run():
        async with served(tmp_path, ws=ws) as (address, context):
            headers = bearer(context, "o", Role.OPERATOR)
            context.hub._flush_s = 0.002
            quick, _ = await subscribed(address, headers)
            slow, _ = await subscribed(address, headers)
            text = context.hub._text

            def large(rows, **options):  # a site of thousands of points fills a socket soon
                return text(rows, **options).ljust(1_000_000)

            context.hub._text = large
            for number in range(30):
                await context.live.intake.deliver([Sample("lobby/co2", 400.0 + number)], "test")
                while (await hear(quick, "readings"))["value"] != [400.0 + number]:
                    pass
            assert context.hub.dropped_batches > 3
            skipped = 0
            while (batch := await hear(slow, "readings"))["value"] != [429.0]:
                skipped += batch.get("skipped", 0)
            assert skipped + batch.get("skipped", 0) == context.hub.dropped_batches + 1
            await quick.close()
            await slow.close()

    asyncio.run(run())


def test_merged_batches_hold_every_point_that_changed(tmp_path):
    async def run():
        async with served(tmp_path) as (_, context):
            hub: Hub = context.hub
            client = Client(Principal("o", Role.DEMO))
            hub.join(client)
            hub.subscribe(client, np.ones(len(context.live.points), bool))
            for point in ("lobby/co2", "lobby/temperature", "home-3/temperature"):
                await context.live.intake.deliver([Sample(point, 20.0)], "test")
                await asyncio.sleep(0.25)
            batch = json.loads(hub.next_of(client))
            ids = [context.live.points[key].id for key in batch["key"]]
            assert ids == ["lobby/temperature", "lobby/co2", "home-3/temperature"]
            assert batch["skipped"] == 3
            assert hub.next_of(client) is None
            hub.leave(client)

    asyncio.run(run())


def test_clients_take_turns_and_each_hears_of_every_change(tmp_path):
    async def run():
        async with served(tmp_path) as (_, context):
            hub: Hub = context.hub
            heard = {}
            for number in range(2 * LANES + 1):
                frames = heard[number] = []
                client = Client(
                    Principal("o", Role.DEMO), lambda frame, frames=frames: not frames.append(frame)
                )
                hub.join(client)
                hub.subscribe(client, np.ones(len(context.live.points), bool))
            lanes = [client.lane for client in hub.clients]
            assert sorted(lanes.count(lane) for lane in range(LANES)) == [2] * (LANES - 1) + [3]
            for value in (400.0, 401.0, 402.0):
                await context.live.intake.deliver([Sample("lobby/co2", value)], "test")
                await asyncio.sleep(0.02)
            await context.live.intake.deliver([Sample("lobby/temperature", 20.0)], "test")

            def last(frames):
                body = {}
                for frame in frames:
                    text = json.loads(frame[frame.index(b"{") :])
                    body |= dict(
                        zip(text["key"], zip(text["value"], text["state"], strict=True), strict=True)
                    )
                return body

            await until(
                lambda: all(last(frames) == {0: (20.0, 0), 1: (402.0, 0)} for frames in heard.values())
            )

    asyncio.run(run())


def start(folder, port):
    command = [sys.executable, "-m", "twin.cli", "serve", str(folder / "twin.toml"), "--port", str(port)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "LANG": "C.UTF-8"}
    )
    assert process.stdout is not None
    assert process.stdout.readline() == f"http://127.0.0.1:{port}/\n"
    return process


def test_a_killed_server_comes_back_with_its_alarms_sessions_and_readings(tmp_path):
    (tmp_path / "rows.csv").write_text("time,point,value\n2026-01-01,lobby/co2,1700\n")
    feed = '[[feeds]]\nkind = "replay"\nname = "r"\npath = "rows.csv"\nas_now = true\n'
    project_in(tmp_path, feed)
    port = free_port()
    folder = tmp_path / "live"
    address = f"http://127.0.0.1:{port}/api/v1"
    headers = {}

    def get(path, **query):
        return httpx.get(f"{address}/{path}", params=query, headers=headers, timeout=60).json()

    def recorded():
        """Alarms and values on the disk: both are told before they are there."""
        now_ms = now_us() // 1000
        span = {"begin": str(now_ms - 3_600_000), "end": str(now_ms + 1)}
        values = get("history", point="lobby/co2", mode="readings", **span)["value"]
        return get("alarms/history", **span)["alarms"], values

    first = start(tmp_path, port)
    try:
        accounts = Accounts(folder / ACCOUNTS)  # as `twin account add` does beside a running server
        accounts.add("operator", Role.OPERATOR, "", PASSWORD)
        who = {"name": "operator", "password": PASSWORD}
        signed_in = httpx.post(f"{address}/session", json=who, timeout=60)
        headers["Authorization"] = f"Bearer {signed_in.json()['access_token']}"
        deadline = time.monotonic() + 60
        while not all(recorded()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        alarms = get("alarms")["alarms"]
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    (tmp_path / "rows.csv").write_text("time,point,value\n")
    second = start(tmp_path, port)
    try:

        async def again():
            client, _ = await subscribed(f"ws://127.0.0.1:{port}/api/v1/live", headers, points=["lobby/co2"])
            await client.close()

        asyncio.run(again())
        assert get("alarms")["alarms"] == alarms
        assert recorded() == (alarms, [1700.0])
    finally:
        second.terminate()
        assert second.wait(60) == 0
