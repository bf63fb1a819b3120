"""Each face of each space, divided into pieces with one neighbour and one element behind them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from ifc.model import Evidence
from ifc.surfaces.cells import cut_into_cells
from ifc.surfaces.classify import Surroundings, look_behind
from ifc.surfaces.pairing import pair_faces
from ifc.surfaces.polygons2d import intersections, object_array, parts, sample_points
from ifc.surfaces.rays import triangle_tree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Polygons = NDArray[np.object_]

SPACING_M = 0.3
MOST_SAMPLES = 40
CELL_SAMPLES = 6
HALVINGS = 12  # how often a cell is halved where its samples disagree
SMALLEST_HALF_M2 = 0.04  # smaller ones are decided by the majority


@dataclass(frozen=True)
class Pieces:
    """Q pieces of faces. All arrays have shape (Q,)."""

    face: Ints
    partner: Ints  # the face of the neighbour that looks back, -1 for none
    polygon: Polygons  # in the frame of ``face``
    kind: NDArray[np.int8]  # Neighbour
    space: Ints  # object of the neighbouring space, -1 for none
    first: Ints  # object of the first element, -1 for none
    last: Ints  # object of the last element before the neighbour, -1 for none
    distance: Floats
    stand_off: Floats  # from the face to the first element, negative in front of it, NaN for none
    far_off: Floats  # from the last element to the neighbour's face, negative within it, NaN for none
    evidence: NDArray[np.int8]  # Evidence

    def __len__(self) -> int:
        return len(self.face)

    def rows(self, index: NDArray[np.integer] | NDArray[np.bool_]) -> Pieces:
        """The pieces of some rows."""
        return Pieces(**{field.name: getattr(self, field.name)[index] for field in fields(self)})

    @classmethod
    def joined(cls, items: list[Pieces]) -> Pieces:
        """Several tables as one."""
        return cls(
            **{
                field.name: np.concatenate([getattr(item, field.name) for item in items])
                for field in fields(cls)
            }
        )


def divide_faces(surroundings: Surroundings) -> Pieces:
    """Divide all faces: pair them, look behind every part, and cut where the rays disagree.

    A pair of faces gives one piece, in the frame of the lower face; every other piece has partner -1.
    """
    faces = surroundings.faces
    scene = surroundings.scene
    pairs, rest, rest_face = pair_faces(faces, triangle_tree(scene.space_corners, scene.space_owner))
    face = np.concatenate([pairs.face, rest_face])
    partner = np.concatenate([pairs.partner, np.full(len(rest_face), -1)])
    polygon = np.concatenate([pairs.polygon, rest])
    paired = partner >= 0
    evidence = np.where(paired, Evidence.PAIR, Evidence.CELL).astype(np.int8)

    whole, agree = _looked_at(surroundings, face, partner, polygon, evidence, SPACING_M, MOST_SAMPLES)
    done = [whole.rows(agree & _confirmed(surroundings, whole))]

    cut, cut_agree = _cut(surroundings, whole.rows(~agree))
    done.append(cut.rows(cut_agree & _confirmed(surroundings, cut)))
    undecided = [cut.rows(~cut_agree)]

    # Pairs that the rays do not confirm are two separate pieces.
    refuted = Pieces.joined(
        [
            whole.rows(agree & ~_confirmed(surroundings, whole)),
            cut.rows(cut_agree & ~_confirmed(surroundings, cut)),
        ]
    )
    alone = _unpaired(surroundings, refuted)
    single, single_agree = _again(surroundings, alone, SPACING_M, MOST_SAMPLES)
    done.append(single.rows(single_agree))
    single_cut, single_cut_agree = _cut(surroundings, single.rows(~single_agree))
    done.append(single_cut.rows(single_cut_agree))
    undecided.append(single_cut.rows(~single_cut_agree))

    done.append(_halved(surroundings, Pieces.joined(undecided)))
    return _merged(Pieces.joined(done))


def _looked_at(
    surroundings: Surroundings,
    face: Ints,
    partner: Ints,
    polygon: Polygons,
    evidence: NDArray[np.int8],
    spacing_m: float,
    most: int,
) -> tuple[Pieces, NDArray[np.bool_]]:
    """The pieces with what most of their samples see, and whether all samples agree."""
    points, item = sample_points(polygon, spacing_m, most)
    seen = look_behind(surroundings, face[item], points)
    objects = len(surroundings.scene.space) + 1
    last = np.where(partner[item] >= 0, seen.last, -1)
    key = ((seen.kind.astype(np.int64) * objects + seen.space + 1) * objects + seen.first + 1) * objects
    key += last + 1
    start = np.searchsorted(item, np.arange(len(face) + 1))
    chosen, agree = _majority(key, start)
    same = key == key[chosen][item]
    pieces = Pieces(
        face=face,
        partner=partner,
        polygon=polygon,
        kind=seen.kind[chosen],
        space=seen.space[chosen],
        first=seen.first[chosen],
        last=seen.last[chosen],
        distance=_mean(seen.distance, same, item, len(face)),
        stand_off=_mean(seen.stand_off, same, item, len(face)),
        far_off=_mean(seen.far_off, same, item, len(face)),
        evidence=evidence,
    )
    return pieces, agree


def _again(
    surroundings: Surroundings, pieces: Pieces, spacing_m: float, most: int
) -> tuple[Pieces, NDArray[np.bool_]]:
    """Look behind pieces anew; their faces, partners, polygons and evidence stay."""
    return _looked_at(
        surroundings, pieces.face, pieces.partner, pieces.polygon, pieces.evidence, spacing_m, most
    )


def _majority(key: Ints, start: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """A row with the most frequent key of each group, and whether the group has only that key."""
    if len(start) == 1:
        return np.zeros(0, np.int64), np.zeros(0, np.bool_)
    # Every polygon has a sample, so no group is empty.
    agree = np.minimum.reduceat(key, start[:-1]) == np.maximum.reduceat(key, start[:-1])
    return _most_frequent(key, start, agree), agree


@njit(cache=True, nogil=True)
def _most_frequent(key: Ints, start: Ints, agree: NDArray[np.bool_]) -> Ints:
    """The first row with the most frequent key of each group, (G,); of equally frequent ones the lowest."""
    chosen = start[:-1].copy()
    for group in range(chosen.shape[0]):
        if agree[group]:
            continue
        most = 0
        for row in range(start[group], start[group + 1]):
            number = 0
            seen = False
            for other in range(start[group], start[group + 1]):
                if key[other] == key[row]:
                    seen = seen or other < row
                    number += 1
            if not seen and (number > most or (number == most and key[row] < key[chosen[group]])):
                chosen[group], most = row, number
    return chosen


def _mean(values: Floats, same: NDArray[np.bool_], item: Ints, count: int) -> Floats:
    """Mean over the samples ``same`` of each of ``count`` pieces; NaN where there are no values."""
    same = same & np.isfinite(values)
    number = np.bincount(item[same], minlength=count)
    total = np.bincount(item[same], values[same], minlength=count)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def _confirmed(surroundings: Surroundings, pieces: Pieces) -> NDArray[np.bool_]:
    """Whether the rays of paired pieces reach the partner's space; True for single pieces."""
    confirmed = pieces.partner < 0
    paired = np.flatnonzero(~confirmed)
    owner = surroundings.faces.owner[pieces.partner[paired]]
    confirmed[paired] = pieces.space[paired] == surroundings.scene.object_of_space(owner)
    return confirmed


