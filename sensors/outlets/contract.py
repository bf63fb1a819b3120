"""What every way of sending offers, and how its queues are emptied through it."""

from __future__ import annotations

import asyncio
import logging
import random
import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from sensors.feeds.contract import FIRST_PAUSE_S, LONGEST_PAUSE_S, stop_if_cancelled
from sensors.outlets.outbox import Item, Queue, Refused
from sensors.readings import now_us

log = logging.getLogger(__name__)

SUSPECT_AFTER = 5  # failures in a row, some 15 s, from which on the item at the head may be at fault


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


class FailedError(AwayError):
    """The other side is there and answered, but failed with what it was sent."""


class Transport(Protocol):
    """A way of sending. ``items`` and ``messages`` are what it sends at once, at most."""

    items: int
    messages: int

    async def send(self, subject: Subject, items: list[Item]) -> list[Refused]:
        """Send items of one subject in order; returns once the other side has them.

        Returns:
            Items of which it refused messages for good.

        Raises:
            AwayError: it may have them or not.
        """
        ...

    async def close(self) -> None:
        """End what is open."""
        ...


class Outlet:
    """One other system: its queues and the way to it.

    Where the other side fails again and again, the item at the head and the next are sent alone. If it takes
    the next, the head is what it fails with, and is set aside as refused; if it fails with both, both wait.
    """

    def __init__(self, name: str, kind: str, transport: Transport, queues: Mapping[Subject, Queue]) -> None:
        self.name, self.kind = name, kind
        self.transport = transport
        self.queues = {subject: queues[subject] for subject in Subject if subject in queues}
        self.state = OutletState.IDLE
        self.since_us = now_us()
        self.why = ""
        self._failed = 0  # times in a row
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
                    self._failed = self._failed + 1 if isinstance(error, FailedError) else 0
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
        if self._failed >= SUSPECT_AFTER:
            return await self._send_around()
        for subject, queue in self.queues.items():
            items = await asyncio.to_thread(queue.head, self.transport.items, self.transport.messages)
            if items:
                await self._done(subject, queue, items, await self.transport.send(subject, items))
                return True
        return False

    async def _send_around(self) -> bool:
        """Send one item, and set aside those before it that the other side fails with."""
        failed: list[tuple[Subject, Queue, Item, FailedError]] = []
        for subject, queue in self.queues.items():
            items = await asyncio.to_thread(queue.head, 2, sys.maxsize)
            for item in items:
                try:
                    refused = await self.transport.send(subject, [item])
                except FailedError as error:
                    if item is not items[0]:
                        raise
                    failed.append((subject, queue, item, error))
                    continue
                for its_subject, its_queue, head, failure in failed:
                    why = Refused(head, head.count, str(failure))
                    await self._done(its_subject, its_queue, [head], [why])
                await self._done(subject, queue, [item], refused)
                return True
        if failed:
            raise failed[0][3]
        return False

    async def _done(self, subject: Subject, queue: Queue, items: list[Item], refused: list[Refused]) -> None:
        await asyncio.to_thread(queue.done, items, refused)
        for each in refused:
            log.error(
                "The outlet %s refuses %d messages (%s %s): %s",
                self.name, each.messages, subject.value, each.item.id, each.why,
            )  # fmt: skip
        self._failed = 0
        self._turn(OutletState.UP, "")

    def _turn(self, state: OutletState, why: str) -> None:
        if state is not self.state:
            if state is OutletState.AWAY:
                log.warning("The outlet %s is away: %s", self.name, why)
            elif self.state is OutletState.AWAY:
                log.warning("The outlet %s is back", self.name)
            self.state, self.since_us = state, now_us()
        self.why = why
