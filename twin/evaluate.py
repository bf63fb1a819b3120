"""One project in, one Evaluation out."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ifc.model import BuildingModel, Diagnostic, Severity, Text
from twin.errors import TwinError
from twin.metrics.result import MetricResult

if TYPE_CHECKING:
    from twin.climate import Climate
    from twin.project import Project
    from twin.rating.result import Scorecard

METRICS = ("daylight", "sunlight", "energy", "carbon", "sponge")  # energy reads daylight, carbon energy

Progress = Callable[[str], None]  # called with the name of each stage as it begins


@dataclass(frozen=True)
class Evaluation:
    """Everything that was found out about one model."""

    model: BuildingModel
    project: Project
    climate: Climate
    metrics: Mapping[str, MetricResult]  # by the names of METRICS
    scorecard: Scorecard
    diagnostics: tuple[Diagnostic, ...]  # of the file, the surfaces, the climate, the metrics and the rating
    seconds: Mapping[str, float]  # stage -> wall time
    peak_memory_mb: float  # of this process and its largest child


def evaluate(
    path: Path | str,
    project: Project | None = None,
    *,
    measured: MetricResult | None = None,
    cache: Path | Literal["user"] | None = "user",
    progress: Progress = lambda stage: None,
) -> Evaluation:
    """Read a model, compute its metrics and rate it.

    Args:
        path: the IFC file.
        project: what twin.toml says; None for every option at its default.
        measured: facts of a year of operation (``twin.measured.operation_file.read_measured``).
        cache: folder of the model cache, "user" for the user's own, None to read the file anew.
        progress: called with the name of each stage as it begins.

    Raises:
        IfcError: the model cannot be read.
        TwinError: the project names data that cannot be read, or is rated by measurements before completion.
    """
    from shapely.errors import ShapelyError

    from twin.catchments import site_catchments
    from twin.climate import climate_for
    from twin.project import Project
    from twin.rating import rate
    from twin.rating.declarations import read_declarations
    from twin.rating.standard_reader import load_standard

    project = project or Project()
    read_declarations(project, load_standard())  # a wrong name in it is told before the long work
    site_catchments(project)  # and so is a wrong file
    if measured is not None and project.project.stage != "evaluation":
        raise _measured_too_early(project)
    seconds: dict[str, float] = {}

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        progress(name)
        begin = time.perf_counter()
        yield
        seconds[name] = time.perf_counter() - begin

    with stage("read"):
        model = read_model(path, project, cache=cache)
    with stage("climate"):
        climate, climate_diagnostics = climate_for(model, project)
    metrics: dict[str, MetricResult] = {}
    failures: list[Diagnostic] = []
    for name in METRICS:
        with stage(name):
            try:
                metrics[name] = _compute(name, metrics)(model, climate, project)
            except (
                ArithmeticError, LookupError, MemoryError, TypeError, ValueError, ShapelyError,
            ) as error:  # fmt: skip
                failures.append(_metric_failed(name, error))
    with stage("rating"):
        evidence = metrics if measured is None else {**metrics, measured.name: measured}
        scorecard = rate(model, evidence, project)
    found = (
        *model.diagnostics,
        *climate_diagnostics,
        *(diagnostic for metric in metrics.values() for diagnostic in metric.diagnostics),
        *failures,
        *scorecard.diagnostics,
    )
    return Evaluation(
        model=model,
        project=project,
        climate=climate,
        metrics=metrics,
        scorecard=scorecard,
        diagnostics=tuple(dict.fromkeys(found)),
        seconds=seconds,
        peak_memory_mb=peak_memory_mb(),
    )


def read_model(
    path: Path | str, project: Project, *, cache: Path | Literal["user"] | None = "user"
) -> BuildingModel:
    """The model that the metrics compute on: the file with the uses and constructions of twin.toml.

    Args:
        path: the IFC file.
        project: what twin.toml says.
        cache: as for :func:`evaluate`.

    Raises:
        IfcError: the model cannot be read.
        TwinError: the project names a use or a zone that does not exist.
    """
    import ifc
    from twin.declared_uses import with_declared_uses
    from twin.thermal_zone import with_constructions

    return with_constructions(with_declared_uses(ifc.read(path, cache=cache), project), project)


def _compute(
    name: str, done: Mapping[str, MetricResult]
) -> Callable[[BuildingModel, Climate, Project], MetricResult]:
    """The ``compute`` of one metric; its module is imported only now, as it brings Numba along.

    ``done`` are the results of the metrics before it.
    """
    if name == "daylight":
        from twin.metrics.daylight import compute
    elif name == "sunlight":
        from twin.metrics.sunlight import compute
    elif name == "energy":
        from twin.metrics import energy

        return partial(energy.compute, daylight=done.get("daylight"))
    elif name == "carbon":
        from twin.metrics import carbon

        return partial(carbon.compute, energy=done.get("energy"))
    else:
        from twin.metrics.sponge import compute
    return compute


def _measured_too_early(project: Project) -> TwinError:
    return TwinError(
        "measured-before-completion",
        str(project.file or "twin.toml"),
        Text(
            "The stage is pre_evaluation, which knows no measurements.", "当前为预评价阶段，不采用实测数据。"
        ),
        Text('Set stage = "evaluation" under [project].', '请在 [project] 下设置 stage = "evaluation"。'),
    )


def _metric_failed(name: str, error: Exception) -> Diagnostic:
    """A metric that breaks costs that metric, never the whole run; its clauses then cannot be told."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return Diagnostic(
        code="metric-failed",
        severity=Severity.ERROR,
        message=Text(
            f"The metric {name} stopped with {type(error).__name__}: {error} ({place}).",
            f"指标 {name} 计算中断：{type(error).__name__}：{error}（{place}）。",
        ),
        remedy=Text(
            "This is a fault of greentwin, not of the model: report it with the file, if it may be shared.",
            "这是 greentwin 的缺陷而非模型问题：如文件可公开，请随文件一并反馈。",
        ),
    )


def peak_memory_mb() -> float:
    """Peak resident memory of this process or its largest child, whichever is larger, in MB.

    NaN where the operating system does not tell (Windows).
    """
    if sys.platform == "win32":
        return float("nan")
    import resource

    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return peak / (1024.0 * 1024.0 if sys.platform == "darwin" else 1024.0)
