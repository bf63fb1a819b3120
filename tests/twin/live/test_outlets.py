"""Alarms handed on to another system."""

from __future__ import annotations

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sensors.alarms.alarm import Alarm
from sensors.alarms.rules import Severity
from sensors.points import Point, Privacy
from sensors.readings import Sample
from tests.sensors.community import until
from tests.twin.live.test_composition import project_in
from twin.live.composition import open_live, running
from twin.live.outlets import Webhook


def test_alarms_are_posted_in_order_and_wait_while_the_other_side_is_away(tmp_path, monkeypatch):
    monkeypatch.setenv("DESK_TOKEN", "s3cret")
    monkeypatch.setattr("twin.live.outlets.FIRST_PAUSE_S", 0.05)
    got, tokens, status = [], set(), [503, 503]

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            code = status.pop(0) if status else 204
            if code == 204:
                got.append(body)
            tokens.add(self.headers["Authorization"])
            self.send_response(code)
            self.end_headers()

        def log_message(self, *_):
            pass

    desk = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=desk.serve_forever)
    thread.start()
    hooks = '[[webhooks]]\nname = "desk"\ntoken_env = "DESK_TOKEN"\n'
    hooks += f'url = "http://127.0.0.1:{desk.server_port}/alarms"\n'

    async def run():
        async with running(open_live(project_in(tmp_path, hooks))) as live:
            await live.intake.deliver([Sample("lobby/co2", 1500.0)], "test")
            await live.intake.deliver([Sample("home-1/call", 1.0)], "test")
            await live.intake.deliver([Sample("lobby/co2", 500.0)], "test")
            await until(lambda: live.webhooks[0].sent == 3)
            assert live.webhooks[0].lost == 0

    try:
        asyncio.run(run())
    finally:
        desk.shutdown()
        desk.server_close()
        thread.join()
    assert [(one["rule"], one["what"]) for one in got] == [
        ("co2-high", "raised"),
        ("call", "raised"),
        ("co2-high", "cleared"),
    ]
    # What was measured at home is not told, that somebody calls for help is.
    assert [(one["household"], one["value"]) for one in got[:2]] == [("", 1500.0), ("home-1", None)]
    assert tokens == {"Bearer s3cret"}


def test_of_a_home_only_a_call_for_help_is_handed_on():
    hook = Webhook("desk", "http://127.0.0.1:9/")
    lobby = Point("lobby/co2", "ppm", privacy=Privacy.PUBLIC)
    home = Point("home-1/motion", "", privacy=Privacy.PERSONAL_SENSITIVE, household="home-1")
    hook.hear(Alarm("1", "still", "home-1/motion", Severity.WARNING, 0.0, 1), "raised", [home])
    hook.hear(Alarm("2", "both", "", Severity.WARNING, 1.0, 1), "raised", [lobby, home])
    hook.hear(Alarm("3", "gone", "home-9/motion", Severity.WARNING, 1.0, 1), "raised", [])
    assert not hook._waiting
    hook.hear(Alarm("4", "call", "home-1/motion", Severity.EMERGENCY, 1.0, 1), "raised", [home])
    hook.hear(Alarm("5", "co2-high", "lobby/co2", Severity.WARNING, 1500.0, 1), "raised", [lobby])
    told = [(one["id"], one["household"], one["value"]) for one in hook._waiting]
    assert told == [("4", "home-1", None), ("5", "", 1500.0)]
