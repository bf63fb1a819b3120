"""``twin measure``: what a year of readings shows of the facts of the rating."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twin.cli.common import JsonOption, LangOption, write_json
from twin.cli.status import status

if TYPE_CHECKING:
    from sensors.points import PointTable
    from twin.live.places import Places
    from twin.project import Project


def measure(
    project: Annotated[Path, typer.Argument(help="The project with \\[live].", metavar="twin.toml")],
    lang: LangOption,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")] = Path("measured.json"),
    as_json: JsonOption = False,
) -> None:
    """Write the measured facts of the last twelve whole months, for ``twin evaluate --measured``.

    A fact without enough data says how much there is (docs/measured.md).
    """
    with status(lang, as_json) as progress:
        progress("read")
        from datetime import UTC, datetime

        from twin.live.composition import open_store, points_of_project
        from twin.measured.operation import last_year, operation_facts
        from twin.measured.operation_file import measured_to_dict
        from twin.project import read_project

        stated = read_project(project)
        points = points_of_project(stated)
        places = _places(stated, points)
        now = datetime.now(UTC)
        hours = last_year(now, stated.live.zone)
        store = open_store(stated, points, read_only=True)
        try:
            facts = operation_facts(store, points, places, stated.live.meters, hours)
        finally:
            store.close()
        name = stated.project.name or project.stem
        data = measured_to_dict(name, facts, hours, stated.live.zone, now)
        write_json(data, out)
    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        from twin.measured.report import print_operation

        print_operation(data, lang)
    print(out.resolve(), file=sys.stderr if as_json else sys.stdout)


def _places(project: Project, points: PointTable) -> Places:
    """Where the bound points stand in the model; nowhere without bindings."""
    import ifc
    from twin.live.composition import places_of_project
    from twin.live.places import Places

    if project.live.model is None or project.live.bindings is None:
        return Places()
    return places_of_project(project, ifc.read(project.resolve(project.live.model)), points)
