"""A bounding-volume hierarchy over triangles, laid out for eight-lane ray walks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.lanes import LANES, STACK_SIZE

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

NODE = 64  # numbers of a node: a whole number of cache lines, like a pack
CHILDREN = 48
PACK = 80
OWNERS = 72
NODE_COST, PACK_COST = 1.0, 1.5  # of a ray against the eight boxes of a node, the triangles of a pack
_CACHE_LINE = 64  # bytes
_BINS = 16
_DEEPEST_SAH_SPLIT = 48  # below this depth nodes are halved, so that no input makes a walk overflow its stack
_FLATTEST = 1e-6
_USUAL_PACK = 6.0  # triangles that a leaf of a good tree holds


class Bvh(NamedTuple):
    """A hierarchy of N nodes with eight children each over P packs of at most eight triangles.

    ``nodes`` (64 N,) float32: per node min x of the eight children, max x, min y, max y, min z, max z;
    ``links`` is the same memory as int32, where the eight children stand from number CHILDREN of each node
    on: a node, or -(pack + 1) for a leaf. ``packs`` (80 P,) float32: per pack x of the eight first corners,
    y, z, then the edges to the second and to the third corners; ``owners`` is the same memory as int32, where
    from number OWNERS on stands who can see each triangle, see :func:`twin.kernels.rays.closest`; -1
    everybody. ``triangles`` (8 P,) int32: the row of each triangle in the input, -1 for an empty slot.
    """

    nodes: Floats
    links: Ints
    packs: Floats
    owners: Ints
    triangles: Ints


def build(corners: NDArray[np.floating], owners: Ints | None = None) -> Bvh:
    """Build the hierarchy of triangles ``corners`` (T, 3, 3), in metres.

    Binned surface-area heuristic (Wald 2007, doi:10.1109/RT.2007.4342588) on a binary tree, which is then
    cut into nodes of eight children and packs of triangles at the least cost. Boxes are padded for float32
    and for the tolerance of the triangle test. Triangles flatter than a millionth of their length keep their
    row but are never hit: float32 cannot tell where they are.

    Raises:
        ValueError: a coordinate is not finite.
    """
    corners = np.ascontiguousarray(corners, np.float32).reshape(-1, 3, 3)
    if not np.isfinite(corners).all():
        raise ValueError("triangle coordinates must be finite")
    if len(corners) == 0:
        # One triangle without extent: a tree that no ray hits.
        corners, owners = np.zeros((1, 3, 3), np.float32), None
    corners, low, high = padded(corners)
    total = len(corners)
    order = np.arange(total, dtype=np.int32)
    boxes = np.empty((2 * total, 6), np.float32)
    left = np.full(2 * total, -1, np.int32)
    start, count = np.zeros(2 * total, np.int32), np.zeros(2 * total, np.int32)
    binary = _split(low, high, order, boxes, left, start, count)
    boxes, left, count = boxes[:binary], left[:binary], count[:binary]
    cut = np.zeros((binary, LANES + 1), np.int8)
    _best_cuts(boxes, left, count, np.empty((binary, LANES + 1), np.float32), cut)
    leaves = int(np.count_nonzero(left < 0))
    nodes = _aligned(leaves + 1, NODE)
    children = nodes.view(np.int32)[:, CHILDREN : CHILDREN + LANES]
    packs = _aligned(leaves, PACK)
    triangles = np.full((leaves, LANES), -1, np.int32)
    made, packed, need = _collapse(
        corners, order, boxes, left, start, count, cut, nodes, children, packs, triangles,
        np.zeros(leaves + 1, np.int32), np.empty((binary + 1, 2), np.int32),
    )  # fmt: skip
    if need > STACK_SIZE:  # not reachable: the depth of the binary tree is bounded
        raise ValueError(f"the hierarchy needs a stack of {need} entries")
    packs, triangles = packs[:packed], triangles[:packed]
    slots = packs.view(np.int32)[:, OWNERS : OWNERS + LANES]
    slots[:] = -1
    if owners is not None:
        filled = triangles >= 0
        slots[filled] = np.asarray(owners, np.int32)[triangles[filled]]
    nodes, packs = nodes[:made].ravel(), packs.ravel()
    return Bvh(nodes, nodes.view(np.int32), packs, packs.view(np.int32), triangles.ravel())


@njit(cache=True, nogil=True, error_model="numpy")
def padded(corners: Floats) -> tuple[Floats, Floats, Floats]:
    """Triangles (T, 3, 3) as packs hold them, flat ones drawn into a point, and their padded boxes (T, 3)."""
    total = corners.shape[0]
    held = corners.copy()
    low, high = np.empty((total, 3), np.float32), np.empty((total, 3), np.float32)
    for i in range(total):
        if _flat(corners, i):
            held[i, 1], held[i, 2] = held[i, 0], held[i, 0]
        extent, largest = np.float32(0), np.float32(0)
        for k in range(3):
            a, b, c = corners[i, 0, k], corners[i, 1, k], corners[i, 2, k]
            low[i, k], high[i, k] = min(a, b, c), max(a, b, c)
            extent = max(extent, high[i, k] - low[i, k])
            largest = max(largest, abs(held[i, 0, k]), abs(held[i, 1, k]), abs(held[i, 2, k]))
        padding = np.float32(1e-5) + np.float32(4e-7) * largest + np.float32(4e-6) * extent
        for k in range(3):
            low[i, k] -= padding
            high[i, k] += padding
    return held, low, high


@njit(cache=True, nogil=True, error_model="numpy")
def _flat(corners: Floats, i: int) -> bool:
    """Whether triangle i of (T, 3, 3) is too flat to be hit reliably."""
    ax = np.float64(corners[i, 1, 0]) - np.float64(corners[i, 0, 0])
    ay = np.float64(corners[i, 1, 1]) - np.float64(corners[i, 0, 1])
    az = np.float64(corners[i, 1, 2]) - np.float64(corners[i, 0, 2])
    bx = np.float64(corners[i, 2, 0]) - np.float64(corners[i, 0, 0])
    by = np.float64(corners[i, 2, 1]) - np.float64(corners[i, 0, 1])
    bz = np.float64(corners[i, 2, 2]) - np.float64(corners[i, 0, 2])
    x, y, z = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
    longest = max(ax * ax + ay * ay + az * az, bx * bx + by * by + bz * bz)
    return bool(np.sqrt(x * x + y * y + z * z) <= _FLATTEST * longest)


def _aligned(rows: int, width: int) -> Floats:
    """Zeros (rows, width) that begin where a line of the cache does."""
    memory = np.zeros(4 * rows * width + _CACHE_LINE, np.uint8)
    first = -memory.ctypes.data % _CACHE_LINE
    return memory[first : first + 4 * rows * width].view(np.float32).reshape(rows, width)


@njit(cache=True, nogil=True, error_model="numpy")
def _cost(x: float, y: float, z: float, count: int) -> float:
    """Half the area of a box, times the packs that its triangles fill; 0 for an empty box."""
    if count == 0:
        return 0.0
    return (x * y + y * z + z * x) * max(1.0, count / _USUAL_PACK)


@njit(cache=True, nogil=True, error_model="numpy")
def _split(
    low: Floats, high: Floats, order: Ints, boxes: Floats, left: Ints, start: Ints, count: Ints
) -> int:
    """Binary tree over T boxes ``low``, ``high`` (T, 3); returns its number of nodes M < 2 T.

    Fills ``order`` (T,), and per node its box (M, 6: low, high), left child (-1 for a leaf, as given; the
    right one follows), and its range ``start``, ``count`` in ``order``.
    """
    total = low.shape[0]
    depth = np.zeros(2 * total, np.int32)
    pending = np.zeros(2 * total, np.int32)
    right_part = np.empty(total, np.int32)
    bins = np.empty((_BINS, 6), np.float32)
    bin_count = np.empty(_BINS, np.int64)
    right_cost = np.empty(_BINS, np.float64)
    center_low = np.empty(3, np.float32)
    center_high = np.empty(3, np.float32)
    box = np.empty(6, np.float32)
    infinity = np.float32(np.inf)

    count[0] = total
    made = 1
    waiting = 1
    while waiting > 0:
        waiting -= 1
        node = pending[waiting]
        first, number = start[node], count[node]
        last = first + number
        for k in range(3):
            boxes[node, k] = infinity
            boxes[node, 3 + k] = -infinity
            center_low[k] = infinity
            center_high[k] = -infinity
        for i in range(first, last):
            item = order[i]
            for k in range(3):
                a, b = low[item, k], high[item, k]
                boxes[node, k] = min(boxes[node, k], a)
                boxes[node, 3 + k] = max(boxes[node, 3 + k], b)
                center = np.float32(0.5) * (a + b)
                center_low[k] = min(center_low[k], center)
                center_high[k] = max(center_high[k], center)
        if number <= 2:
            continue

        best_cost, best_axis, best_bin = np.inf, -1, 0
        for axis in range(3):
            extent = center_high[axis] - center_low[axis]
            if extent < 1e-9 or depth[node] >= _DEEPEST_SAH_SPLIT:
                continue
            scale = np.float32(_BINS) / extent
            for b in range(_BINS):
                bin_count[b] = 0
                for k in range(3):
                    bins[b, k] = infinity
                    bins[b, 3 + k] = -infinity
            for i in range(first, last):
                item = order[i]
                center = np.float32(0.5) * (low[item, axis] + high[item, axis])
                b = min(int((center - center_low[axis]) * scale), _BINS - 1)
                bin_count[b] += 1
                for k in range(3):
                    bins[b, k] = min(bins[b, k], low[item, k])
                    bins[b, 3 + k] = max(bins[b, 3 + k], high[item, k])
            for side in range(2):  # 0: costs of everything right of each bin; 1: of the left, and the sum
                for k in range(3):
                    box[k] = infinity
                    box[3 + k] = -infinity
                inside = 0
                for step in range(_BINS - 1):
                    b = step if side else _BINS - 1 - step
                    inside += bin_count[b]
                    for k in range(3):
                        box[k] = min(box[k], bins[b, k])
                        box[3 + k] = max(box[3 + k], bins[b, 3 + k])
                    cost = _cost(box[3] - box[0], box[4] - box[1], box[5] - box[2], inside)
                    if side == 0:
                        right_cost[b] = cost
                    elif inside > 0 and inside < number and cost + right_cost[b + 1] < best_cost:
                        best_cost, best_axis, best_bin = cost + right_cost[b + 1], axis, b
        in_left = number // 2
        if best_axis >= 0:
            scale = np.float32(_BINS) / (center_high[best_axis] - center_low[best_axis])
            write, kept = first, 0
            for i in range(first, last):
                item = order[i]
                center = np.float32(0.5) * (low[item, best_axis] + high[item, best_axis])
                b = min(int((center - center_low[best_axis]) * scale), _BINS - 1)
                if b <= best_bin:
                    order[write] = item
                    write += 1
                else:
                    right_part[kept] = item
                    kept += 1
            for i in range(kept):
                order[write + i] = right_part[i]
            in_left = write - first
        left[node] = made
        for side in range(2):
            start[made] = first + side * in_left
            count[made] = number - in_left if side else in_left
            depth[made] = depth[node] + 1
            pending[waiting] = made
            waiting += 1
            made += 1
    return made


@njit(cache=True, nogil=True, error_model="numpy")
def _area(boxes: Floats, node: int) -> float:
    """Half the surface of a node's box."""
    x = boxes[node, 3] - boxes[node, 0]
    y = boxes[node, 4] - boxes[node, 1]
    z = boxes[node, 5] - boxes[node, 2]
    return float(x * y + y * z + z * x)


