"""Where the time goes: every stage from the IFC file to the report, and the peak memory, per model."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.cases import pilot_models, real_models
from benchmarks.row import Row


def measure(path: Path) -> tuple[dict[str, float], float]:
    """Seconds per stage and peak memory in MB of one cold evaluation, kernels compiled before."""
    from twin.evaluate import evaluate, peak_memory_mb
    from twin.project import read_project
    from twin.report.html_report import write_html
    from twin.warmup import warm_up

    warm_up()
    own_project = path.with_suffix(".toml")
    project = read_project(own_project) if own_project.exists() else None
    evaluation = evaluate(path, project, cache=None)
    seconds = {f"read: {stage}": value for stage, value in evaluation.model.seconds.items()}
    seconds |= evaluation.seconds
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        write_html(evaluation, Path(folder) / "report.html")
    seconds["report"] = time.perf_counter() - begin
    return seconds, peak_memory_mb()


def run() -> list[Row]:
    """One row per model and stage; each model in a process of its own, so that the peak is its own."""
    rows = []
    for path in [*pilot_models(), *real_models()]:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            seconds, peak_mb = pool.submit(measure, path).result()
        for stage, value in seconds.items():
            rows.append(Row("stages", f"{path.stem} {stage}", value))
        total = sum(value for stage, value in seconds.items() if not stage.startswith("read:"))
        rows.append(Row("stages", f"{path.stem} total", total, peak_mb=peak_mb))
    return rows
