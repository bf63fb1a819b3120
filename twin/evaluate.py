"""One project in, one Evaluation out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ifc.model import BuildingModel, Diagnostic
from twin.climate import Climate
from twin.metrics.result import MetricResult
from twin.project import Project
from twin.rating.result import Scorecard


@dataclass(frozen=True)
class Evaluation:
    """Everything that was found out about one model."""

    model: BuildingModel
    project: Project
    climate: Climate
    metrics: Mapping[str, MetricResult]  # "daylight", "energy", "sponge"
    scorecard: Scorecard
    diagnostics: tuple[Diagnostic, ...]  # of the file, the surfaces and the metrics, without doubles
    seconds: Mapping[str, float]  # stage -> wall time
    peak_memory_mb: float
