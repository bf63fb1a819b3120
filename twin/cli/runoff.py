"""``twin runoff``: the site's model under measured rain, beside measured levels and outflow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from twin.cli.common import DONE, REQUIREMENT_NOT_MET, JsonOption, LangOption
from twin.cli.status import status

DAY_US = 86_400_000_000


def runoff(
    project: Annotated[Path, typer.Argument(help="The project with \\[live].", metavar="twin.toml")],
    lang: LangOption,
    begin: Annotated[
        str, typer.Option("--begin", help="From this time on (ISO 8601); 30 days before the end.")
    ] = "",
    end: Annotated[str, typer.Option("--end", help="Before this time (ISO 8601); now.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Simulate the site under the rain of its gauge and compare (docs/measured.md).

    Exit with 1 unless the model follows what was measured.
    """
    with status(lang, as_json) as progress:
        progress("read")
        from ifc.model import Text
        from sensors.readings import now_us, parse_time
        from twin.errors import TwinError
        from twin.evaluate import read_model
        from twin.live.composition import open_store, places_of_project, points_of_project
        from twin.measured.runoff import measured_runoff, site_model
        from twin.measured.runoff_report import print_runoff, runoff_to_dict
        from twin.project import read_project

        try:
            end_us = parse_time(end) if end else now_us()
            begin_us = parse_time(begin) if begin else end_us - 30 * DAY_US
        except (ValueError, OverflowError):
            wrong = "时间应为 ISO 8601 格式" if lang == "zh" else "a time is written as ISO 8601"
            raise typer.BadParameter(wrong, param_hint="--begin / --end") from None
        stated = read_project(project)
        points = points_of_project(stated)
        if stated.live.model is None:
            raise TwinError(
                "no-live-model",
                f"{project}, live.model",
                Text("The project names no model of the site.", "项目未指定场地模型。"),
                Text("Name its IFC file there.", "请在该处填写 IFC 文件。"),
            )
        model = read_model(stated.resolve(stated.live.model), stated)
        places = places_of_project(stated, model, points)
        progress("sponge")
        site = site_model(model, stated)
        store = open_store(stated, points, read_only=True)
        try:
            found = measured_runoff(store, points, places, site, begin_us, end_us)
        finally:
            store.close()
        data = runoff_to_dict(found)
    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        print_runoff(data, lang)
    raise typer.Exit(DONE if found.follows else REQUIREMENT_NOT_MET)
