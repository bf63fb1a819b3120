"""Triangles that move without a new hierarchy: packs are rewritten, and the boxes above them.

The tree keeps its shape: answers stay exact, while rays grow slower the more its boxes come to overlap. What
tells is the surface-area cost of the tree (Goldsmith and Salmon 1987, doi:10.1109/MCG.1987.276983) over that
at the build; Lauterbach et al. 2006, doi:10.1109/RT.2006.280213, refit and rebuild by a measure of this kind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.bvh import CHILDREN, NODE, NODE_COST, PACK, PACK_COST, Bvh, build, padded
from twin.kernels.lanes import LANES

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

WORN = 1.5  # the cost, over that at the build, from which on a new hierarchy pays


@dataclass(frozen=True)
class Refittable:
    """A hierarchy of N nodes and P packs over T triangles that may move.

    :func:`refit` writes into its arrays, so that ``bvh`` and ``corners`` (T, 3, 3), m, belong together.
    ``slot`` (T,) is where in ``bvh.triangles`` each triangle stands; ``node_parent`` (N,) and ``pack_parent``
    (P,) are 8 x the node above + the lane there, -1 for the root. ``cost`` (2,), m²: half the area of every
    box times the cost of a ray in it, summed, at the build and now; without the root, which every ray meets.
    """

    bvh: Bvh
    corners: Floats
    slot: Ints
    node_parent: Ints
    pack_parent: Ints
    cost: NDArray[np.float64]


def build_refittable(corners: NDArray[np.floating], owners: Ints | None = None) -> Refittable:
    """Build the hierarchy of :func:`twin.kernels.bvh.build`, to be refitted.

    Raises:
        ValueError: a coordinate is not finite.
    """
    own = np.array(corners, np.float32).reshape(-1, 3, 3)  # a copy, which refits may write into
    bvh = build(own, owners)
    slot = np.zeros(len(own), np.int32)
    filled = np.flatnonzero((bvh.triangles >= 0) & (bvh.triangles < len(own)))
    slot[bvh.triangles[filled]] = filled
    node_parent = np.full(len(bvh.nodes) // NODE, -1, np.int32)
    pack_parent = np.full(len(bvh.packs) // PACK, -1, np.int32)
    cost = _climb(bvh.nodes, bvh.links, node_parent, pack_parent)
    return Refittable(bvh, own, slot, node_parent, pack_parent, np.full(2, cost))


def refit(
    tree: Refittable, moved: NDArray[np.integer] | NDArray[np.bool_], corners: NDArray[np.floating]
) -> float:
    """Move n triangles: ``moved`` are their rows, or a mask (T,), ``corners`` (n, 3, 3) their new places, m.

    Works in place, so that its time goes with the triangles that move (and a byte per node); no ray may be on
    its way meanwhile. Boxes are padded, and flat triangles left out, as in a build: every ray gets the answer
    that a new hierarchy would give. Returns the surface-area cost over that at the build: 1 where the tree is
    as good as then; above WORN a new one pays.

    Raises:
        ValueError: a row does not exist, a coordinate is not finite, or the numbers of rows and of triangles
            differ; nothing is moved then.
    """
    rows = np.flatnonzero(moved) if np.asarray(moved).dtype == np.bool_ else np.asarray(moved, np.int64)
    places = np.asarray(corners, np.float32)
    if places.shape != (len(rows), 3, 3):
        raise ValueError(f"{len(rows)} moved triangles with corners of shape {places.shape}")
    if len(rows) == 0:
        return float(tree.cost[1] / tree.cost[0])
    if rows.min() < 0 or rows.max() >= len(tree.corners):
        raise ValueError(f"moved triangles must be rows from 0 to {len(tree.corners) - 1}")
    if not np.isfinite(places).all():
        raise ValueError("triangle coordinates must be finite")
    tree.corners[rows] = places
    bvh = tree.bvh
    packs = np.unique(tree.slot[rows] // LANES)
    members = bvh.triangles.reshape(-1, LANES)[packs]
    held, low, high = padded(tree.corners[np.maximum(members, 0).ravel()])
    low[members.ravel() < 0], high[members.ravel() < 0] = np.inf, -np.inf
    tree.cost[1] += _rewrite(
        bvh.nodes, bvh.links, bvh.packs, tree.node_parent, tree.pack_parent, packs, members,
        held, low, high,
    )  # fmt: skip
    return float(tree.cost[1] / tree.cost[0])


@njit(cache=True, nogil=True, error_model="numpy")
def _lane_cost(nodes: Floats, links: Ints, node: int, lane: int) -> float:
    """Half the area of the box of a node's child, times the cost of a ray in it; 0 for an empty lane."""
    at = node * NODE + lane
    x = np.float64(nodes[at + 8]) - np.float64(nodes[at])
    y = np.float64(nodes[at + 24]) - np.float64(nodes[at + 16])
    z = np.float64(nodes[at + 40]) - np.float64(nodes[at + 32])
    if x < 0.0:
        return 0.0
    return (x * y + y * z + z * x) * (NODE_COST if links[at + CHILDREN] >= 0 else PACK_COST)


