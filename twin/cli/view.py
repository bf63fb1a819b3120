"""``twin view``: a model as a scene to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from twin.cli.common import LangOption, ModelArgument, ProjectOption, WeatherOption, read_project_option
from twin.cli.status import status


def view(
    model: ModelArgument,
    lang: LangOption,
    static: Annotated[
        Path,
        typer.Option("--static", help="Folder for the page; works from any file server.", metavar="OUT/"),
    ],
    project: ProjectOption = None,
    weather: WeatherOption = None,
    before: Annotated[
        Path | None,
        typer.Option("--before", help="An earlier revision to compare with.", metavar="OLD.ifc"),
    ] = None,
) -> None:
    """Evaluate a model and write the page that shows it in 3-D."""
    with status(lang, as_json=False) as progress:
        from twin.evaluate import evaluate
        from twin.view import require_page, write_static

        require_page()
        stated = read_project_option(project, weather)
        earlier = None if before is None else evaluate(before, stated, progress=progress)
        evaluation = evaluate(model, stated, progress=progress)
        progress("export")
        written = write_static(evaluation.model, evaluation, static, earlier)
    print(written.resolve())
