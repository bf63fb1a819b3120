"""``twin export``: a model as GLB, its site as a SWMM input file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from twin.cli.common import LangOption, Language, ModelArgument, ProjectOption, read_project_option
from twin.cli.status import status


def export(
    model: ModelArgument,
    lang: LangOption,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write: .glb, or .inp for SWMM.", metavar="X.glb"),
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Write a model and its surfaces as GLB (glTF), storeys and GlobalIds addressable.

    With -o X.inp: the covers of its site and their rain as an input file of EPA SWMM 5.
    """
    path = output or model.with_suffix(".glb")
    if path.suffix.lower() == ".inp":
        _export_site(model, path, project, lang)
        return
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


def _export_site(model: Path, path: Path, project: Path | None, lang: Language) -> None:
    """The site under the rain record, or under the city's design storm where there is none."""
    with status(lang, as_json=False) as progress:
        progress("read")
        import ifc
        from twin.climate import climate_for
        from twin.verify.sponge import site_cases
        from twin.verify.swmm_file import write_swmm

        stated = read_project_option(project, None)
        building = ifc.read(model)
        climate, _ = climate_for(building, stated)
        cases = site_cases(building, climate, stated)
        progress("export")
        write_swmm(cases.get("record") or cases["storm"], path)
    print(path.resolve())
