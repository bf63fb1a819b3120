"""Progress on a terminal, silence in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ifc.model import Language, Text

STAGES = {
    "read": Text("reading the model", "读取模型"),
    "climate": Text("preparing the climate", "准备气候数据"),
    "daylight": Text("computing daylight", "计算天然采光"),
    "sunlight": Text("computing sunlight hours", "计算日照"),
    "energy": Text("computing heating and cooling", "计算供暖空调需求"),
    "carbon": Text("counting carbon", "计算碳排放"),
    "sponge": Text("computing runoff", "计算雨水径流"),
    "rating": Text("rating the clauses", "评定条文"),
    "report": Text("writing the report", "生成报告"),
    "check": Text("checking the model", "检查模型"),
    "export": Text("writing the scene", "导出场景"),
    "batch": Text("evaluating the models", "批量评价"),
}
# How much of an evaluation is done when a stage begins, by the time that stages take of a usual model.
_BEGIN = {
    "climate": 0.3, "daylight": 0.32, "energy": 0.6, "sponge": 0.85, "rating": 0.9, "report": 0.95,
}  # fmt: skip

Show = Callable[..., None]  # (stage, fraction done or None)


@contextmanager
def progress_line(language: Language) -> Iterator[Show]:
    """Yields ``show(stage, fraction=None)``: the stage that begins, and how much of the whole is done."""
    if not sys.stderr.isatty():
        yield lambda stage, fraction=None: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(stage: str, fraction: float | None = None) -> None:
            text = STAGES[stage].in_language(language) if stage in STAGES else stage
            done = _BEGIN.get(stage) if fraction is None else fraction
            bar.update(task, description=text, total=None if done is None else 1.0, completed=done or 0.0)

        yield show
