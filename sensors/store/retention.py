"""How long readings are kept, by privacy class and by point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sensors.points import Point, PointTable, Privacy
from sensors.readings import MICROSECONDS, now_us

DAY_US = 86_400 * MICROSECONDS


class Deletable(Protocol):
    """The part of a store that retention needs."""

    def delete(self, point: int, before_us: int | None = None) -> int:
        """Delete the readings of a point that are older than a time."""
        ...


@dataclass(frozen=True, slots=True)
class Retention:
    """Days that readings are kept; None keeps them for good. A point's own rule comes before its class's."""

    by_class: Mapping[Privacy, float | None] = field(
        default_factory=lambda: {
            Privacy.PUBLIC: None,
            Privacy.COMMUNITY: 3 * 365,
            Privacy.HOUSEHOLD: 365,
            Privacy.PERSONAL_SENSITIVE: 30,
        }
    )
    by_point: Mapping[str, float | None] = field(default_factory=dict)

    def days(self, point: Point) -> float | None:
        """Days that the readings of this point are kept."""
        if point.id in self.by_point:
            return self.by_point[point.id]
        return self.by_class.get(point.privacy)


def apply_retention(
    store: Deletable, points: PointTable, retention: Retention, at_us: int | None = None
) -> dict[str, int]:
    """Delete what has outlived its time; the number of readings deleted per point id, zeros left out."""
    at_us = now_us() if at_us is None else at_us
    deleted = {}
    for row, point in enumerate(points):
        days = retention.days(point)
        if days is not None:
            count = store.delete(row, at_us - round(days * DAY_US))
            if count:
                deleted[point.id] = count
    return deleted
