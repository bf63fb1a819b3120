"""Layers of a wall as a chain of nodes, and the chain as a two-port between its faces."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_NODES_PER_LAYER = 8


@dataclass(frozen=True, slots=True)
class Layer:
    """A homogeneous layer. ``density_kg_m3`` 0 makes it a pure resistance."""

    thickness_m: float
    conductivity_w_mk: float
    density_kg_m3: float
    specific_heat_j_kgk: float

    @property
    def resistance_m2k_w(self) -> float:
        """Thickness over conductivity."""
        return self.thickness_m / self.conductivity_w_mk


@dataclass(frozen=True)
class Wall:
    """A wall of m nodes at one time step: what the balance needs, per square metre.

    Nodes 0 and m - 1 are the back and the front face. An implicit step of the n = m - 2 inner nodes is
    T = P + a T_back + b T_front, where P follows from the old temperatures by one forward sweep
    y_i = g_i T_i + l_i y_(i-1) and one backward sweep P_i = y_i + e_i P_(i+1).
    """

    forward_gain: Floats  # (n,) g
    forward_link: Floats  # (n,) l
    backward_link: Floats  # (n,) e
    from_back: Floats  # (n,) a
    from_front: Floats  # (n,) b
    back_storage: float  # W/(m²K): heat capacity of the face's node over the time step
    front_storage: float
    back_conductance: float  # W/(m²K): from the face to the next node
    front_conductance: float
    back_admittance: float  # W/(m²K): of the back face, the front face held: k00
    front_admittance: float  # k11
    transfer: float  # W/(m²K): between the faces through the inner nodes: k01

    @property
    def node_count(self) -> int:
        """Number of inner nodes."""
        return len(self.forward_gain)


def u_value(layers: tuple[Layer, ...], inside_m2k_w: float, outside_m2k_w: float) -> float:
    """Thermal transmittance, W/(m²K), with the two surface resistances (ISO 6946)."""
    return 1 / (inside_m2k_w + outside_m2k_w + sum(layer.resistance_m2k_w for layer in layers))


def node_chain(layers: tuple[Layer, ...], step_s: float) -> tuple[Floats, Floats]:
    """Resistances between nodes (m - 1,), m²K/W, and capacities of nodes (m,), J/(m²K), back to front.

    A layer is cut into slices of at most the diffusion length √(λ Δt / (ρ c)), at most eight; each slice
    gives half of its capacity to the node at either side. Steady heat flow is exact.
    """
    resistance: list[float] = []
    capacity = [0.0]
    for layer in layers:
        heat = layer.density_kg_m3 * layer.specific_heat_j_kgk
        slices = 1
        if heat > 0:
            slices = ceil(layer.thickness_m / sqrt(layer.conductivity_w_mk * step_s / heat))
            slices = min(max(slices, 1), MOST_NODES_PER_LAYER)
        half = heat * layer.thickness_m / slices / 2
        for _ in range(slices):
            resistance.append(layer.resistance_m2k_w / slices)
            capacity[-1] += half
            capacity.append(half)
    return np.array(resistance), np.array(capacity)


@lru_cache(maxsize=4096)
def wall(layers: tuple[Layer, ...], step_s: float) -> Wall:
    """The two-port of ``layers`` (back to front) for implicit Euler steps of ``step_s`` seconds."""
    resistance, capacity = node_chain(layers, step_s)
    conductance = 1 / resistance
    storage = capacity / step_s
    n = len(capacity) - 2
    gain, link, backward = np.zeros(n), np.zeros(n), np.zeros(n)
    diagonal = conductance[:-1] + conductance[1:] + storage[1:-1]
    previous = 0.0
    for i in range(n):
        pivot = diagonal[i] - conductance[i] * previous
        gain[i] = storage[i + 1] / pivot
        link[i] = conductance[i] / pivot if i else 0.0
        backward[i] = previous = conductance[i + 1] / pivot
    inner = np.diag(diagonal) - np.diag(conductance[1:-1], 1) - np.diag(conductance[1:-1], -1)
    ends = np.zeros((n, 2))
    if n:
        ends[0, 0], ends[-1, 1] = conductance[0], conductance[-1]
    from_back, from_front = np.linalg.solve(inner, ends).T
    first, last = float(conductance[0]), float(conductance[-1])
    return Wall(
        forward_gain=gain,
        forward_link=link,
        backward_link=np.append(backward[:-1], 0.0) if n else backward,
        from_back=np.ascontiguousarray(from_back),
        from_front=np.ascontiguousarray(from_front),
        back_storage=float(storage[0]),
        front_storage=float(storage[-1]),
        back_conductance=first,
        front_conductance=last,
        back_admittance=float(storage[0]) + first * (1 - float(from_back[0]) if n else 1.0),
        front_admittance=float(storage[-1]) + last * (1 - float(from_front[-1]) if n else 1.0),
        transfer=first * float(from_front[0]) if n else first,
    )
