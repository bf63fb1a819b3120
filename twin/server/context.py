"""What the routes share: the live twin, accounts, the audit log, the hub."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from fastapi import Depends
from numpy.typing import NDArray
from starlette.requests import HTTPConnection

from sensors.alarms.alarm import Alarm
from sensors.points import Point, Privacy
from twin.live.composition import Live
from twin.live.places import Place
from twin.server.accounts import Accounts
from twin.server.audit import AuditLog
from twin.server.hub import Hub
from twin.server.limits import Allowance
from twin.server.rights import Principal, Role


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server behaves; the defaults are the safe ones."""

    demo: bool = False
    page: Path | None = None  # folder of the built page
    clients: int = 2000  # WebSocket clients at once
    clients_each: int = 50  # of one account
    requests_burst: float = 200.0
    requests_per_s: float = 50.0


@dataclass
class Background:
    """What is computed while the server already answers: none, running, ready or failed."""

    model: str = "none"
    evaluation: str = "none"
    scene: Path | None = None  # folder of the scene of the model
    result: dict[str, dict[str, Any]] = field(default_factory=dict)  # language -> JSON of twin evaluate
    runoff: dict[str, Any] | None = None  # what the simulation of the site's runoff found last, and when
    runoff_us: int = 0
    runoff_wanted: asyncio.Event = field(default_factory=asyncio.Event)  # at once, not only when it is due


@dataclass
class Context:
    """One server."""

    live: Live
    accounts: Accounts
    audit: AuditLog
    hub: Hub
    settings: Settings
    epoch: str
    background: Background = field(default_factory=Background)

    def __post_init__(self) -> None:
        self.requests = Allowance(self.settings.requests_burst, self.settings.requests_per_s)
        self.logins = Allowance(5, 1 / 30)
        self.logins_from = Allowance(20, 1 / 5)  # of one address, whatever the name
        self.checking = asyncio.Semaphore(1)  # one password at a time: each costs much memory on purpose
        self.tasks: list[asyncio.Task[None]] = []  # ended with the server
        self.disclosed: set[tuple[str, str]] = set()  # (account, alarm) written to the audit log

    def hears(self, caller: Principal, alarm: Alarm) -> bool:
        """Whether an alarm is for an account; one whose points are gone is for those who see everything."""
        named = self.live.points_of(alarm)
        if not named:
            return caller.role in ("operator", "manager", "demo")
        return caller.hears(alarm, named)

    def alarm_to(self, caller: Principal, alarm: Alarm) -> dict[str, Any]:
        """An alarm as this account may see it; that a home's call was shown is written down once."""
        named = self.live.points_of(alarm)
        seen = all(caller.reads(point) for point in named)
        household = next((point.household for point in named if point.household), "")
        if not seen and (caller.name, alarm.id) not in self.disclosed:
            self.disclosed.add((caller.name, alarm.id))
            self.audit.note(
                caller.name, caller.role, "alarm-disclosed", household, f"{alarm.rule} {alarm.id}"
            )
        rule = self.live.alarms.rules.get(alarm.rule)
        place = self.place(alarm.point)
        return {
            "id": alarm.id,
            "rule": alarm.rule,
            "message": {
                "en": alarm.rule if rule is None else rule.message.en,
                "zh": alarm.rule if rule is None else rule.message.zh,
            },
            "severity": int(alarm.severity),
            "point": alarm.point,
            "key": self.live.points.row_of.get(alarm.point),
            "element": None if place is None else place.element,
            "household": household,
            "value": alarm.value if seen and alarm.value == alarm.value else None,
            "state": alarm.state.value,
            "raised_ms": alarm.raised_us // 1000,
            "acknowledged_ms": alarm.acknowledged_us // 1000 or None,
            "acknowledged_by": alarm.acknowledged_by or None,
            "cleared_ms": alarm.cleared_us // 1000 or None,
            "shelved": alarm.shelved,
        }

    def audit_homes(self, caller: Principal, points: Iterable[Point], what: str) -> None:
        """Write down whose past is read by somebody who lives elsewhere, a line for each home.

        The lines are on the disk when this returns: call it from a thread.
        """
        if self.settings.demo or caller.role is Role.RESIDENT:
            return
        homes = {
            point.household: caller.grant_for(point)
            for point in points
            if point.privacy in (Privacy.HOUSEHOLD, Privacy.PERSONAL_SENSITIVE)
        }
        lines = [
            self.audit.write(
                caller.name, caller.role, "history-read", household,
                f"{what}: {'' if grant is None else grant.purpose}",
            )
            for household, grant in homes.items()
        ]  # fmt: skip
        for line in lines:
            line.result()

    def is_point(self, point: str) -> bool:
        """Whether a point is in the table."""
        return point in self.live.points.row_of

    def place(self, point: str) -> Place | None:
        """Where a point stands."""
        return self.live.places.of(point) if point else None

    def chosen(
        self,
        caller: Principal,
        elements: list[str],
        storeys: list[str],
        quantities: list[str],
        points: list[str],
    ) -> NDArray[np.bool_]:
        """Points that an account may read and that fit every list that is not empty, shape (P,)."""
        mask = caller.readable(self.live.points)
        if not (elements or storeys or quantities or points):
            return mask
        wanted = tuple(map(frozenset, (elements, storeys, quantities, points)))
        for row in np.flatnonzero(mask).tolist():
            mask[row] = self._fits(self.live.points[row], *wanted)
        return mask

    def _fits(
        self,
        point: Point,
        elements: frozenset[str],
        storeys: frozenset[str],
        quantities: frozenset[str],
        points: frozenset[str],
    ) -> bool:
        place = self.place(point.id)
        if points and point.id not in points:
            return False
        if quantities and point.quantity not in quantities:
            return False
        if storeys and (place is None or place.storey not in storeys):
            return False
        return not elements or (
            place is not None and not elements.isdisjoint({place.element, place.room, place.storey})
        )


def _context(connection: HTTPConnection) -> Context:
    found: Context = connection.app.state.context
    return found


def _caller(connection: HTTPConnection) -> Principal:
    found: Principal = connection.state.caller
    return found


Served = Annotated[Context, Depends(_context)]
Caller = Annotated[Principal, Depends(_caller)]
