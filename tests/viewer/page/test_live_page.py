"""The page before the server of the live twin."""

from __future__ import annotations

import math
import time

import pytest

from tests.sensors.community import broker_in
from tests.viewer.page.live import ROOM, Server, write_twin

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"
TRIES = 20  # of which one must be quick: the machine may be busy with something else


def shown(page, text: str):
    """Wait for the value of the selected room."""
    page.locator("#live-points .state", has_text=text).wait_for()


def quickest_s(page, tell, values) -> float:
    """From the telling of a value to its being shown, s: the first below a second, else the least."""
    least = math.inf
    for value in values:
        begin = time.monotonic()
        tell(value)
        shown(page, str(value))
        least = min(least, time.monotonic() - begin)
        if least < 1.0:
            break
    return least


def test_values_alarms_and_the_connection_as_they_change(twin_folder, open_live) -> None:
    with Server(twin_folder, demo=True) as server:
        page = open_live(server)
        page.locator("#picture[data-draw-calls]").wait_for()
        page.click("#rail-live")
        page.locator('#connection[data-state="online"]').wait_for()
        server.deliver(room__temperature=21.5)
        page.evaluate("() => window.greentwin.select('101')")
        value = page.locator("#live-points .state").first
        shown(page, "21.5")

        warmer = [30.5 + step for step in range(TRIES)]
        assert quickest_s(page, lambda told: server.deliver(room__temperature=told), warmer) < 1.0
        server.deliver(room__temperature=31.5)
        shown(page, "31.5")
        page.click('[data-quantity="temperature"]')
        page.locator("#legend", has_text="°C").wait_for()
        page.locator("#why", has_text="31.5").wait_for()

        page.locator('#alarms [data-alarm][data-state="raised"]').wait_for()
        page.locator("#live-points [data-alarm]").wait_for()
        page.locator("#alarms").get_by_role("button", name="Acknowledge").click()
        page.locator('#alarms [data-alarm][data-state="acknowledged"]').wait_for()

        server.go_stale("room/temperature")
        page.locator('#live-points [data-state="stale"]').wait_for()
        page.locator("#why .hatched").wait_for()
        assert "unknown" in page.locator("#why").inner_text()

        server.stop()
        page.locator('#connection[data-state="lost"]').wait_for()
        server.start()
        page.locator('#connection[data-state="online"]').wait_for()
        server.deliver(room__temperature=22.5)
        shown(page, "22.5")
        assert value.get_attribute("data-state") == "fresh"


def test_a_page_that_was_opened_early_takes_in_the_model_and_then_its_evaluation(twin_folder, open_live):
    from tests.viewer.page.house import house
    from twin.view import write_stated_scene

    write_stated_scene(house(), twin_folder / "stated")
    with Server(twin_folder, demo=True) as server:
        background = server.app.state.context.background
        evaluated, background.scene = background.scene, None
        background.model = background.evaluation = "running"
        page = open_live(server)
        page.get_by_role("status").get_by_text("Loading the model").wait_for()
        background.scene = twin_folder / "stated"
        page.locator("#picture[data-draw-calls]").wait_for()
        page.click("#rail-live")
        page.locator('#connection[data-state="online"]').wait_for()
        server.deliver(room__temperature=21.5)
        page.evaluate("() => window.greentwin.select('101')")
        shown(page, "21.5")
        page.click("#rail-score")
        page.get_by_text("still running").wait_for()
        background.scene, background.evaluation = evaluated, "ready"
        page.locator(".score-top").wait_for()
        page.click("#rail-colour")
        page.get_by_text("Daylight", exact=True).first.wait_for()


@pytest.mark.parametrize("held_up", ["", "**/api/v1/me"], ids=["at once", "of a slow server"])
def test_a_resident_signs_in_and_sees_no_other_household(twin_folder, open_live, held_up) -> None:
    from twin.server.rights import Role

    with Server(twin_folder, demo=False) as server:
        server.app.state.context.accounts.add("anna", Role.RESIDENT, "home-1", PASSWORD)
        server.deliver(home_1__temperature=19.5, home_2__temperature=27.5)
        page = open_live(server, held_up)
        curtain = page.locator('.curtain[role="alert"]')
        curtain.get_by_text("Sign in").wait_for()
        assert "scene.json" not in curtain.inner_text()
        page.fill("#sign-in [name=name]", "anna")
        page.fill("#sign-in [name=password]", "wrong password")
        page.locator("#sign-in button").click()
        page.get_by_role("alert").filter(has_text="wrong").wait_for()
        page.fill("#sign-in [name=password]", PASSWORD)
        page.locator("#sign-in button").click()
        page.locator("#picture[data-draw-calls]").wait_for()
        page.click("#rail-live")
        page.locator('#connection[data-state="online"]').wait_for()
        seen = page.evaluate("() => window.greentwin.points()")
        assert sorted(seen) == ["home-1/temperature", "room/temperature"]


