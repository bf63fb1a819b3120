"""Small scenes of light for the tests, made of rectangles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.kernels.daylight import Points
from twin.kernels.light_scene import Portals, Scene, Shells, Solids, build_scene

Corners = NDArray[np.float64]


def rectangle(origin: ArrayLike, u: ArrayLike, v: ArrayLike) -> Corners:
    """Two triangles (2, 3, 3) of the rectangle with edges u and v; its normal is u x v."""
    o, u, v = (np.asarray(part, float) for part in (origin, u, v))
    return np.array([[o, o + u, o + u + v], [o, o + u + v, o + v]])


def wall_with_hole(origin: ArrayLike, u: ArrayLike, v: ArrayLike, hole: Sequence[float]) -> Corners:
    """A rectangle around a hole (u0, u1, v0, v1), in shares of u and v."""
    o, u, v = (np.asarray(part, float) for part in (origin, u, v))
    u0, u1, v0, v1 = hole
    parts = [
        (0, 1, 0, v0), (0, 1, v1, 1), (0, u0, v0, v1), (u1, 1, v0, v1),
    ]  # fmt: skip
    return np.concatenate(
        [rectangle(o + a * u + c * v, (b - a) * u, (d - c) * v) for a, b, c, d in parts if b > a and d > c]
    )


def box(low: ArrayLike, high: ArrayLike, skip: str = "") -> Corners:
    """The six faces of a box with normals outward; ``skip`` names faces to leave out, of "xXyYzZ"."""
    l, h = np.asarray(low, float), np.asarray(high, float)  # noqa: E741
    x, y, z = np.diag(h - l)
    faces = {
        "x": (l, z, y), "X": (l + x, y, z), "y": (l, x, z), "Y": (l + y, z, x), "z": (l, y, x), "Z": (l + z, x, y),
    }  # fmt: skip
    return np.concatenate([rectangle(*face) for name, face in faces.items() if name not in skip])


@dataclass
class SceneParts:
    """Collects faces and portals; :meth:`scene` puts them together."""

    rooms: int = 1
    ground_z: float = -np.inf
    ground_reflectance: float = 0.0
    group: list[int] | None = None
    _solids: list[tuple[Corners, float, float, bool]] = field(default_factory=list)
    _shells: list[tuple[Corners, int, int, float]] = field(default_factory=list)
    _portals: list[tuple[Corners, int, float, float, float, float, bool, int]] = field(default_factory=list)

    def solid(
        self, corners: Corners, reflectance: float = 0.0, passing: float = 0.0, leafy: bool = False
    ) -> None:
        self._solids.append((corners, reflectance, passing, leafy))

    def shell(
        self, corners: Corners, reflectance: float = 0.0, room: int = 0, part: int | None = None
    ) -> None:
        self._shells.append((corners, room, room if part is None else part, reflectance))

    def portal(
        self,
        corners: Corners,
        *,
        room: int = 0,
        transmittance: float = np.nan,
        frame: float = 0.0,
        dirt: float = 1.0,
        frame_reflectance: float = 0.0,
        outdoors: bool = True,
        light_set: int = 0,
    ) -> None:
        self._portals.append(
            (corners, room, transmittance, frame, dirt, frame_reflectance, outdoors, light_set)
        )

    def scene(self) -> Scene:
        def together(parts: Sequence[Corners]) -> Corners:
            return np.concatenate([np.zeros((0, 3, 3)), *parts])

        def repeated(values: Sequence[float], parts: Sequence[Corners]) -> Corners:
            return np.repeat(np.array(values, float), [len(part) for part in parts])

        solid = [part[0] for part in self._solids]
        shell = [part[0] for part in self._shells]
        portal = [part[0] for part in self._portals]
        inner = repeated([part[1] for part in self._solids], solid)
        columns = list(zip(*(part[1:] for part in self._portals), strict=True)) or [()] * 7
        room, glass, frame, dirt, frame_reflectance = (np.array(column, float) for column in columns[:5])
        return build_scene(
            Solids(
                together(solid),
                inner,
                inner,
                repeated([part[2] for part in self._solids], solid),
                repeated([part[3] for part in self._solids], solid).astype(bool),
            ),
            Shells(
                together(shell),
                repeated([part[1] for part in self._shells], shell).astype(np.int32),
                repeated([part[2] for part in self._shells], shell).astype(np.int32),
                repeated([part[3] for part in self._shells], shell),
            ),
            Portals(
                corners=together(portal),
                portal=np.repeat(np.arange(len(portal)), [len(part) for part in portal]).astype(np.int32),
                room=room.astype(np.int32),
                transmittance=glass,
                frame=frame,
                dirt=dirt,
                frame_reflectance=frame_reflectance,
                weight=np.ones(len(portal)),
                outdoors=np.array(columns[5], bool),
                light_set=np.array(columns[6], np.int32),
            ),
            np.arange(self.rooms, dtype=np.int32) if self.group is None else np.array(self.group, np.int32),
            self.ground_z,
            self.ground_reflectance,
        )


def points(
    position: ArrayLike, normal: ArrayLike = (0, 0, 1), room: ArrayLike = 0, first_stream: int = 0
) -> Points:
    """Sensors at positions (N, 3) or (3,), with one normal or one each."""
    at = np.atleast_2d(np.asarray(position, float))
    count = len(at)
    return Points(
        at,
        np.ascontiguousarray(np.broadcast_to(np.asarray(normal, float), (count, 3))),
        np.ascontiguousarray(np.broadcast_to(np.asarray(room, np.int32), (count,))),
        np.zeros(count, np.int32),
        np.arange(first_stream, first_stream + count, dtype=np.uint64),
    )


def sphere(bands: int = 48) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Triangles of a unit sphere with normals outward: the body, and a cap about the top for the opening."""
    polar = np.linspace(0, np.pi, bands + 1)
    azimuth = np.linspace(0, 2 * np.pi, 2 * bands + 1)
    grid = np.stack(
        [
            np.outer(np.sin(polar), np.cos(azimuth)),
            np.outer(np.sin(polar), np.sin(azimuth)),
            np.outer(np.cos(polar), np.ones_like(azimuth)),
        ],
        axis=2,
    )
    a, b, c, d = grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]
    lower, upper = np.stack([a, b, c], axis=2), np.stack([a, c, d], axis=2)
    cut = bands // 8
    body = np.concatenate([lower[cut:-1].reshape(-1, 3, 3), upper[cut:].reshape(-1, 3, 3)])
    cap = np.concatenate([lower[:cut].reshape(-1, 3, 3), upper[1:cut].reshape(-1, 3, 3)])
    return body, cap
