"""What disks, networks, scripts and people do to files: the mutations of ``benchmarks.fuzz`` and the tests.

Each takes the bytes of a STEP file and a seeded generator and returns other bytes.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

_ABSURD = (b"NaN", b"1.E300", b"-1.E300", b"0.", b"INF", b"1.E-300", b"99999999999999999999")
_NUMBER = re.compile(rb"(?<=[(,])-?[0-9]+\.?[0-9]*(?:E[-+]?[0-9]+)?(?=[,)])")
_REFERENCE = re.compile(rb"#[0-9]+")
_HOW_MANY = (1, 5, 30)


def truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def flip_bytes(data: bytes, rng: random.Random) -> bytes:
    mutated = bytearray(data)
    for _ in range(rng.choice([1, 5, 50])):
        mutated[rng.randrange(len(mutated))] = rng.randrange(256)
    return bytes(mutated)


def remove_entities(data: bytes, rng: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    entities = [number for number, line in enumerate(lines) if line.startswith(b"#")]
    share = rng.choice([0.002, 0.02, 0.2])
    gone = set(rng.sample(entities, min(max(1, round(share * len(entities))), len(entities))))
    return b"".join(line for number, line in enumerate(lines) if number not in gone)


def swap_references(data: bytes, rng: random.Random) -> bytes:
    numbers = [line.split(b"=")[0].strip() for line in data.splitlines() if line.startswith(b"#")]
    return _replace_some(data, rng, _REFERENCE, numbers)


def absurd_numbers(data: bytes, rng: random.Random) -> bytes:
    return _replace_some(data, rng, _NUMBER, _ABSURD)


def _replace_some(
    data: bytes, rng: random.Random, pattern: re.Pattern[bytes], values: Sequence[bytes]
) -> bytes:
    """Other values at some arguments that match."""
    start = data.find(b"DATA;")
    places = [found.span() for found in pattern.finditer(data, max(start, 0))]
    places = [(begin, end) for begin, end in places if data[begin - 1 : begin] in (b"(", b",")]
    if not places or not values:
        return data
    chosen = rng.sample(places, min(rng.choice(_HOW_MANY), len(places)))
    for begin, end in sorted(chosen, reverse=True):
        data = data[:begin] + rng.choice(values) + data[end:]
    return data


def double_a_block(data: bytes, rng: random.Random) -> bytes:
    start, end = sorted(rng.randrange(len(data)) for _ in range(2))
    return data[:end] + data[start:end] + data[end:]


def blank_a_block(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    size = min(rng.choice([10, 512, 4096]), len(data) - start)
    return data[:start] + bytes(size) + data[start + size :]


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    truncate, flip_bytes, remove_entities, swap_references, absurd_numbers, double_a_block, blank_a_block,
)  # fmt: skip
