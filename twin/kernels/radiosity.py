"""Light between the surfaces of a room, solved once for all points in it.

Paths from the sensors stop where they first meet a surface of the room. Stops that lie close together are one
*surfel*; paths from the surfels find their light from the sky and the other surfels that they see, and the
small linear system E = S + A E gives the illuminance of them all (a Monte Carlo form of radiosity: Cohen and
Wallace 1993, Radiosity and Realistic Image Synthesis; surfels as in Christensen 2008, Point-Based Approximate
Color Bleeding). Against following every path to its end this saves most of the rays, because the points of a
room share the surfels.

The size of the surfels is the one approximation. A solution is meant to be repeated with other random numbers
and another grid of surfels, and averaged: the spread then shows the error of both the sampling and the grid.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.light_paths import gather
from twin.kernels.light_records import LightScene, Notes, Rows, Tally
from twin.kernels.sampling import seed, uniform

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

_PLACES = 8  # of a surfel that its paths start from
_GENERATIONS = 4  # sensors see surfels, these see more; what the last ones see anew is taken like the rest
_SWEEPS = 60
_TOLERANCE = 1e-4
_LEAST_LOSS = 0.01  # of the light that a surfel sends to itself


class Effort(NamedTuple):
    """Paths per sensor and per surfel, and the shares of them that are aimed at the portals."""

    sensor_paths: int
    sensor_share: float
    surfel_paths: int
    surfel_share: float


class Rooms(NamedTuple):
    """How rooms are told apart: ``group``, ``cell`` (R,), see :class:`twin.kernels.light_records.Notes`.

    ``of_compartment`` (C,): the room of each compartment; the first R are the rooms themselves.
    """

    group: NDArray[np.int32]
    cell: Floats
    of_compartment: NDArray[np.int64]


@njit(cache=True, nogil=True, error_model="numpy")
def _number_surfels(
    notes: Notes, table_key: NDArray[np.int64], table_surfel: NDArray[np.int64],
    surfel_key: NDArray[np.int64], position: Floats, facing: Floats, filled: NDArray[np.int64],
    met: Floats, made: int, adding: bool, state: np.uint64, column: NDArray[np.int64],
) -> int:  # fmt: skip
    """Find or make the surfel of each note, for ``column`` (N, S), -1 for none; returns their number.

    The places of a new surfel are drawn from its notes by their weight, added up in ``met``, so that their
    mean is the light that all its notes together should find (a reservoir: Chao 1982,
    doi:10.1093/biomet/69.3.653). The first notes would all be what the first rows see of it.
    """
    mask = table_key.shape[0] - 1
    old = made
    for i in range(notes.key.shape[0]):
        for k in range(notes.key.shape[1]):
            column[i, k] = -1
            key = notes.key[i, k]
            if key < 0:
                continue
            at = np.int64((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(24)) & mask
            while table_key[at] != -1 and table_key[at] != key:
                at = (at + 1) & mask
            if table_key[at] == -1:
                if not adding or made == surfel_key.shape[0]:
                    continue
                table_key[at] = key
                table_surfel[at] = made
                surfel_key[made] = key
                made += 1
            surfel = table_surfel[at]
            column[i, k] = surfel
            if surfel < old:
                continue
            met[surfel] += notes.weight[i, k]
            slot = filled[surfel]
            if slot < _PLACES:
                filled[surfel] += 1
            else:
                state, chance = uniform(state)
                chance *= met[surfel]
                if chance >= _PLACES * notes.weight[i, k]:
                    continue
                slot = np.int64(chance / notes.weight[i, k])
            for axis in range(3):
                position[surfel * _PLACES + slot, axis] = notes.place[i, k, axis]
                facing[surfel * _PLACES + slot, axis] = notes.place[i, k, 3 + axis]
    return made


@njit(cache=True, nogil=True, error_model="numpy")
def _rescale(notes: Notes, column: NDArray[np.int64], row: int, samples: int) -> float:
    """1 / samples, enlarged by the weight of the row's notes that found no surfel."""
    known, every = 0.0, 0.0
    for k in range(column.shape[1]):
        if notes.key[row, k] >= 0:
            every += notes.weight[row, k]
            if column[row, k] >= 0:
                known += notes.weight[row, k]
    return every / (known * samples) if known > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def _notes(rooms: Rooms, shift: Floats, count: int, samples: int) -> Notes:
    key = np.empty((count, samples), np.int64)
    key[:] = -1
    return Notes(
        rooms.group, rooms.cell, shift, key,
        np.empty((count, samples), np.float32), np.empty((count, samples, 6), np.float32),
        np.empty((0, samples), np.int32),
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _tally(count: int, bins: int) -> Tally:
    binned = count if bins > 0 else 0
    return Tally(
        np.zeros((count, 1)), np.zeros((binned, bins)), np.zeros((binned, bins)),
        np.zeros(count, np.int64), np.zeros(count, np.int64),
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _solve(
    source: Singles, row_end: NDArray[np.int64], seen: NDArray[np.int64], seen_weight: Singles
) -> Singles:
    """Solve E = S + A E by Gauss-Seidel sweeps, for all columns of S (N, C) at once.

    Row i of A has the entries ``seen_weight`` in the columns ``seen`` from ``row_end[i]`` to ``row_end[i +
    1]``; it adds up to less than a reflectance. The first column decides when to stop.
    """
    light = source.copy()
    width = source.shape[1]
    for _ in range(_SWEEPS):
        change, level = 0.0, 0.0
        for row in range(source.shape[0]):
            old, itself = light[row, 0], 0.0
            for c in range(width):
                light[row, c] = source[row, c]
            for j in range(row_end[row], row_end[row + 1]):
                w, other = seen_weight[j], seen[j]
                if other == row:
                    itself += w
                    continue
                for c in range(width):
                    light[row, c] += w * light[other, c]
            gain = np.float32(1.0 / max(1.0 - itself, _LEAST_LOSS))
            for c in range(width):
                light[row, c] *= gain
            change += abs(light[row, 0] - old)
            level += light[row, 0]
        if change <= _TOLERANCE * level:
            break
    return light


@njit(cache=True, nogil=True, error_model="numpy")
def light_room(
    scene: LightScene, rooms: Rooms, sensors: Rows, effort: Effort, sky: int, repetition: int, capacity: int,
    factor: Floats, direct: Floats, reflected: Floats, rays: NDArray[np.int64], lost: NDArray[np.int64],
) -> int:  # fmt: skip
    """One solution for the N sensors of one group of rooms; returns the number of surfels.

    Fills ``factor`` (N,), the illuminance for an unobstructed one of 1 under the standard ``sky``;
    ``direct`` and ``reflected`` (N, 145 S), the same per unit luminance of each sky patch in S sets, unless
    they have no rows; ``rays`` and ``lost`` (N,) as in
    :class:`twin.kernels.light_records.Tally`, which tells of the sets (of the sensors' own paths, but
    ``rays[0]`` counts those of the surfels too). ``capacity`` bounds the number of surfels.
    """
    count = sensors.room.shape[0]
    bins = direct.shape[1] if direct.shape[0] > 0 else 0
    width = 1 + bins
    shift = np.empty(3)
    state = seed(sensors.stream[0], repetition, -2)
    for axis in range(3):
        state, shift[axis] = uniform(state)

    slots = 1024
    while slots < 3 * capacity:
        slots *= 2
    table_key = np.empty(slots, np.int64)
    table_key[:] = -1
    table_surfel = np.empty(slots, np.int64)
    surfel_key = np.empty(capacity, np.int64)
    position = np.empty((capacity * _PLACES, 3))
    facing = np.empty((capacity * _PLACES, 3))
    filled = np.zeros(capacity, np.int64)
    met = np.zeros(capacity)

    own = _tally(count, bins)
    own_notes = _notes(rooms, shift, count, effort.sensor_paths)
    gather(
        scene, sensors, sky, repetition, effort.sensor_paths, effort.sensor_share, own, own_notes, 0, count
    )
    own_column = np.empty(own_notes.key.shape, np.int64)
    made = _number_surfels(
        own_notes, table_key, table_surfel, surfel_key, position, facing, filled, met, 0, True,
        seed(sensors.stream[0], repetition, -4), own_column,
    )  # fmt: skip

    # S and A of all surfels: light straight from the sky, and (surfel, weight) pairs row by row.
    source = np.empty((capacity, width), np.float32)
    row_end = np.zeros(capacity + 1, np.int64)
    seen = np.empty(capacity * effort.surfel_paths, np.int64)
    seen_weight = np.empty(capacity * effort.surfel_paths, np.float32)
    end = 0
    done = 0
    more_rays = 0
    for generation in range(_GENERATIONS):
        number = made - done
        if number == 0:
            break
        first = np.arange(done, made) * _PLACES
        stream = np.empty(number, np.uint64)
        room = np.empty(number, np.int64)
        for i in range(number):
            stream[i] = seed(np.uint64(surfel_key[done + i]), repetition, -3)
            room[i] = rooms.of_compartment[surfel_key[done + i] // (np.int64(6) << 38)]
        rows = Rows(position, facing, first, filled[done:made].copy(), room, stream)
        tally = _tally(number, bins)
        notes = _notes(rooms, shift, number, effort.surfel_paths)
        gather(
            scene, rows, sky, repetition, effort.surfel_paths, effort.surfel_share, tally, notes, 0, number
        )
        column = np.empty(notes.key.shape, np.int64)
        before = done
        done = made
        made = _number_surfels(
            notes, table_key, table_surfel, surfel_key, position, facing, filled, met, made,
            generation < _GENERATIONS - 1, seed(sensors.stream[0], repetition, -5 - generation), column,
        )  # fmt: skip
        for i in range(number):
            row = before + i
            scale = _rescale(notes, column, i, effort.surfel_paths)
            for k in range(effort.surfel_paths):
                if column[i, k] >= 0:
                    seen[end] = column[i, k]
                    seen_weight[end] = notes.weight[i, k] * scale
                    end += 1
            row_end[row + 1] = end
            more_rays += tally.rays[i]
            source[row, 0] = tally.factor[i, 0] / effort.surfel_paths
            for patch in range(bins):
                source[row, 1 + patch] = (
                    tally.direct[i, patch] + tally.reflected[i, patch]
                ) / effort.surfel_paths

    light = _solve(source[:done], row_end, seen, seen_weight)

    returned = np.empty(bins, np.float32)
    for i in range(count):
        factor[i] = own.factor[i, 0] / effort.sensor_paths
        returned[:] = 0.0
        for patch in range(bins):
            direct[i, patch] = own.direct[i, patch] / effort.sensor_paths
            reflected[i, patch] = own.reflected[i, patch] / effort.sensor_paths
        scale = _rescale(own_notes, own_column, i, effort.sensor_paths)
        for k in range(effort.sensor_paths):
            surfel = own_column[i, k]
            if surfel >= 0:
                w = np.float32(own_notes.weight[i, k] * scale)
                factor[i] += w * light[surfel, 0]
                for patch in range(bins):
                    returned[patch] += w * light[surfel, 1 + patch]
        for patch in range(bins):
            reflected[i, patch] += returned[patch]
        rays[i] = own.rays[i]
        lost[i] = own.lost[i]
    rays[0] += more_rays
    return done