def test_a_past_hour_of_another_day_is_played_back_with_its_alarms(
    twin_folder, open_live, monkeypatch
) -> None:
    from datetime import datetime, timedelta

    from sensors.readings import readings_of
    from twin.server.routes import points

    def slow(*arguments):
        time.sleep(1.2)
        return snapshot(*arguments)

    snapshot = points._snapshot
    with Server(twin_folder, demo=True) as server:
        live = server.app.state.context.live
        today = datetime.now()
        noon = today.replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=9)
        # Minutes since midnight, sixty more or less where the clocks are changed that day.
        bar_at_noon = round((noon.timestamp() - noon.replace(hour=0).timestamp()) / 60)
        times = [round((noon.timestamp() + 60 * minutes) * 1e6) for minutes in range(600)]
        row = [live.points.row_of["room/temperature"]] * len(times)
        values = [18.0 + 0.1 * step for step in range(len(times))]
        live.store.append(readings_of(row, times, times, values, [0] * len(times)))
        server.deliver(room__temperature=31.5)
        page = open_live(server)
        page.locator("#picture[data-draw-calls]").wait_for()
        page.click("#rail-live")
        page.locator('#connection[data-state="online"]').wait_for()
        page.evaluate("() => window.greentwin.select('101')")
        value = page.locator("#live-points .state").first
        shown(page, "31.5")

        page.locator("#playback input[type=datetime-local]").fill(noon.strftime("%Y-%m-%dT%H:%M"))
        shown(page, "18 °C")
        page.locator("#playback input[type=range]").evaluate(
            "(bar, at) => { bar.value = at; bar.dispatchEvent(new Event('change', { bubbles: true })); }",
            bar_at_noon + 60,
        )
        shown(page, "24 °C")
        assert value.get_attribute("data-state") == "fresh"
        assert page.locator("#connection").inner_text().startswith("Playback")
        assert "1:00" in page.locator("#moment").inner_text()
        server.deliver(room__temperature=32.5)  # what comes in meanwhile does not disturb
        monkeypatch.setattr(points, "_snapshot", slow)  # a moment is left when its values were seen
        page.get_by_role("button", name="Play", exact=True).click()
        page.locator("#live-points .state", has_text="24 °C").wait_for(state="detached")
        page.get_by_role("button", name="Pause").click()
        played = int(page.locator("#playback input[type=range]").input_value()) - bar_at_noon
        assert played >= 75  # fifteen minutes in a second
        assert played % 15 == 0
        shown(page, f"{18.0 + 0.1 * played:g} °C")
        page.locator("#playback input[type=datetime-local]").fill(today.strftime("%Y-%m-%dT00:00"))
        page.locator("[data-past-alarm]", has_text="Too hot").click()
        shown(page, "31.5")
        page.route("**/snapshot*", lambda route: route.abort())
        page.locator("#playback input[type=datetime-local]").fill(noon.strftime("%Y-%m-%dT%H:%M"))
        page.locator('#live-points [data-state="unknown"]').wait_for()
        # An answer of the server that is older than what the stream has told meanwhile.
        answers = []
        page.route("**/latest*", lambda route: answers.append((route, route.fetch())))
        page.get_by_role("button", name="Back to live").click()
        while not answers:
            page.wait_for_timeout(20)
        ((route, answer),) = answers
        assert 32.5 in answer.json()["value"]
        server.deliver(room__temperature=33.5)
        shown(page, "33.5")
        with page.expect_response("**/latest*"):
            route.fulfill(response=answer)
        page.wait_for_timeout(100)
        shown(page, "33.5")


def test_an_alarm_is_shelved_with_a_reason_and_taken_off(twin_folder, open_live) -> None:
    with Server(twin_folder, demo=True) as server:
        server.deliver(room__temperature=31.5)
        page = open_live(server)
        page.locator("#picture[data-draw-calls]").wait_for()
        page.click("#rail-live")
        alarms = page.locator("#alarms")
        alarms.get_by_role("button", name="Shelve").click()
        alarms.locator("select[name=minutes]").select_option("60")
        alarms.locator("input[name=reason]").fill("being mended")
        alarms.locator(".shelf-form button").click()
        alarms.locator('[data-shelf="hot"]', has_text="being mended").wait_for()
        shelf = server.app.state.context.live.alarms.shelves()[0]
        assert (shelf.rule, shelf.point, shelf.reason) == ("hot", "room/temperature", "being mended")
        alarms.get_by_role("button", name="Take off the shelf").click()
        alarms.locator('[data-shelf="hot"]').wait_for(state="detached")
        assert not server.app.state.context.live.alarms.shelves()


