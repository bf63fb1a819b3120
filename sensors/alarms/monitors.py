"""Watching one condition on one point: whether it holds now, by the readings so far."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from sensors.alarms.rules import AlarmRule
from sensors.readings import MAX_AHEAD_US, MICROSECONDS

HOUR_US = 3600 * MICROSECONDS


@dataclass(slots=True)
class Monitor:
    """The memory of one rule on one point.

    ``holds`` is the verdict, and stays as it is on readings that say nothing (BAD, or older than the last).
    """

    rule: AlarmRule
    row: int
    holds: bool = False
    since_us: int = 0  # when the condition began to hold
    value: float = math.nan
    last_us: int = 0
    _changed_us: int = 0
    _recent: deque[tuple[int, float]] = field(default_factory=deque)

    def read(self, time_us: int, value: float, arrival_us: int) -> None:
        """Take in a reading that is not BAD."""
        if self.last_us > arrival_us + MAX_AHEAD_US:
            # The last one came while our clock was ahead: else none would count until that time has come.
            self._recent.clear()
            self._changed_us = min(self._changed_us, time_us)
            self.since_us = min(self.since_us, time_us)
        elif time_us < self.last_us:
            return
        met = self._met(time_us, value)
        self.last_us, self.value = time_us, value
        if met and not self.holds:
            self.since_us = time_us
        self.holds = met

    def tick(self, at_us: int, age_s: float) -> None:
        """Judge absence and a stuck value by the clock; ``age_s`` is that of the point's latest reading."""
        rule = self.rule
        if rule.absent_s is not None:
            met = age_s > rule.absent_s
        elif rule.stuck_s is not None and self._changed_us:
            # Only while readings come: a point that is silent is absent, not stuck.
            met = self.last_us - self._changed_us >= rule.stuck_s * MICROSECONDS
        else:
            return
        if met and not self.holds:
            self.since_us = at_us
        self.holds = met

    def due(self, at_us: int) -> bool:
        """Whether the condition holds and has held for long enough to raise."""
        return self.holds and at_us - self.since_us >= self.rule.hold_s * MICROSECONDS

    def _met(self, time_us: int, value: float) -> bool:
        rule = self.rule
        slack = rule.hysteresis if self.holds else 0.0
        if rule.above is not None:
            return value > rule.above - slack
        if rule.below is not None:
            return value < rule.below + slack
        if rule.rate_per_hour is not None:
            return self._rate(time_us, value) > rule.rate_per_hour - slack
        if rule.stuck_s is not None:
            if value != self.value or not self._changed_us:
                self._changed_us = time_us
            return time_us - self._changed_us >= rule.stuck_s * MICROSECONDS
        return False  # absence: a reading ends it

    def _rate(self, time_us: int, value: float) -> float:
        """Change per hour against the oldest of the last readings, at most an hour old."""
        recent = self._recent
        while recent and (time_us - recent[0][0] > HOUR_US or len(recent) >= 10):
            recent.popleft()
        rate = 0.0
        if recent and time_us > recent[0][0]:
            rate = abs(value - recent[0][1]) / (time_us - recent[0][0]) * HOUR_US
        recent.append((time_us, value))
        return rate
