"""The page before the server of the live twin."""

from __future__ import annotations

import time

import pytest

from tests.sensors.community import broker_in
from tests.viewer.page.live import ROOM, Server, write_twin

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"


def test_values_alarms_and_the_connection_as_they_change(twin_folder, open_live) -> None:
    with Server(twin_folder, demo=True) as server:
        page = open_live(server)
        page.locator("#picture[data-draw-calls]").wait_for()
        page.click("#rail-live")
        page.locator('#connection[data-state="online"]').wait_for()
        server.deliver(room__temperature=21.5)
        page.evaluate("() => window.greentwin.select('101')")
        value = page.locator("#live-points .state").first
        page.locator("#live-points .state", has_text="21.5").wait_for(timeout=3000)

        # The best of three: the machine may be busy with something else for a moment.
        seconds = []
        for warmer in (30.5, 31.2, 31.5):
            server.deliver(room__temperature=warmer)
            begin = time.monotonic()
            page.locator("#live-points .state", has_text=str(warmer)).wait_for(timeout=10_000)
            seconds.append(time.monotonic() - begin)
        assert min(seconds) < 1.0
        page.click('[data-quantity="temperature"]')
        assert "°C" in page.locator("#legend").inner_text()
        assert "31.5" in page.locator("#why").inner_text()

        page.locator('#alarms [data-alarm][data-state="raised"]').wait_for()
        page.locator("#live-points [data-alarm]").wait_for()
        page.locator("#alarms").get_by_role("button", name="Acknowledge").click()
        page.locator('#alarms [data-alarm][data-state="acknowledged"]').wait_for()

        page.locator('#live-points [data-state="stale"]').wait_for(timeout=15_000)
        page.locator("#why .hatched").wait_for(timeout=3000)
        assert "unknown" in page.locator("#why").inner_text()

        server.stop()
        page.locator('#connection[data-state="lost"]').wait_for()
        server.start()
        page.locator('#connection[data-state="online"]').wait_for(timeout=20_000)
        server.deliver(room__temperature=22.5)
        page.locator("#live-points .state", has_text="22.5").wait_for(timeout=3000)
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
        page.locator("#live-points .state", has_text="21.5").wait_for(timeout=3000)
        page.click("#rail-score")
        page.get_by_text("still running").wait_for()
        background.scene, background.evaluation = evaluated, "ready"
        page.locator(".score-top").wait_for(timeout=10_000)
        page.click("#rail-colour")
        page.get_by_text("Daylight", exact=True).first.wait_for()


def test_a_resident_signs_in_and_sees_no_other_household(twin_folder, open_live) -> None:
    from twin.server.rights import Role

    with Server(twin_folder, demo=False) as server:
        server.app.state.context.accounts.add("anna", Role.RESIDENT, "home-1", PASSWORD)
        server.deliver(home_1__temperature=19.5, home_2__temperature=27.5)
        page = open_live(server)
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


def test_a_past_hour_of_another_day_is_played_back_with_its_alarms(twin_folder, open_live) -> None:
    from datetime import datetime, timedelta

    from sensors.readings import readings_of

    with Server(twin_folder, demo=True) as server:
        live = server.app.state.context.live
        noon = datetime.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=9)
        times = [round((noon + timedelta(minutes=minutes)).timestamp() * 1e6) for minutes in range(120)]
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
        page.locator("#live-points .state", has_text="31.5").wait_for()

        page.locator("#playback input[type=datetime-local]").fill(noon.strftime("%Y-%m-%dT%H:%M"))
        page.locator("#live-points .state", has_text="18 °C").wait_for()
        page.locator("#playback input[type=range]").evaluate(
            "(bar) => { bar.value = 13 * 60; bar.dispatchEvent(new Event('change', { bubbles: true })); }"
        )
        page.locator("#live-points .state", has_text="24").wait_for()
        assert value.inner_text() == "24 °C"
        assert value.get_attribute("data-state") == "fresh"
        assert page.locator("#connection").inner_text().startswith("Playback")
        assert "1:00" in page.locator("#moment").inner_text()
        server.deliver(room__temperature=32.5)  # what comes in meanwhile does not disturb
        page.get_by_role("button", name="Play", exact=True).click()
        page.locator("#live-points .state", has_text="25.5").wait_for()  # fifteen minutes in a second
        page.get_by_role("button", name="Pause").click()
        page.locator("#playback input[type=datetime-local]").fill(datetime.now().strftime("%Y-%m-%dT00:00"))
        page.locator("[data-past-alarm]", has_text="Too hot").click()
        page.locator("#live-points .state", has_text="31.5").wait_for()
        page.get_by_role("button", name="Back to live").click()
        page.locator("#live-points .state", has_text="32.5").wait_for()


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


@pytest.mark.broker
def test_a_message_of_a_broker_is_on_the_screen_within_a_second(tmp_path, open_live) -> None:
    from paho.mqtt.client import CallbackAPIVersion, Client

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
            # The best of three: the machine may be busy with something else for a moment.
            seconds = []
            for value in ("20.5", "21.2", "22.8"):
                begin = time.monotonic()
                sender.publish("site/room/temperature", value, qos=1)
                page.locator("#live-points .state", has_text=value).wait_for(timeout=10_000)
                seconds.append(time.monotonic() - begin)
            assert min(seconds) < 1.0
            page.click('[data-quantity="temperature"]')
            page.locator("#why", has_text="22.8").wait_for()
        sender.loop_stop()
