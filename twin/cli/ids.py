"""``twin ids`` and ``twin check``: the data that a model must carry, and whether it does."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from twin.cli.common import (
    REQUIREMENT_NOT_MET,
    JsonOption,
    LangOption,
    ModelArgument,
    ProjectOption,
    parse_formats,
    parse_list,
    read_project_option,
    write_json,
)
from twin.cli.status import status

ClausesOption = Annotated[
    str | None,
    typer.Option("--clauses", "-c", help="Clauses to be earned, separated by commas.", metavar="5.2.8,7.2.4"),
]


StarsOption = Annotated[
    int | None,
    typer.Option("--require", min=1, max=3, help="Only the data that this many stars need."),
]


class CheckFormat(StrEnum):
    """Files that ``twin check`` can write."""

    HTML = "html"
    JSON = "json"
    BCF = "bcf"


def write_ids(
    lang: LangOption,
    project: ProjectOption = None,
    clauses: ClausesOption = None,
    require: StarsOption = None,
    schema: Annotated[
        Literal["IFC2X3", "IFC4", "IFC4X3"], typer.Option("--schema", help="IFC schema of the models.")
    ] = "IFC4",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The IDS file to write; without it, stdout.", metavar="NEEDS.ids"
        ),
    ] = None,
) -> None:
    """Write the data that a model must carry as a buildingSMART IDS 1.0 file."""
    with status(lang, as_json=False):
        from twin.ids.write import ids_for, save_ids

        named = None if clauses is None else parse_list(clauses)
        text = ids_for(read_project_option(project, None), clauses=named, stars=require, schema=schema)
        written = None if output is None else save_ids(text, output)
    print(text if written is None else written.resolve(), end="" if written is None else "\n")


def check(
    model: ModelArgument,
    lang: LangOption,
    ids: Annotated[
        Path | None,
        typer.Option("--ids", help="The IDS to check; without it, that of `twin ids`.", metavar="NEEDS.ids"),
    ] = None,
    project: ProjectOption = None,
    clauses: ClausesOption = None,
    require: StarsOption = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the reports.")] = Path("out"),
    formats: Annotated[
        str, typer.Option("--format", "-f", help="Reports to write, separated by commas: html, json, bcf.")
    ] = "html,json,bcf",
    as_json: JsonOption = False,
) -> None:
    """Check a model against an IDS; exit with 1 when a specification fails."""
    wanted = parse_formats(CheckFormat, formats, lang)
    if ids is not None and (clauses is not None or require is not None):
        raise typer.BadParameter("--clauses and --require are for the generated IDS", param_hint="--ids")
    with status(lang, as_json) as progress:
        progress("check")
        from twin.ids.check import check as run
        from twin.ids.json_report import check_to_dict

        named = None if clauses is None else parse_list(clauses)
        result = run(model, ids, read_project_option(project, None), clauses=named, stars=require)
        data = check_to_dict(result, lang)
        written: list[Path] = []
        if CheckFormat.HTML in wanted:
            from twin.ids.html_report import write_html

            written.append(write_html(result, out / f"{model.stem}.check.html", lang))
        if CheckFormat.JSON in wanted:
            written.append(write_json(data, out / f"{model.stem}.check.json"))
        if CheckFormat.BCF in wanted:
            from twin.ids.bcf import write_bcf

            written.append(write_bcf(result, out / f"{model.stem}.check.bcf", lang))
    from twin.report.console import print_diagnostics

    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        from twin.ids.console import print_check

        print_check(result, lang)
    print_diagnostics(data["diagnostics"], lang)
    for path in written:
        print(path.resolve(), file=sys.stderr if as_json else sys.stdout)
    if not result.passed:
        raise typer.Exit(REQUIREMENT_NOT_MET)
