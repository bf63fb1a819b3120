"""A tree of axis-aligned boxes: who overlaps whom in n log n."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAF_SIZE = 4


class BoxTree(NamedTuple):
    """A binary tree over n boxes, as arrays of M nodes; node 0 is the root.

    ``child`` holds the first of two neighbouring children, -1 for a leaf; a leaf's boxes are
    ``order[start:start + size]``.
    """

    lower: Floats  # (M, 3)
    upper: Floats  # (M, 3)
    child: Ints  # (M,)
    start: Ints  # (M,)
    size: Ints  # (M,)
    order: Ints  # (n,)


def box_tree(lower: Floats, upper: Floats) -> BoxTree:
    """Build the tree over boxes given by their corners, each (n, 3)."""
    return BoxTree(*_build(np.ascontiguousarray(lower), np.ascontiguousarray(upper)))


def overlapping_boxes(
    tree: BoxTree, lower: Floats, upper: Floats, query_lower: Floats, query_upper: Floats
) -> tuple[Ints, Ints]:
    """Every pair (query, box) whose boxes touch.

    Args:
        tree: over the boxes.
        lower: (n, 3) low corners of the tree's boxes.
        upper: (n, 3) high corners of the tree's boxes.
        query_lower: (q, 3) low corners.
        query_upper: (q, 3) high corners.

    Returns:
        Rows of the queries and rows of the boxes, both (k,), sorted by query, then by box.
    """
    query_lower = np.ascontiguousarray(query_lower)
    query_upper = np.ascontiguousarray(query_upper)
    nothing = np.zeros(0, np.int64)
    counts = np.zeros(len(query_lower), np.int64)
    _overlaps(tree, lower, upper, query_lower, query_upper, counts, nothing, nothing, False)
    start = np.concatenate([[0], np.cumsum(counts)])
    boxes = np.empty(start[-1], np.int64)
    _overlaps(tree, lower, upper, query_lower, query_upper, counts, start, boxes, True)
    queries = np.repeat(np.arange(len(query_lower)), counts)
    order = np.lexsort((boxes, queries))
    return queries[order], boxes[order]


@njit(cache=True, nogil=True)
def _select(order: Ints, keys: Floats, first: int, last: int, nth: int) -> None:
    """Partition order[first:last] so that position ``nth`` holds its sorted key (Hoare's quickselect)."""
    low, high = first, last - 1
    while low < high:
        pivot = keys[order[(low + high) // 2]]
        i, j = low, high
        while i <= j:
            while keys[order[i]] < pivot:
                i += 1
            while keys[order[j]] > pivot:
                j -= 1
            if i <= j:
                order[i], order[j] = order[j], order[i]
                i += 1
                j -= 1
        if nth <= j:
            high = j
        elif nth >= i:
            low = i
        else:
            return


@njit(cache=True, nogil=True)
def _build(lower: Floats, upper: Floats) -> tuple[Floats, Floats, Ints, Ints, Ints, Ints]:
    """Split at the median centre along the longest extent of the centres. Corners (n, 3)."""
    n = lower.shape[0]
    limit = max(1, 2 * n)
    node_lower = np.zeros((limit, 3))
    node_upper = np.zeros((limit, 3))
    child = np.full(limit, -1, np.int64)
    start = np.zeros(limit, np.int64)
    count = np.zeros(limit, np.int64)
    order = np.arange(n)
    keys = np.empty(n)
    count[0] = n
    nodes = 1
    node = 0
    while node < nodes:  # children come after their parent, so one pass visits every node
        first, last = start[node], start[node] + count[node]
        centre_low = np.full(3, np.inf)
        centre_high = np.full(3, -np.inf)
        node_lower[node] = np.inf
        node_upper[node] = -np.inf
        for k in range(first, last):
            box = order[k]
            for axis in range(3):
                node_lower[node, axis] = min(node_lower[node, axis], lower[box, axis])
                node_upper[node, axis] = max(node_upper[node, axis], upper[box, axis])
                centre = lower[box, axis] + upper[box, axis]
                centre_low[axis] = min(centre_low[axis], centre)
                centre_high[axis] = max(centre_high[axis], centre)
        if count[node] > LEAF_SIZE:
            longest = np.argmax(centre_high - centre_low)
            for k in range(first, last):
                keys[order[k]] = lower[order[k], longest] + upper[order[k], longest]
            middle = (first + last) // 2
            _select(order, keys, first, last, middle)
            child[node] = nodes
            start[nodes], count[nodes] = first, middle - first
            start[nodes + 1], count[nodes + 1] = middle, last - middle
            nodes += 2
        node += 1
    return node_lower[:nodes], node_upper[:nodes], child[:nodes], start[:nodes], count[:nodes], order


@njit(cache=True, nogil=True)
def _overlaps(
    tree: BoxTree,
    lower: Floats,
    upper: Floats,
    query_lower: Floats,
    query_upper: Floats,
    counts: Ints,
    start: Ints,
    boxes: Ints,
    store: bool,
) -> None:
    """Count the boxes that each query touches, or store their rows from ``start`` on."""
    stack = np.empty(128, np.int64)
    for query in range(query_lower.shape[0]):
        low, high = query_lower[query], query_upper[query]
        found = 0
        if tree.order.shape[0] == 0:
            continue
        depth = 1
        stack[0] = 0
        while depth > 0:
            depth -= 1
            node = stack[depth]
            if _apart(tree.lower[node], tree.upper[node], low, high):
                continue
            if tree.child[node] >= 0:
                stack[depth] = tree.child[node]
                stack[depth + 1] = tree.child[node] + 1
                depth += 2
                continue
            for k in range(tree.start[node], tree.start[node] + tree.size[node]):
                box = tree.order[k]
                if not _apart(lower[box], upper[box], low, high):
                    if store:
                        boxes[start[query] + found] = box
                    found += 1
        counts[query] = found


@njit(cache=True, nogil=True, inline="always")
def _apart(low_a: Floats, high_a: Floats, low_b: Floats, high_b: Floats) -> bool:
    return bool(
        low_a[0] > high_b[0]
        or high_a[0] < low_b[0]
        or low_a[1] > high_b[1]
        or high_a[1] < low_b[1]
        or low_a[2] > high_b[2]
        or high_a[2] < low_b[2]
    )
