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
    "energy": Text("computing heating and cooling", "计算供暖空调需求"),
    "sponge": Text("computing runoff", "计算雨水径流"),
    "rating": Text("rating the clauses", "评定条文"),
    "check": Text("checking the model", "检查模型"),
    "export": Text("writing the scene", "导出场景"),
    "report": Text("writing the report", "生成报告"),
}


@contextmanager
def progress_line(language: Language) -> Iterator[Callable[[str], None]]:
    """Yields a function that shows the name of the stage that begins."""
    if not sys.stderr.isatty():
        yield lambda stage: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(stage: str) -> None:
            text = STAGES.get(stage)
            bar.update(task, description=text.in_language(language) if text else stage)

        yield show
