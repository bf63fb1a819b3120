"""The scene as a folder that any file server can serve: GLB per storey, tables, arrays of values."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, GeometryTable, Text
from viewer.layers import Cells, Layer
from viewer.scene_tables import details_by_storey, element_columns, group_list, row_count, space_columns
from viewer.storey_glb import storey_glbs

SCHEMA_VERSION = "1"


class _Arrays:
    """Arrays one behind the other in one file; each on a multiple of four bytes."""

    def __init__(self) -> None:
        self.data = bytearray()

    def add(self, values: NDArray[Any]) -> dict[str, Any]:
        kind = "i32" if np.issubdtype(values.dtype, np.integer) else "f32"
        stored = np.ascontiguousarray(values, np.dtype("<i4" if kind == "i32" else "<f4"))
        place = {"type": kind, "offset": len(self.data), "length": int(stored.size)}
        self.data += stored.tobytes()
        return place


def write_scene_folder(
    folder: Path,
    model: BuildingModel,
    geometry: GeometryTable,
    layers: Sequence[Layer] = (),
    *,
    about: Mapping[str, Any] | None = None,
) -> None:
    """Write the scene of a model.

    Args:
        folder: where to; made if it does not exist.
        model: the building.
        geometry: its shapes, best with openings cut.
        layers: what it can be coloured by.
        about: further entries of scene.json.
    """
    (folder / "details").mkdir(parents=True, exist_ok=True)
    storeys = []
    for glb in storey_glbs(model, geometry):
        name = "site.glb" if glb.storey < 0 else f"storey-{glb.storey}.glb"
        (folder / name).write_bytes(glb.data)
        storeys.append(
            {
                "storey": glb.storey, "glb": name, "bytes": len(glb.data), "triangles": glb.triangles,
                "low": _rounded(glb.low), "high": _rounded(glb.high),
            }
        )  # fmt: skip
    _remove_others(folder, "*.glb", {str(one["glb"]) for one in storeys})
    details = details_by_storey(model)
    for storey in range(-1, len(model.storeys)):
        _write(folder / "details" / f"{storey}.json", details.get(storey, {}))
    _remove_others(folder / "details", "*.json", {f"{one}.json" for one in range(-1, len(model.storeys))})
    arrays = _Arrays()
    described = [_layer(layer, arrays) for layer in layers]
    (folder / "values.bin").write_bytes(arrays.data)
    _write(folder / "elements.json", {**element_columns(model), "spaces": space_columns(model)})
    site = model.site
    _write(
        folder / "scene.json",
        {
            "schema_version": SCHEMA_VERSION,
            "name": model.source.project_name,
            "file": Path(model.source.path).name,
            "sha256": model.source.sha256,
            "rows": row_count(model),
            "offset_m": model.offset_m.tolist(),
            "storeys": [
                {
                    "global_id": str(model.elements.global_id[row]) if row >= 0 else "",
                    "name": str(model.storeys.name[index]),
                    "elevation_m": float(model.storeys.elevation_m[index]),
                }
                for index, row in enumerate(model.storeys.element.tolist())
            ],
            "parts": storeys,
            "groups": group_list(model),
            "site": {
                "name": site.name, "latitude_deg": site.latitude_deg, "longitude_deg": site.longitude_deg,
                "north_deg": site.north_deg, "north_stated": site.north_stated, "address": site.address,
            },
            "layers": described,
            **(about or {}),
        },
    )  # fmt: skip


def _remove_others(folder: Path, pattern: str, kept: Collection[str]) -> None:
    """Remove the storeys of an earlier model with more of them; files of other names are not ours."""
    for path in folder.glob(pattern):
        if path.name not in kept and re.fullmatch(r"(site|storey-\d+)\.glb|-?\d+\.json", path.name):
            path.unlink()


def _layer(layer: Layer, arrays: _Arrays) -> dict[str, Any]:
    return {
        "id": layer.id,
        "label": both(layer.label),
        "unit": layer.unit,
        "group": layer.group,
        "row": arrays.add(layer.row.astype(np.int32)),
        "values": arrays.add(layer.values),
        "limit": None if layer.limit is None else arrays.add(layer.limit),
        "low": layer.low,
        "high": layer.high,
        "rule": both(layer.rule),
        "source": layer.source,
        "categories": [{"label": both(one.label), "colour": one.colour} for one in layer.categories],
        "cells": None if layer.cells is None else _cells(layer.cells, arrays),
        "notes": {str(row): both(note) for row, note in layer.notes.items()},
    }


def _cells(cells: Cells, arrays: _Arrays) -> dict[str, Any]:
    """Squares; equal pairs of sides are stored once."""
    sides = np.round(np.hstack([cells.along, cells.across]), 4)
    frames, frame = np.unique(sides, axis=0, return_inverse=True)
    return {
        "centre": arrays.add(cells.centre.astype(np.float32)),
        "frames": arrays.add(frames),
        "frame": arrays.add(frame.astype(np.int32).ravel()),
        "row": arrays.add(cells.row.astype(np.int32)),
        "values": arrays.add(cells.values),
    }


def both(text: Text) -> dict[str, str]:
    """A text in both languages as JSON data."""
    return {"en": text.en, "zh": text.zh}


def _rounded(corner: Sequence[float]) -> list[float]:
    return [round(part, 3) for part in corner]


def _write(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False), "utf-8")
