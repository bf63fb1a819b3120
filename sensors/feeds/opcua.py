"""Readings from an OPC UA server by subscription (extra ``opcua``)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sensors.errors import missing_extra
from sensors.feeds.contract import FeedLostError, Sink, stop_if_cancelled
from sensors.feeds.payloads import quality_of
from sensors.readings import Quality, Sample, to_us

CHECK_S = 5.0  # how often the connection is asked whether it lives


@dataclass(frozen=True, slots=True)
class OpcuaSettings:
    """Which nodes are watched: node id (``ns=2;s=Lobby.CO2``) -> point id.

    ``security`` is asyncua's text ``Policy,Mode,certificate,key[,server certificate]``; the password is
    read from the environment variable ``password_env``.
    """

    url: str
    nodes: Mapping[str, str] = field(default_factory=dict)
    interval_s: float = 1.0
    username: str = ""
    password_env: str = ""
    security: str = ""


class OpcuaFeed:
    """Readings from a server. See :class:`sensors.feeds.contract.Feed`."""

    def __init__(self, name: str, settings: OpcuaSettings) -> None:
        self.name = name
        self.settings = settings

    async def run(self, sink: Sink) -> None:
        """Connect, subscribe and hand over changes until the connection is lost."""
        try:
            from asyncua.client.client import Client
            from asyncua.ua.uaerrors import UaError
        except ImportError:
            raise missing_extra("opcua", "asyncua") from None
        settings = self.settings
        client = Client(settings.url, timeout=10)
        if settings.username:
            client.set_user(settings.username)
            client.set_password(os.environ.get(settings.password_env, ""))
        try:
            if settings.security:
                await client.set_security_string(settings.security)
            async with client:
                watch = _Watch(sink, {})
                subscription = await client.create_subscription(settings.interval_s * 1000, watch)
                nodes = {node: client.get_node(node) for node in settings.nodes}
                watch.points.update({each: settings.nodes[node] for node, each in nodes.items()})
                handles = await subscription.subscribe_data_change(list(nodes.values()))
                for node, handle in zip(nodes, handles, strict=True):
                    if not isinstance(handle, int):  # a status code: the server knows no such node
                        sink.reject("unknown-node")
                        raise FeedLostError(settings.url, f"the server has no node {node}")
                sink.up()
                while True:
                    stop_if_cancelled()
                    await asyncio.sleep(CHECK_S)
                    await client.check_connection()
        except (UaError, ConnectionError) as error:
            raise FeedLostError(settings.url, str(error) or type(error).__name__) from None


class _Watch:
    """Takes the changes that the server notifies."""

    def __init__(self, sink: Sink, points: dict[Any, str]) -> None:
        self.sink, self.points = sink, points

    def datachange_notification(self, node: Any, value: Any, data: Any) -> None:
        """One change; it cannot wait, the notification is gone with this call."""
        stated = data.monitored_item.Value
        moment = stated.SourceTimestamp or stated.ServerTimestamp
        quality = quality_of(int(stated.StatusCode.value)) if stated.StatusCode.value else Quality.GOOD
        point = self.points.get(node)
        if point is None or not (value is None or isinstance(value, bool | int | float | str)):
            self.sink.reject("no-value")
            return
        self.sink.offer([Sample(point, value, None if moment is None else to_us(moment), None, quality)])
