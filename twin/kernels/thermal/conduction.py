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

LEAST_NODES_PER_LAYER, MOST_NODES_PER_LAYER = 2, 8
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

    The heat that the wall's past sends to its faces is Σ from_back x, likewise at the front; after a step to
    new face temperatures x becomes decay x + from_back T_back + from_front T_front.
    """

    decay: Floats  # (n,) what a mode x keeps of itself over a step
    from_back: Floats  # (n,)
    from_front: Floats  # (n,)
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

    A layer is cut into slices of at most the diffusion length √(λ Δt / (ρ c)), at most eight, with a node in
    the middle of each that holds its capacity. The first and the last node are the faces, without capacity.
    """
    resistance = [0.0]
    capacity = [0.0]
    for layer in layers:
        heat = layer.density_kg_m3 * layer.specific_heat_j_kgk
        if heat <= 0:
            resistance[-1] += layer.resistance_m2k_w
            continue
        slices = ceil(layer.thickness_m / sqrt(layer.conductivity_w_mk * step_s / heat))
        slices = min(max(slices, LEAST_NODES_PER_LAYER), MOST_NODES_PER_LAYER)
        half = layer.resistance_m2k_w / slices / 2
        for _ in range(slices):
            resistance[-1] += half
            resistance.append(half)
            capacity.append(heat * layer.thickness_m / slices)
    return np.array(resistance), np.array([*capacity, 0.0])


@lru_cache(maxsize=4096)
def wall(layers: tuple[Layer, ...], step_s: float) -> Wall:
    """The two-port of ``layers`` (back to front) for steps of ``step_s`` seconds.

    Exact for face temperatures that are straight lines within a step, but for the weak modes left out.
    """
    resistance, capacity = node_chain(layers, step_s)
    conductance = 1 / resistance
    inner = np.diag(conductance[:-1] + conductance[1:])
    inner -= np.diag(conductance[1:-1], 1) + np.diag(conductance[1:-1], -1)
    ends = np.zeros((len(inner), 2))
    held = np.diag([conductance[0], conductance[-1]])  # heat from the faces, the inner nodes held
    if len(inner):
        ends[0, 0], ends[-1, 1] = conductance[0], conductance[-1]
    else:
        held = conductance[0] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    decay, modes, direct = _modes(inner, ends, capacity[1:-1], step_s)
    return Wall(
        decay=decay,
        from_back=np.ascontiguousarray(modes[:, 0]),
        from_front=np.ascontiguousarray(modes[:, 1]),
        back_admittance=float(held[0, 0] - direct[0, 0]),
        front_admittance=float(held[1, 1] - direct[1, 1]),
        transfer=float(direct[0, 1] - held[0, 1]),
    )


def _modes(inner: Floats, ends: Floats, capacity: Floats, step_s: float) -> tuple[Floats, Floats, Floats]:
    """The inner nodes as few decoupled modes, over one step.

    A mode z' = -λ z + b T of the chain, T a straight line from T₀ to T₁ over a step Δ, sends its faces b z:
    with e = exp(-λ Δ) and φ = (1 - e) / (λ Δ), z₁ - b (1 - φ) / λ T₁ = e (z₀ - b (1 - φ) / λ T₀)
    + b (1 - e)² / (λ² Δ) T₀.

    Args:
        inner: (n, n) conductances of the inner nodes, W/(m²K).
        ends: (n, 2) conductances from the faces.
        capacity: (n,) J/(m²K).
        step_s: Δ.

    Returns:
        decay (m,), coupling with the faces (m, 2), and what the states answer at once (2, 2), W/(m²K): the
        straight line's own part, and all of what is left out. The error of the heat flow is below
        ``MODE_ACCURACY_W_M2K`` at any frequency (Liu & Anderson).
    """
    root = np.sqrt(capacity)
    rate, vectors = np.linalg.eigh(inner / np.outer(root, root))
    coupling = vectors.T @ (ends / root[:, None])
    eigen = np.exp(-rate * step_s)
    lost = -np.expm1(-rate * step_s)
    at_once = (1 - lost / (rate * step_s)) / rate
    direct = coupling.T @ (at_once[:, None] * coupling)
    seen = (lost / (rate * sqrt(step_s)))[:, None] * coupling
    gramian = seen @ seen.T / (1 - np.outer(eigen, eigen))  # of control and, by symmetry, of observation
    weight, balanced = np.linalg.eigh(gramian)  # Hankel singular values, the smallest first
    left_out = int((2 * np.cumsum(weight) <= MODE_ACCURACY_W_M2K).sum())
    step, seen = balanced.T @ (eigen[:, None] * balanced), balanced.T @ seen
    weak, kept = slice(left_out), slice(left_out, None)
    steady = np.linalg.inv(np.eye(left_out) - step[weak, weak])
    reduced = step[kept, kept] + step[kept, weak] @ steady @ step[weak, kept]
    reduced_seen = seen[kept] + step[kept, weak] @ steady @ seen[weak]
    decay, modes = np.linalg.eigh(reduced)
    return decay, modes.T @ reduced_seen, direct + seen[weak].T @ steady @ seen[weak]
