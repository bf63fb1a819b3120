"""Radiance's runs are independent of each other: their spread is its noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.twin.verify.test_verify_daylight import COARSE, two_rooms
from twin.verify import radiance
from twin.verify.daylight import prepared, radiance_groups, sample

FEW_DIVISIONS = 64  # all runs lie within a second, from which a process of rtrace takes its chance
RUNS = 4


@pytest.mark.slow
def test_no_two_runs_of_one_second_give_a_sensor_the_same_answer(tmp_path: Path) -> None:
    _, task = sample(prepared(two_rooms().model(), COARSE), 6)
    (group,) = radiance_groups(task, tmp_path)
    found = radiance.factors_of_runs(group.scene, group.places, FEW_DIVISIONS, RUNS)
    assert found.shape == (RUNS, len(group.places))
    lit = found.min(axis=0) > 0.0
    assert lit.any()
    ordered = np.sort(found[:, lit], axis=0)
    assert (np.diff(ordered, axis=0) > 0.0).all()


@pytest.mark.slow
def test_the_runs_of_a_sensor_stand_in_its_own_column(tmp_path: Path) -> None:
    """With many rays the runs of a sensor lie close together, and sensors far apart."""
    _, task = sample(prepared(two_rooms().model(), COARSE), 6)
    (group,) = radiance_groups(task, tmp_path)
    found = radiance.factors_of_runs(group.scene, group.places, 2048, RUNS)
    bright = found.mean(axis=0) > 0.01
    assert bright.sum() >= 2
    spread = found[:, bright].std(axis=0, ddof=1) / found[:, bright].mean(axis=0)
    assert spread.max() < 0.2
    assert np.ptp(found[:, bright].mean(axis=0)) > 0.2 * found[:, bright].mean()
