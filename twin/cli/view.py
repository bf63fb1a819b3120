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
        Path | None,
        typer.Option("--static", help="Folder for the page; works from any file server.", metavar="OUT/"),
    ] = None,
    desktop: Annotated[
        bool, typer.Option("--desktop", help="Open a window instead (extra `desktop`).")
    ] = False,
    project: ProjectOption = None,
    weather: WeatherOption = None,
    before: Annotated[
        Path | None,
        typer.Option("--before", help="An earlier revision to compare with.", metavar="OLD.ifc"),
    ] = None,
) -> None:
    """Evaluate a model and write the page that shows it in 3-D, or open it in a window."""
    if (static is None) is not desktop or (desktop and before is not None):
        raise typer.BadParameter(
            "请给出 --static OUT/ 或 --desktop 之一；--before 只用于 --static"
            if lang == "zh"
            else "give one of --static OUT/ and --desktop; --before goes with --static",
            param_hint="--static",
        )
    with status(lang, as_json=False) as progress:
        from twin.evaluate import evaluate
        from twin.view import require_page, require_window, show_window, write_static

        require_window() if static is None else require_page()
        stated = read_project_option(project, weather)
        earlier = None if before is None else evaluate(before, stated, progress=progress)
        evaluation = evaluate(model, stated, progress=progress)
        progress("export")
        if static is not None:
            written = write_static(evaluation.model, evaluation, static, earlier)
    if static is None:
        show_window(evaluation.model, evaluation, lang)
    else:
        print(written.resolve())
