"""A sewer network: what its parts are, and the flow of subcatchments through it to the outfalls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.kernels.pipe_sections import section_geometry, section_tables
from twin.kernels.pipes import (
    FLOODED,
    FULL_FLOW_M3_S,
    LATERAL,
    LEFT,
    LINK_RECORD,
    PIPE_COLUMNS,
    PIPE_STATE,
    pipe_volume_m3,
    route_network,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LARGEST_IMBALANCE = 1e-6  # of the inflow
LEAST_FALL_M = 0.001 * 0.3048  # of a conduit
RATING_STEPS = 200  # of a conduit that begins in a storage


@dataclass(frozen=True)
class Conduit:
    """A pipe or channel between two nodes."""

    name: str
    upper: str
    lower: str
    length_m: float
    manning_n: float
    fall_m: float  # from the invert at its upper end to that at its lower end
    shape: int  # of twin.kernels.pipe_sections
    sizes: tuple[float, float, float]  # full depth, bottom width, run over rise of the sides
    barrels: int = 1
    offset_m: float = 0.0  # of its upper invert above that of the node

    @property
    def slope(self) -> float:
        """Fall over horizontal length; at least a third of a millimetre on its length."""
        fall = max(abs(self.fall_m), LEAST_FALL_M)
        if fall >= self.length_m:
            return fall / self.length_m
        return float(fall / np.sqrt(self.length_m**2 - fall**2))


@dataclass(frozen=True)
class Regulator:
    """An outlet, weir, orifice or pump below a storage: its flow by the depth of water there."""

    name: str
    upper: str
    lower: str
    rating: Floats  # (R, 2) depth in the storage, m, rising; flow, m³/s
    start_m: float = 0.0  # depths at which a pump starts and stops
    stop_m: float = 0.0


@dataclass(frozen=True)
class Storage:
    """A node that stores water."""

    node: str
    depth_m: Floats  # (D,) rising from 0 to the full depth
    volume_m3: Floats  # (D,) at these depths
    initial_depth_m: float = 0.0


@dataclass(frozen=True)
class PipeNetwork:
    """Nodes and the links between them; a node without a link below it is an outfall."""

    nodes: tuple[str, ...]
    conduits: tuple[Conduit, ...]
    regulators: tuple[Regulator, ...] = ()
    storages: tuple[Storage, ...] = ()

    @property
    def links(self) -> list[Conduit | Regulator]:
        """Conduits, then regulators."""
        return [*self.conduits, *self.regulators]


@dataclass(frozen=True)
class RoutingResult:
    """Water in the network, m³; the outlets are the nodes without a link below them."""

    outlets: tuple[str, ...]
    outflow_m3: Floats  # (O,)
    peak_m3_s: Floats  # (O,)
    flow_m3_s: Floats  # (O, K) mean of each interval
    inflow_m3: float
    flooded_m3: Floats  # (N,) of each node
    stored_m3: float  # more than at the start
    full_flow_m3_s: Floats  # (C,) of each link, 0 for regulators
    record: Floats  # (C, LINK_RECORD) of twin.kernels.pipes

    @property
    def imbalance(self) -> float:
        """What the balance leaves over, as a share of the inflow."""
        out = float(self.outflow_m3.sum() + self.flooded_m3.sum()) + self.stored_m3
        return (self.inflow_m3 - out) / max(self.inflow_m3, 1e-9)


def route(
    network: PipeNetwork, inflow_m3_s: Floats, interval_s: float, step_s: float, *, steady: bool = False
) -> RoutingResult:
    """Flow through a network by the kinematic wave, or in steady flow.

    Args:
        network: nodes and links.
        inflow_m3_s: (N, K) mean inflow of each node in each interval.
        interval_s: length of an interval, s.
        step_s: step while flows change, s.
        steady: pass on at once what comes, as far as the pipe holds it.

    Raises:
        ValueError: a node is unknown, links run in a circle, or a junction has several links below it.
        ArithmeticError: the balance does not close to 1e-6 of the inflow (a fault of the kernel).
    """
    place = {name: row for row, name in enumerate(network.nodes)}
    links = network.links
    for link in links:
        if link.upper not in place or link.lower not in place:
            raise ValueError(f"link {link.name!r} ends at an unknown node")
    upper = np.array([place[link.upper] for link in links], np.int64)
    lower = np.array([place[link.lower] for link in links], np.int64)
    storage = np.full(len(place), -1, np.int64)
    for row, one in enumerate(network.storages):
        storage[place[one.node]] = row
    ends, counts = np.unique(upper, return_counts=True)
    for node in ends[(counts > 1) & (storage[ends] < 0)]:
        raise ValueError(f"junction {network.nodes[node]!r} has more than one link below it")
    order, first_link, nodes, first_node = network_order(len(place), upper, lower)
    terminal = np.setdiff1d(np.arange(len(place)), upper)
    outlet = np.full(len(place), -1, np.int64)
    outlet[terminal] = np.arange(len(terminal))
    pipes, section, tables = _pipes(network.conduits, len(links))
    rating, pump = _ratings(network, storage, upper)
    depths, volume = _storages(network.storages)
    state = np.zeros((len(links), PIPE_STATE))
    flow = np.zeros((len(terminal), inflow_m3_s.shape[1]))
    record = np.zeros((len(links), LINK_RECORD))
    before = float(volume.sum())
    totals, peak = route_network(
        np.ascontiguousarray(inflow_m3_s), float(interval_s), float(step_s), upper, lower, order, first_link,
        nodes,
        first_node, outlet, pipes, section, tables, steady, rating, pump, storage, depths,
        np.ascontiguousarray(depths[:, -1, 0]), volume, state, flow, record,
    )  # fmt: skip
    result = RoutingResult(
        outlets=tuple(network.nodes[node] for node in terminal),
        outflow_m3=totals[terminal, LEFT],
        peak_m3_s=peak,
        flow_m3_s=flow,
        inflow_m3=float(totals[:, LATERAL].sum()),
        flooded_m3=totals[:, FLOODED],
        stored_m3=float(pipe_volume_m3(pipes, state).sum() + volume.sum()) - before,
        full_flow_m3_s=pipes[:, FULL_FLOW_M3_S],
        record=record,
    )
    if not abs(result.imbalance) < LARGEST_IMBALANCE and result.inflow_m3 > 0.0:
        raise ArithmeticError(f"the balance of the pipes is off by {result.imbalance:g} of the inflow")
    return result


def network_order(
    count: int, upper: Integers, lower: Integers
) -> tuple[Integers, Integers, Integers, Integers]:
    """Links and nodes by connected part, links each after those above it and those of a node together.

    Raises:
        ValueError: links run in a circle.
    """
    part = np.arange(count)

    def root(node: int) -> int:
        while part[node] != node:
            part[node] = part[part[node]]
            node = part[node]
        return node

    for above, below in zip(upper, lower, strict=True):
        part[root(above)] = root(below)
    roots = np.array([root(node) for node in range(count)], np.int64)
    waiting = np.bincount(lower, minlength=count)
    below_of: list[list[int]] = [[] for _ in range(count)]
    for link, node in enumerate(upper):
        below_of[node].append(link)
    ready = [node for node in range(count) if waiting[node] == 0]
    order: list[int] = []
    for node in ready:  # grows
        for link in below_of[node]:
            order.append(link)
            waiting[lower[link]] -= 1
            if waiting[lower[link]] == 0:
                ready.append(int(lower[link]))
    if len(order) < len(upper):
        raise ValueError("the links of the network run in a circle")
    links = np.array(order, np.int64)
    links = links[np.argsort(roots[upper[links]], kind="stable")] if len(links) else links
    nodes = np.argsort(roots, kind="stable").astype(np.int64)
    parts = np.unique(roots)
    first_node = np.append(np.searchsorted(roots[nodes], parts), count).astype(np.int64)
    first_link = np.append(np.searchsorted(roots[upper[links]], parts), len(links)).astype(np.int64)
    return links, first_link, nodes, first_node


def _pipes(conduits: tuple[Conduit, ...], count: int) -> tuple[Floats, Integers, Floats]:
    """Rows of the links, their sections, and the tables of these."""
    pipes, section = np.zeros((count, PIPE_COLUMNS)), np.zeros(count, np.int64)
    rows: dict[tuple[int, tuple[float, ...]], int] = {}
    tables: list[Floats] = []
    fulls: list[tuple[float, float]] = []
    for link, pipe in enumerate(conduits):
        key = (pipe.shape, pipe.sizes)
        if key not in rows:
            rows[key] = len(tables)
            table, area, factor = section_tables(pipe.shape, np.array(pipe.sizes))
            tables.append(table)
            fulls.append((area, factor))
        section[link] = rows[key]
        area, factor = fulls[rows[key]]
        flow = factor * np.sqrt(pipe.slope) / pipe.manning_n
        pipes[link] = pipe.length_m, area * pipe.barrels, flow * pipe.barrels
    return pipes, section, np.array(tables) if tables else np.zeros((1, 2, 2, 2))


def _ratings(network: PipeNetwork, storage: Integers, upper: Integers) -> tuple[Floats, Floats]:
    """Rating curves (C, R, 2) of what lies below storages, the last row repeated, and pump depths (C, 2)."""
    curves: list[Floats] = []
    for link, pipe in enumerate(network.conduits):
        curves.append(_normal_flow(pipe) if storage[upper[link]] >= 0 else np.zeros((1, 2)))
    curves += [one.rating for one in network.regulators]
    longest = max((len(curve) for curve in curves), default=1)
    rating = np.zeros((len(curves), longest, 2))
    for link, curve in enumerate(curves):
        rating[link, : len(curve)], rating[link, len(curve) :] = curve, curve[-1]
    pump = np.zeros((len(curves), 2))
    for row, one in enumerate(network.regulators):
        pump[len(network.conduits) + row] = one.start_m, one.stop_m
    return rating, pump


def _normal_flow(pipe: Conduit) -> Floats:
    """Normal flow of a conduit by the depth in the storage above it."""
    depth = np.linspace(0.0, pipe.sizes[0], RATING_STEPS + 1)
    area, wetted = section_geometry(pipe.shape, depth, np.array(pipe.sizes))
    factor = area * (area / np.maximum(wetted, 1e-300)) ** (2.0 / 3.0)
    flow = pipe.barrels * factor * np.sqrt(pipe.slope) / pipe.manning_n
    return np.column_stack([depth + pipe.offset_m, flow])


def _storages(storages: tuple[Storage, ...]) -> tuple[Floats, Floats]:
    """Volume and depth (V, D, 2), the last row repeated, and the volume at the start."""
    longest = max((len(one.depth_m) for one in storages), default=1)
    depths = np.zeros((len(storages), longest, 2))
    for row, one in enumerate(storages):
        pairs = np.column_stack([one.volume_m3, one.depth_m])
        depths[row, : len(pairs)], depths[row, len(pairs) :] = pairs, pairs[-1]
    start = [np.interp(one.initial_depth_m, one.depth_m, one.volume_m3) for one in storages]
    return depths, np.array(start, float)
