"""``twin batch``: many models or revisions into one table."""

from __future__ import annotations

import json
import signal
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from twin.cli.common import (
    REQUIREMENT_NOT_MET,
    JsonOption,
    LangOption,
    ProjectOption,
    RequireOption,
    WeatherOption,
    require_folder,
)
from twin.cli.status import status


def batch(
    target: Annotated[
        str, typer.Argument(help="A folder, a glob pattern, or a manifest (CSV with columns model, project).")
    ],
    lang: LangOption,
    project: ProjectOption = None,
    weather: WeatherOption = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for batch.csv and batch.json.")] = Path(
        "out"
    ),
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Models evaluated at the same time.")] = 1,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds that one model may take.")] = 3600.0,
    require: RequireOption = None,
    as_json: JsonOption = False,
) -> None:
    """Evaluate many models or revisions, each in a process of its own, into one table."""
    with status(lang, as_json) as progress:
        from twin.batch import evaluate_many, find_models, write_table

        tasks = find_models(target, project, weather)
        require_folder(out)
        rows: list[dict[str, Any]] = []
        progress("batch", 0.0)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # a stopped batch stops its processes too
        with closing(evaluate_many(tasks, jobs=jobs, timeout_s=timeout, language=lang)) as evaluated:
            try:
                for row in evaluated:
                    rows.append(row)
                    progress("batch", len(rows) / len(tasks))
            finally:  # also what an interrupted batch has done
                rows.sort(key=lambda row: row["model"])
                written = write_table(rows, out) if rows else []
    if as_json:
        print(json.dumps({"schema_version": "1.0", "rows": rows}, ensure_ascii=False))
    else:
        from twin.report.console import print_batch

        print_batch(rows, lang)
    for path in written:
        print(path.resolve(), file=sys.stderr if as_json else sys.stdout)
    if require is not None and any(
        row["stars_guaranteed"] is None or row["stars_guaranteed"] < require for row in rows
    ):
        raise typer.Exit(REQUIREMENT_NOT_MET)
