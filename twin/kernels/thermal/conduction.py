"""Layers of a wall as a chain of nodes, and the chain as a two-port between its faces.

Between time steps the two-port remembers the few modes of the chain that its faces can tell apart: the
chain's model is balanced and its weak states are taken as steady (Liu & Anderson 1989, Singular perturbation
approximation of balanced systems, International Journal of Control 50(4), 1379-1405). The chain is symmetric,
so the modes are real and decoupled, and steady heat flow stays exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_NODES_PER_LAYER = 8
MODE_ACCURACY_W_M2K = 0.01  # a year of rooms moves by 1e-5 of its loads


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
    """A wall at one time step: what the balance needs, per square metre.

    The heat that the wall's past sends to its faces is Σ from_back x + back_storage T_back, likewise at the
    front; after a step to new face temperatures x becomes decay x + from_back T_back + from_front T_front.
    """

    decay: Floats  # (n,) what a mode x keeps of itself over a step
    from_back: Floats  # (n,)
    from_front: Floats  # (n,)
    back_storage: float  # W/(m²K): heat capacity of the face's node over the time step
    front_storage: float
    back_admittance: float  # W/(m²K): of the back face, the front face held: k00
    front_admittance: float  # k11
    transfer: float  # W/(m²K): between the faces through the inner nodes: k01

    @property
    def mode_count(self) -> int:
        """Number of modes."""
        return len(self.decay)


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
    inner = np.diag(conductance[:-1] + conductance[1:] + storage[1:-1])
    inner -= np.diag(conductance[1:-1], 1) + np.diag(conductance[1:-1], -1)
    ends = np.zeros((len(inner), 2))
    if len(inner):
        ends[0, 0], ends[-1, 1] = conductance[0], conductance[-1]
    through = ends.T @ np.linalg.solve(inner, ends)
    if len(inner) == 0:
        through[0, 1] = conductance[0]
    decay, modes, direct = _modes(inner, ends, np.sqrt(storage[1:-1]))
    return Wall(
        decay=decay,
        from_back=np.ascontiguousarray(modes[:, 0]),
        from_front=np.ascontiguousarray(modes[:, 1]),
        back_storage=float(storage[0]),
        front_storage=float(storage[-1]),
        back_admittance=float(storage[0] + conductance[0] - through[0, 0] - direct[0, 0]),
        front_admittance=float(storage[-1] + conductance[-1] - through[1, 1] - direct[1, 1]),
        transfer=float(through[0, 1] + direct[0, 1]),
    )


def _modes(inner: Floats, ends: Floats, scale: Floats) -> tuple[Floats, Floats, Floats]:
    """The inner nodes as few decoupled modes.

    Args:
        inner: (n, n) matrix of an implicit step of the inner nodes, W/(m²K).
        ends: (n, 2) conductances from the faces.
        scale: (n,) √ of the heat capacities over the time step; x = scale · T makes the system symmetric.

    Returns:
        decay (m,), coupling with the faces (m, 2), and what the states left out answer at once (2, 2),
        W/(m²K). The error of the heat flow is below ``MODE_ACCURACY_W_M2K`` at any frequency (ibid.).
    """
    step = scale[:, None] * np.linalg.solve(inner, np.diag(scale))
    coupling = scale[:, None] * np.linalg.solve(inner, ends)
    eigen, vectors = np.linalg.eigh(step)
    seen = vectors.T @ coupling
    gramian = seen @ seen.T / (1 - np.outer(eigen, eigen))  # of control and, by symmetry, of observation
    weight, balanced = np.linalg.eigh(gramian)  # Hankel singular values, the smallest first
    left_out = int((2 * np.cumsum(weight) <= MODE_ACCURACY_W_M2K).sum())
    step, seen = balanced.T @ (eigen[:, None] * balanced), balanced.T @ seen
    weak, kept = slice(left_out), slice(left_out, None)
    steady = np.linalg.inv(np.eye(left_out) - step[weak, weak])
    reduced = step[kept, kept] + step[kept, weak] @ steady @ step[weak, kept]
    reduced_seen = seen[kept] + step[kept, weak] @ steady @ seen[weak]
    decay, modes = np.linalg.eigh(reduced)
    return decay, modes.T @ reduced_seen, seen[weak].T @ steady @ seen[weak]