@njit(cache=True, nogil=True, error_model="numpy")
def _climb(nodes: Floats, links: Ints, node_parent: Ints, pack_parent: Ints) -> float:
    """Fill in the parents of nodes (N,) and packs (P,); returns the cost of all boxes."""
    cost = 0.0
    for node in range(node_parent.shape[0]):
        for lane in range(LANES):
            if nodes[node * NODE + lane] > nodes[node * NODE + 8 + lane]:
                continue  # an empty lane, whose link says nothing
            child = links[node * NODE + CHILDREN + lane]
            if child >= 0:
                node_parent[child] = LANES * node + lane
            else:
                pack_parent[-child - 1] = LANES * node + lane
            cost += _lane_cost(nodes, links, node, lane)
    return cost


@njit(cache=True, nogil=True, error_model="numpy")
def _rewrite(
    nodes: Floats, links: Ints, packs: Floats, node_parent: Ints, pack_parent: Ints,
    touched: Ints, members: Ints, corners: Floats, low: Floats, high: Floats,
) -> float:  # fmt: skip
    """Write D packs ``touched`` and the boxes above them anew; returns the change of the cost.

    ``members`` (D, 8) are their triangles, -1 for none, whose ``corners`` (8 D, 3, 3) and padded boxes
    ``low``, ``high`` (8 D, 3) follow in that order; boxes of empty slots are inside out.
    """
    change = 0.0
    waits = np.zeros(node_parent.shape[0], np.bool_)
    above = np.empty(node_parent.shape[0], np.int32)
    count = 0
    for i in range(touched.shape[0]):
        base = touched[i] * PACK
        place = pack_parent[touched[i]]
        node, lane = place // LANES, place % LANES
        change -= _lane_cost(nodes, links, node, lane)
        for k in range(3):
            first, last = np.float32(np.inf), np.float32(-np.inf)
            for slot in range(LANES):
                row = LANES * i + slot
                first, last = min(first, low[row, k]), max(last, high[row, k])
                if members[i, slot] >= 0:
                    origin = corners[row, 0, k]
                    packs[base + 8 * k + slot] = origin
                    packs[base + 24 + 8 * k + slot] = corners[row, 1, k] - origin
                    packs[base + 48 + 8 * k + slot] = corners[row, 2, k] - origin
            nodes[node * NODE + 16 * k + lane] = first
            nodes[node * NODE + 16 * k + 8 + lane] = last
        change += _lane_cost(nodes, links, node, lane)
        while not waits[node]:
            waits[node] = True
            above[count] = node
            count += 1
            if node > 0:
                node = node_parent[node] // LANES
    # A node has a lower number than those under it.
    for node in np.sort(above[:count])[::-1]:
        if node == 0:
            break
        place = node_parent[node]
        parent, lane = place // LANES, place % LANES
        change -= _lane_cost(nodes, links, parent, lane)
        for k in range(3):
            first, last = np.float32(np.inf), np.float32(-np.inf)
            for inner in range(LANES):
                first = min(first, nodes[node * NODE + 16 * k + inner])
                last = max(last, nodes[node * NODE + 16 * k + 8 + inner])
            nodes[parent * NODE + 16 * k + lane] = first
            nodes[parent * NODE + 16 * k + 8 + lane] = last
        change += _lane_cost(nodes, links, parent, lane)
    return change
