"""Spaces that share volume: duplicates, zones that contain rooms, rooms that overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.surfaces.box_tree import box_tree, overlapping_boxes
from ifc.surfaces.rays import solids_around, triangle_tree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PROBES = 96  # points tried per space
# R. Roberts' R3 lattice: powers of the inverse of 1.2207440846057594759753.
LATTICE = np.array([0.8191725133961645, 0.6710436067037893, 0.5497004779019703])
SAME_SHARE = 0.95  # a space with this share inside another one lies in it


@dataclass(frozen=True)
class Overlaps:
    """Pairs of spaces that share volume. All arrays have shape (P,)."""

    space: Ints  # rows of spaces
    other: Ints
    share: Floats  # of the volume of ``space`` that lies in ``other``
    point: Floats  # (P, 3) in both

    def of(self, space: int) -> tuple[int, float, Floats]:
        """The space that ``space`` shares most with, the share, a point in both; (-1, 0, NaN) for none."""
        mine = np.flatnonzero(self.space == space)
        if len(mine) == 0:
            return -1, 0.0, np.full(3, np.nan)
        best = mine[np.argmax(self.share[mine])]
        return int(self.other[best]), float(self.share[best]), self.point[best]


def find_overlaps(corners: Floats, owner: Ints) -> Overlaps:
    """Estimate with points inside each space how much of it lies in others.

    Args:
        corners: (T, 3, 3) triangles of closed spaces with normals outward.
        owner: (T,) space row of each, sorted.
    """
    nothing = np.zeros(0, np.int64)
    if len(corners) == 0:
        return Overlaps(nothing, nothing, np.zeros(0), np.zeros((0, 3)))
    rows, begin = np.unique(owner, return_index=True)
    lower = np.minimum.reduceat(corners.min(axis=1), begin)
    upper = np.maximum.reduceat(corners.max(axis=1), begin)
    a, b = overlapping_boxes(box_tree(lower, upper), lower, upper, lower + 0.02, upper - 0.02)
    suspects = np.unique(a[a != b])
    if len(suspects) == 0:
        return Overlaps(nothing, nothing, np.zeros(0), np.zeros((0, 3)))
    steps = (0.5 + np.arange(1, PROBES + 1)[:, None] * LATTICE) % 1.0
    size = upper[suspects] - lower[suspects]
    points = (lower[suspects][:, None] + steps[None] * size[:, None]).reshape(-1, 3)
    probe_of = np.repeat(suspects, PROBES)
    solids = triangle_tree(corners, np.searchsorted(rows, owner))
    ray, inside = solids_around(solids, points)
    own = np.zeros(len(points), np.bool_)
    own[ray[inside == probe_of[ray]]] = True
    number = np.bincount(probe_of[own], minlength=len(rows))
    shared = own[ray] & (inside != probe_of[ray])
    key = probe_of[ray[shared]] * len(rows) + inside[shared]
    pair, first, count = np.unique(key, return_index=True, return_counts=True)
    space, other = pair // len(rows), pair % len(rows)
    return Overlaps(rows[space], rows[other], count / number[space], points[ray[shared][first]])


def containers(overlaps: Overlaps, volume: Floats) -> dict[int, list[int]]:
    """Spaces that hold others, or repeat an earlier one: space row -> rows that they hold.

    Args:
        overlaps: of :func:`find_overlaps`.
        volume: (N,) of the spaces in m³.
    """
    result: dict[int, list[int]] = {}
    for inner, outer, share in zip(overlaps.space, overlaps.other, overlaps.share, strict=True):
        if share < SAME_SHARE:
            continue
        larger = volume[outer] > 1.02 * volume[inner]
        same = not larger and outer > inner and volume[outer] > 0.98 * volume[inner]
        if larger or same:
            result.setdefault(int(outer), []).append(int(inner))
    return result
