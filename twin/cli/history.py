"""``twin history``: readings out of the history, as a Parquet file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from twin.cli.common import LangOption, parse_list
from twin.cli.status import status


def history(
    project: Annotated[Path, typer.Argument(help="The project with \\[live].", metavar="twin.toml")],
    lang: LangOption,
    begin: Annotated[str, typer.Option("--begin", help="From this time on (ISO 8601).")] = "1970-01-01",
    end: Annotated[str, typer.Option("--end", help="Before this time (ISO 8601).")] = "2100-01-01",
    points: Annotated[
        str, typer.Option("--points", help="Ids of points, separated by commas; * and ? allowed.")
    ] = "*",
    homes: Annotated[
        bool, typer.Option("--homes", help="Also what was measured in homes, which is personal data.")
    ] = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")] = Path("readings.parquet"),
) -> None:
    """Write readings as Parquet: point, time (UTC), value, unit, quality. Without --homes none of homes."""
    with status(lang, False) as progress:
        progress("read")
        from fnmatch import fnmatchcase

        from sensors.points import Privacy
        from sensors.readings import parse_time
        from sensors.store.parquet import export_parquet
        from twin.live.composition import open_store, points_of_project
        from twin.project import read_project

        try:
            span = parse_time(begin), parse_time(end)
        except (ValueError, OverflowError):
            wrong = "时间应为 ISO 8601 格式" if lang == "zh" else "a time is written as ISO 8601"
            raise typer.BadParameter(wrong, param_hint="--begin / --end") from None
        stated = read_project(project)
        table = points_of_project(stated)
        wanted = parse_list(points)
        rows = [
            row
            for row, point in enumerate(table)
            if any(fnmatchcase(point.id, name) for name in wanted)
            and (homes or (point.privacy in (Privacy.PUBLIC, Privacy.COMMUNITY) and not point.household))
        ]
        store = open_store(stated, table, read_only=True)
        try:
            count = export_parquet(store, table, rows, *span, out)
        finally:
            store.close()
    said = (
        f"{count} 条读数，{len(rows)} 个测点" if lang == "zh" else f"{count} readings of {len(rows)} points"
    )
    print(said, file=sys.stderr)
    print(out.resolve())