@njit(cache=True, nogil=True, error_model="numpy")
def _best_cuts(boxes: Floats, left: Ints, count: Ints, cost: Floats, cut: NDArray[np.int8]) -> None:
    """The cheapest eight-wide tree over each of the M nodes of a binary tree, by dynamic programming.

    ``cost`` (M, 9): of the subtree of a node as at most i trees, for i from 1 to 8. ``cut`` (M, 9): how many
    of the i trees fall to the left child, 0 where one fewer is as good; ``cut[:, 0]`` the same for the eight
    children of the node itself; ``cut[:, 1]`` is 1 where the node is best a pack of triangles. Ylitie,
    Karras and Laine 2017, Efficient Incoherent Ray Traversal on GPUs Through Compressed Wide BVHs.
    """
    for node in range(left.shape[0] - 1, -1, -1):
        area = _area(boxes, node)
        cost[node, 1] = area * PACK_COST if count[node] <= LANES else np.inf
        cut[node, 1] = 1
        a, b = left[node], left[node] + 1
        for i in range(2, LANES + 1):
            cost[node, i] = np.inf
            if a >= 0:
                for k in range(1, i):
                    shared = cost[a, k] + cost[b, i - k]
                    if k == 1 or shared < cost[node, i]:
                        cost[node, i] = shared
                        cut[node, i] = k
        if a >= 0:
            cut[node, 0] = cut[node, LANES]
            opened = cost[node, LANES] + area * NODE_COST
            if count[node] > LANES or opened < cost[node, 1]:
                cost[node, 1] = opened
                cut[node, 1] = 0
        for i in range(2, LANES + 1):
            if cost[node, i - 1] <= cost[node, i]:
                cost[node, i] = cost[node, i - 1]
                cut[node, i] = 0


