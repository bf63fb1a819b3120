"""Bodies and surfaces whose faces the file lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ifc.reading.entities import get, items, ref
from ifc.reading.shapes.body import Body, NotOwn
from ifc.reading.shapes.face_records import FaceRecords, members_of, read_face_records
from ifc.reading.shapes.polygons import Faces, tabulated

_SHELLS_OF = {
    "IfcFacetedBrep": "Outer",
    "IfcFaceBasedSurfaceModel": "FbsmFaces",
    "IfcShellBasedSurfaceModel": "SbsmBoundary",
}
LISTED = frozenset([*_SHELLS_OF, "IfcPolygonalFaceSet", "IfcTriangulatedFaceSet"])


class Facets:
    """Reads the listed faces of one file.

    Args:
        path: its text, which is read when the first face is asked for.
        length_m: one length unit of the file in metres.
    """

    def __init__(self, path: Path, length_m: float) -> None:
        self._path = path
        self._length_m = length_m
        self._read: tuple[FaceRecords, Faces] | None = None
        self._refused = False

    def body(self, item: Any) -> Body:
        """An item of :data:`LISTED`; points of equal coordinates are one.

        Raises:
            NotOwn: a face is not plane or crosses itself, or the text cannot be read in bulk.
        """
        if item.is_a() in _SHELLS_OF:
            records, faces = self._of_file()
            shells = np.array([shell.id() for shell in items(item, _SHELLS_OF[item.is_a()])], np.int64)
            listed = members_of(records.shells, shells)[0]
            return faces.body(records.faces.rows(listed))
        return self._indexed(item)

    def _of_file(self) -> tuple[FaceRecords, Faces]:
        """All faces of shells at once: most bodies have too few for arrays of their own."""
        if self._refused:
            raise NotOwn
        if self._read is None:
            self._refused = True
            records = read_face_records(self._path)
            bounds, loops_of_face = records.faces.members, np.diff(records.faces.start)
            columns = records.bounds.members.reshape(-1, 2)[records.bounds.rows(bounds)]
            corner_ids, lengths = members_of(records.loops, columns[:, 0])
            places = records.points.members.reshape(-1, 3) * self._length_m
            corners = records.points.rows(corner_ids)
            self._read = records, tabulated(places, corners, lengths, columns[:, 1] == 1, loops_of_face)
            self._refused = False
        return self._read

    def _indexed(self, item: Any) -> Body:
        """An IfcPolygonalFaceSet or IfcTriangulatedFaceSet."""
        listed = get(ref(item, "Coordinates"), "CoordList")
        if get(item, "PnIndex") is not None or not isinstance(listed, tuple):
            raise NotOwn
        rings: list[Any] = []
        loops_of_face: list[int] = []
        if item.is_a("IfcTriangulatedFaceSet"):
            rings += get(item, "CoordIndex") or ()
            loops_of_face += [1] * len(rings)
        for face in items(item, "Faces"):
            own = [get(face, "CoordIndex"), *(get(face, "InnerCoordIndices") or ())]
            rings += own
            loops_of_face.append(len(own))
        if not rings or not all(isinstance(ring, tuple) for ring in rings):
            raise NotOwn
        corners = np.array([row for ring in rings for row in ring], np.int64) - 1
        if corners.min() < 0 or corners.max() >= len(listed):
            raise NotOwn
        lengths = np.array([len(ring) for ring in rings])
        places = np.array(listed, np.float64) * self._length_m
        agrees = np.ones(len(rings), np.bool_)
        faces = tabulated(places, corners, lengths, agrees, np.array(loops_of_face))
        return faces.body(np.arange(len(loops_of_face)))
