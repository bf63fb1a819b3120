"""Random numbers that depend on counters only, and directions made of them.

Every sample's numbers follow from (stream, batch, sample), so a result does not depend on the number of
threads or on the order of the work.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

_u = np.uint64


@njit(cache=True, nogil=True, error_model="numpy")
def seed(stream: int, batch: int, sample: int) -> np.uint64:
    """State of a generator (uint64, never 0) from a uint64 stream and two counters.

    The finaliser of SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195).
    """
    z = _u(stream) + _u(batch) * _u(0xBF58476D1CE4E5B9) + (_u(sample) + _u(1)) * _u(0x9E3779B97F4A7C15)
    for _ in range(2):
        z = (z ^ (z >> _u(30))) * _u(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> _u(27))) * _u(0x94D049BB133111EB)
        z = z ^ (z >> _u(31))
    return z if z != _u(0) else _u(1)


@njit(cache=True, nogil=True, error_model="numpy")
def uniform(state: np.uint64) -> tuple[np.uint64, float]:
    """Next state and a number in [0, 1): xorshift64* (Vigna 2016, doi:10.1145/2845077)."""
    state ^= state >> _u(12)
    state ^= state << _u(25)
    state ^= state >> _u(27)
    return state, ((state * _u(0x2545F4914F6CDD1D)) >> _u(40)) * (1.0 / 16777216.0)


@njit(cache=True, nogil=True, error_model="numpy")
def radical_inverse(index: int) -> float:
    """Van der Corput sequence in base 2, in [0, 1): the second coordinate of the Hammersley set."""
    x = np.uint32(index)
    x = np.uint32((x << np.uint32(16)) | (x >> np.uint32(16)))
    x = np.uint32(
        ((x & np.uint32(0x00FF00FF)) << np.uint32(8)) | ((x & np.uint32(0xFF00FF00)) >> np.uint32(8))
    )
    x = np.uint32(
        ((x & np.uint32(0x0F0F0F0F)) << np.uint32(4)) | ((x & np.uint32(0xF0F0F0F0)) >> np.uint32(4))
    )
    x = np.uint32(
        ((x & np.uint32(0x33333333)) << np.uint32(2)) | ((x & np.uint32(0xCCCCCCCC)) >> np.uint32(2))
    )
    x = np.uint32(
        ((x & np.uint32(0x55555555)) << np.uint32(1)) | ((x & np.uint32(0xAAAAAAAA)) >> np.uint32(1))
    )
    return x * (1.0 / 4294967296.0)


@njit(cache=True, nogil=True, error_model="numpy")
def cosine_direction(nx: float, ny: float, nz: float, u: float, v: float) -> tuple[float, float, float]:
    """A unit direction about the unit normal with density cos θ / π, from two numbers in [0, 1).

    Frame by Duff et al. (2017), Building an Orthonormal Basis, Revisited, JCGT 6(1).
    """
    radius, angle = math.sqrt(u), 2.0 * math.pi * v
    a, b, c = radius * math.cos(angle), radius * math.sin(angle), math.sqrt(max(0.0, 1.0 - u))
    sign = 1.0 if nz >= 0.0 else -1.0
    k = -1.0 / (sign + nz)
    m = nx * ny * k
    return (
        a * (1.0 + sign * nx * nx * k) + b * m + c * nx,
        a * sign * m + b * (sign + ny * ny * k) + c * ny,
        -a * sign * nx - b * ny + c * nz,
    )
