"""Times in queries: ISO 8601, or a count since 1970."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from ifc.model import Text
from sensors.readings import parse_time
from twin.server.errors import bad_value

Moment = Annotated[str, Query(max_length=40, description="ISO 8601, or milliseconds since 1970 UTC")]
LATEST_US = 4_102_444_800_000_000  # 2100-01-01


def moment_us(text: str, where: str) -> int:
    """Microseconds UTC of a time in a query.

    Raises:
        ApiError: it is none, or not between 1970 and 2100.
    """
    try:
        # A plus sign of a zone that was not escaped arrives as a space.
        time_us = parse_time(text.strip().replace(" ", "+") if "T" in text else text)
    except (ValueError, OverflowError):
        time_us = -1
    if not 0 <= time_us < LATEST_US:
        raise bad_value(where, Text(f"{where} is no time.", f"{where} 不是有效时间。"))
    return time_us


def span_us(begin: str, end: str, longest_us: int) -> tuple[int, int]:
    """Begin and end in microseconds.

    Raises:
        ApiError: one is no time, the end is not after the begin, or the span is too long.
    """
    begin_us, end_us = moment_us(begin, "begin"), moment_us(end, "end")
    if not begin_us < end_us <= begin_us + longest_us:
        raise bad_value(
            "end",
            Text(
                f"The end must be after the begin, by at most {longest_us // 86_400_000_000} days.",
                "结束时间应晚于开始时间，且跨度不超过上限。",
            ),
        )
    return begin_us, end_us
