"""ifc.read: one IFC file in, one BuildingModel out."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ifc.assembly import assemble_geometry, model_offset, moved
from ifc.cache import load_cached, save_cached, user_cache_folder
from ifc.errors import IfcError
from ifc.findings import TRANSIENT_CODES, bad_records, element_findings, step_failed, text_findings
from ifc.isolation import Limits, Progress, RawModel, read_isolated
from ifc.model import (
    BuildingModel,
    Diagnostic,
    GroundCoverTable,
    Source,
    SpaceBoundaryTable,
    SpaceTable,
    SurfaceOpeningTable,
    SurfaceTable,
    Text,
)
from ifc.model.empty import empty_table
from ifc.spaces import measure_spaces
from ifc.step_file import SourceFile, StepFile, find_source, step_text
from ifc.step_repair import without_bad_records

_LEAST_S = 120.0
_SECONDS_PER_MB = 10.0
# IfcOpenShell holds 5 to 20 bytes per byte of the file, its libraries take a gigabyte of address space.
_LEAST_MEMORY_BYTES = 6 << 30
_MEMORY_PER_BYTE = 200


def read(
    path: str | Path,
    *,
    cache: Path | Literal["user"] | None = "user",
    progress: Progress | None = None,
    timeout_s: float | None = None,
) -> BuildingModel:
    """Read an IFC file (IFC2X3, IFC4 or IFC4X3_ADD2; .ifc or .ifczip).

    IfcOpenShell runs in a child process, so that no file can crash or hang the caller. What is lost of a
    broken file is told by ``model.diagnostics``; only a file with nothing usable raises.

    Args:
        path: the file. What counts is its content, not its name.
        cache: folder of models read before; ``"user"`` is :func:`ifc.cache.user_cache_folder`, None
            reads afresh and keeps nothing.
        progress: called with a stage (``"open"``, ``"model"``, ``"geometry"``, ...) and its fraction done.
        timeout_s: for IfcOpenShell's part; by default 2 minutes and 10 s per megabyte. Geometry that is not
            built by then is left out with a diagnostic.

    Raises:
        IfcError: there is no IFC file at ``path``, its schema is not read, or it holds nothing usable.
    """
    report = progress or (lambda stage, fraction: None)
    start = time.perf_counter()
    source = find_source(Path(path))
    folder = user_cache_folder() if cache == "user" else cache
    if folder is not None and (known := load_cached(folder, source.sha256)) is not None:
        seconds = {"cache": time.perf_counter() - start}
        return replace(known, source=replace(known.source, path=str(path)), seconds=seconds)
    model = read_file(source, report, timeout_s)
    # Not at the top: the children that read are gone now, and compilers take as much memory as they did.
    from shapely.errors import ShapelyError

    from ifc.derivation import STEPS

    for stage, complete in STEPS:
        report(stage, 0.0)
        begin = time.perf_counter()
        try:
            model = complete(model)
        except (ArithmeticError, LookupError, TypeError, ValueError, ShapelyError) as error:
            model = replace(model, diagnostics=(*model.diagnostics, step_failed(stage, error)))
        model = replace(model, seconds={**model.seconds, stage: time.perf_counter() - begin})
    if folder is not None and not any(found.code in TRANSIENT_CODES for found in model.diagnostics):
        save_cached(folder, model)
    return model


def read_file(source: SourceFile, report: Progress, timeout_s: float | None = None) -> BuildingModel:
    """The model as the file states it: no uses recognised, no surfaces derived, nothing assumed.

    Args:
        source: the file.
        report: called with a stage and its fraction done.
        timeout_s: as for :func:`read`.

    Raises:
        IfcError: as :func:`read`.
    """
    limits = Limits(
        total_s=timeout_s or _LEAST_S + _SECONDS_PER_MB * source.size_bytes / 1e6,
        memory_bytes=max(_LEAST_MEMORY_BYTES, _MEMORY_PER_BYTE * source.size_bytes),
    )
    with tempfile.TemporaryDirectory(prefix="greentwin-") as temporary:
        folder = Path(temporary)
        step = step_text(source, folder)
        try:
            raw = read_isolated(step.path, str(source.path), limits, report)
        except IfcError as error:
            if error.code not in ("reader-refused", "reader-crashed"):
                raise
            step = _repaired(step, folder, error)
            raw = read_isolated(step.path, str(source.path), limits, report)
        if "not-a-number" in raw.complaints:
            # The parser leaves NaN out of a list, so that (NaN, 5., 3.) becomes (5., 3.): a wrong place.
            repair = without_bad_records(step.path, step.schema, folder)
            if repair is not None and repair.dropped:
                step = replace(step, path=repair.path, diagnostics=(*step.diagnostics, bad_records(repair)))
                raw = read_isolated(step.path, str(source.path), limits, report)
        return measure_spaces(_assembled(raw, source, step))


def _repaired(step: StepFile, folder: Path, error: IfcError) -> StepFile:
    """The file without the records that made the parser refuse it."""
    repair = without_bad_records(step.path, step.schema, folder)
    if repair is None or (error.code == "reader-crashed" and not repair.dropped):
        raise error
    return replace(step, path=repair.path, diagnostics=(*step.diagnostics, bad_records(repair)))


def _assembled(raw: RawModel, source: SourceFile, step: StepFile) -> BuildingModel:
    tables = raw.tables
    found = [*step.diagnostics, *text_findings(step, raw)]
    if not len(tables["elements"]):
        raise _nothing_usable(source, found)
    geometry = assemble_geometry(raw.parts, tables["step_ids"])
    offset_m = model_offset(geometry)
    storeys, project = tables["storeys"], tables["project"]
    return BuildingModel(
        source=Source(
            path=str(source.path),
            sha256=source.sha256,
            size_bytes=source.size_bytes,
            schema=step.schema,
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
        boundaries=_about(tables["boundaries"], offset_m),
        ground_covers=empty_table(GroundCoverTable),
        diagnostics=(*found, *tables["diagnostics"], *element_findings(raw, tables["elements"])),
        seconds=raw.seconds,
    )


def _about(boundaries: SpaceBoundaryTable, offset_m: NDArray[np.float64]) -> SpaceBoundaryTable:
    """The boundaries in model coordinates."""
    polygon = replace(boundaries.polygon, vertices=boundaries.polygon.vertices - offset_m)
    return replace(boundaries, polygon=polygon)


def _nothing_usable(source: SourceFile, found: Sequence[Diagnostic]) -> IfcError:
    """No element at all; what was found in the text says why, where anything was."""
    reason = found[0].message if found else Text("", "")
    remedy = Text("Export the model again and copy it whole.", "请重新导出模型，并确认文件完整复制。")
    return IfcError(
        "no-content",
        str(source.path),
        Text(
            f"The file holds no building element. {reason.en}".strip(),
            f"文件中没有任何建筑构件。{reason.zh}",
        ),
        found[0].remedy if found else remedy,
    )