def test_what_the_design_said_stands_beside_what_is_measured(twin_folder, open_live) -> None:
    from sensors.readings import now_us, readings_of
    from twin.live.places import Place, Places

    hour = 3_600_000_000
    with Server(twin_folder, demo=True) as server:
        live = server.app.state.context.live
        live.places = Places({ROOM: Place(ROOM, room=ROOM)}, {"room/temperature": ROOM})
        times = [now_us() - back * hour for back in range(1, 30 * 24)]
        row = [live.points.row_of["room/temperature"]] * len(times)
        live.store.append(readings_of(row, times, times, [24.0] * len(times), [0] * len(times)))
        page = open_live(server)
        page.locator("#picture[data-draw-calls]").wait_for()
        page.locator("#rail-live").wait_for()
        page.evaluate("() => window.greentwin.select('101')")
        temperature = page.locator('#designed [data-claim="temperature"]')
        temperature.wait_for()
        assert temperature.get_attribute("data-verdict") in ("met", "not_met")
        assert "set-points" in temperature.inner_text()
        assert "room/temperature" in temperature.inner_text()
        co2 = page.locator('#designed [data-claim="co2"]')
        assert co2.get_attribute("data-verdict") == "not_measured"
        assert "≤" in co2.inner_text()
        assert "not measured" in co2.inner_text()


def test_what_the_simulation_says_of_the_rain_stands_beside_the_sensors_and_why_when_it_cannot(
    twin_folder, open_live
) -> None:
    from sensors.readings import now_us
    from tests.twin.server.test_runoff import told

    with (twin_folder / "points.csv").open("a") as points:
        points.write("site/rain,rain,mm,300,public,,\nsite/tank,water_level,m,300,public,,\n")
        points.write("home-1/barrel,water_level,m,300,public,,\nsite/outfall,flow,m³/h,300,public,,\n")
    with (twin_folder / "twin.toml").open("a") as project:
        project.write('model = "house.ifc"\n[live.meters]\nrain = "site/rain"\n')
    with Server(twin_folder, demo=True) as server:
        page = open_live(server)
        page.locator("#picture[data-draw-calls]").wait_for()
        page.click("#rail-live")
        panel = page.locator('#runoff[data-state="gauge_silent"]')
        panel.wait_for()
        assert "Cannot tell, because the rain gauge has told nothing yet" in panel.inner_text()
        background = server.app.state.context.background
        background.runoff, background.runoff_us = told(full_ms=now_us() // 1000 + 600_000), now_us()
        server.deliver(site__rain=0.5)
        page.reload()
        page.click("#rail-live")
        panel = page.locator('#runoff[data-state="told"]')
        panel.wait_for()
        tank = panel.locator('[data-store="tank"]').inner_text()
        for said in ("30 %", "6 / 20 m³", "full at", "0.6 m simulated", "0.7 m measured"):
            assert said in tank.replace("\n", " ")
        assert "2 m³/h measured" in panel.inner_text()
        assert "78 % measured" in panel.inner_text()


@pytest.mark.broker
def test_a_message_of_a_broker_is_on_the_screen_within_a_second(tmp_path, open_live) -> None:
    from paho.mqtt.client import CallbackAPIVersion, Client

    from sensors.feeds.contract import FeedState

    with broker_in(tmp_path) as broker:
        feed = (
            f'[[feeds]]\nkind = "mqtt"\nname = "broker"\nport = {broker.port}\ntopics = ["site/#"]\n'
            'point = "{1}/{2}"\npayload = "plain"\n'
        )
        sender = Client(CallbackAPIVersion.VERSION2)
        sender.connect("127.0.0.1", broker.port)
        sender.loop_start()
        with Server(write_twin(tmp_path, feed=feed), demo=True) as server:
            page = open_live(server)
            page.locator("#picture[data-draw-calls]").wait_for()
            page.click("#rail-live")
            page.locator('#connection[data-state="online"]').wait_for()
            page.evaluate("() => window.greentwin.select('101')")
            _, sink, _ = server.app.state.context.live.feeds["broker"]
            while sink.state is not FeedState.UP:
                time.sleep(0.02)

            def publish(value: float) -> None:
                sender.publish("site/room/temperature", str(value), qos=1)

            assert quickest_s(page, publish, [10.5 + step for step in range(TRIES)]) < 1.0
            publish(22.8)
            page.click('[data-quantity="temperature"]')
            page.locator("#why", has_text="22.8").wait_for()
        sender.loop_stop()
