"""Who sees whose readings."""

from __future__ import annotations

import numpy as np
import pytest

from sensors.readings import Sample, now_us, readings_of
from sensors.store.contract import HOUR_US
from tests.twin.server.site import HOMES, site_in


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A site with a value for every point."""
    with site_in(tmp_path_factory.mktemp("site")) as opened:
        opened.deliver(
            [
                Sample(point.id, 20.0 + row)
                for row, point in enumerate(opened.context.live.points)
                if not point.urgent
            ]
        )
        yield opened


def seen_by(site, who) -> set[str]:
    ids = [point.id for point in site.context.live.points]
    return {ids[key] for key in site.get(who, "/latest")["key"]}


def test_each_role_sees_the_values_of_its_classes_only(watched):
    everybody = {"lobby/temperature"}
    staff = everybody | {"lobby/co2"}
    own = {point.id for point in watched.context.live.points if point.household == "home-1"}
    assert seen_by(watched, "operator") == seen_by(watched, "manager") == staff
    assert seen_by(watched, "auditor") == seen_by(watched, "service") == staff
    assert seen_by(watched, "resident") == everybody | own
    assert not any("home-1" in point for point in seen_by(watched, "neighbour"))


@pytest.mark.parametrize("query", [{"point": "home-1/temperature"}, {"quantity": "motion"}, {}])
@pytest.mark.parametrize("path", ["/latest", "/snapshot"])
def test_a_resident_does_not_get_another_households_values_by_any_filter(path, query, watched):
    found = watched.get("neighbour", path, at=str(now_us() // 1000), **query)
    ids = [watched.context.live.points[key].id for key in found["key"]]
    assert not [point for point in ids if point.startswith("home-") and not point.startswith("home-2/")]


def test_the_existence_of_a_home_is_known_to_staff_and_not_to_neighbours(watched):
    listed = watched.get("operator", "/points")
    assert "home-1/motion" in listed["id"]
    assert listed["readable"][listed["id"].index("home-1/motion")] is False
    assert "home-1/motion" not in watched.get("neighbour", "/points")["id"]
    span = {"begin": str(now_us() // 1000 - 3_600_000), "end": str(now_us() // 1000 + 1)}
    for who in ("neighbour", "operator", "auditor", "service"):
        answer = watched.ask(who, "GET", "/history", params={"point": "home-1/temperature", **span})
        assert answer.status_code == 404
    assert watched.get("resident", "/history", point="home-1/temperature", mode="readings", **span)["value"]


def test_a_purpose_opens_one_household_for_a_time_and_is_on_record(tmp_path):
    with site_in(tmp_path) as site:
        site.deliver([Sample("home-1/motion", 1.0), Sample("home-1/temperature", 21.0)])
        purpose = "the tenant reported a cold flat"
        body = {"household": "home-1", "purpose": purpose, "minutes": 30}
        assert site.ask("manager", "POST", "/grants", json={**body, "purpose": "look"}).status_code == 422
        assert site.ask("manager", "POST", "/grants", json={**body, "minutes": 10_000}).status_code == 422
        assert (
            site.ask("manager", "POST", "/grants", json={**body, "household": "home-99"}).status_code == 404
        )
        assert site.ask("manager", "POST", "/grants", json=body).status_code == 201
        # A manager sees the household's class, but nothing personal; an operator, who answers calls, both.
        assert "home-1/temperature" in seen_by(site, "manager")
        assert "home-1/motion" not in seen_by(site, "manager")
        assert "home-2/temperature" not in seen_by(site, "manager")
        assert "home-1/temperature" not in seen_by(site, "operator")
        assert site.ask("operator", "POST", "/grants", json=body).status_code == 201
        assert "home-1/motion" in seen_by(site, "operator")
        site.get("operator", "/history", point="home-1/motion", begin="2026-01-01", end="2026-02-01")
        site.get("operator", "/snapshot", at="2026-01-01")
        site.get("operator", "/measured", begin="2026-01-01", end="2026-02-01")
        stream = site.context.live.points.row_of["home-1/motion"] + 1
        path = f"/sta/v1.1/Datastreams({stream})/Observations"
        assert site.client.get(path, headers=site.as_("operator")).status_code == 200
        log = site.get("auditor", "/audit")
        lines = list(zip(log["who"], log["action"], log["target"], log["detail"], strict=True))
        assert ("manager", "grant", "home-1", f"30 min: {purpose}") in lines
        for how in ("home-1/motion", "snapshot", "measured home-1/co2", "SensorThings"):
            assert ("operator", "history-read", "home-1", f"{how}: {purpose}") in lines
        assert log["broken_at"] is None
        ended = [("operator", "home-1", purpose, now_us() - 1)]
        site.context.accounts._file.execute("DELETE FROM access")
        site.context.accounts._file.executemany("INSERT INTO access VALUES(?, ?, ?, ?)", ended)
        assert "home-1/motion" not in seen_by(site, "operator")


def test_a_call_for_help_reaches_staff_without_its_value_and_neighbours_not_at_all(tmp_path):
    with site_in(tmp_path) as site:
        site.deliver([Sample("home-1/call", 1.0), Sample("home-2/temperature", 35.0)])
        for who in ("operator", "manager"):
            (alarm,) = site.get(who, "/alarms")["alarms"]
            assert (alarm["rule"], alarm["household"], alarm["value"]) == ("call", "home-1", None)
        assert [alarm["value"] for alarm in site.get("resident", "/alarms")["alarms"]] == [1.0]
        assert [alarm["rule"] for alarm in site.get("neighbour", "/alarms")["alarms"]] == ["hot"]
        assert site.get("auditor", "/alarms")["alarms"] == []
        path = f"/alarms/{alarm['id']}"
        assert site.ask("neighbour", "GET", f"{path}/events").status_code == 404
        hot = site.get("neighbour", "/alarms")["alarms"][0]["id"]
        assert site.ask("operator", "POST", f"/alarms/{hot}/acknowledge", json={}).status_code == 404
        assert (
            site.ask("operator", "POST", f"{path}/acknowledge", json={"note": "on my way"}).status_code == 200
        )
        assert site.ask("operator", "POST", f"{path}/acknowledge", json={}).status_code == 409
        actions = site.get("auditor", "/audit")
        told = list(zip(actions["who"], actions["action"], strict=True))
        assert told.count(("operator", "alarm-disclosed")) == 1


def fill_hours(site, homes, hours, value=20.0):
    """A reading at each quarter of the last whole hours, for some homes."""
    live = site.context.live
    last = (now_us() - HOUR_US // 4) // HOUR_US
    for home in homes:
        row = live.points.row_of[f"{home}/temperature"]
        for hour in range(last - hours, last):
            times = [hour * HOUR_US + quarter * HOUR_US // 4 for quarter in range(4)]
            number = value + HOMES.index(home)
            live.store.append(readings_of([row] * 4, times, times, [number] * 4, [0] * 4))
    return last


def test_others_see_hourly_means_of_five_households_or_more(tmp_path):
    with site_in(tmp_path) as site:
        groups = site.get("neighbour", "/aggregates")
        # Three homes measure CO2: that is too few for a group at all.
        assert groups["quantity"] == ["motion", "temperature"]
        assert groups["households"] == [5, 5]  # six, rounded down
        last = fill_hours(site, HOMES[:4], 3)
        fill_hours(site, HOMES[4:], 2)
        name = groups["id"][1]
        span = {"begin": str((last - 5) * HOUR_US), "end": str(last * HOUR_US)}
        found = site.get("neighbour", f"/aggregates/{name}", **span)
        # The third last hour has readings of four homes only.
        assert found["time_ms"] == [(last - 2) * HOUR_US // 1000, (last - 1) * HOUR_US // 1000]
        assert found["mean"] == [22.5, 22.5]
        # What is published stays as it is: a deletion cannot be read off it.
        assert site.ask("resident", "DELETE", "/households/home-1/readings").json()["readings"] == 12
        assert site.get("neighbour", f"/aggregates/{name}", **span) == found


def test_the_hour_that_is_not_over_is_not_told(tmp_path):
    with site_in(tmp_path) as site:
        site.deliver([Sample(f"{home}/temperature", 20.0) for home in HOMES])
        name = site.get("operator", "/aggregates")["id"][1]
        span = {"begin": str(now_us() // 1000 - 7_200_000), "end": str(now_us() // 1000 + 7_200_000)}
        assert site.get("operator", f"/aggregates/{name}", **span)["mean"] == []


def test_a_household_can_have_its_readings_deleted_and_no_other(tmp_path):
    with site_in(tmp_path) as site:
        site.deliver([Sample("home-1/temperature", 20.0), Sample("home-2/temperature", 21.0)])
        assert site.ask("resident", "DELETE", "/households/home-2/readings").status_code == 403
        assert site.ask("operator", "DELETE", "/households/home-1/readings").status_code == 403
        assert site.ask("manager", "DELETE", "/households/nobody/readings").status_code == 404
        done = site.ask("resident", "DELETE", "/households/home-1/readings").json()
        assert done == {"household": "home-1", "readings": 1}
        latest = site.get("resident", "/latest", point="home-1/temperature")
        assert (latest["value"], latest["state"]) == ([None], [2])
        rows = site.context.live.store.last().point
        assert np.array_equal(rows, [site.context.live.points.row_of["home-2/temperature"]])
