"""Who may do what, and whose readings who may see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sensors.alarms.alarm import Alarm
from sensors.alarms.rules import Severity
from sensors.points import Point, PointTable, Privacy


class Role(StrEnum):
    """What an account is for."""

    OPERATOR = "operator"
    MANAGER = "manager"
    RESIDENT = "resident"
    AUDITOR = "auditor"
    SERVICE = "service"
    DEMO = "demo"  # whoever opens the demonstration; all it shows is drawn, not measured


class Right(StrEnum):
    """What can be done beyond reading."""

    ACKNOWLEDGE = "acknowledge"
    SHELVE = "shelve"
    GRANT = "grant"  # open a household's readings for a stated purpose
    FEEDS = "feeds"
    RESEND = "resend"  # what other systems refused, or delete it
    AUDIT = "audit"
    DELETE = "delete"
    PUSH = "push"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OPERATOR: frozenset({Right.ACKNOWLEDGE, Right.SHELVE, Right.GRANT, Right.FEEDS, Right.RESEND}),
    Role.MANAGER: frozenset(
        {Right.ACKNOWLEDGE, Right.SHELVE, Right.GRANT, Right.FEEDS, Right.RESEND, Right.DELETE}
    ),
    Role.RESIDENT: frozenset({Right.DELETE}),
    Role.AUDITOR: frozenset({Right.FEEDS, Right.AUDIT}),
    Role.SERVICE: frozenset({Right.PUSH}),
    Role.DEMO: frozenset({Right.ACKNOWLEDGE, Right.SHELVE, Right.FEEDS}),
}
# Roles that see the whole list of points; what a point measures is not what it measured.
_SEES_ALL_POINTS = frozenset({Role.OPERATOR, Role.MANAGER, Role.AUDITOR, Role.DEMO})
_READS_COMMUNITY = frozenset({Role.OPERATOR, Role.MANAGER, Role.AUDITOR, Role.SERVICE, Role.DEMO})
# What a grant opens, by role: only those who answer calls for help see personal readings.
_GRANTED = {
    Role.OPERATOR: frozenset({Privacy.HOUSEHOLD, Privacy.PERSONAL_SENSITIVE}),
    Role.MANAGER: frozenset({Privacy.HOUSEHOLD}),
}
_ANSWERS_EMERGENCIES = frozenset({Role.OPERATOR, Role.MANAGER})


@dataclass(frozen=True, slots=True)
class Grant:
    """A household's readings opened to an account for a purpose, until a time."""

    household: str
    purpose: str
    until_us: int


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. ``until_us`` is when its token, or the first of its grants, ends."""

    name: str
    role: Role
    household: str = ""
    session: str = ""
    grants: tuple[Grant, ...] = ()
    until_us: int = 2**62

    def has(self, right: Right) -> bool:
        """Whether its role has a right."""
        return right in RIGHTS[self.role]

    def reads(self, point: Point) -> bool:
        """Whether it may see the readings of a point."""
        if self.role is Role.DEMO or point.privacy is Privacy.PUBLIC:
            return True
        if point.privacy is Privacy.COMMUNITY:
            return self.role in _READS_COMMUNITY
        if not point.household:
            return False  # nobody can say whose it is
        if self.role is Role.RESIDENT:
            return point.household == self.household
        return self.grant_for(point) is not None

    def grant_for(self, point: Point) -> Grant | None:
        """The grant that opens a point to this account, None for none."""
        if point.privacy not in _GRANTED.get(self.role, frozenset()):
            return None
        return next((grant for grant in self.grants if grant.household == point.household), None)

    def knows(self, point: Point) -> bool:
        """Whether it may know that a point exists."""
        return self.role in _SEES_ALL_POINTS or self.reads(point)

    def readable(self, points: PointTable) -> NDArray[np.bool_]:
        """:meth:`reads` of every point, shape (P,)."""
        return np.fromiter((self.reads(point) for point in points), np.bool_, len(points))

    def hears(self, alarm: Alarm, named: list[Point]) -> bool:
        """Whether an alarm over some points is for this account.

        A call for help is for those who answer it, whoever's home it comes from; its value is not.
        """
        if self.role in _ANSWERS_EMERGENCIES and alarm.severity is Severity.EMERGENCY:
            return True
        return all(self.reads(point) for point in named)
