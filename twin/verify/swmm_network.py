"""A sewer network as sections of a SWMM input file."""

from __future__ import annotations

import numpy as np

from twin.kernels import pipe_sections
from twin.metrics.sponge.pipe_network import Conduit, PipeNetwork, Regulator, Storage

_SHAPES = {
    pipe_sections.CIRCULAR: "CIRCULAR",
    pipe_sections.RECTANGULAR_CLOSED: "RECT_CLOSED",
    pipe_sections.RECTANGULAR_OPEN: "RECT_OPEN",
    pipe_sections.TRAPEZOIDAL: "TRAPEZOIDAL",
    pipe_sections.TRIANGULAR: "TRIANGULAR",
}


def network_sections(network: PipeNetwork) -> dict[str, list[str]]:
    """The sections of nodes, links, cross-sections and curves; flows in l/s, lengths in m."""
    inverts = _inverts(network)
    upper = {link.upper for link in network.links}
    storages = {one.node: one for one in network.storages}
    pumps = [one for one in network.regulators if one.start_m > 0.0]
    outlets = [one for one in network.regulators if one.start_m <= 0.0]
    curves: list[str] = []
    for pond in network.storages:
        curves += _rows(pond.node, "STORAGE", pond.depth_m, _areas(pond))
    for one in network.regulators:
        kind = "PUMP4" if one.start_m > 0.0 else "RATING"
        curves += _rows(one.name, kind, one.rating[:, 0], 1e3 * one.rating[:, 1])
    sections = {
        "JUNCTIONS": [
            f"{node} {inverts[node]:.10g} 0 0 0 0"
            for node in network.nodes
            if node in upper and node not in storages
        ],
        "OUTFALLS": [f"{node} {inverts[node]:.10g} FREE NO" for node in network.nodes if node not in upper],
        "STORAGE": [
            f"{one.node} {inverts[one.node]:.10g} {one.depth_m[-1]:.10g} {one.initial_depth_m:.10g} "
            f"TABULAR {one.node} 0 0"
            for one in network.storages
        ],
        "CONDUITS": [_conduit(pipe, inverts) for pipe in network.conduits],
        "XSECTIONS": [
            f"{pipe.name} {_SHAPES[pipe.shape]} {_sizes(pipe)} {pipe.barrels}" for pipe in network.conduits
        ],
        "PUMPS": [
            f"{one.name} {one.upper} {one.lower} {one.name} ON {one.start_m:.10g} {one.stop_m:.10g}"
            for one in pumps
        ],
        "OUTLETS": [_outlet(one) for one in outlets],
        "CURVES": curves,
    }
    return {name: lines for name, lines in sections.items() if lines}


def _inverts(network: PipeNetwork) -> dict[str, float]:
    """Elevations of the nodes above their lowest outfall, m, that give every conduit its fall."""
    inverts = dict.fromkeys(network.nodes, 0.0)
    for _ in network.nodes:
        changed = False
        for pipe in network.conduits:
            least = inverts[pipe.lower] + pipe.fall_m - pipe.offset_m
            if inverts[pipe.upper] < least - 1e-12:
                inverts[pipe.upper] = least
                changed = True
        if not changed:
            break
    return inverts


def _conduit(pipe: Conduit, inverts: dict[str, float]) -> str:
    end = inverts[pipe.upper] + pipe.offset_m - pipe.fall_m - inverts[pipe.lower]
    return (
        f"{pipe.name} {pipe.upper} {pipe.lower} {pipe.length_m:.10g} {pipe.manning_n:.10g} "
        f"{pipe.offset_m:.10g} {max(end, 0.0):.10g} 0 0"
    )


def _sizes(pipe: Conduit) -> str:
    depth, width, side = pipe.sizes
    return f"{depth:.10g} {width:.10g} {side:.10g} {side if pipe.shape == pipe_sections.TRAPEZOIDAL else 0}"


def _outlet(one: Regulator) -> str:
    return f"{one.name} {one.upper} {one.lower} 0 TABULAR/DEPTH {one.name} NO"


def _rows(name: str, kind: str, x: np.ndarray, y: np.ndarray) -> list[str]:
    pairs = zip(x.tolist(), y.tolist(), strict=True)
    return [f"{name} {kind if row == 0 else ''} {a:.10g} {b:.10g}" for row, (a, b) in enumerate(pairs)]


def _areas(one: Storage) -> np.ndarray:
    """Areas at the depths whose trapezia have the storage's volumes, m²."""
    rises, volumes = np.diff(one.depth_m), np.diff(one.volume_m3)
    areas = [float(volumes[0] / rises[0])]
    for rise, volume in zip(rises, volumes, strict=True):
        areas.append(max(2.0 * float(volume / rise) - areas[-1], 0.0))
    return np.array(areas)
