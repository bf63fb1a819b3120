"""Triangulated geometry of products through IfcOpenShell's iterator."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ifc.reading.entities import get, put
from ifc.reading.parts import Gathered, packed
from ifc.reading.plan import NEVER_SHAPES

_FLUSH_S = 2.0


def build_geometry(file: Any, product_ids: Sequence[int], kernel: str) -> Iterator[dict[str, Any]]:
    """Build the shapes of products with one kernel, one thread.

    Openings are not subtracted. Yields what was built about every two seconds and at the end, so that nothing
    of it is lost in a crash. The columns of a part are those of :func:`ifc.reading.parts.packed`.
    """
    import ifcopenshell.geom  # not at the top: the caller's process imports this module, but not the engine

    settings = ifcopenshell.geom.settings()
    settings.set("disable-opening-subtractions", True)
    settings.set("no-normals", True)
    included = [file.by_id(step_id) for step_id in product_ids]
    for product in included:
        if get(product, "Name") is None:
            put(product, "Name", None)  # a Name written as "*" makes the engine drop the product
    if not included:
        return
    collector = _Collector(file, kernel)
    iterator = ifcopenshell.geom.iterator(settings, file, 1, include=included, geometry_library=kernel)
    if not iterator.initialize():
        return
    flushed = time.monotonic()
    while True:
        collector.add(iterator.get())
        if time.monotonic() - flushed > _FLUSH_S:
            yield collector.take()
            flushed = time.monotonic()
        if not iterator.next():
            break
    yield collector.take()


class _Collector:
    """Gathers what the iterator returns; one element and shape returned twice counts once."""

    def __init__(self, file: Any, kernel: str) -> None:
        self._file = file
        self._kernel = kernel
        self._now = Gathered()
        self._shape_row: dict[str, int] = {}  # -1 for a shape without triangles
        self._style_row: dict[str, int] = {}
        self._placed: set[tuple[int, str, bytes]] = set()

    def add(self, element: Any) -> None:
        """Add one element of the iterator."""
        step_id = element.id
        self._now.done.append(step_id)
        if element.context in NEVER_SHAPES:
            return
        geometry = element.geometry
        key = f"{self._kernel}:{geometry.id}"
        placed = (step_id, key, element.transformation_buffer)
        if placed in self._placed:
            return
        self._placed.add(placed)
        row = self._shape_row.get(key)
        if row is None:
            row = self._shape_row[key] = self._add_shape(key, geometry)
        if row >= 0:
            self._now.product.append(step_id)
            self._now.shape.append(row)
            self._now.matrix.append(placed[2])

    def take(self) -> dict[str, Any]:
        """Hand over what was gathered since the last call."""
        now, self._now = self._now, Gathered()
        self._shape_row.clear()
        self._style_row.clear()
        return packed(now)

    def _add_shape(self, key: str, geometry: Any) -> int:
        triangles = np.frombuffer(geometry.faces_buffer, np.int32).reshape(-1, 3)
        if not len(triangles):
            return -1
        now = self._now
        now.shape_key.append(key)
        now.points.append(np.frombuffer(geometry.verts_buffer, np.float64).reshape(-1, 3))
        now.triangles.append(triangles)
        now.style.append(self._styles(geometry, len(triangles)))
        return len(now.shape_key) - 1

    def _styles(self, geometry: Any, count: int) -> NDArray[np.int32]:
        own = np.frombuffer(geometry.material_ids_buffer, np.int32)
        if len(own) != count:
            return np.full(count, -1, np.int32)
        rows = np.array([-1, *(self._style(material) for material in geometry.materials)], np.int32)
        return rows.take(own + 1, mode="clip")

    def _style(self, material: Any) -> int:
        key = material.name
        row = self._style_row.get(key)
        if row is None:
            row = self._style_row[key] = len(self._now.style_name)
            red, green, blue = material.diffuse.components_()
            transparency = material.transparency if material.has_transparency() else 0.0
            rgba = np.nan_to_num(np.clip([red, green, blue, 1.0 - transparency], 0.0, 1.0), nan=1.0)
            self._now.style_name.append(self._style_name(key))
            self._now.style_rgba.append(tuple(rgba.tolist()))
        return row

    def _style_name(self, key: str) -> str:
        """The modeller's name of a style that the engine calls ``IfcSurfaceStyleRendering-1215``."""
        step_id = key.rpartition("-")[2]
        if not step_id.isdigit():
            return key
        try:
            entity = self._file.by_id(int(step_id))
            owners = [entity, *self._file.get_inverse(entity)]
        except RuntimeError:
            return key
        names = [get(owner, "Name") for owner in owners if owner.is_a("IfcSurfaceStyle") or owner == entity]
        return next((name for name in names if isinstance(name, str) and name), key)
