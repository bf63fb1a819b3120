"""The eight-lane operations whose code depends on the processor, against plain loops."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray

from twin.kernels.lanes import LANES
from twin.kernels.stream_lanes import append_lanes

Ints = NDArray[np.int32]


@njit
def _append_all(table: Ints, masks: Ints, end: int) -> int:
    """Append from each eight of ``table`` in turn, in the lanes of its mask."""
    for row in range(len(masks)):
        end = append_lanes(table, end, masks[row], np.int64(LANES * row))
    return end


def check_appending() -> None:
    """Every mask there is, one after another."""
    masks = np.arange(1 << LANES, dtype=np.int32)
    items = np.random.default_rng(0).integers(-(2**31), 2**31, LANES * len(masks)).astype(np.int32)
    table = np.concatenate([items, np.zeros(len(items) + LANES, np.int32)])

    end = _append_all(table, masks, len(items))

    chosen = (masks[:, None] >> np.arange(LANES)) & 1
    np.testing.assert_array_equal(table[len(items) : end], items[chosen.ravel() == 1])
    np.testing.assert_array_equal(table[: len(items)], items)


def test_the_lanes_of_a_mask_are_appended_in_order() -> None:
    check_appending()


@pytest.mark.parametrize("features", ["", "+avx,+avx2"], ids=["plain", "avx2"])
def test_the_same_on_lesser_processors(features: str) -> None:
    from numba.core.codegen import get_host_cpu_features

    mine = get_host_cpu_features().split(",")
    if not set(features.split(",")) <= {"", *mine}:
        features = ""  # this processor cannot run the others' code
    environment = {**os.environ, "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": features}

    done = subprocess.run(
        [sys.executable, "-c", "from tests.twin.kernels.test_lanes import check_appending as c; c()"],
        env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
