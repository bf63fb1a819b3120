"""What every feed offers, and how it is kept alive."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from sensors.errors import SensorError
from sensors.intake import Intake
from sensors.readings import Sample, now_us
from sensors.text import Text

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 60.0


class FeedState(StrEnum):
    """Whether a feed hears its source."""

    CONNECTING = "connecting"
    UP = "up"
    LOST = "lost"
    ENDED = "ended"  # a replay that has come to its end


class FeedLostError(SensorError):
    """The source cannot be heard; the feed is tried again."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(
            "feed-lost",
            where,
            Text(f"The source is lost: {why}.", f"数据源中断：{why}。"),
            Text("It is tried again by itself.", "系统会自动重连。"),
        )
        self.why = why

    def __reduce__(self) -> tuple[type[FeedLostError], tuple[str, str]]:  # type: ignore[override]
        return (type(self), (self.where, self.why))


@dataclass(slots=True)
class Sink:
    """Where one feed puts what it hears; keeps the feed's state."""

    intake: Intake
    name: str
    state: FeedState = FeedState.CONNECTING
    since_us: int = field(default_factory=now_us)
    why: str = ""  # why it is lost

    async def deliver(self, samples: Sequence[Sample]) -> None:
        """Hand over samples; returns once they are stored or rejected."""
        await self.intake.deliver(samples, self.name)

    def offer(self, samples: Sequence[Sample]) -> None:
        """Hand over samples that cannot wait for room in the queue."""
        self.intake.offer(samples, self.name)

    def reject(self, reason: str, count: int = 1) -> None:
        """Count messages of which nothing can be read."""
        self.intake.reject(reason, self.name, count)

    def up(self) -> None:
        """The source is heard."""
        if self.state is FeedState.LOST:
            log.warning("Feed %s is back", self.name)
        self._turn(FeedState.UP, "")
        self.intake.set_available(self.name, True)

    def lost(self, why: str) -> None:
        """The source is not heard; logged once until it is back."""
        if self.state is not FeedState.LOST:
            log.warning("Feed %s is lost: %s", self.name, why)
            self._turn(FeedState.LOST, why)
            self.intake.set_available(self.name, False)
        self.why = why

    def ended(self) -> None:
        """The source has no more to say."""
        self._turn(FeedState.ENDED, "")

    def _turn(self, state: FeedState, why: str) -> None:
        if state is not self.state:
            self.state, self.since_us = state, now_us()
        self.why = why


class Feed(Protocol):
    """One source of samples."""

    name: str

    async def run(self, sink: Sink) -> None:
        """Connect, call ``sink.up()``, deliver samples until cancelled or, for a finite source, to its end.

        Raises:
            FeedLostError: the source cannot be reached or was lost.
        """
        ...


def stop_if_cancelled() -> None:
    """End a task that was cancelled while a library took no notice.

    ``asyncio.wait_for`` of Python 3.11 loses a cancellation that arrives together with its result; a feed
    that asks again and again would never end.

    Raises:
        asyncio.CancelledError: the running task has been cancelled.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def supervise(
    feed: Feed, sink: Sink, first_pause_s: float = FIRST_PAUSE_S, longest_pause_s: float = LONGEST_PAUSE_S
) -> None:
    """Run a feed until it ends; when it is lost, again after a pause that doubles up to a minute."""
    pause_s = first_pause_s
    while True:
        try:
            await feed.run(sink)
        except (FeedLostError, OSError, TimeoutError) as error:
            stop_if_cancelled()
            if sink.state is FeedState.UP:
                pause_s = first_pause_s
            sink.lost(error.why if isinstance(error, FeedLostError) else str(error) or type(error).__name__)
        else:
            sink.ended()
            return
        # Feeds of one broker must not all return in the same instant.
        await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))
        pause_s = min(2 * pause_s, longest_pause_s)
