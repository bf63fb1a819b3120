"""Batches of readings for the tests of stores."""

from __future__ import annotations

import math

from sensors.readings import Quality, readings_of
from tests.sensors.community import MINUTE_US, START_US


def rows(*entries):
    """Readings of (point, time, value); NaN is BAD."""
    return readings_of(
        [e[0] for e in entries],
        [e[1] for e in entries],
        [e[1] + 5 for e in entries],
        [e[2] for e in entries],
        [Quality.BAD if math.isnan(e[2]) else Quality.GOOD for e in entries],
    )


def minutes(count, point=0, start_us=START_US):
    return rows(*((point, start_us + i * MINUTE_US, math.sin(i / 40)) for i in range(count)))
