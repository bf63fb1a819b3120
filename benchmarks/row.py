"""One line of a benchmark."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """Ours beside a peer on one case, both measured in the same run.

    ``ratio`` is peer_s / ours_s: above 1 we are faster. ``error`` is our deviation from the peer or from
    the published answer, in ``unit``. None where there is no peer or nothing to compare. ``noise`` is the
    spread of the runs behind ``ours_s`` and ``peer_s``: (largest - smallest) / median, the worse of the two.
    """

    name: str
    case: str
    ours_s: float
    peer: str | None = None
    peer_s: float | None = None
    ratio: float | None = None
    error: float | None = None
    unit: str = "s"
    peak_mb: float | None = None
    noise: float | None = None


def median_seconds(work: Callable[[], object], repeats: int = 3) -> float:
    """Median wall time of some calls."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)
