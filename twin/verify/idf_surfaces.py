"""Surfaces of the thermal model as rectangles of their area, tilt, azimuth and height."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from twin.kernels.thermal.conduction import Layer
from twin.kernels.thermal.network import Back, Surface
from twin.verify.idf_constructions import Constructions
from twin.verify.idf_text import Idf

Floats = NDArray[np.float64]

_GAP_M = 0.01  # between windows, and to the edge of their wall
_FRAME = 0.06  # least share of a wall that must be left around its windows
_FRAME_RESISTANCE = 1000.0
_THICK_M = 0.1  # of a layer without mass, which has only a resistance


def hosts_of(surfaces: Sequence[Surface], windows: Iterable[int]) -> tuple[dict[int, int], list[list[int]]]:
    """Window -> the opaque surface around it; windows without one share a frame per zone and plane."""
    hosts: dict[int, int] = {}
    loose: dict[tuple[int, tuple[float, float, float]], list[int]] = {}
    by_plane: dict[tuple[int, tuple[float, float, float]], list[int]] = {}
    for row in windows:
        by_plane.setdefault((surfaces[row].zone, surfaces[row].normal), []).append(row)
    for (zone, normal), own in by_plane.items():
        walls = [
            row
            for row, surface in enumerate(surfaces)
            if surface.glazing is None
            and surface.back is Back.OUTDOORS
            and (surface.zone, surface.normal) == (zone, normal)
        ]
        area = sum(surfaces[row].area_m2 for row in own)
        host = max(walls, key=lambda row: surfaces[row].area_m2, default=-1)
        if host >= 0 and surfaces[host].area_m2 >= _FRAME * (area + surfaces[host].area_m2):
            hosts |= dict.fromkeys(own, host)
        else:
            loose[zone, normal] = own
    return hosts, list(loose.values())


def _kind(normal: tuple[float, float, float]) -> str:
    return "Roof" if normal[2] > 0.5 else "Floor" if normal[2] < -0.5 else "Wall"


def add_wall(
    idf: Idf,
    surfaces: Sequence[Surface],
    row: int,
    windows: Sequence[int],
    constructions: Constructions,
    place: float,
) -> None:
    """Write an opaque surface with its other side, and the windows in it."""
    surface = surfaces[row]
    back = (surface.outside_absorptance, surface.outside_emissivity)
    front = (surface.front_absorptance, surface.front_emissivity)
    layers = surface.layers
    if surface.back is Back.ZONE and surface.back_row == surface.zone:
        name = constructions.opaque(layers, (surface.back_absorptance, surface.back_emissivity), front)
        idf.add("InternalMass", f"S{row}", name, f"Z{surface.zone}", "", 2 * surface.area_m2)
        return
    if surface.back is Back.ADIABATIC:
        # EnergyPlus mirrors the surface: the flow vanishes in the middle of what it is given.
        layers, back = (*layers[::-1], *layers), front
    if surface.back is Back.ZONE:
        back = (surface.back_absorptance, surface.back_emissivity)
    area = surface.area_m2 + sum(surfaces[window].area_m2 for window in windows)
    corners = _rectangle(surface.normal, area, _height(surface), place)
    name = constructions.opaque(layers, back, front)
    behind = {
        Back.OUTDOORS: ("Outdoors", "", "SunExposed", "WindExposed"),
        Back.TEMPERATURE: ("OtherSideCoefficients", f"Behind{surface.back_row}", "NoSun", "NoWind"),
        Back.ADIABATIC: ("Adiabatic", "", "NoSun", "NoWind"),
        Back.ZONE: ("Surface", f"S{row}_back", "NoSun", "NoWind"),
    }[surface.back]
    _detailed(idf, f"S{row}", surface.normal, name, surface.zone, behind, corners)
    if surface.back is Back.ZONE:
        other = constructions.reverse(name)
        turned = (-surface.normal[0], -surface.normal[1], -surface.normal[2])
        there = ("Surface", f"S{row}", "NoSun", "NoWind")
        _detailed(idf, f"S{row}_back", turned, other, surface.back_row, there, corners[::-1])
    _windows(idf, surfaces, windows, f"S{row}", corners, constructions)


def add_frame(
    idf: Idf,
    surfaces: Sequence[Surface],
    windows: Sequence[int],
    number: int,
    constructions: Constructions,
    place: float,
) -> None:
    """A wall that lets nothing through, around windows that fill their facade."""
    first = surfaces[windows[0]]
    area = sum(surfaces[window].area_m2 for window in windows) / (1 - _FRAME)
    layer = Layer(_THICK_M, _THICK_M / _FRAME_RESISTANCE, 0.0, 0.0)
    name = constructions.opaque([layer], (0.1, 0.1), (first.front_absorptance, 0.9))
    corners = _rectangle(first.normal, area, _height(first), place)
    outside = ("Outdoors", "", "SunExposed", "WindExposed")
    _detailed(idf, f"F{number}", first.normal, name, first.zone, outside, corners)
    _windows(idf, surfaces, windows, f"F{number}", corners, constructions)


def _detailed(
    idf: Idf,
    name: str,
    normal: tuple[float, float, float],
    construction: str,
    zone: int,
    behind: tuple[str, ...],
    corners: Floats,
) -> None:
    numbers = [float(value) for value in corners.reshape(-1)]
    idf.add(
        "BuildingSurface:Detailed",
        name,
        _kind(normal),
        construction,
        f"Z{zone}",
        "",
        *behind,
        "autocalculate",
        4,
        *numbers,
    )


def _windows(
    idf: Idf,
    surfaces: Sequence[Surface],
    windows: Sequence[int],
    host: str,
    corners: Floats,
    constructions: Constructions,
) -> None:
    """Strips side by side inside the rectangle of their host."""
    if not windows:
        return
    across, down = corners[2] - corners[1], corners[1] - corners[0]
    width, height = float(np.linalg.norm(across)), float(np.linalg.norm(down))
    across, down = across / width, down / height
    tall = height - 2 * _GAP_M
    place = _GAP_M
    for row in windows:
        glazing = surfaces[row].glazing
        assert glazing is not None
        wide = surfaces[row].area_m2 / tall
        top = corners[0] + across * place + down * _GAP_M
        ring = np.array([top, top + down * tall, top + down * tall + across * wide, top + across * wide])
        numbers = [float(value) for value in ring.reshape(-1)]
        idf.add(
            "FenestrationSurface:Detailed",
            f"S{row}",
            "Window",
            constructions.glass(glazing),
            host,
            "",
            "autocalculate",
            "",
            1,
            4,
            *numbers,
        )
        place += wide + _GAP_M


def _height(surface: Surface) -> float:
    """Height of the centre, m, at which the wind of the suburbs has the surface's wind factor."""
    return float(370.0 * (surface.wind_factor / 27.0**0.14) ** (1 / 0.22))


def _rectangle(normal: tuple[float, float, float], area_m2: float, height_m: float, place: float) -> Floats:
    """Corners (4, 3), upper left first, counter-clockwise seen from outside, around ``place`` on a line."""
    outward = np.array(normal) / np.linalg.norm(normal)
    level = np.hypot(outward[0], outward[1]) < 1e-6
    up = np.array([0.0, 1.0, 0.0]) if level else np.array([0.0, 0.0, 1.0])
    across = np.cross(up, outward)
    across /= np.linalg.norm(across)
    down = -np.cross(outward, across)
    side = np.sqrt(area_m2)
    centre = np.array([place, place, height_m])
    left_top = centre - across * side / 2 - down * side / 2
    return np.array(
        [left_top, left_top + down * side, left_top + down * side + across * side, left_top + across * side]
    )
