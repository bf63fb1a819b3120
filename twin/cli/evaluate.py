"""``twin evaluate``: one model in, scorecard and reports out."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from twin.cli.common import (
    REQUIREMENT_NOT_MET,
    JsonOption,
    LangOption,
    ModelArgument,
    ProjectOption,
    RequireOption,
    WeatherOption,
    parse_formats,
    read_project_option,
    require_folder,
    write_json,
)
from twin.cli.status import status


class ReportFormat(StrEnum):
    """Files that ``twin evaluate`` can write."""

    HTML = "html"
    JSON = "json"
    PARQUET = "parquet"
    BCF = "bcf"


def evaluate(
    model: ModelArgument,
    lang: LangOption,
    project: ProjectOption = None,
    weather: WeatherOption = None,
    measured: Annotated[
        Path | None,
        typer.Option("--measured", help="A year of operation, as twin measure writes it.", metavar="X.json"),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the reports.")] = Path("out"),
    formats: Annotated[
        str,
        typer.Option("--format", "-f", help="Files to write, separated by commas: html, json, parquet, bcf."),
    ] = "html,json",
    require: RequireOption = None,
    as_json: JsonOption = False,
) -> None:
    """Evaluate a model: metrics, clauses, score, stars and a report with the evidence."""
    wanted = parse_formats(ReportFormat, formats, lang)
    if ReportFormat.PARQUET in wanted:
        from twin.report.parquet import require_parquet

        require_parquet()
    with status(lang, as_json) as progress:
        from twin.evaluate import evaluate as run
        from twin.report.json_report import evaluation_to_dict

        evidence = None
        if measured is not None:
            from twin.measured.operation_file import read_measured

            evidence = read_measured(measured, datetime.now(UTC))
        stated = read_project_option(project, weather)
        if wanted:
            require_folder(out)
        evaluation = run(model, stated, measured=evidence, progress=progress)
        progress("report")
        written: list[Path] = []
        if ReportFormat.HTML in wanted:
            from twin.report.html_report import write_html

            written.append(write_html(evaluation, out / f"{model.stem}.html", lang))
        data = evaluation_to_dict(evaluation, lang)
        if ReportFormat.JSON in wanted:
            written.append(write_json(data, out / f"{model.stem}.json"))
        if ReportFormat.PARQUET in wanted:
            from twin.report.parquet import write_parquet

            written += write_parquet(evaluation, out, model.stem)
        if ReportFormat.BCF in wanted:
            from twin.report.bcf_report import write_bcf

            written.append(write_bcf(evaluation, out / f"{model.stem}.bcf", lang))
    from twin.report.console import print_diagnostics, print_scorecard

    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        print_scorecard(evaluation, lang)
    print_diagnostics(data["diagnostics"], lang)
    for path in written:
        print(path.resolve(), file=sys.stderr if as_json else sys.stdout)
    if require is not None and evaluation.scorecard.stars_guaranteed < require:
        raise typer.Exit(REQUIREMENT_NOT_MET)
