"""Alarms handed on to another system over HTTP (extra ``http``)."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from sensors.alarms.alarm import Alarm
from sensors.alarms.rules import Severity
from sensors.errors import missing_extra
from sensors.feeds.contract import stop_if_cancelled
from sensors.points import Point, Privacy
from sensors.readings import to_iso

log = logging.getLogger(__name__)

MAX_WAITING = 10_000
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 60.0
_TOLD = (Privacy.PUBLIC, Privacy.COMMUNITY)


@dataclass
class Webhook:
    """Posts changes of alarms in order; while the other side is away they wait, the oldest go first.

    Call :meth:`hear` as a listener of the AlarmCenter and keep :meth:`run` running. A bearer token is read
    from the environment variable ``token_env``.
    """

    name: str
    url: str
    token_env: str = ""
    timeout_s: float = 10.0
    sent: int = 0
    lost: int = 0  # found no room while the other side was away, or were refused by it
    _waiting: deque[dict[str, object]] = field(default_factory=deque)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, alarm: Alarm, what: str, points: Sequence[Point]) -> None:
        """Queue a change of an alarm. Of a home only a call for help is told, without its value."""
        told = bool(points) and all(point.privacy in _TOLD for point in points)
        if not told and alarm.severity is not Severity.EMERGENCY:
            return
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.popleft()
            self.lost += 1
        self._waiting.append(
            {
                "id": alarm.id,
                "what": what,
                "rule": alarm.rule,
                "severity": alarm.severity.name.lower(),
                "point": alarm.point,
                "household": next((point.household for point in points if point.household), ""),
                "value": alarm.value if told and alarm.value == alarm.value else None,
                "state": alarm.state.value,
                "raised": to_iso(alarm.raised_us),
            }
        )
        self._wake.set()

    async def run(self) -> None:
        """Post until cancelled."""
        try:
            import httpx
        except ImportError:
            raise missing_extra("http", "httpx") from None
        token = os.environ.get(self.token_env, "") if self.token_env else ""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        pause_s = FIRST_PAUSE_S
        async with httpx.AsyncClient(timeout=self.timeout_s, headers=headers) as client:
            while True:
                stop_if_cancelled()
                await self._wake.wait()
                if not self._waiting:
                    self._wake.clear()
                    continue
                change = self._waiting[0]
                try:
                    answer = await client.post(self.url, json=change)
                    away = answer.status_code >= 500 or answer.status_code in (408, 429)
                except httpx.HTTPError:
                    away = True
                if away:
                    if pause_s == FIRST_PAUSE_S:
                        log.warning("The webhook %s is away; alarms wait", self.name)
                    await asyncio.sleep(pause_s)
                    pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                    continue
                if pause_s > FIRST_PAUSE_S:
                    log.warning("The webhook %s is back", self.name)
                pause_s = FIRST_PAUSE_S
                if self._waiting and self._waiting[0] is change:
                    self._waiting.popleft()
                if answer.is_success:
                    self.sent += 1
                else:
                    self.lost += 1
                    log.error("The webhook %s refuses an alarm: %d", self.name, answer.status_code)
