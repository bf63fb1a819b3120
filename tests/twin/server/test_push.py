"""Readings that are pushed with a service token."""

from __future__ import annotations

import pytest

from sensors.readings import now_us
from tests.twin.server.site import site_in


def test_pushed_readings_are_stored_and_every_one_is_accounted_for(tmp_path):
    with site_in(tmp_path) as site:
        now_ms = now_us() // 1000
        readings = [
            {"point": "lobby/co2", "value": 612, "time": now_ms, "unit": "ppm"},
            {"point": "lobby/temperature", "value": 68, "unit": "°F"},
            {"point": "nowhere", "value": 1},
            {"point": "lobby/co2", "value": "many"},
            {"point": "lobby/co2", "value": 1, "time": "yesterday"},
            {"point": "lobby/co2", "value": None},
        ]
        answer = site.ask("service", "POST", "/readings", json={"readings": readings})
        assert (answer.status_code, answer.json()) == (200, {"received": 6})
        latest = site.get("operator", "/latest")
        assert latest["value"] == [pytest.approx(20.0), 612.0]
        assert latest["time_ms"][1] == now_ms
        (feed,) = site.get("operator", "/feeds")["feeds"]
        assert (feed["name"], feed["received"], feed["accepted"]) == ("push:service", 6, 2)
        assert feed["rejected"] == {"unknown-point": 1, "not-a-number": 1, "bad-time": 1, "no-value": 1}
        assert site.context.live.store.series(1, 0, 2**62).value.tolist() == [612.0]


@pytest.mark.parametrize(
    "body", [{}, {"readings": []}, {"readings": [{"value": 1}]}, {"readings": [{"point": "x", "value": [1]}]}]
)
def test_what_is_no_reading_is_refused(body, site):
    assert site.ask("service", "POST", "/readings", json=body).status_code == 422
