"""Houses of box rooms with known surfaces, for the tests of the daylight metric.

house = House()
living = house.room((0, 0, 0), (4, 5, 2.8), use="living_room")
house.window(living, "y", (1, 0.9), (3, 2.4))
model = house.model()
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ifc.model import (
    BuildingModel,
    Construction,
    Neighbour,
    PolygonTable,
    Provenance,
    SurfaceOpeningTable,
    SurfaceTable,
    Traced,
)
from tests.building_blocks import Blocks

Point = Sequence[float]

# Face -> (axis, whether it is the high side). Rings are wound about the normal out of the room.
_FACES = {"x": (0, False), "X": (0, True), "y": (1, False), "Y": (1, True), "z": (2, False), "Z": (2, True)}
WALL_M = 0.2


@dataclass
class House:
    """Rooms are boxes; every face is one surface, outdoors unless said otherwise, and has its wall or slab."""

    blocks: Blocks = field(default_factory=Blocks)
    ground_z: float = 0.0
    _spaces: list[tuple[Point, Point]] = field(default_factory=list)
    _rows: list[dict[str, object]] = field(default_factory=list)
    _openings: list[dict[str, object]] = field(default_factory=list)
    grades: dict[int, str] = field(default_factory=dict)

    def construction(self, transmittance: float | None, frame: float | None = None) -> int:
        """A window construction as a file states it; returns its row."""

        def said(value: float | None) -> Traced | None:
            return None if value is None else Traced(value, "", Provenance.IFC, "Pset_WindowCommon")

        self.blocks.constructions.append(
            Construction("pane", "window", visible_transmittance=said(transmittance), frame_ratio=said(frame))
        )
        return len(self.blocks.constructions) - 1

    def room(
        self,
        low: Point,
        high: Point,
        *,
        use: str = "living_room",
        storey: int = 0,
        walls: str = "xXyYzZ",
        beyond: dict[str, tuple[Neighbour, int]] | None = None,
    ) -> int:
        """A room with walls and slabs on the faces ``walls``; ``beyond`` names other neighbours of a face."""
        space = self.blocks.space(low, high, use=use, name=f"Room {len(self._spaces)}", storey=storey)
        self._spaces.append((low, high))
        for face in _FACES:
            neighbour, other = (beyond or {}).get(face, (Neighbour.OUTDOORS, -1))
            element = -1
            if face in walls:
                a, b = self._slab(space, face)
                element = self.blocks.box("IfcSlab" if face in "zZ" else "IfcWall", a, b, storey=storey)
            self._rows.append(
                {"space": space, "face": face, "neighbour": neighbour, "other": other, "element": element}
            )
        return space

    def share_wall(self, room: int, face: str, other: int, other_face: str) -> None:
        """Let the wall on another room's face stand behind this face too."""
        mine, theirs = self._row(room, face), self._row(other, other_face)
        self._rows[mine]["element"] = self._rows[theirs]["element"]

    def window(
        self,
        room: int,
        face: str,
        low: tuple[float, float],
        high: tuple[float, float],
        *,
        kind: str = "window",
        construction: int = -1,
        cut: bool = True,
    ) -> int:
        """A window in a face, from low to high along the face's two axes (x before y before z)."""
        row = self._row(room, face)
        corner_low, corner_high = self._opening_box(room, face, low, high)
        element = -1
        wall = int(self._rows[row]["element"])  # type: ignore[call-overload]
        if cut and wall >= 0:
            filling = {"window": "IfcWindow", "door": "IfcDoor", "air": None}[kind]
            element = self.blocks.opening(
                wall, corner_low, corner_high, filling=filling,
                **({} if filling is None else {"construction": construction}),
            )  # fmt: skip
        else:
            ifc_class = "IfcOpeningElement" if kind == "air" else "IfcWindow"
            element = self.blocks.add(ifc_class, None, construction=construction)
        self._openings.append(
            {
                "surface": row,
                "element": element,
                "kind": kind,
                "ring": self._ring(room, face, low, high),
                "construction": construction,
            }
        )
        return element

    def model(self) -> BuildingModel:
        """The BuildingModel with its surfaces."""
        model = self.blocks.model()
        rings, normals = [], []
        for row in self._rows:
            space, face = int(row["space"]), str(row["face"])  # type: ignore[call-overload]
            low, high = self._spaces[space]
            others = [axis for axis in range(3) if axis != _FACES[face][0]]
            rings.append(
                self._ring(
                    space, face, tuple(low[axis] for axis in others), tuple(high[axis] for axis in others)
                )
            )
            normal = np.zeros(3)
            normal[_FACES[face][0]] = 1.0 if _FACES[face][1] else -1.0
            normals.append(normal)
        count = len(self._rows)
        neighbour = np.array([int(row["neighbour"]) for row in self._rows], np.int8)  # type: ignore[call-overload]
        element = np.array([row["element"] for row in self._rows], np.int32)
        surfaces = SurfaceTable(
            space=np.array([row["space"] for row in self._rows], np.int32),
            polygon=PolygonTable.pack([[ring] for ring in rings], 3),
            normal=np.array(normals).reshape(count, 3),
            area_m2=np.array([_area(ring) for ring in rings]),
            tilt_deg=np.degrees(np.arccos(np.array(normals).reshape(count, 3)[:, 2])),
            azimuth_deg=np.full(count, np.nan),
            neighbour=neighbour,
            neighbour_space=np.array([row["other"] for row in self._rows], np.int32),
            pair=np.full(count, -1, np.int32),
            element=element,
            construction=np.full(count, -1, np.int32),
            thickness_m=np.where(element >= 0, WALL_M, 0.0),
            evidence=np.zeros(count, np.int8),
        )
        openings = SurfaceOpeningTable(
            surface=np.array([row["surface"] for row in self._openings], np.int32),
            element=np.array([row["element"] for row in self._openings], np.int32),
            kind=np.array([row["kind"] for row in self._openings] + [None], object)[:-1],
            polygon=PolygonTable.pack([[row["ring"]] for row in self._openings], 3),  # type: ignore[list-item]
            area_m2=np.array([_area(row["ring"]) for row in self._openings]),  # type: ignore[arg-type]
            construction=np.array([row["construction"] for row in self._openings], np.int32),
        )
        grade = np.array([self.grades.get(row, "A") for row in range(len(self._spaces))] + [None], object)[
            :-1
        ]
        return replace(
            model,
            surfaces=surfaces,
            surface_openings=openings,
            spaces=replace(model.spaces, grade=grade),
        )

    def _row(self, room: int, face: str) -> int:
        return next(i for i, row in enumerate(self._rows) if row["space"] == room and row["face"] == face)

    def _slab(self, space: int, face: str) -> tuple[list[float], list[float]]:
        low, high = (list(map(float, corner)) for corner in self._spaces[space])
        axis, far = _FACES[face]
        if far:
            low[axis], high[axis] = high[axis], high[axis] + WALL_M
        else:
            low[axis], high[axis] = low[axis] - WALL_M, low[axis]
        return low, high

    def _opening_box(self, space: int, face: str, low: Point, high: Point) -> tuple[list[float], list[float]]:
        a, b = self._slab(space, face)
        axis = _FACES[face][0]
        for at, other in enumerate(axis_ for axis_ in range(3) if axis_ != axis):
            a[other], b[other] = low[at], high[at]
        a[axis] -= 0.01
        b[axis] += 0.01
        return a, b

    def _ring(self, space: int, face: str, low: Point, high: Point) -> NDArray[np.float64]:
        axis, far = _FACES[face]
        first, second = (other for other in range(3) if other != axis)
        ring = np.zeros((4, 3))
        ring[:, axis] = self._spaces[space][1 if far else 0][axis]
        ring[:, first] = [low[0], high[0], high[0], low[0]]
        ring[:, second] = [low[1], low[1], high[1], high[1]]
        # x before y before z: the ring turns about +x, -y, +z as it is.
        turns_about_positive = axis != 1
        return ring if turns_about_positive == far else ring[::-1].copy()


def _area(ring: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(np.cross(ring[1] - ring[0], ring[3] - ring[0])))
