"""MQTT packets as bytes."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.mqtt import packets
from sensors.mqtt.packets import (
    CONNACK,
    Control,
    Message,
    PacketReader,
    ProtocolError,
    answer_packets,
    connack_reason,
    connect_packet,
    packet,
    publish_packet,
    suback_failures,
    subscribe_packet,
)


def test_a_connect_is_that_of_the_standard():
    # MQTT 3.1.1, 3.1: protocol name, level 4, clean session, keep alive 10 s, client id "a".
    assert connect_packet(4, "a", 10, clean=True) == bytes.fromhex("100d00044d5154540402000a000161")
    # With user name and password the flags are 0xC2.
    secret = connect_packet(4, "a", 10, clean=True, username="u", password="p")
    assert secret == bytes.fromhex("101300044d51545404c2000a000161000175000170")


def test_a_subscription_and_a_message_are_those_of_the_standard():
    # MQTT 3.1.1, 3.8: topics "a/b" with QoS 1 under the identifier 10.
    assert subscribe_packet(4, 10, ["a/b"], 1) == bytes.fromhex("8208000a0003612f6201")
    assert publish_packet(4, "a/b", b"hi", qos=1, packet_id=10) == bytes.fromhex("32090003612f62000a6869")
    assert answer_packets(4, [10, 258]) == bytes.fromhex("4002000a40020102")


messages = st.lists(
    st.tuples(st.text(min_size=1, max_size=40), st.binary(max_size=400), st.integers(0, 2), st.booleans()),
    max_size=8,
)


@settings(deadline=None)
@given(messages, st.sampled_from([4, 5]), st.lists(st.integers(1, 300), max_size=30))
def test_messages_are_read_back_however_the_stream_is_cut(sent, version, cuts):
    stream = packet(CONNACK, b"\0\0") + b"".join(
        publish_packet(version, topic, payload, qos=qos, retain=retain, packet_id=7)
        for topic, payload, qos, retain in sent
    )
    reader = PacketReader(version)
    found, controls, position = [], [], 0
    for cut in [*cuts, len(stream)]:
        got, other = reader.take(stream[position : position + cut])
        found += got
        controls += other
        position += cut
    assert found == [Message(t, p, q, r, 7 if q else 0) for t, p, q, r in sent]
    assert controls == [Control(CONNACK, b"\0\0")]


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from([4, 5]))
def test_no_bytes_whatever_do_more_than_be_refused(data, version):
    reader = PacketReader(version)
    with contextlib.suppress(ProtocolError):
        for byte in range(0, len(data), 7):
            reader.take(data[byte : byte + 7])


@pytest.mark.parametrize(
    "data",
    [
        "30ffffffff7f", "3001ff", "30020005", "320400016101", "36050001610001", "3003000180", "30ffffff7f00",
    ],
)  # fmt: skip
def test_what_cannot_be_a_packet_is_refused(data):
    with pytest.raises(ProtocolError):
        PacketReader(4).take(bytes.fromhex(data))


def test_refusals_are_said_in_words():
    assert connack_reason(4, b"\0\0") == ""
    assert connack_reason(4, b"\0\5") == "not authorised"
    assert connack_reason(5, b"\0\x87\0") == "not authorised"
    assert connack_reason(5, b"\0\xee\0") == "reason 238"
    assert suback_failures(4, bytes.fromhex("000a0180"), ["a", "b"]) == ["b"]
    assert suback_failures(5, bytes.fromhex("000a000187"), ["a", "b"]) == ["b"]


def connack(*properties: bytes) -> bytes:
    body = b"".join(properties)
    return b"\0\0" + bytes((len(body),)) + body


@pytest.mark.parametrize(
    ("body", "most"),
    [
        (connack(), packets.MAX_UNANSWERED),
        (b"\0\0", packets.MAX_UNANSWERED),
        (connack(b"\x21\x00\x14"), 20),
        (connack(b"\x21\xff\xff"), packets.MAX_UNANSWERED),
        (connack(b"\x12\x00\x03abc", b"\x26\x00\x01k\x00\x02vv", b"\x27\0\0\x10\0", b"\x21\x00\x05"), 5),
        (connack(b"\x25\x01", b"\x13\x00\x3c"), packets.MAX_UNANSWERED),
    ],
)
def test_a_broker_says_how_many_messages_it_wants_unanswered(body, most):
    assert packets.receive_maximum(body) == most


@pytest.mark.parametrize("body", [b"\0\0\x05\x21", connack(b"\x01\x00"), b"\0\0\xff\xff\xff\xff\xff"])
def test_properties_that_are_none_are_refused(body):
    with pytest.raises(packets.ProtocolError):
        packets.receive_maximum(body)


def test_an_answer_to_a_message_says_whether_it_was_taken():
    assert packets.puback_failure(5, b"\0\x01") is None
    assert packets.puback_failure(5, b"\0\x01\x10") is None  # nobody listens, which is no failure
    assert packets.puback_failure(5, b"\0\x01\x87\x00") == ("not authorised", False)
    assert packets.puback_failure(5, b"\0\x01\x90") == ("the topic is not accepted", True)
    assert packets.puback_failure(4, b"\0\x01\x87") is None
