"""``twin export``: a model as GLB."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from twin.cli.common import LangOption, ModelArgument
from twin.cli.status import status


def export(
    model: ModelArgument,
    lang: LangOption,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The GLB file to write.", metavar="X.glb")
    ] = None,
) -> None:
    """Write a model and its surfaces as GLB (glTF), storeys and GlobalIds addressable."""
    path = output or model.with_suffix(".glb")
    with status(lang, as_json=False) as progress:
        progress("read")
        import ifc
        from ifc.cut import cut_openings
        from viewer.scene import to_glb

        building = ifc.read(model)
        progress("export")
        data = to_glb(building, cut_openings(building))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    print(path.resolve())
