"""``twin bind``: which point belongs to which element."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from twin.cli.common import REQUIREMENT_NOT_MET, JsonOption, LangOption, ModelArgument
from twin.cli.status import status


def bind_points(
    model: ModelArgument,
    lang: LangOption,
    points: Annotated[
        Path, typer.Option("--points", help="The table of points (CSV or YAML).", metavar="points.csv")
    ],
    bindings: Annotated[
        Path | None,
        typer.Option("--bindings", "-b", help="The reviewed bindings (CSV or YAML).", metavar="bindings.csv"),
    ] = None,
    brick: Annotated[
        Path | None, typer.Option("--brick", help="A Brick model to suggest from.", metavar="X.ttl")
    ] = None,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Suggest elements for the points that are not bound.")
    ] = False,
    confidence: Annotated[
        float,
        typer.Option("--confidence", min=0.5, max=1, help="From here a lost element counts as found again."),
    ] = 0.9,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the tables.")] = Path("out"),
    as_json: JsonOption = False,
) -> None:
    """Check which point belongs to which element; exit with 1 when a point is not bound."""
    with status(lang, as_json) as progress:
        progress("read")
        import ifc
        from sensors.points import read_points
        from twin.binding.check import check_bindings
        from twin.binding.report import check_to_dict, write_tables
        from twin.binding.suggest import suggestions_for
        from twin.binding.table import read_bindings

        table = read_points(points)
        known = () if bindings is None else read_bindings(bindings)
        building = ifc.read(model)
        checked = check_bindings(building, known, table, confidence)
        suggested = suggestions_for(building, table, checked.unbound, brick) if suggest or brick else ()
        written = write_tables(checked, suggested, out)
    data = check_to_dict(checked, suggested)
    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        from twin.binding.report import print_check

        print_check(checked, suggested, lang)
    for path in written:
        print(path.resolve(), file=sys.stderr if as_json else sys.stdout)
    if checked.unbound or checked.dead:
        raise typer.Exit(REQUIREMENT_NOT_MET)
