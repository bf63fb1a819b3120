"""Webhooks and SensorThings against a service that fails."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from sensors.outlets.bodies import json_bytes, readings_body
from sensors.outlets.contract import AwayError, Subject
from sensors.outlets.http import WebhookTransport
from sensors.outlets.outbox import Item
from sensors.outlets.sensorthings import SensorThingsTransport
from sensors.readings import readings_of
from sensors.web import is_web_address
from tests.sensors.community import MINUTE_US, POINTS, START_US, free_port
from tests.sensors.outlets.peers import service


def item_of(number: int, *readings: tuple[int, int, float]) -> Item:
    columns = [list(column) for column in zip(*readings, strict=True)]
    times = [START_US + minute * MINUTE_US for minute in columns[1]]
    batch = readings_of(columns[0], times, times, columns[2], [0] * len(times))
    body = readings_body(POINTS, batch, np.arange(len(batch)))
    return Item(number, f"site-{number}", len(batch), body)


def sent(transport, subject, *items):
    async def run():
        try:
            return sum(each.messages for each in await transport.send(subject, list(items)))
        finally:
            await transport.close()

    return asyncio.run(run())


ALARM = Item(1, "a-raised", 1, json_bytes({"id": "a-raised", "rule": "co2-high"}))


def test_a_webhook_gets_the_change_its_id_and_the_token(monkeypatch):
    monkeypatch.setenv("DESK_TOKEN", "s3cret")
    with service() as desk:
        assert sent(WebhookTransport(f"{desk.url}/alarms", "DESK_TOKEN"), Subject.ALARMS, ALARM) == 0
    ((path, body, headers),) = desk.got
    assert (path, body["rule"]) == ("/alarms", "co2-high")
    assert headers["Idempotency-Key"] == body["id"] == "a-raised"
    assert headers["Authorization"] == "Bearer s3cret"


@pytest.mark.parametrize("answer", [500, 503, 429, 408, 401, 403, 404, 301, "cut"])
def test_an_answer_that_may_mend_leaves_the_message_in_the_queue(answer):
    with service() as desk:
        desk.answers = [answer]
        with pytest.raises(AwayError, match=r"answer is|disconnect"):
            sent(WebhookTransport(f"{desk.url}/alarms"), Subject.ALARMS, ALARM)


@pytest.mark.parametrize("answer", [400, 409, 413, 422])
def test_a_message_that_is_refused_is_not_sent_for_ever(answer):
    with service() as desk:
        desk.answers = [answer]
        assert sent(WebhookTransport(f"{desk.url}/alarms"), Subject.ALARMS, ALARM) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http:///alarms", "http://[::1", "nowhere"])
def test_an_address_where_nobody_answers_is_away_whatever_is_wrong_with_it(url):
    url = url.replace(":1/", f":{free_port()}/")
    with pytest.raises(AwayError):
        sent(WebhookTransport(url), Subject.ALARMS, ALARM)


@pytest.mark.parametrize(
    ("url", "sound"),
    [
        ("https://desk.example/alarms?a=b", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080/x", True),
        ("https://平台.example/x", True),
        ("http:///alarms", False),
        ("http://desk.example:99999/", False),
        ("http://desk.example:port/", False),
        ("http://[::1/", False),
        ("http://de sk.example/", False),
        ("http://desk..example/", False),
        ("http://desk.example/\n", False),
        ("ftp://desk.example/", False),
        ("desk.example", False),
        ("", False),
    ],
)
def test_what_is_an_address(url, sound):
    assert is_web_address(url) is sound


STREAMS = {"lobby/temperature": 7, "lobby/co2": "co'2"}


@pytest.mark.parametrize("arrays", [True, False])
def test_readings_become_observations_in_order_with_ids_that_stay(arrays):
    items = [item_of(1, (0, 0, 20.0), (1, 0, 400.0), (0, 1, 21.0)), item_of(2, (0, 2, 22.5))]
    with service() as district:
        district.arrays = arrays
        transport = SensorThingsTransport(f"{district.url}/", STREAMS)
        assert sent(transport, Subject.READINGS, *items) == 0
        once = list(district.observations)
        assert sent(transport, Subject.READINGS, *items) == 0
        assert sorted(map(str, district.observations[len(once) :])) == sorted(map(str, once))
    of_seven = [found for stream, found in once if stream == "7"]
    assert [found["result"] for found in of_seven] == [20.0, 21.0, 22.5]
    assert [found["phenomenonTime"] for found in of_seven][:2] == [
        "2026-03-01T00:00:00Z",
        "2026-03-01T00:01:00Z",
    ]
    assert len({found["parameters"]["id"] for _, found in once}) == 4
    (other,) = [stream for stream, _ in once if stream != "7"]
    assert other == ("co'2" if arrays else "'co''2'")


@pytest.mark.parametrize("arrays", [True, False])
def test_only_what_the_service_does_not_know_is_refused(arrays):
    with service() as district:
        district.arrays, district.unknown = arrays, {7}
        item = item_of(1, (0, 0, 20.0), (1, 0, 400.0), (2, 0, 1.0))
        # The third belongs to a point that twin.toml names no more.
        assert sent(SensorThingsTransport(district.url, STREAMS), Subject.READINGS, item) == 2
        assert [found["result"] for _, found in district.observations] == [400.0]


def test_a_request_that_is_refused_as_a_whole_is_sent_one_by_one():
    with service() as district:
        district.answers = [400]
        item = item_of(1, (0, 0, 20.0), (1, 0, 400.0))
        assert sent(SensorThingsTransport(district.url, STREAMS), Subject.READINGS, item) == 0
        assert len(district.observations) == 2


def test_an_hour_of_homes_becomes_an_observation_of_that_hour():
    body = {"aggregate": "electricity-1", "begin": "2026-03-01T00:00:00Z", "mean": 0.5, "households": 5}
    hour = Item(1, "electricity-1-492000", 1, json_bytes(body))
    with service() as district:
        transport = SensorThingsTransport(district.url, {"electricity-1": 9})
        assert sent(transport, Subject.AGGREGATES, hour) == 0
    ((stream, found),) = district.observations
    assert (stream, found["result"], found["parameters"]["households"]) == ("9", 0.5, 5)
    assert found["phenomenonTime"] == "2026-03-01T00:00:00Z/2026-03-01T01:00:00Z"
