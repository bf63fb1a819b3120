"""ifc.read: one IFC file in, one BuildingModel out."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ifc.assembly import assemble_geometry, model_offset, moved
from ifc.isolation import Limits, RawModel, read_isolated
from ifc.model import (
    BuildingModel,
    GroundCoverTable,
    Source,
    SpaceTable,
    SurfaceOpeningTable,
    SurfaceTable,
)
from ifc.model.empty import empty_table
from ifc.spaces import measure_spaces

Progress = Callable[[str, float], None]

SCHEMAS = {"IFC2X3": "IFC2X3", "IFC4": "IFC4", "IFC4X3_ADD2": "IFC4X3_ADD2"}


def read(
    path: str | Path, *, progress: Progress | None = None, timeout_s: float | None = None
) -> BuildingModel:
    """Read an IFC file."""
    path = Path(path)
    data = path.read_bytes()
    limits = Limits(total_s=timeout_s or 120.0 + 10.0 * len(data) / 1e6)
    raw = read_isolated(path, str(path), limits, progress)
    model = _model(raw, path, data)
    start = time.perf_counter()
    model = measure_spaces(model)
    return replace(model, seconds={**model.seconds, "spaces": time.perf_counter() - start})


def _model(raw: RawModel, path: Path, data: bytes) -> BuildingModel:
    tables = raw.tables
    geometry = assemble_geometry(raw.parts, tables["step_ids"])
    offset_m = model_offset(geometry)
    storeys = tables["storeys"]
    project = tables["project"]
    return BuildingModel(
        source=Source(
            path=str(path),
            sha256=hashlib.sha256(data).hexdigest(),
            size_bytes=len(data),
            schema=project["schema"],
            application=project["application"],
            project_name=project["project_name"],
            length_unit_m=tables["length_unit_m"],
            entity_counts=project["entity_counts"],
        ),
        offset_m=offset_m,
        site=tables["site"],
        elements=tables["elements"],
        properties=tables["properties"],
        storeys=replace(storeys, elevation_m=storeys.elevation_m - offset_m[2]),
        openings=tables["openings"],
        groups=tables["groups"],
        geometry=moved(geometry, offset_m),
        constructions=tables["constructions"],
        spaces=empty_table(SpaceTable),
        surfaces=empty_table(SurfaceTable),
        surface_openings=empty_table(SurfaceOpeningTable),
        ground_covers=empty_table(GroundCoverTable),
        diagnostics=tuple(tables["diagnostics"]),
        seconds=raw.seconds,
    )
