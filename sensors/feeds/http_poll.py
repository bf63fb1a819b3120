"""Polling of a JSON address over HTTP (extra ``http``)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sensors.feeds.contract import FeedLostError, Sink, stop_if_cancelled
from sensors.feeds.payloads import MAX_PAYLOAD_BYTES, JsonMapping, MalformedError, json_samples
from sensors.web import client_of

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class HttpPollSettings:
    """What is asked, how often. A bearer token is read from the environment variable ``token_env``."""

    url: str
    interval_s: float = 60.0
    point: str = ""  # base id of the points, where the answer names none
    json: JsonMapping = field(default_factory=JsonMapping)
    timeout_s: float = 10.0
    token_env: str = ""


class HttpPollFeed:
    """Readings from an address. See :class:`sensors.feeds.contract.Feed`."""

    def __init__(self, name: str, settings: HttpPollSettings) -> None:
        self.name = name
        self.settings = settings

    async def run(self, sink: Sink) -> None:
        """Ask again and again until cancelled."""
        settings = self.settings
        client = client_of(settings.token_env, settings.timeout_s)
        import httpx

        async with client:
            due = asyncio.get_running_loop().time()
            while True:
                stop_if_cancelled()
                try:
                    body = await _body(client, settings.url)
                except (httpx.HTTPError, httpx.InvalidURL) as error:
                    raise FeedLostError(settings.url, str(error) or type(error).__name__) from None
                sink.up()
                try:
                    samples = json_samples(settings.point, body, settings.json)
                except MalformedError as error:
                    sink.reject(str(error))
                else:
                    await sink.deliver(samples)
                due = max(due + settings.interval_s, asyncio.get_running_loop().time())
                await asyncio.sleep(due - asyncio.get_running_loop().time())


async def _body(client: httpx.AsyncClient, url: str) -> bytes:
    """The body of an answer, cut just beyond the limit that the payload reader refuses."""
    async with client.stream("GET", url) as answer:
        answer.raise_for_status()
        body = bytearray()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > MAX_PAYLOAD_BYTES:
                break
        return bytes(body)
