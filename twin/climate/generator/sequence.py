"""Seeded sequences with memory.

Only uniform numbers are drawn from the generator and they are turned by quantile functions, so that a seed
gives one sequence whatever the version of NumPy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.special import ndtri

Floats = NDArray[np.float64]


def autocorrelated_normal(random: np.random.Generator, count: int, lag_one: float) -> Floats:
    """A stationary first-order autoregressive sequence, shape (count,): mean 0, variance 1.

    x_0 = e_0, x_t = r x_{t-1} + √(1 - r²) e_t with e normal; r = ``lag_one``.
    """
    noise = ndtri(random.random(count))
    noise[1:] *= np.sqrt(1.0 - lag_one**2)
    return np.asarray(lfilter([1.0], [1.0, -lag_one], noise), np.float64)


def rank_share(values: Floats, group: NDArray[np.intp]) -> Floats:
    """Rank of each value within its group as a share in (0, 1), (rank - 0.5) / group size.

    Turning these by a quantile function gives every group that distribution without sampling noise and
    keeps the order, hence the memory, of ``values``.
    """
    order = np.lexsort((values, group))
    sizes = np.bincount(group)
    start = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    share = np.empty(len(values))
    grouped = group[order]
    share[order] = (np.arange(len(values)) - start[grouped] + 0.5) / sizes[grouped]
    return share
