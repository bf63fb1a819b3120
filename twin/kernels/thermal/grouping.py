"""Which zones exchange heat: pairs of them, and groups that share nothing with others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from twin.kernels.thermal.network import Back, Link, Surface, Zone

Ints = NDArray[np.int64]

ZONES_PER_GROUP = 8  # small independent parts are run together up to this many zones


def grouped(
    zones: Sequence[Zone], surfaces: Sequence[Surface], links: Sequence[Link]
) -> tuple[list[Zone], list[Surface], list[Link], Ints, Ints]:
    """Zones and surfaces ordered so that what is connected is contiguous, with rows renumbered.

    Small connected parts are put into one group until it holds ``ZONES_PER_GROUP`` zones.
    """
    pairs = [(s.zone, s.back_row) for s in surfaces if s.back is Back.ZONE]
    pairs += [(link.zone_a, link.zone_b) for link in links]
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(zones), len(zones)))
    label = connected_components(graph, directed=False)[1]
    zone_order = np.argsort(label, kind="stable")
    zone_place = np.argsort(zone_order)
    surface_label = label[[s.zone for s in surfaces]] if surfaces else np.zeros(0, np.int64)
    surface_order = np.argsort(surface_label, kind="stable")
    surface_place = np.argsort(surface_order)
    moved = [
        replace(
            surfaces[row],
            zone=int(zone_place[surfaces[row].zone]),
            back_row=int(zone_place[surfaces[row].back_row])
            if surfaces[row].back is Back.ZONE
            else surfaces[row].back_row,
            beam_targets=tuple(
                replace(target, surface=int(surface_place[target.surface]))
                for target in surfaces[row].beam_targets
            ),
        )
        for row in surface_order
    ]
    sizes = np.bincount(label, minlength=label.max(initial=-1) + 1)
    faces = np.bincount(surface_label, minlength=len(sizes))
    groups: list[list[int]] = []
    zone, face = 0, 0
    for size, count in zip(sizes.tolist(), faces.tolist(), strict=True):
        if groups and groups[-1][1] - groups[-1][0] + size <= ZONES_PER_GROUP:
            groups[-1][1] += size
            groups[-1][3] += count
        else:
            groups.append([zone, zone + size, face, face + count])
        zone, face = zone + size, face + count
    return (
        [zones[row] for row in zone_order],
        moved,
        [Link(int(zone_place[a]), int(zone_place[b]), flow) for a, b, flow in links],
        zone_order.astype(np.int64),
        np.array(groups, np.int64).reshape(-1, 4),
    )


Pair = tuple[int, int]


def pair_of(one: int, other: int) -> Pair:
    """Two zones in rising order."""
    return (one, other) if one < other else (other, one)


def pairs_of(surfaces: Sequence[Surface], links: Sequence[Link]) -> dict[Pair, int]:
    """Row of every pair of zones that share a surface or a link, in sorted order."""
    found = {pair_of(s.zone, s.back_row) for s in surfaces if s.back is Back.ZONE and s.zone != s.back_row}
    found |= {pair_of(link.zone_a, link.zone_b) for link in links}
    return {pair: row for row, pair in enumerate(sorted(found))}
