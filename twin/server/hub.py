"""From the live twin to its WebSocket clients: changes gathered, encoded once per group, sent to all of it.

A client that cannot keep up is not given a queue: its batches merge to the latest state of each point,
counted as ``skipped``. Alarms are never merged; a client that leaves hundreds of them unread is dropped.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensors.alarms.alarm import Alarm
from sensors.readings import Readings, now_us
from twin.live.composition import Live
from twin.server.columns import latest_columns, text_of
from twin.server.frames import Write, framed
from twin.server.rights import Principal

FLUSH_S = 0.04  # between two batches of a client, at least
LANES = 4  # clients take turns: the last of a thousand would else wait for the frames of all others
FLUSH_SHARE = 0.5  # of the time is given to batches at most: with very many clients they come less often
GATHER_S = 0.01  # after a quiet time: what comes together goes together
STATES_S = 1.0  # how often points are looked over for having gone stale
HEARTBEAT_S = 15.0
MAX_ALARMS = 500

AlarmText = Callable[[Principal, Alarm, str], str | None]


@dataclass(eq=False)
class Client:
    """One connection. ``wake`` tells its sender that there is something."""

    caller: Principal
    write: Write | None = None  # of whole frames, where the server can
    lane: int = 0
    group: Group | None = None
    texts: deque[str] = field(default_factory=deque)
    batch: str | None = None
    waiting: NDArray[np.bool_] | None = None  # points whose batches were merged
    skipped: int = 0
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    overrun: bool = False

    def say(self, text: str) -> None:
        """Queue what must not be lost."""
        if len(self.texts) >= MAX_ALARMS:
            self.overrun = True
        else:
            self.texts.append(text)
        self.wake.set()


@dataclass(eq=False)
class Group:
    """Clients of a lane that see and want the same points."""

    lane: int
    mask: NDArray[np.bool_]
    clients: set[Client] = field(default_factory=set)
    rows: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))  # of the last batch


class Hub:
    """Runs on the event loop of the live twin."""

    def __init__(self, live: Live, flush_s: float = FLUSH_S) -> None:
        self.live = live
        self.clients: set[Client] = set()
        self.dropped_batches = 0
        self.alarm_text: AlarmText = lambda caller, alarm, what: None
        self._flush_s = flush_s
        self._groups: dict[tuple[int, bytes], Group] = {}
        # Of each lane: points that changed since its last batch, and the states that it was told, (LANES, P).
        self._changed = np.zeros((LANES, len(live.points)), np.bool_)
        self._states = np.tile(live.intake.latest.states(), (LANES, 1))
        self._wake = asyncio.Event()
        live.intake.listen(self._hear)
        live.alarms.listen(self._hear_alarm)

    def join(self, client: Client) -> None:
        """Take a client in, on the lane with the fewest."""
        load = Counter(each.lane for each in self.clients)
        client.lane = min(range(LANES), key=lambda lane: load[lane])
        self.clients.add(client)

    def leave(self, client: Client) -> None:
        """Forget a client."""
        self.clients.discard(client)
        self._ungroup(client)

    def subscribe(self, client: Client, mask: NDArray[np.bool_]) -> None:
        """Give a client these points from now on."""
        self._ungroup(client)
        key = _key(client.lane, mask)
        if all(group.lane != client.lane for group in self._groups.values()):
            self._changed[client.lane] = False
            self._states[client.lane] = self.live.intake.latest.states()
        group = self._groups.setdefault(key, Group(client.lane, mask))
        group.clients.add(client)
        client.group, client.batch, client.waiting, client.skipped = group, None, None, 0

    def full(self, client: Client) -> str:
        """All points of a client as they are now."""
        assert client.group is not None
        return self._text(np.flatnonzero(client.group.mask), full=True, skipped=0)

    def next_of(self, client: Client) -> str | None:
        """What is to be sent next to a client, None for nothing."""
        if client.texts:
            return client.texts.popleft()
        if client.batch is not None:
            text, client.batch = client.batch, None
            return text
        if client.waiting is not None:
            rows, skipped = np.flatnonzero(client.waiting), client.skipped
            client.waiting, client.skipped = None, 0
            return self._text(rows, full=False, skipped=skipped)
        return None

    async def run(self) -> None:
        """Gather and send until cancelled, one lane after another."""
        looked_s = flushed_s = time.monotonic()
        lane, pause_s = 0, self._flush_s
        while True:
            try:
                async with asyncio.timeout(max(looked_s + STATES_S - time.monotonic(), 0.001)):
                    await self._wake.wait()
                left_s = flushed_s + pause_s - time.monotonic()
                await asyncio.sleep(left_s if left_s > 0 else GATHER_S)
            except TimeoutError:
                pass
            flushed_s = time.monotonic()
            self.live.intake.show()
            if flushed_s >= looked_s + STATES_S:
                looked_s = flushed_s
                self._changed |= self._states != self.live.intake.latest.states()
            lanes = sorted({group.lane for group in self._groups.values()})
            lane = min((each for each in lanes if each > lane), default=min(lanes, default=0))
            self._flush(lane)
            if self._changed[lanes].any():
                self._wake.set()  # the next lanes' turn
            else:
                self._wake.clear()
            spent_s = time.monotonic() - flushed_s
            pause_s = max(self._flush_s / max(len(lanes), 1), spent_s / FLUSH_SHARE)

    def _hear(self, readings: Readings) -> None:
        self._changed[:, readings.point] = True
        if self._groups:
            self._wake.set()

    def _hear_alarm(self, alarm: Alarm, what: str) -> None:
        said: dict[Principal, str | None] = {}
        for client in self.clients:
            if client.caller not in said:
                said[client.caller] = self.alarm_text(client.caller, alarm, what)
            text = said[client.caller]
            if text is not None:
                client.say(text)

    def _flush(self, lane: int) -> None:
        changed = self._changed[lane].copy()
        if not changed.any():
            return
        self._changed[lane] = False
        self._states[lane, changed] = self.live.intake.latest.states()[changed]
        for group in self._groups.values():
            if group.lane == lane and len(rows := np.flatnonzero(changed & group.mask)):
                self._give(group, rows)

    def _give(self, group: Group, rows: NDArray[np.intp]) -> None:
        text = self._text(rows, full=False, skipped=0)
        frame = framed(text)
        for client in group.clients:
            if client.batch is None and client.waiting is None:
                # Nothing may overtake what waits for its sender.
                if client.write is not None and not client.texts and client.write(frame):
                    continue
                client.batch = text
            else:
                if client.waiting is None:
                    client.waiting = np.zeros_like(group.mask)
                    client.waiting[group.rows] = True  # of the batch that stands unsent
                    client.batch = None
                    client.skipped += 1
                client.waiting[rows] = True
                client.skipped += 1
                self.dropped_batches += 1
            client.wake.set()
        group.rows = rows

    def _text(self, rows: NDArray[np.intp], *, full: bool, skipped: int) -> str:
        body: dict[str, Any] = {"type": "readings", "full": full}
        if skipped:
            body["skipped"] = skipped
        return text_of({**body, **latest_columns(self.live.intake.latest, rows)})

    def _ungroup(self, client: Client) -> None:
        group, client.group = client.group, None
        if group is not None:
            group.clients.discard(client)
            if not group.clients:
                self._groups.pop(_key(group.lane, group.mask), None)


def _key(lane: int, mask: NDArray[np.bool_]) -> tuple[int, bytes]:
    return lane, np.packbits(mask).tobytes()


def heartbeat() -> str:
    """What is said when there is nothing to say."""
    return text_of({"type": "heartbeat", "now_ms": now_us() // 1000})