def _cut(surroundings: Surroundings, pieces: Pieces) -> tuple[Pieces, NDArray[np.bool_]]:
    """Pieces cut into cells, each looked at anew."""
    cells, source = cut_into_cells(surroundings, pieces.face, pieces.polygon)
    return _again(surroundings, replace(pieces.rows(source), polygon=cells), SPACING_M, CELL_SAMPLES)


def _unpaired(surroundings: Surroundings, pieces: Pieces) -> Pieces:
    """Each paired piece as two single ones, one on each face."""
    there = replace(
        pieces,
        face=pieces.partner,
        polygon=surroundings.faces.moved(pieces.polygon, pieces.face, pieces.partner),
    )
    both = Pieces.joined([pieces, there])
    return replace(
        both,
        partner=np.full(len(both), -1),
        evidence=np.full(len(both), Evidence.CELL, np.int8),
    )


def _halved(surroundings: Surroundings, pieces: Pieces) -> Pieces:
    """Pieces halved until all their samples agree; where they never do, the majority decides."""
    done: list[Pieces] = []
    for _ in range(HALVINGS):
        if len(pieces) == 0:
            break
        halves, source = _halves(pieces.polygon)
        half = replace(pieces.rows(source), polygon=halves)
        looked, agree = _again(surroundings, half, SPACING_M / 2, CELL_SAMPLES)
        sure = _confirmed(surroundings, looked)
        small = ~agree & (shapely.area(halves) < SMALLEST_HALF_M2)
        alone = _unpaired(surroundings, looked.rows(agree & ~sure))
        single, single_agree = _again(surroundings, alone, SPACING_M / 2, CELL_SAMPLES)
        done += [
            looked.rows(agree & sure),
            single.rows(single_agree),
            _by_majority(surroundings, looked.rows(small)),
        ]
        pieces = Pieces.joined([looked.rows(~agree & ~small), single.rows(~single_agree)])
    done.append(_by_majority(surroundings, pieces))
    return Pieces.joined(done)


