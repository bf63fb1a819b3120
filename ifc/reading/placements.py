"""Local placements as frames in metres."""

from __future__ import annotations

from typing import Any

from ifc.reading.entities import ref
from ifc.reading.frames import IDENTITY, Frame, axis_placement, coordinates, product


class Placements:
    """World frames of IfcObjectPlacements, computed once each."""

    def __init__(self, length_m: float) -> None:
        self._length_m = length_m
        self._known: dict[int, tuple[Frame, bool]] = {}

    def world(self, placement: Any) -> Frame:
        """The placement's frame; what cannot be read of it, and cycles, count as no placement."""
        return self._read(placement)[0]

    def is_plain(self, placement: Any) -> bool:
        """Whether it and all that it is relative to are local placements that could be read whole."""
        return self._read(placement)[1]

    def local(self, axes: Any) -> Frame:
        """The frame of an IfcAxis2Placement; what cannot be read of it counts as not there."""
        frame = axis_placement(axes, self._length_m)
        if frame is not None:
            return frame
        origin = coordinates(ref(axes, "Location"), "Coordinates")
        if origin is None:
            return IDENTITY
        x, y, z = (value * self._length_m for value in origin)
        return (1.0, 0.0, 0.0, x, 0.0, 1.0, 0.0, y, 0.0, 0.0, 1.0, z)

    def _read(self, placement: Any) -> tuple[Frame, bool]:
        chain: list[Any] = []
        seen: set[int] = set()
        while placement is not None and placement.id() not in self._known and placement.id() not in seen:
            seen.add(placement.id())
            chain.append(placement)
            placement = ref(placement, "PlacementRelTo")
        frame, plain = IDENTITY, True
        if placement is not None:
            frame, plain = self._known.get(placement.id(), (IDENTITY, False))
        for link in reversed(chain):
            axes = ref(link, "RelativePlacement")
            plain = plain and link.is_a() == "IfcLocalPlacement"
            plain = plain and axis_placement(axes, self._length_m) is not None
            frame = product(frame, self.local(axes))
            self._known[link.id()] = frame, plain
        return frame, plain
