"""``twin sunlight``: hours of sunlight while a building stands here or there."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from twin.cli.common import (
    DONE,
    REQUIREMENT_NOT_MET,
    JsonOption,
    LangOption,
    Language,
    ModelArgument,
    ProjectOption,
    read_project_option,
)
from twin.cli.status import status


def sunlight(
    model: ModelArgument,
    move: Annotated[
        list[str],
        typer.Option("--move", help="Name or GlobalId of what moves, with * and ?; again for more."),
    ],
    by: Annotated[
        list[str],
        typer.Option("--by", help="x,y,z in metres: an alternative; again for more.", metavar="X,Y,Z"),
    ],
    lang: LangOption,
    project: ProjectOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hours of sunlight of every room with a building moved: a massing study (docs/sunlight.md).

    Exit with 1 unless every alternative meets the sunlight standard.
    """
    offsets = [(0.0, 0.0, 0.0), *(_offset(text, lang) for text in by)]
    with status(lang, as_json) as progress:
        progress("read")
        import numpy as np

        from twin.climate import climate_for
        from twin.evaluate import read_model
        from twin.metrics.sunlight import moved_sunlight
        from twin.metrics.sunlight.massing_report import massing_to_dict, print_massing

        stated = read_project_option(project, None)
        building = read_model(model, stated)
        climate, _ = climate_for(building, stated)
        progress("sunlight")
        found = moved_sunlight(building, climate, stated, move, np.array(offsets))
        data = massing_to_dict(building, found)
    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        print_massing(data, lang)
    met = all(each["meets"] for each in data["alternatives"])
    raise typer.Exit(DONE if met else REQUIREMENT_NOT_MET)


def _offset(text: str, lang: Language) -> tuple[float, float, float]:
    """The three numbers of ``x,y,z``."""
    try:
        x, y, z = map(float, text.split(","))
    except ValueError:
        wrong = (
            f"{text} 不是以逗号分隔的三个数（米）"
            if lang == "zh"
            else f"{text} is not three numbers (metres) with commas between"
        )
        raise typer.BadParameter(wrong, param_hint="--by") from None
    return x, y, z
