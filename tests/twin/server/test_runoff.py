"""The site's runoff as the server tells it, and the process beside it that simulates it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import fastapi.testclient
import numpy as np
import pytest

import twin
from sensors.latest import State
from sensors.readings import Sample, now_us, readings_of
from tests.twin.server.site import site_in
from tests.twin.server.test_background import wait_for
from twin.live.composition import open_store, points_of_project
from twin.project import read_project
from twin.server import evaluation
from twin.server.app import create_app
from twin.server.background import start_background
from twin.server.context import Settings
from twin.server.runoff_schemas import RunoffBody
from twin.server.site_runoff import WHY, verdicts

STEP_US = 300_000_000
POINTS = [
    "site/rain,rain,mm,300,community,,",
    "site/tank,water_level,m,300,public,,",
    "home-1/barrel,water_level,m,300,household,home-1,",
    "site/outfall,flow,m³/h,300,household,home-2,",
]
METERS = 'model = "model.ifc"\n[live.meters]\nrain = "site/rain"\nrunoff = ["site/outfall"]\n'


def sensor(point, state="together"):
    return {
        "point": point, "unit": "m", "measured": 0.7, "simulated": 0.6, "state": state, "meaning": None
    }  # fmt: skip


def told(*, full_ms=None, state="together", why=None):
    period = {
        "begin_ms": 1, "end_ms": 2, "known_pct": 100.0, "rain_mm": 5.0, "simulated_m3": 1.0, "measured_m3": 1.1,
        "simulated_capture_pct": 80.0, "measured_capture_pct": 78.0, "why": None,
    }  # fmt: skip
    store = {
        "name": "tank", "kind": "tank", "title": {"en": "rain tank", "zh": "雨水调蓄池"}, "capacity_m3": 20.0,
        "water_m3": 6.0, "fill_pct": 30.0, "full_ms": full_ms,
        "sensors": [sensor("site/tank", state), sensor("home-1/barrel")],
    }  # fmt: skip
    return {
        "begin_ms": 1, "until_ms": 2, "rain_mm_h": 3.0,
        "outflow": {"simulated_m3_h": 1.0, "measured_m3_h": 2.0, "points": ["site/outfall"]},
        "stores": [store], "why": why, "today": period, "event": period, "unknown_h": 0.0, "gaps_ms": [],
        "assumptions": [],
    }  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with site_in(tmp_path_factory.mktemp("runoff"), extra=METERS, points=POINTS) as opened:
        yield opened


@pytest.fixture
def rainy(site):
    """The site with a gauge that speaks, and an answer."""
    site.deliver([Sample("site/rain", 0.5)])
    rows = site.context.live.points.row_of
    wait_for(lambda: site.context.live.intake.latest.states()[rows["site/rain"]] == State.FRESH)
    site.context.background.runoff, site.context.background.runoff_us = told(), now_us()
    return site


def test_until_the_gauge_speaks_it_cannot_be_told_and_says_why(tmp_path):
    with site_in(tmp_path, extra=METERS, points=POINTS) as site:
        site.context.background.runoff, site.context.background.runoff_us = told(), now_us()
        found = site.get("operator", "/runoff")
        assert (found["state"], found["runoff"]) == ("gauge_silent", None)
        assert "nothing yet" in found["why"]["en"]
        long_ago = now_us() - 3_600_000_000
        site.context.live.intake.latest.restore(
            readings_of([site.context.live.points.row_of["site/rain"]], [long_ago], [long_ago], [1.0], [0])
        )
        found = site.get("operator", "/runoff")
        assert (found["state"], found["runoff"]) == ("gauge_silent", None)
        assert "silent since 20" in found["why"]["en"]


def test_without_a_gauge_there_is_none(tmp_path):
    with site_in(tmp_path) as site:
        found = site.get("operator", "/runoff")
        assert (found["state"], found["gauge"], found["runoff"]) == ("no_gauge", None, None)
        assert "live.meters.rain" in found["why"]["zh"]


def test_each_account_sees_the_sensors_that_it_may_read_and_nothing_computed_from_others(rainy):
    def seen(who):
        found = rainy.get(who, "/runoff")
        RunoffBody.model_validate(found)
        return found

    operator = seen("operator")
    assert operator["state"] == "told"
    assert [each["point"] for each in operator["runoff"]["stores"][0]["sensors"]] == ["site/tank"]
    assert operator["runoff"]["outflow"] == {"simulated_m3_h": 1.0, "measured_m3_h": None, "points": []}
    for period in ("today", "event"):
        assert operator["runoff"][period]["measured_capture_pct"] is None
        assert operator["runoff"][period]["measured_m3"] is None
        assert operator["runoff"][period]["simulated_capture_pct"] == 80.0
    # What the community's gauge says is not for residents, nor what follows from it.
    assert seen("resident") | {"why": None} == {
        "state": "no_gauge",
        "why": None,
        "gauge": None,
        "runoff": None,
    }
    assert rainy.context.background.runoff == told()  # what is left out for one is there for the next


def test_how_far_the_simulation_is_and_what_became_of_it(rainy):
    background = rainy.context.background
    for runoff, at_us, state in (
        (None, 0, "preparing"),
        ({"state": "no_site", WHY: {"en": "no covers", "zh": "无"}}, now_us(), "no_site"),
        (told(), now_us() - 3_600_000_000, "failed"),
    ):
        background.runoff, background.runoff_us = runoff, at_us
        found = rainy.get("operator", "/runoff")
        assert (found["state"], found["runoff"]) == (state, None)
        assert found["why"]["en"]
        assert found["why"]["zh"]
    background.evaluation = "failed"
    assert rainy.get("operator", "/runoff")["state"] == "failed"
    background.evaluation = "none"


def test_what_the_alarms_hear():
    def heard(**how):
        return {(each.what, each.point): each.holds for each in verdicts(told(**how), "site/rain")}

    calm = {
        ("full", "site/tank"): False, ("departs", "site/tank"): False,
        ("full", "home-1/barrel"): False, ("departs", "home-1/barrel"): False,
        ("full", "site/rain"): False,
    }  # fmt: skip
    assert heard() == calm
    assert heard(full_ms=5) == {key: key[0] == "full" for key in calm}
    assert heard(state="below") == calm | {("departs", "site/tank"): True}
    assert ("departs", "site/tank") not in heard(state="unknown")
    assert heard(full_ms=5, why={"en": "a gap", "zh": "缺测"}) == {}


PROJECT = """
[site]
covers = [{kind = "roof", area_m2 = 1000.0}, {kind = "paving", area_m2 = 1.0}, {kind = "tank", area_m2 = 0.0, storage_volume_m3 = 20.0}]
area_m2 = 1000.0
[live]
model = "model.ifc"
points = "points.csv"
alarms = "alarms.yaml"
[live.meters]
rain = "roof/rain"
[[live.levels]]
point = "tank/level"
store = "tank"
"""


def test_a_rain_is_simulated_beside_the_server_raises_an_alarm_and_goes_on_after_a_restart(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("twin.server.evaluation.user_cache_folder", lambda: tmp_path / "cache")
    shutil.copyfile(Path(twin.__file__).parent / "data" / "one_room.ifc", tmp_path / "model.ifc")
    (tmp_path / "points.csv").write_text(
        "id,quantity,unit,interval_s,privacy\nroof/rain,rain,mm,300,public\ntank/level,water_level,m,300,public\n"
    )
    (tmp_path / "alarms.yaml").write_text(
        "alarms:\n- {id: tank-full, points: roof/rain, simulated: full}\n"
        "- {id: tank-departs, points: tank/level, simulated: departs}\n"
    )
    (tmp_path / "twin.toml").write_text(PROJECT)
    project = read_project(tmp_path / "twin.toml")
    folder = evaluation.folder_for(project)
    assert folder is not None
    evaluation.draw(tmp_path / "model.ifc", folder)  # as if it had been evaluated before
    (folder / "scene").mkdir()
    for language in evaluation.LANGUAGES:
        (folder / "scene" / f"evaluation.{language}.json").write_text("{}")
    (tmp_path / "live").mkdir()
    points = points_of_project(project)
    store = open_store(project, points)
    newest = now_us() // STEP_US * STEP_US
    times = newest - np.arange(1, 37)[::-1] * STEP_US  # three hours: one and a half dry, then 12 mm/h
    for row, values in enumerate((np.repeat([0.0, 1.0], 18), np.full(36, 0.2))):
        store.append(readings_of([row] * 36, times.tolist(), times.tolist(), values.tolist(), [0] * 36))
    store.close()

    def told_by(client):
        answer = client.get("/api/v1/runoff").json()
        assert answer["state"] in ("preparing", "gauge_silent", "told"), answer
        return answer["state"] == "told" and answer

    def run(then):
        app = create_app(project, Settings(demo=True), start_background)
        with fastapi.testclient.TestClient(app) as client:
            context = app.state.context
            client.portal.call(context.live.intake.deliver, [Sample("roof/rain", 1.0)], "test")
            client.portal.call(context.background.runoff_wanted.set)
            # The kernels may have to be compiled first.
            found = wait_for(lambda: told_by(client), 500.0)
            RunoffBody.model_validate(found)
            then(client, found["runoff"])

    def first(client, runoff):
        (tank,) = runoff["stores"]
        assert (
            4.0 < tank["water_m3"] < 20.1
        )  # as full as its sensor said, 18 mm of a 1,000 m² roof, less its film
        assert runoff["rain_mm_h"] == pytest.approx(12.0)
        assert runoff["today"]["measured_capture_pct"] is None
        (level,) = tank["sensors"]
        assert (level["point"], level["measured"]) == ("tank/level", 0.2)
        # An answer that came before the reading was fresh tells the alarms nothing; the next one does.
        wait_for(lambda: "tank-full" in json.dumps(client.get("/api/v1/alarms").json()), 120.0)
        water.append(tank["water_m3"])

    def second(client, runoff):
        assert runoff["stores"][0]["water_m3"] >= water[0] - 0.01  # it did not begin anew
        assert json.dumps(client.get("/api/v1/alarms").json()).count("tank-full") >= 1

    water: list[float] = []
    run(first)
    run(second)
