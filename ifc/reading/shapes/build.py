"""Products as shapes and instances, built here."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ifc.meshes import closure, sound_shapes
from ifc.reading.entities import get, ref
from ifc.reading.frames import IDENTITY, Frame, axis_placement, product
from ifc.reading.parts import Gathered, packed
from ifc.reading.placements import Placements
from ifc.reading.plan import shape_representations
from ifc.reading.shapes.body import NotOwn, Triangle
from ifc.reading.shapes.representations import Part, Representations
from ifc.reading.shapes.styles import Style, Styles
from ifc.reading.units import Units

KERNEL = "own"
_MODEL_CONTEXTS = ("Model", "Design")
_FLUSH_S = 2.0
_COLUMNS = struct.Struct("<16d")


def build_own(file: Any, path: Path, product_ids: Sequence[int], units: Units) -> Iterator[dict[str, Any]]:
    """Build what can be built here, as :func:`ifc.reading.geometry.build_geometry` does.

    Products that cannot, and those whose swept shape does not close, are not among ``done``.

    Args:
        file: the model; it is not changed.
        path: its text.
        product_ids: STEP ids.
        units: its units.
    """
    builder = _Builder(file, path, units)
    flushed = time.monotonic()
    for step_id in product_ids:
        builder.add(file.by_id(step_id))
        if time.monotonic() - flushed > _FLUSH_S:
            yield builder.take()
            flushed = time.monotonic()
    yield builder.take()


def _ambiguous(part: dict[str, Any]) -> NDArray[np.bool_]:
    """Which shapes close, but have faces of which nobody can tell which side is outside.

    Where bodies touch along an edge, the winding that comes out depends on how the engine numbers corners.
    """
    columns = part["vertices"], part["triangles"], part["vertex_start"], part["triangle_start"]
    vertices, triangles, vertex_start, triangle_start = columns
    found = ~sound_shapes(*columns)
    for row in np.flatnonzero(found).tolist():
        own = triangles[triangle_start[row] : triangle_start[row + 1]]
        state = closure(vertices[vertex_start[row] : vertex_start[row + 1]], own)
        found[row] = state.closed and state.turned_edges > 0
    return found


class _Builder:
    def __init__(self, file: Any, path: Path, units: Units) -> None:
        self._length_m = units.length_m
        self._styles = Styles(file)
        self._representations = Representations(path, self._styles, units)
        self._placements = Placements(units.length_m)
        self._plain_contexts: dict[int, bool] = {}
        self._now = Gathered()
        self._shape_row: dict[str, int] = {}
        self._style_row: dict[Style, int] = {}
        self._listed: list[bool] = []  # of each shape

    def add(self, element: Any) -> None:
        """Add one product, whole or not at all."""
        try:
            placement = ref(element, "ObjectPlacement")
            if not self._placements.is_plain(placement):
                raise NotOwn
            world = self._placements.world(placement)
            instances = [
                instance
                for representation in {own.id(): own for own in shape_representations(element)}.values()
                for instance in self._instances(element, representation, world)
            ]
        except NotOwn:
            return
        now = self._now
        for row, frame in instances:
            now.product.append(element.id())
            now.shape.append(row)
            a, b, c, d, e, f, g, h, i, j, k, m = frame
            now.matrix.append(_COLUMNS.pack(a, e, i, 0.0, b, f, j, 0.0, c, g, k, 0.0, d, h, m, 1.0))
        now.done.append(element.id())

    def take(self) -> dict[str, Any]:
        """Hand over what was gathered since the last call and is sound."""
        now, self._now = self._now, Gathered()
        self._shape_row.clear()
        self._style_row.clear()
        part = packed(now)
        listed, self._listed = np.array(self._listed, np.bool_), []
        unsound = np.isin(part["product"], part["unsound"]) & ~listed[part["shape"]]
        by_engine = part["product"][unsound | _ambiguous(part)[part["shape"]]]
        refused = np.concatenate([by_engine, part["absurd"]])
        kept = ~np.isin(part["product"], refused)
        for column in ("product", "shape", "matrix"):
            part[column] = part[column][kept]
        part["done"] = part["done"][~np.isin(part["done"], refused)]
        part["unsound"] = part["absurd"] = np.zeros(0, np.int64)
        return part

    def _instances(self, element: Any, representation: Any, world: Frame) -> list[tuple[int, Frame]]:
        if not self._is_plain(ref(representation, "ContextOfItems")):
            if self._representations.only_lines(representation):
                return []
            raise NotOwn
        placed = self._representations.placed_map(representation)
        if placed is None:
            own = self._representations.parts(representation)
            key = f"{KERNEL}:{representation.id()}"
        else:
            mapped, frame, style = placed
            own = [
                Part(part.body, part.style or style, part.listed)
                for part in self._representations.mapped_parts(mapped)
            ]
            key = f"{KERNEL}:{mapped.id()}:{style}"
            world = product(world, frame)
        if not own:
            return []
        default = None
        if any(part.style is None for part in own):
            default = self._styles.of_product(element)
            key += f":{default}"
        row = self._shape_row.get(key)
        if row is None:
            row = self._shape_row[key] = self._add_shape(key, own, default)
        return [(row, world)]

    def _add_shape(self, key: str, own: list[Part], default: Style | None) -> int:
        now = self._now
        points: list[tuple[float, float, float]] = []
        triangles: list[Triangle] = []
        rows: list[int] = []
        for part in own:
            start = len(points)
            points += part.body.points
            triangles += [(a + start, b + start, c + start) for a, b, c in part.body.triangles]
            style = part.style or default
            assert style is not None
            rows += [self._style(style)] * len(part.body.triangles)
        self._listed.append(any(part.listed for part in own))
        now.shape_key.append(key)
        now.points.append(np.array(points))
        now.triangles.append(np.array(triangles, np.int32))
        now.style.append(np.array(rows, np.int32))
        return len(now.shape_key) - 1

    def _style(self, style: Style) -> int:
        row = self._style_row.get(style)
        if row is None:
            row = self._style_row[style] = len(self._now.style_name)
            self._now.style_name.append(style[0])
            self._now.style_rgba.append(style[1])
        return row

    def _is_plain(self, context: Any) -> bool:
        """Whether a context is one of the model, and its coordinates are the world's."""
        if context is None:
            return False
        known = self._plain_contexts.get(context.id())
        if known is None:
            whole = ref(context, "ParentContext") or context
            axes = ref(whole, "WorldCoordinateSystem")
            known = self._plain_contexts[context.id()] = get(whole, "ContextType") in _MODEL_CONTEXTS and (
                axes is None or axis_placement(axes, self._length_m) == IDENTITY
            )
        return known
