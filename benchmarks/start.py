"""What a new process waits for before its first figure: the command's help, the kernels, the standard.

*kernels ready* is the processor time of importing Numba and of loading the machine code of every kernel that
an evaluation of a one-room house calls, from the cache that ``twin warmup`` fills.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from benchmarks.cases import ROOT
from benchmarks.row import Row

REPEATS = 5
_KERNELS = """
import time
begin = time.process_time()
import numba
from numba.core.caching import Cache
spent = [time.process_time() - begin, 0]
plain = Cache.load_overload

def timed(self, *arguments):
    begin = time.process_time()
    found = plain(self, *arguments)
    spent[0] += time.process_time() - begin
    spent[1] += found is not None
    return found

Cache.load_overload = timed
from twin.warmup import warm_up
warm_up()
print(*spent)
"""

_STANDARD = """
import time
from twin.rating.standard_reader import load_standard
begin = time.process_time()
load_standard()
print(time.process_time() - begin)
"""


def run() -> list[Row]:
    """``twin --help`` by the wall clock, the rest by processor time; medians of new processes."""
    helps = [_help() for _ in range(REPEATS)]
    _kernels()  # fills the cache
    kernels = [_kernels() for _ in range(REPEATS)]
    loaded = kernels[0][1]
    standards = [float(_output("-c", _STANDARD)) for _ in range(REPEATS)]
    return [
        Row("start", "twin --help, wall clock", statistics.median(helps), noise=_spread(helps)),
        Row(
            "start",
            f"kernels ready: Numba and {loaded} kernels from the cache",
            statistics.median(seconds for seconds, _ in kernels),
            noise=_spread([seconds for seconds, _ in kernels]),
        ),
        Row("start", "the standard loaded", statistics.median(standards), noise=_spread(standards)),
    ]


def _help() -> float:
    begin = time.perf_counter()
    _output("-m", "twin.cli", "--help")
    return time.perf_counter() - begin


def _kernels() -> tuple[float, int]:
    seconds, loaded = _output("-c", _KERNELS).split()[-2:]
    return float(seconds), int(loaded)


def _output(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


def _spread(times: list[float]) -> float:
    return (max(times) - min(times)) / statistics.median(times)
