"""The predicted mean vote against the examples of ISO 7730:2005, table D.1."""

from __future__ import annotations

import numpy as np
import pytest

from twin.metrics.energy.pmv import predicted_mean_vote


@pytest.mark.parametrize(
    ("air", "radiant", "speed", "humidity", "met", "clo", "vote"),
    [
        (22.0, 22.0, 0.10, 60, 1.2, 0.5, -0.75),
        (27.0, 27.0, 0.10, 60, 1.2, 0.5, 0.77),
        (27.0, 27.0, 0.30, 60, 1.2, 0.5, 0.44),
        (23.5, 25.5, 0.10, 60, 1.2, 0.5, -0.01),
        (23.5, 25.5, 0.30, 60, 1.2, 0.5, -0.55),
        (19.0, 19.0, 0.10, 40, 1.2, 1.0, -0.60),
        (23.5, 23.5, 0.30, 40, 1.2, 1.0, 0.12),
        (23.0, 21.0, 0.10, 40, 1.2, 1.0, 0.05),
        (23.0, 21.0, 0.30, 40, 1.2, 1.0, -0.16),
        (22.0, 22.0, 0.10, 60, 1.6, 0.5, 0.05),
        (27.0, 27.0, 0.10, 60, 1.6, 0.5, 1.17),
        (27.0, 27.0, 0.30, 60, 1.6, 0.5, 0.95),
    ],
)
def test_the_examples_of_the_standard(
    air: float, radiant: float, speed: float, humidity: float, met: float, clo: float, vote: float
) -> None:
    found = predicted_mean_vote(np.array([air]), np.array([radiant]), speed, humidity, met, clo)
    assert found[0] == pytest.approx(vote, abs=0.05)
