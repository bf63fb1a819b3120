"""Readings as JSON columns."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from fastapi import Response
from numpy.typing import NDArray

from sensors.latest import Latest
from sensors.readings import now_us


def latest_columns(latest: Latest, rows: NDArray[np.intp]) -> dict[str, Any]:
    """The latest values of some points and what they are worth now."""
    return {
        "now_ms": now_us() // 1000,
        "key": rows.tolist(),
        "value": numbers(latest.value[rows]),
        "time_ms": times(latest.time_us[rows]),
        "age_s": numbers(latest.age_s()[rows].round(3)),
        "state": latest.states()[rows].tolist(),
        "quality": latest.quality[rows].tolist(),
    }


def numbers(values: NDArray[np.float64]) -> list[float | None]:
    """A column of numbers; None for what is not finite, which JSON cannot say."""
    if np.isfinite(values).all():
        found: list[float | None] = values.tolist()
        return found
    return [value if np.isfinite(value) else None for value in values.tolist()]


def times(time_us: NDArray[np.int64]) -> list[int | None]:
    """A column of times in milliseconds; None for never."""
    return [value // 1000 or None for value in time_us.tolist()]


def text_of(body: Any) -> str:
    """JSON without spaces, and without what is no JSON."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def answer(body: Any, status: int = 200) -> Response:
    """An answer that is not checked value by value again: the columns may be long."""
    return Response(text_of(body), status, media_type="application/json")
