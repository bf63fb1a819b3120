from __future__ import annotations

import numpy as np
import pytest

from twin.kernels.roots import LEAST, cube_root


def test_a_cube_root_has_fourteen_digits() -> None:
    numbers = 10.0 ** np.random.default_rng(1).uniform(-90, 90, 2000)
    assert [cube_root(x) for x in numbers] == pytest.approx(np.cbrt(numbers), rel=1e-14, abs=0.0)


def test_the_root_of_nothing_is_nothing() -> None:
    assert cube_root(0.0) == 0.0
    assert cube_root(LEAST / 2) == 0.0
    assert cube_root(LEAST) == pytest.approx(LEAST ** (1 / 3), rel=1e-14)
