"""Sewer trees drawn at random, for us and for SWMM."""

from __future__ import annotations

import numpy as np

from twin.kernels.pipe_sections import CIRCULAR, RECTANGULAR_CLOSED, TRAPEZOIDAL
from twin.metrics.sponge.pipe_network import Conduit, PipeNetwork

SHAPES = (CIRCULAR, CIRCULAR, RECTANGULAR_CLOSED, TRAPEZOIDAL)


def tree(count: int, flow_m3_s: float = 0.12, seed: int = 5) -> PipeNetwork:
    """``count`` junctions N0, N1, ... and an outfall OUT, sized for a flow from each junction."""
    random = np.random.default_rng(seed)
    lower = [-1, *(int(random.integers(max(0, (i - 1) // 2 - 1), (i + 1) // 2)) for i in range(1, count))]
    above = np.ones(count)
    for i in range(count - 1, 0, -1):
        above[lower[i]] += above[i]
    conduits = []
    for i in range(count):
        slope, length = random.uniform(0.002, 0.01), round(random.uniform(60.0, 300.0), 1)
        depth = round(max(0.3, 1.1 * (above[i] * flow_m3_s * 0.013 / 0.3117 / slope**0.5) ** 0.375), 3)
        shape = SHAPES[int(random.integers(len(SHAPES)))]
        width = {CIRCULAR: 0.0, RECTANGULAR_CLOSED: 0.8, TRAPEZOIDAL: 0.7}[shape] * depth
        conduits.append(
            Conduit(
                f"C{i}", f"N{i}", "OUT" if i == 0 else f"N{lower[i]}", length, 0.013,
                round(slope * length, 3), shape,
                (depth, round(width, 3), 1.0 if shape == TRAPEZOIDAL else 0.0),
            )
        )  # fmt: skip
    return PipeNetwork((*(f"N{i}" for i in range(count)), "OUT"), tuple(conduits))
