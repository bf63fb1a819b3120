"""What stands in the items of an outbox: readings as columns, and how they are told one by one."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sensors.outlets.outbox import Item
from sensors.points import PointTable
from sensors.readings import Quality, Readings


class Told(NamedTuple):
    """One reading of an item. ``value`` is None where the quality is BAD."""

    id: str
    point: str
    time_us: int
    value: float | None
    quality: Quality


def readings_body(points: PointTable, readings: Readings, chosen: NDArray[np.intp]) -> bytes:
    """Some rows of a batch of readings as the body of an item. Points stand in it by their ids."""
    ids = [points[row].id for row in readings.point[chosen].tolist()]
    values = [value if math.isfinite(value) else None for value in readings.value[chosen].tolist()]
    columns = [ids, readings.time_us[chosen].tolist(), values, readings.quality[chosen].tolist()]
    return json_bytes(columns)


def readings_in(item: Item) -> Iterator[Told]:
    """The readings of an item, each with an id of its own."""
    columns = json.loads(item.body)
    for number, (point, time_us, value, quality) in enumerate(zip(*columns, strict=True)):
        yield Told(f"{item.id}-{number}", point, time_us, value, Quality(quality))


def json_bytes(body: Any) -> bytes:
    """JSON without spaces, and without what is no JSON."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
