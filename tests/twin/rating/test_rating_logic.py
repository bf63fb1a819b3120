"""Three values, and numbers known within bounds."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.rating.logic import all_of, any_of, compare, negate

TRUTHS = (True, False, None)


@pytest.mark.parametrize(("left", "right"), list(itertools.product(TRUTHS, TRUTHS)))
def test_kleene_logic_agrees_with_every_way_the_unknown_may_turn_out(left, right):
    def worlds(truth):
        return (True, False) if truth is None else (truth,)

    def told(outcomes):
        outcomes = set(outcomes)
        return outcomes.pop() if len(outcomes) == 1 else None

    pairs = list(itertools.product(worlds(left), worlds(right)))
    assert all_of([left, right]) is told(a and b for a, b in pairs)
    assert any_of([left, right]) is told(a or b for a, b in pairs)


def test_nothing_is_all_true_and_none_true():
    assert all_of([]) is True
    assert any_of([]) is False
    assert negate(None) is None


def test_a_share_that_is_sixty_percent_but_for_rounding_reaches_sixty_percent():
    almost = 100 * (0.1 + 0.2 + 0.3)  # 59.99999999999999
    assert compare((almost, almost), ">=", (60, 60)) is True
    assert compare((almost, almost), "<", (60, 60)) is False


@pytest.mark.parametrize(
    ("bounds", "comparator", "verdict"),
    [
        ((60, 80), ">=", True),
        ((40, 59), ">=", False),
        ((40, 80), ">=", None),
        ((40, 60), "<=", True),
        ((61, 80), "<=", False),
        ((60, 60), ">", False),
        ((60, 60), "<", False),
        ((-math.inf, math.inf), ">=", None),
    ],
)
def test_bounds_decide_when_they_lie_on_one_side_of_the_limit(bounds, comparator, verdict):
    assert compare(bounds, comparator, (60, 60)) is verdict


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0, 1), st.sampled_from([">=", ">", "<=", "<"]))
def test_narrower_bounds_never_turn_a_verdict_around(low, high, where, comparator):
    low, high = sorted((low, high))
    value = low + where * (high - low)
    wide, exact = (compare(bounds, comparator, (0.0, 0.0)) for bounds in ((low, high), (value, value)))
    assert wide is None or wide is exact
