"""What every way of sending offers, and how its queues are emptied through it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from sensors.feeds.contract import FIRST_PAUSE_S, LONGEST_PAUSE_S, stop_if_cancelled
from sensors.outlets.outbox import Item, Queue
from sensors.readings import now_us

log = logging.getLogger(__name__)


class Subject(StrEnum):
    """What is handed on; in this order, when several wait."""

    ALARMS = "alarms"
    AGGREGATES = "aggregates"
    READINGS = "readings"


class OutletState(StrEnum):
    """Whether the other side takes what is sent."""

    IDLE = "idle"  # nothing was sent yet
    UP = "up"
    AWAY = "away"  # it is tried again by itself


class AwayError(Exception):
    """The other side cannot be reached, or takes nothing at present; all of it is sent again later."""


class Transport(Protocol):
    """A way of sending. ``items`` and ``messages`` are what it sends at once, at most."""

    items: int
    messages: int

    async def send(self, subject: Subject, items: list[Item]) -> int:
        """Send items of one subject in order; returns once the other side has them.

        Returns:
            How many of their messages it refused for good.

        Raises:
            AwayError: it may have them or not.
        """
        ...

    async def close(self) -> None:
        """End what is open."""
        ...


class Outlet:
    """One other system: its queues and the way to it."""

    def __init__(self, name: str, kind: str, transport: Transport, queues: Mapping[Subject, Queue]) -> None:
        self.name, self.kind = name, kind
        self.transport = transport
        self.queues = {subject: queues[subject] for subject in Subject if subject in queues}
        self.state = OutletState.IDLE
        self.since_us = now_us()
        self.why = ""
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Send until cancelled. While the other side is away the pauses double up to a minute."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(self._wake.set)

        for queue in self.queues.values():
            queue.wake = wake
        pause_s = FIRST_PAUSE_S
        try:
            while True:
                stop_if_cancelled()
                self._wake.clear()
                try:
                    sent = await self._send_next()
                except AwayError as error:
                    self._turn(OutletState.AWAY, str(error))
                    await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))
                    pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                    continue
                pause_s = FIRST_PAUSE_S
                if not sent:
                    await self._wake.wait()
        finally:
            for queue in self.queues.values():
                queue.wake = lambda: None
            await self.transport.close()

    async def _send_next(self) -> bool:
        """Send what stands at the head of the first queue that holds something; whether one did."""
        for subject, queue in self.queues.items():
            items = await asyncio.to_thread(queue.head, self.transport.items, self.transport.messages)
            if items:
                refused = await self.transport.send(subject, items)
                await asyncio.to_thread(queue.done, items, refused)
                if refused:
                    log.error("The outlet %s refuses %d messages (%s)", self.name, refused, subject.value)
                self._turn(OutletState.UP, "")
                return True
        return False

    def _turn(self, state: OutletState, why: str) -> None:
        if state is not self.state:
            if state is OutletState.AWAY:
                log.warning("The outlet %s is away: %s", self.name, why)
            elif self.state is OutletState.AWAY:
                log.warning("The outlet %s is back", self.name)
            self.state, self.since_us = state, now_us()
        self.why = why
