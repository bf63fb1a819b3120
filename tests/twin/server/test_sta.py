"""SensorThings: entities, query options, and a standard client."""

from __future__ import annotations

import frost_sta_client
import pytest

from sensors.readings import MICROSECONDS, Quality, readings_of, to_iso
from tests.sensors.community import START_US
from tests.twin.server.site import site_in
from tests.twin.server.test_openapi import served
from twin.server.sta.expression import ExpressionError, parse, time_bounds
from twin.server.sta.options import OptionError, options_of

MINUTE_US = 60 * MICROSECONDS


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A site with ten readings of the lobby, CO2 400 … 490, the last of them bad."""
    with site_in(tmp_path_factory.mktemp("sta")) as site:
        times = [START_US + number * MINUTE_US for number in range(10)]
        values = [400.0 + 10 * number for number in range(9)] + [float("nan")]
        quality = [0] * 9 + [int(Quality.BAD)]
        site.context.live.store.append(readings_of([1] * 10, times, times, values, quality))
        site.context.live.store.append(readings_of([0] * 2, times[:2], times[:2], [20.0, 21.0], [0, 0]))
        yield site


def sta(site, path, who="operator", **query):
    options = {f"${key}": value for key, value in query.items()}
    answer = site.client.get(f"/sta/v1.1{path}", headers=site.as_(who), params=options)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_root_names_every_set_and_each_opens(filled):
    sets = {entry["name"] for entry in sta(filled, "")["value"]}
    assert sets == {
        "Things", "Locations", "HistoricalLocations", "Datastreams", "Sensors", "ObservedProperties",
        "Observations", "FeaturesOfInterest",
    }  # fmt: skip
    for name in sets:
        assert isinstance(sta(filled, f"/{name}")["value"], list)


def test_an_entity_leads_to_its_others_and_back(filled):
    (stream,) = sta(filled, "/Datastreams", filter="name eq 'lobby/co2'")["value"]
    number = stream["@iot.id"]
    assert stream["unitOfMeasurement"]["symbol"] == "ppm"
    thing = sta(filled, f"/Datastreams({number})/Thing")
    assert number in [
        each["@iot.id"] for each in sta(filled, f"/Things({thing['@iot.id']})/Datastreams")["value"]
    ]
    assert sta(filled, f"/Datastreams({number})/ObservedProperty")["name"] == "carbon dioxide"
    assert sta(filled, f"/Datastreams({number})/name") == {"name": "lobby/co2"}
    assert sta(filled, f"/Datastreams({number})/unitOfMeasurement/symbol/$value") == "ppm"
    observation = sta(filled, f"/Datastreams({number})/Observations")["value"][0]
    path = observation["@iot.selfLink"].split("/sta/v1.1")[1]
    assert sta(filled, path) == observation
    assert sta(filled, f"{path}/Datastream")["@iot.id"] == number
    assert sta(filled, f"{path}/FeatureOfInterest")["@iot.id"] == thing["@iot.id"]
    link = stream["Observations@iot.navigationLink"].split("/sta/v1.1")[1]
    assert len(sta(filled, link)["value"]) == 10


@pytest.mark.parametrize(
    ("query", "results"),
    [
        ({"top": "3"}, [400, 410, 420]),
        ({"top": "2", "skip": "3"}, [430, 440]),
        ({"orderby": "phenomenonTime desc", "top": "3"}, [None, 480, 470]),
        ({"filter": "result gt 460"}, [470, 480]),
        ({"filter": "result ge 460 and result lt 480"}, [460, 470]),
        ({"filter": "result lt 410 or result eq 450"}, [400, 450]),
        ({"filter": "not (result lt 470)", "top": "2"}, [470, 480]),
        ({"filter": "result add 10 eq 450"}, [440]),
        ({"filter": "result mod 100 eq 0"}, [400]),
        ({"filter": "resultQuality/quality eq 'bad'"}, [None]),
        ({"filter": "minute(phenomenonTime) eq 4"}, [440]),
        ({"filter": f"phenomenonTime ge {to_iso(START_US + 7 * MINUTE_US)}"}, [470, 480, None]),
        ({"filter": f"phenomenonTime lt {to_iso(START_US + MINUTE_US)}"}, [400]),
        ({"filter": f"phenomenonTime eq {to_iso(START_US + MINUTE_US)}"}, [410]),
        ({"orderby": "result desc", "filter": "result gt 450"}, [480, 470, 460]),
        ({"filter": "Datastream/name eq 'lobby/co2' and result eq 420"}, [420]),
    ],
)
def test_observations_are_filtered_ordered_and_paged(query, results, filled):
    found = sta(filled, "/Datastreams(2)/Observations", **query)["value"]
    assert [each["result"] for each in found] == results


def test_a_count_counts_all_and_the_next_link_leads_on(filled):
    page = sta(filled, "/Datastreams(2)/Observations", count="true", top="4", orderby="phenomenonTime desc")
    assert page["@iot.count"] == 10
    seen = []
    while True:
        seen += [each["@iot.id"] for each in page["value"]]
        if "@iot.nextLink" not in page:
            break
        page = filled.client.get(page["@iot.nextLink"], headers=filled.as_("operator")).json()
    assert len(seen) == len(set(seen)) == 10
    assert sta(filled, "/Observations", count="true")["@iot.count"] == 12
    assert sta(filled, "/Observations", count="true", filter="Datastream/id eq 1")["@iot.count"] == 2


def test_expansions_nest_with_options_of_their_own(filled):
    expand = "Datastreams($select=name;$filter=name eq 'lobby/co2';$expand=Observations($top=2;$orderby=phenomenonTime desc),Sensor),Locations"
    (thing,) = sta(filled, "/Things", expand=expand, filter="Datastreams/name eq 'x' or name eq 'Site'")[
        "value"
    ]
    (stream,) = thing["Datastreams"]
    assert stream["name"] == "lobby/co2"
    assert "description" not in stream
    assert [each["result"] for each in stream["Observations"]] == [None, 480.0]
    assert stream["Sensor"]["metadata"] == "lobby/co2"
    assert thing["Locations"][0]["encodingType"] == "application/geo+json"
    (nested,) = sta(filled, "/Datastreams", expand="Thing/Locations", filter="id eq 2", select="name,Thing")[
        "value"
    ]
    assert set(nested) == {"@iot.selfLink", "name", "Thing"}
    assert nested["Thing"]["Locations"]


def test_only_what_the_account_may_read_is_there(filled):
    names = {each["name"] for each in sta(filled, "/Datastreams", "neighbour", top="1000")["value"]}
    assert "home-2/motion" in names
    assert not any("home-1" in name for name in names)
    hidden = filled.context.live.points.row_of["home-1/temperature"] + 1
    for path in (f"/Datastreams({hidden})", f"/Datastreams({hidden})/Observations", f"/Sensors({hidden})"):
        for who in ("neighbour", "operator", "service"):
            answer = filled.client.get(f"/sta/v1.1{path}", headers=filled.as_(who))
            assert answer.status_code == 404
    assert sta(filled, "/Observations", "neighbour", filter=f"Datastream/id eq {hidden}")["value"] == []
    assert filled.client.get("/sta/v1.1/Things").status_code == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/Nothing", 404),
        ("/Things(999)", 404),
        ("/Things(1)/Sensor", 404),
        ("/Datastreams(2)/Observations('2-1')", 404),
        ("/Observations('x')", 404),
        ("/Things?$filter=name eq", 422),
        ("/Things?$filter=geo.distance(name,'x') lt 1", 422),
        ("/Things?$filter=" + "(" * 40 + "1 eq 1" + ")" * 40, 422),
        ("/Things?$filter=" + "not " * 40 + "true", 422),
        ("/Things?$top=-1", 422),
        ("/Things?$skip=99999999", 422),
        ("/Things?$search=x", 422),
        ("/Things?$expand=Owner", 422),
        ("/Things?$expand=Datastreams(", 422),
        ("/Things?$expand=Datastreams/Thing/Datastreams/Thing/Datastreams", 422),
        ("/Things?$orderby=name sideways", 422),
        ("/Things?$count=maybe", 422),
    ],
)
def test_what_does_not_stand_or_fit_is_told_in_the_one_shape(path, status, filled):
    answer = filled.client.get(f"/sta/v1.1{path}", headers=filled.as_("operator"))
    assert answer.status_code == status
    assert answer.json()["error"]["code"] in ("not-found", "bad-value")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("substringof('ob', name)", True),
        ("startswith(name, 'l') and endswith(name,'y')", True),
        ("length(name) eq 5", True),
        ("toupper(name) eq 'LOBBY'", True),
        ("concat(name, '''s') eq 'lobby''s'", True),
        ("missing gt 1", False),
        ("missing eq null", True),
        ("name gt 5", False),
        ("1 add 2 mul 3 eq 7", True),
        ("(1 add 2) mul 3 eq 9", True),
        ("1 div 0 gt 1", False),
        ("floor(2.5) eq 2 and ceiling(2.5) eq 3 and round(2.5) eq 3", True),
        ("true or missing", True),
        ("now() gt 2020-01-01T00:00:00Z", True),
    ],
)
def test_expressions(text, found):
    assert bool(parse(text)({"name": "lobby"}.get)) is found


def test_bounds_of_time_are_never_narrower_than_the_expression():
    moment = "2026-03-01T00:00:00Z"
    assert time_bounds(f"phenomenonTime ge {moment} and phenomenonTime lt {moment}", "phenomenonTime") == (
        START_US,
        START_US,
    )
    assert time_bounds(f"phenomenonTime gt {moment} or result gt 1", "phenomenonTime") == (0, 2**62)
    assert time_bounds(f"(phenomenonTime le {moment})", "phenomenonTime") == (0, START_US + 1)
    with pytest.raises(ExpressionError):
        parse("name eq 'x")
    with pytest.raises(OptionError):
        options_of({"$top": "1e3"})


def test_a_standard_client_reads_things_and_observations(tmp_path):
    with served(tmp_path) as address:
        service = frost_sta_client.SensorThingsService(f"{address}/sta/v1.1")
        things = list(service.things().query().list())
        assert {thing.name for thing in things} == {"Site", *(f"home-{number}" for number in range(1, 7))}
        stream = next(each for each in service.datastreams().query().filter("name eq 'lobby/co2'").list())
        assert stream.unit_of_measurement.symbol == "ppm"
        (observation,) = stream.get_observations().query().orderby("phenomenonTime", "desc").top(1).list()
        assert observation.result == 1500.0
        found = service.things().query().expand("Datastreams").filter("name eq 'Site'").list()
        assert {each.name for each in found.entities[0].datastreams} == {"lobby/temperature", "lobby/co2"}
        assert service.things().find(things[0].id).name == things[0].name


def test_only_comparisons_that_must_hold_bound_what_is_looked_at():
    after, everything = "phenomenonTime ge 2026-01-01T00:00:00Z", (0, 2**62)
    assert time_bounds(f"{after} and result gt 1", "phenomenonTime") == (1_767_225_600_000_000, 2**62)
    for whole in (f"not ({after})", f"({after}) eq false", f"{after} or result gt 1", f"'{after}' ne 'x'"):
        assert time_bounds(whole, "phenomenonTime") == everything
    assert time_bounds(f"length('{after} ') gt 1", "phenomenonTime") == everything


def test_the_limit_of_readings_counts_over_all_that_is_expanded(filled, monkeypatch):
    monkeypatch.setattr("twin.server.sta.resolve.MAX_SCAN", 11)  # the streams hold ten and two
    query = {"$expand": "Observations($filter=result gt 1)"}
    headers = filled.as_("operator")
    assert filled.client.get("/sta/v1.1/Datastreams(2)", headers=headers, params=query).status_code == 200
    refused = filled.client.get("/sta/v1.1/Datastreams", headers=headers, params=query)
    assert refused.status_code == 422
    assert "more than 11 readings" in refused.json()["error"]["message"]["en"]


def test_what_is_skipped_counts_towards_the_limit_of_readings(filled, monkeypatch):
    monkeypatch.setattr("twin.server.sta.resolve.MAX_SCAN", 8)
    read = []
    store = filled.context.live.store
    series = type(store).series
    monkeypatch.setattr(
        type(store), "series", lambda self, *args: read.append(args[-1]) or series(self, *args)
    )
    path, headers = "/sta/v1.1/Datastreams(2)/Observations", filled.as_("operator")
    page = filled.client.get(path, headers=headers, params={"$skip": "4", "$top": "3"})
    assert [each["result"] for each in page.json()["value"]] == [440.0, 450.0, 460.0]
    refused = filled.client.get(path, headers=headers, params={"$skip": "1000000", "$top": "3"})
    assert refused.status_code == 422
    assert "more than 8 readings" in refused.json()["error"]["message"]["en"]
    assert max(read) <= 9
