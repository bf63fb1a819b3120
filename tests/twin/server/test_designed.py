"""What the design claims, as the server tells it."""

from __future__ import annotations

import pytest

from sensors.readings import readings_of
from sensors.store.contract import HOUR_US
from tests.sensors.community import START_US
from tests.twin.server.site import project_in, site_in
from twin.errors import TwinError
from twin.live.composition import open_live
from twin.live.places import Place, Places

SPAN = {"begin": str(START_US // 1000), "end": str((START_US + 14 * 24 * HOUR_US) // 1000)}
EVALUATION = {
    "metrics": {
        "energy": {
            "table": {"global_id": ["lobby", "flat-1"], "use": ["office", "office"]},
            "summary": {},
            "series": {},
        }
    }
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    with site_in(tmp_path_factory.mktemp("designed")) as site:
        live = site.context.live
        rooms = {name: Place(name, room=name) for name in ("lobby", "flat-1")}
        live.places = Places(
            rooms, {"lobby/co2": "lobby", "lobby/temperature": "lobby", "home-1/temperature": "flat-1"}
        )
        times = [START_US + hour * HOUR_US for hour in range(14 * 24)]
        for name, value in (("lobby/co2", 800.0), ("home-1/temperature", 24.0)):
            row = live.points.row_of[name]
            live.store.append(
                readings_of([row] * len(times), times, times, [value] * len(times), [0] * len(times))
            )
        yield site


def lines(site, who):
    found = site.get(who, "/designed", **SPAN)
    return {(kind, element): dict(zip(found, row, strict=True)) for kind, element, row in zip(
        found["kind"], found["element"], zip(*found.values(), strict=True), strict=True
    )}  # fmt: skip


def test_before_the_evaluation_there_are_no_claims(built):
    built.context.background.result = {}
    assert built.ask("operator", "GET", "/designed", params=SPAN).status_code == 404
    built.context.background.evaluation = "running"
    assert built.ask("operator", "GET", "/designed", params=SPAN).status_code == 503
    built.context.background.evaluation = "ready"


def test_a_claim_is_met_has_not_enough_data_or_is_not_measured_at_all(built):
    built.context.background.result = {"en": EVALUATION}
    found = lines(built, "operator")
    assert found["co2", "lobby"]["verdict"] == "met"
    assert found["co2", "lobby"]["points"] == ["lobby/co2"]
    assert found["co2", "lobby"]["measured"] == 800.0
    assert found["temperature", "lobby"]["verdict"] == "not_enough_data"
    assert found["temperature", "lobby"]["measured"] is None
    assert found["co2", "flat-1"]["verdict"] == "not_measured"
    assert found["co2", "flat-1"]["statement"]["zh"]


def test_what_a_home_measures_shows_to_the_home_only(built):
    built.context.background.result = {"en": EVALUATION}
    assert lines(built, "resident")["temperature", "flat-1"]["verdict"] == "met"
    for who in ("operator", "neighbour", "auditor"):
        other = lines(built, who)["temperature", "flat-1"]
        assert (other["verdict"], other["points"], other["measured"]) == ("not_measured", [], None)


@pytest.mark.parametrize(
    "meters", ['electricity = ["lobby/co2"]', 'rain = "no-such-point"', 'rain = "lobby/temperature"']
)
def test_a_meter_that_is_none_is_refused_at_the_start(meters, tmp_path):
    with pytest.raises(TwinError) as caught:
        open_live(project_in(tmp_path, f"[live.meters]\n{meters}\n"))
    assert caught.value.code == "no-such-meter"
