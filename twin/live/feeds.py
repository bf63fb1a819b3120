"""From [[feeds]] of twin.toml to feeds that run."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sensors.feeds.bacnet import BacnetFeed, BacnetObject, BacnetSettings
from sensors.feeds.contract import Feed
from sensors.feeds.http_poll import HttpPollFeed, HttpPollSettings
from sensors.feeds.modbus import ModbusFeed, ModbusSettings, Register
from sensors.feeds.mqtt import MqttFeed, MqttSettings
from sensors.feeds.opcua import OpcuaFeed, OpcuaSettings
from sensors.feeds.payloads import JsonMapping, TopicRule
from sensors.feeds.replay import ReplayFeed, ReplaySettings
from sensors.feeds.simulator import SimulatorFeed, SimulatorSettings
from sensors.mqtt.connection import BrokerSettings
from sensors.points import PointTable
from twin.live.sections import (
    BacnetSection,
    BrokerSection,
    FeedSection,
    HttpPollSection,
    JsonPaths,
    ModbusSection,
    MqttSection,
    OpcuaSection,
    ReplaySection,
    SimulatorSection,
)
from twin.section import Section

Resolve = Callable[[Path], Path]  # a path of twin.toml, made absolute


def feed_of(section: FeedSection, points: PointTable, zone: str, resolve: Resolve) -> Feed:
    """The feed that a section describes; nothing is opened yet."""
    if isinstance(section, MqttSection):
        return _mqtt(section, resolve)
    if isinstance(section, HttpPollSection):
        return _http_poll(section)
    if isinstance(section, ReplaySection):
        return _replay(section, resolve)
    if isinstance(section, OpcuaSection):
        return OpcuaFeed(section.name, OpcuaSettings(**_but_name(section)))
    if isinstance(section, ModbusSection):
        registers = [Register(**each.model_dump()) for each in section.registers]
        return ModbusFeed(section.name, ModbusSettings(**{**_but_name(section), "registers": registers}))
    if isinstance(section, BacnetSection):
        objects = [BacnetObject(**each.model_dump()) for each in section.objects]
        return BacnetFeed(section.name, BacnetSettings(**{**_but_name(section), "objects": objects}))
    return _simulator(section, points, zone)


def _but_name(section: Section) -> dict[str, Any]:
    return section.model_dump(exclude={"kind", "name"})


def broker_of(
    section: BrokerSection, resolve: Resolve, client_id: str, *, persistent: bool
) -> BrokerSettings:
    """The broker that a section describes."""

    def file(path: Path | None) -> str:
        return "" if path is None else str(resolve(path))

    return BrokerSettings(
        host=section.host,
        port=section.port,
        version=section.version,
        client_id=client_id,
        persistent=persistent,
        username=section.username,
        password_env=section.password_env,
        tls=section.tls,
        ca=file(section.ca),
        certificate=file(section.certificate),
        key=file(section.key),
    )


def _mqtt(section: MqttSection, resolve: Resolve) -> MqttFeed:
    broker = broker_of(section, resolve, section.client_id, persistent=section.persistent)
    settings = MqttSettings(
        section.topics,
        broker,
        qos=section.qos,
        payload=section.payload,
        point=TopicRule(section.point),
        json=_mapping(section.json_paths),
    )
    return MqttFeed(section.name, settings)


def _http_poll(section: HttpPollSection) -> HttpPollFeed:
    settings = HttpPollSettings(
        section.url,
        interval_s=section.interval_s,
        point=section.point,
        json=_mapping(section.json_paths),
        timeout_s=section.timeout_s,
        token_env=section.token_env,
    )
    return HttpPollFeed(section.name, settings)


def _replay(section: ReplaySection, resolve: Resolve) -> ReplayFeed:
    settings = ReplaySettings(
        resolve(section.path),
        time=section.time,
        speed=section.speed,
        zone=section.zone,
        as_now=section.as_now,
        columns=section.columns,
        units=section.units,
    )
    return ReplayFeed(section.name, settings)


def _simulator(section: SimulatorSection, points: PointTable, zone: str) -> SimulatorFeed:
    wanted = [point for point in points if any(fnmatchcase(point.id, glob) for glob in section.points)]
    settings = SimulatorSettings(zone=zone, seed=section.seed, fastest_s=section.fastest_s)
    return SimulatorFeed(section.name, PointTable(wanted), settings)


def _mapping(paths: JsonPaths) -> JsonMapping:
    return JsonMapping(**paths.model_dump())
