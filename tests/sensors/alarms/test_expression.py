"""Expressions over points."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.alarms.expression import Expression


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a > 20 and b < 3", True), ("a > 20 and not b < 3", False), ("a - b == 23", True), ("20 < a < 24", False),
        ("abs(b - a) >= 23", True), ("max(a, b, 30) == 30 or 0", True), ("-a < 0", True), ("a / 0 > 1", False),
        ("min(a) > 1", True), ("(a + b) * 2 != 54", False),
    ],
)  # fmt: skip
def test_an_expression_is_computed(text, expected):
    assert Expression(text)({"a": 25.0, "b": 2.0}) is expected


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')", "a.b > 1", "a[0]", "lambda: 1", "[x for x in a]", "'text' == a", "a if b else c",
        "open(a)", "abs(a, b)", "min()", "max(a, key=b)", "a ** a ** a", "a := 3", "", "a >", "f'{a}'", "a & b", "a" * 501,
        "-" * 40 + "a", "(" * 200,
    ],
)  # fmt: skip
def test_nothing_else_is_an_expression(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the wording differs
        Expression(text)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_whatever_does_more_than_be_refused(text):
    with contextlib.suppress(ValueError, KeyError):
        Expression(text)({})
