"""Payloads of devices: plain, JSON, Sparkplug B."""

from __future__ import annotations

import contextlib
import json
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.feeds.payloads import (
    JsonMapping,
    MalformedError,
    TopicRule,
    json_samples,
    plain_samples,
    quality_of,
)
from sensors.feeds.sparkplug import SparkplugDecoder
from sensors.readings import Quality, Sample
from tests.sensors.community import START_US

MS = START_US // 1000


def test_a_plain_payload_is_the_value():
    assert plain_samples("p", b" 21.5 ") == [Sample("p", 21.5)]
    assert plain_samples("p", b"ON") == [Sample("p", "ON")]


def test_a_json_payload_is_read_by_its_mapping():
    body = json.dumps({"d": {"val": 21.5, "u": "Cel"}, "ts": MS, "ok": "uncertain"}).encode()
    mapping = JsonMapping(value="d.val", unit="d.u", time="ts", quality="ok")
    assert json_samples("p", body, mapping) == [Sample("p", 21.5, START_US, "Cel", Quality.UNCERTAIN)]


def test_one_json_object_may_hold_several_readings():
    body = b'{"temperature": 21.5, "humidity": 40, "battery": 97}'
    mapping = JsonMapping(values={"t": "temperature", "rh": "humidity", "co2": "co2"})
    assert [(s.point, s.value) for s in json_samples("room", body, mapping)] == [
        ("room/t", 21.5),
        ("room/rh", 40),
    ]


def test_a_json_list_names_the_point_of_each():
    body = b'[{"point": "a", "value": 1}, {"point": "b", "value": 2}]'
    assert [s.point for s in json_samples("", body, JsonMapping())] == ["a", "b"]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "malformed"), (b"{", "malformed"), (b"\xff\xfe", "malformed"), (b"21", "malformed"),
        (b"[" * 100_000, "malformed"), (b'{"value": null}', "no-value"), (b"{}", "no-value"),
        (b'{"value": 1, "time": "noon"}', "bad-time"), (b'{"value": 1, "time": 1e400}', "bad-time"),
        (b" " * (2**20 + 1), "too-large"),
    ],
)  # fmt: skip
def test_a_payload_that_says_nothing_is_refused_with_the_reason(payload, reason):
    with pytest.raises(MalformedError, match=reason):
        json_samples("p", payload, JsonMapping())


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_whatever_break_a_decoder(payload):
    sparkplug = SparkplugDecoder()
    for decode in (
        lambda: json_samples("p", payload, JsonMapping()),
        lambda: plain_samples("p", payload),
        lambda: sparkplug("spBv1.0/g/DDATA/n/d", payload),
    ):
        with contextlib.suppress(MalformedError):
            assert isinstance(decode(), list)


@settings(deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from(["value", "time", "unit", "quality", "point", "x"]), x, max_size=4), max_leaves=12))  # fmt: skip
def test_no_json_whatever_breaks_the_decoder(data):
    with contextlib.suppress(MalformedError):
        json_samples("p", json.dumps(data).encode(), JsonMapping())


def test_a_topic_becomes_the_id_of_a_point():
    assert TopicRule().point_of("a/b") == "a/b"
    assert TopicRule("{1}-{2}").point_of("site/room/co2") == "room-co2"
    assert TopicRule("{7}x").point_of("a") == "x"


@pytest.mark.parametrize(
    ("given", "quality"),
    [
        (None, Quality.GOOD), ("Good", Quality.GOOD), (192, Quality.GOOD), (0x40000000, Quality.UNCERTAIN),
        (0x80340000, Quality.BAD), (64, Quality.UNCERTAIN), (0, Quality.BAD), (False, Quality.BAD),
        ("martian", Quality.UNCERTAIN), ([], Quality.UNCERTAIN),
    ],
)  # fmt: skip
def test_a_quality_is_understood_in_the_words_of_devices(given, quality):
    assert quality_of(given) is quality


# A Sparkplug B payload, encoded by hand after sparkplug_b.proto.


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def field(number, content):
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def metric(
    name=b"", alias=None, datatype=None, integer=None, double=None, boolean=None, null=False, text=None
):
    body = b""
    if name:
        body += field(1, name)
    if alias is not None:
        body += field(2, alias)
    if datatype is not None:
        body += field(4, datatype)
    if null:
        body += field(7, 1)
    if integer is not None:
        body += field(10, integer)
    if double is not None:
        body += varint(13 << 3 | 1) + struct.pack("<d", double)
    if boolean is not None:
        body += field(14, int(boolean))
    if text is not None:
        body += field(15, text)
    return field(2, body)


def payload(*metrics):
    return field(1, MS) + b"".join(metrics) + field(3, 7)


def test_sparkplug_metrics_are_read_by_name_and_after_a_birth_by_alias():
    decode = SparkplugDecoder()
    birth = payload(
        metric(b"bdSeq", integer=1),
        metric(b"t", alias=5, datatype=10, double=20.0),
        metric(b"on", alias=6, boolean=True),
    )
    assert decode("spBv1.0/site/DBIRTH/gw/room", birth) == [
        Sample("site/gw/room/t", 20.0, START_US),
        Sample("site/gw/room/on", True, START_US),
    ]
    data = payload(metric(alias=5, double=21.5))
    assert decode("spBv1.0/site/DDATA/gw/room", data) == [Sample("site/gw/room/t", 21.5, START_US)]


def test_a_negative_sparkplug_integer_comes_back_negative():
    decode = SparkplugDecoder()
    # Int16 in a uint32 field: -5 is sent as its two's complement.
    (sample,) = decode("spBv1.0/s/NDATA/n", payload(metric(b"t", datatype=2, integer=2**32 - 5)))
    assert sample.value == -5


def test_a_sparkplug_death_makes_the_points_of_the_node_and_its_devices_bad():
    decode = SparkplugDecoder()
    decode("spBv1.0/s/NBIRTH/n", payload(metric(b"a", double=1.0)))
    decode("spBv1.0/s/DBIRTH/n/d", payload(metric(b"b", double=1.0)))
    decode("spBv1.0/s/NBIRTH/n2", payload(metric(b"c", double=1.0)))
    dead = decode("spBv1.0/s/NDEATH/n", b"")
    assert {(s.point, s.quality) for s in dead} == {("s/n/a", Quality.BAD), ("s/n/d/b", Quality.BAD)}


def test_an_alias_without_a_birth_is_refused():
    with pytest.raises(MalformedError, match="unknown-alias"):
        SparkplugDecoder()("spBv1.0/s/NDATA/n", payload(metric(alias=5, double=1.0)))


def test_sparkplug_fields_sent_as_json_are_read_too():
    body = json.dumps(
        {"timestamp": MS, "metrics": [{"name": "t", "value": 20.5}, {"name": "u", "value": None}]}
    ).encode()
    found = SparkplugDecoder()("spBv1.0/s/NDATA/n", body)
    assert found == [Sample("s/n/t", 20.5, START_US), Sample("s/n/u", None, START_US, None, Quality.BAD)]
