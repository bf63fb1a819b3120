"""Light that goes from face to face: where paths that are followed backwards from faces meet the next ones.

For light that must be found at the faces themselves, as the sun's is: a path that left the last face at
random would hardly ever hit it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.kernels.light_paths import gather
from twin.kernels.light_records import Notes, Tally, single_places
from twin.kernels.light_scene import Scene
from twin.kernels.rays import in_threads
from twin.kernels.sky import CIE_OVERCAST, PATCHES

Floats = NDArray[np.float64]

_PATHS = 4  # of each place
_AIMED = 0.5  # share of them towards the windows of its room; the others about its normal
_OUTDOORS = 8.0  # times as often as an indoor place of its weight an outdoor one is kept: more sun there
_NEAR_M = 2.0  # places so near to each other, and facing the same way, are thinned evenly
_PLACES_PER_TASK = 64


@dataclass(frozen=True)
class Places:
    """K places on diffuse faces that light comes by.

    ``position``, ``normal`` (K, 3), model coordinates; ``room`` (K,), -1 outdoors; ``weight`` (K,): what an
    illuminance of 1 there adds to the illuminance that is looked for.
    """

    position: Floats
    normal: Floats
    room: NDArray[np.int32]
    weight: Floats

    def __len__(self) -> int:
        return len(self.room)

    def rows(self, rows: NDArray[np.intp], weight: Floats) -> Places:
        """Some of the places, with other weights."""
        return Places(self.position[rows], self.normal[rows], self.room[rows], weight)


def one_bounce_on(scene: Scene, places: Places, stream: int, depth: int) -> Places:
    """The places that light comes to ``places`` from, by one reflection more.

    Their weights hold the reflectances there and what panes on the way leave, crowns in leaf; the mean over
    ``stream`` (a uint64) and ``depth``, which give the random numbers, is free of bias.
    """
    count = len(places)
    streams = np.uint64(stream) + np.arange(count, dtype=np.uint64)
    rows = single_places(places.position - scene.origin_m, places.normal, places.room, streams)
    no_bins = np.zeros((0, PATCHES))
    nothing = Tally(
        np.zeros((count, 1)), no_bins, no_bins, np.zeros(count, np.int64), np.zeros(count, np.int64)
    )
    notes = Notes(
        scene.rooms.group, scene.rooms.cell, np.zeros(3), np.full((count, _PATHS), -1, np.int64),
        np.zeros((count, _PATHS), np.float32), np.zeros((count, _PATHS, 6), np.float32),
        np.zeros((count, _PATHS), np.int32),
    )  # fmt: skip
    in_threads(
        lambda start, stop: gather(
            scene.light, rows, CIE_OVERCAST, depth, _PATHS, _AIMED, nothing, notes, start, stop
        ),
        count,
        _PLACES_PER_TASK,
    )
    met = notes.key >= 0
    place = notes.place[met].astype(np.float64)
    weight = (places.weight[:, None] * notes.weight / _PATHS)[met]
    return Places(place[:, :3] + scene.origin_m, place[:, 3:], notes.room[met], weight)


def thinned(places: Places, number: float, chance: float) -> Places:
    """At most ``number`` of the places, those of more weight more often; the rest gives them its weight.

    Drawn at equal steps along the running sum of the weights, neighbours one after the other, from ``chance``
    in [0, 1) on: the mean over all chances of any weighted sum is that of ``places``. Below one place it is
    one or none.
    """
    if number >= len(places):
        return places
    if chance >= number:
        return places.rows(np.zeros(0, np.intp), np.zeros(0))
    count, start = max(int(number), 1), chance / min(number, 1.0)
    importance = places.weight * np.where(places.room < 0, _OUTDOORS, 1.0)
    order = _by_neighbours(places)
    running = np.cumsum(importance[order])
    at = (np.arange(count) + start) / count * running[-1]
    rows = order[np.minimum(np.searchsorted(running, at, side="right"), len(places) - 1)]
    share = count * importance[rows] / running[-1] * min(number, 1.0)
    return places.rows(rows, places.weight[rows] / share)


def _by_neighbours(places: Places) -> NDArray[np.intp]:
    """An order (K,) by outdoors or indoors, the way that the faces look, and cells."""
    x, y, z = places.position.T
    order: NDArray[np.intp] = np.lexsort(
        (y, np.floor(x / _NEAR_M), np.floor(z / _NEAR_M), *np.round(places.normal).T, places.room < 0)
    )
    return order
