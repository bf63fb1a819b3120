"""What other systems refused, told to operators and sent again by them."""

from __future__ import annotations

import time

from sensors.outlets.outbox import Refused
from tests.sensors.community import free_port
from tests.sensors.outlets.peers import service
from tests.twin.server.site import site_in


def test_an_operator_sees_what_was_refused_and_sends_it_again_once_the_cause_is_mended(tmp_path):
    with service() as desk:
        desk.answers = [422] * 5
        outlet = f'[[outlets]]\nkind = "webhook"\nname = "desk"\nurl = "{desk.url}/alarms"\n'
        with site_in(tmp_path, extra=outlet) as site:
            site.read(lobby__co2=1500.0)

            def queue():
                return site.get("operator", "/feeds")["outlets"][0]["queues"][0]

            wait(lambda: queue()["aside"] == 1)
            assert queue()["refused"] == 1
            told = site.get("auditor", "/outlets/desk/refused")
            assert (told["subject"], told["why"]) == (["alarms"], ["the answer is 422 Unprocessable Entity"])
            desk.answers = []
            answer = site.ask("operator", "POST", "/outlets/desk/refused")
            assert answer.json() == {"items": 1}
            wait(lambda: desk.got)
            assert desk.got[0][1]["rule"] == "co2-high"
            wait(lambda: queue()["sent"] == 1)
            assert (queue()["aside"], queue()["waiting"]) == (0, 0)
            lines = site.get("auditor", "/audit")
            assert "refused-sent-again" in lines["action"]


def test_what_was_refused_is_deleted_on_request_and_an_unknown_outlet_is_not_found(tmp_path):
    outlet = f'[[outlets]]\nkind = "webhook"\nname = "desk"\nurl = "http://127.0.0.1:{free_port()}/"\n'
    with site_in(tmp_path, extra=outlet) as site:
        (queue,) = site.context.live.outlets.all["desk"].queues.values()
        site.context.live.outlets.outbox.put([(queue, "x", 1, b"{}")])
        queue.done(items := queue.head(1, 1), [Refused(items[0], 1, "no")])
        assert site.ask("manager", "DELETE", "/outlets/desk/refused").json() == {"items": 1}
        assert site.get("operator", "/outlets/desk/refused")["id"] == []
        assert site.ask("operator", "POST", "/outlets/none/refused").status_code == 404


def wait(condition, timeout_s=60.0):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
