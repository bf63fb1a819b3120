from __future__ import annotations

import numpy as np
import pytest

from twin.kernels.nonlinear_reservoir import reservoir_tables
from twin.kernels.runoff import COVER_COLUMNS
from twin.kernels.storm import storm_outflow


def covers(*rows: tuple[float, ...]) -> np.ndarray:
    table = np.zeros((len(rows), COVER_COLUMNS))
    for index, row in enumerate(rows):
        table[index, : len(row)] = row
    return table


A = 0.1 / (0.013 * 30)


def test_all_rain_leaves_a_bare_site_in_the_end() -> None:
    rain = np.concatenate([np.full(60, 1.0), np.zeros(3000)])
    outflow = storm_outflow(rain, 60.0, covers((1.0,)), np.array([A]), -1, 0.0, 0.0, reservoir_tables())
    assert outflow.sum() == pytest.approx(60.0, abs=0.02)
    assert outflow[59] == pytest.approx(1.0, rel=1e-3)  # steady: what falls flows off
    assert outflow.argmax() == 59


def test_storage_cuts_the_volume_that_leaves() -> None:
    rain = np.concatenate([np.full(60, 1.0), np.zeros(3000)])
    table = covers((0.5, 1.0), (0.4,), (0.1, 0.0, 100.0))
    a = np.full(3, A)
    free = storm_outflow(rain, 60.0, table, a, -1, 0.0, 0.0, reservoir_tables())
    held = storm_outflow(rain, 60.0, table, a, 2, 5.0, 3.0, reservoir_tables())
    # Depression of the third row, 100 mm on a tenth, holds 6 mm of its own rain as an ordinary cover, and 10 mm
    # as sunken green; tank and pond hold 8 mm more.
    assert free.sum() == pytest.approx(54.0, abs=0.02)
    assert held.sum() == pytest.approx(60.0 - 18.0, abs=0.02)
    assert (held.cumsum() <= free.cumsum() + 1e-9).all()
    assert np.flatnonzero(held)[0] > np.flatnonzero(free)[0] + 15
