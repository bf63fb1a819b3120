"""The cost at an error is read off between two runs, never scaled beyond them."""

from __future__ import annotations

import pytest

from benchmarks.daylight import Point, at_error


def test_between_two_runs_the_cost_grows_as_the_error_falls() -> None:
    runs = [Point(1.0, 0.08), Point(16.0, 0.02)]
    assert at_error(runs, 0.04).seconds == pytest.approx(4.0)
    assert at_error(runs, 0.04).error == 0.04


def test_a_run_that_is_better_than_wanted_counts_as_it_is() -> None:
    assert at_error([Point(1.0, 0.01), Point(4.0, 0.005)], 0.02) == Point(1.0, 0.01)


def test_a_target_out_of_reach_gives_the_best_run() -> None:
    assert at_error([Point(1.0, 0.08), Point(4.0, 0.05)], 0.02) == Point(4.0, 0.05)