@njit(cache=True, nogil=True, error_model="numpy")
def _collapse(
    corners: Floats, order: Ints, boxes: Floats, left: Ints, start: Ints, count: Ints,
    cut: NDArray[np.int8], nodes: Floats, children: Ints, packs: Floats, triangles: Ints,
    stack_used: Ints, pending: Ints,
) -> tuple[int, int, int]:  # fmt: skip
    """Eight-wide tree from the binary one of :func:`_split`, which has P leaves.

    Fills nodes (N, 64), children (N, 8), packs (P, 80), triangles (P, 8); ``stack_used`` (P + 1,) zeros
    and ``pending`` (M + 1, 2) are work space. Returns N and the stack that a walk through the tree can need.
    """
    members = np.zeros(LANES, np.int64)
    shares = np.zeros(LANES, np.int64)
    made, packed, need = 1, 0, 1
    pending[0, 0] = 0
    pending[0, 1] = 0
    waiting = 1
    while waiting > 0:
        waiting -= 1
        wide = pending[waiting, 1]
        root = pending[waiting, 0]
        number = 0
        members[0], shares[0], open_members = root, 1, 1
        if cut[root, 1] == 0:
            members[0], shares[0] = left[root], cut[root, 0]
            members[1], shares[1] = left[root] + 1, LANES - cut[root, 0]
            open_members = 2
        # Members [0, number) are children, [number, open_members) still to be cut.
        while number < open_members:
            member, share = members[number], shares[number]
            while share > 1 and cut[member, share] == 0:
                share -= 1
            if share == 1:
                number += 1
                continue
            members[number], shares[number] = left[member], cut[member, share]
            members[open_members], shares[open_members] = left[member] + 1, share - cut[member, share]
            open_members += 1
        need = max(need, stack_used[wide] + number)
        # The largest last: it is what a walk for any hit takes up first, being the likeliest to hide.
        for i in range(1, number):
            k = i
            while k > 0 and _area(boxes, members[k - 1]) > _area(boxes, members[k]):
                members[k - 1], members[k] = members[k], members[k - 1]
                k -= 1
        for lane in range(LANES):
            if lane >= number:
                children[wide, lane] = -1
                for k in range(3):
                    nodes[wide, 16 * k + lane] = np.inf
                    nodes[wide, 16 * k + 8 + lane] = -np.inf
                continue
            member = members[lane]
            for k in range(3):
                nodes[wide, 16 * k + lane] = boxes[member, k]
                nodes[wide, 16 * k + 8 + lane] = boxes[member, 3 + k]
            if cut[member, 1] == 1:
                for slot in range(count[member]):
                    triangle = order[start[member] + slot]
                    triangles[packed, slot] = triangle
                    for k in range(3):
                        origin = corners[triangle, 0, k]
                        packs[packed, 8 * k + slot] = origin
                        packs[packed, 24 + 8 * k + slot] = corners[triangle, 1, k] - origin
                        packs[packed, 48 + 8 * k + slot] = corners[triangle, 2, k] - origin
                packed += 1
                children[wide, lane] = -packed
            else:
                children[wide, lane] = made
                stack_used[made] = stack_used[wide] + number - 1
                pending[waiting, 0] = member
                pending[waiting, 1] = made
                waiting += 1
                made += 1
    return made, packed, need
