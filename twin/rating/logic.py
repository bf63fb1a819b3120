"""Kleene's three values, and comparisons of numbers that are known only within bounds.

A truth is ``True``, ``False`` or ``None`` (cannot tell).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Truth = bool | None

# Shares and ratios come out of sums of floats: 60 % must not fail at 59.999 999 999 9 %.
TOLERANCE = 1e-9


def all_of(truths: Iterable[Truth]) -> Truth:
    """False if any is false, else None if any is unknown, else True."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def any_of(truths: Iterable[Truth]) -> Truth:
    """True if any is true, else None if any is unknown, else False."""
    result: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            result = None
    return result


def negate(truth: Truth) -> Truth:
    """The opposite; unknown stays unknown."""
    return None if truth is None else not truth


def compare(
    bounds: tuple[float, float], comparator: Literal[">=", ">", "<=", "<"], limit: tuple[float, float]
) -> Truth:
    """Whether a number within ``bounds`` (low, high) satisfies ``comparator`` against one within ``limit``.

    Equal within a relative :data:`TOLERANCE` counts as equal, so ``>=`` and ``<=`` hold there and ``>`` and
    ``<`` do not.
    """
    if comparator in ("<", ">="):
        at_least = _at_least(bounds, limit)
        return at_least if comparator == ">=" else negate(at_least)
    at_most = _at_least(limit, bounds)
    return at_most if comparator == "<=" else negate(at_most)


def _at_least(bounds: tuple[float, float], limit: tuple[float, float]) -> Truth:
    if bounds[0] >= limit[1] - TOLERANCE * max(1.0, abs(limit[1])):
        return True
    if bounds[1] < limit[0] - TOLERANCE * max(1.0, abs(limit[0])):
        return False
    return None
