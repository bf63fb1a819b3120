"""What became of every reading: received = accepted + rejected, each rejection with its reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

MAX_UNKNOWN = 1000


@dataclass(slots=True)
class FeedCounters:
    """Of one feed since the start."""

    received: int = 0
    accepted: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    restamped: int = 0  # accepted under the time of arrival, because the device's clock is wrong

    def reject(self, reason: str, count: int = 1) -> None:
        """Count readings (or unreadable messages) that are not taken."""
        self.received += count
        self.rejected[reason] += count


@dataclass(slots=True)
class StoreCounters:
    """Of the store since the start: the accepted of all feeds are stored, replaced, duplicate or pending."""

    stored: int = 0
    replaced: int = 0
    duplicates: int = 0
    pending: int = 0


@dataclass(slots=True)
class UnknownPoints:
    """The ids of readings that belong to no point, the first thousand of them, with how often they came."""

    seen: Counter[str] = field(default_factory=Counter)

    def note(self, point: str) -> None:
        """Remember one."""
        if point in self.seen or len(self.seen) < MAX_UNKNOWN:
            self.seen[point[:200]] += 1