def _by_majority(surroundings: Surroundings, pieces: Pieces) -> Pieces:
    """Pieces whose samples disagree, as most samples see them; refuted pairs become two single pieces."""
    sure = _confirmed(surroundings, pieces)
    alone = _unpaired(surroundings, pieces.rows(~sure))
    looked, _ = _again(surroundings, alone, SPACING_M / 2, CELL_SAMPLES)
    both = Pieces.joined([pieces.rows(sure), looked])
    return replace(both, evidence=np.full(len(both), Evidence.SAMPLE, np.int8))


def _halves(polygons: Polygons) -> tuple[Polygons, Ints]:
    """Polygons cut in two across the longer side of their boxes."""
    x0, y0, x1, y1 = shapely.bounds(polygons).T.reshape(4, -1)
    wide = x1 - x0 > y1 - y0
    middle = np.where(wide, (x0 + x1) / 2, (y0 + y1) / 2)
    low = shapely.box(x0, y0, np.where(wide, middle, x1), np.where(wide, y1, middle))
    high = shapely.box(np.where(wide, middle, x0), np.where(wide, y0, middle), x1, y1)
    halves = np.concatenate([intersections(polygons, low), intersections(polygons, high)])
    pieces, source = parts(halves)
    return pieces, source % max(len(polygons), 1)


def _merged(pieces: Pieces) -> Pieces:
    """Adjacent pieces of a face that see the same, joined; sorted by face, then by position."""
    if len(pieces) == 0:
        return pieces
    columns = [
        pieces.evidence,
        np.where(pieces.partner >= 0, pieces.last, -1),
        pieces.first,
        pieces.space,
        pieces.kind,
        pieces.partner,
        pieces.face,
    ]
    order = np.lexsort(columns)
    pieces = pieces.rows(order)
    table = np.stack([column[order] for column in columns], axis=1)
    begins = np.flatnonzero(np.r_[True, (table[1:] != table[:-1]).any(axis=1)])
    areas = shapely.area(pieces.polygon)
    polygons: list[shapely.Polygon] = []
    source: list[int] = []
    means: list[list[float]] = []
    for begin, end in zip(begins, [*begins[1:], len(order)], strict=True):
        if end - begin == 1:
            joined = pieces.polygon[begin : begin + 1]
        else:
            # Cells of one cut share their corners up to the grid of the cut.
            union = shapely.union_all(pieces.polygon[begin:end], grid_size=1e-4)
            joined, _ = parts(object_array([shapely.simplify(union, 1e-4)]))
        mine = slice(begin, end)
        polygons += list(joined)
        source += [int(begin)] * len(joined)
        measured = pieces.distance, pieces.stand_off, pieces.far_off
        means += [[_weighted(column[mine], areas[mine]) for column in measured]] * len(joined)
    distance, stand_off, far_off = np.array(means).reshape(-1, 3).T
    merged = replace(
        pieces.rows(np.array(source, np.int64)),
        polygon=object_array(polygons),
        distance=distance,
        stand_off=stand_off,
        far_off=far_off,
    )
    x, y = shapely.get_coordinates(shapely.point_on_surface(merged.polygon)).T.reshape(2, -1)
    return merged.rows(np.lexsort((y, x, merged.kind, merged.face)))


def _weighted(values: Floats, weight: Floats) -> float:
    """Mean of the values that there are, NaN for none."""
    weight = np.where(np.isfinite(values), weight, 0.0)
    return float(np.nansum(values * weight) / weight.sum()) if weight.sum() > 0 else np.nan
