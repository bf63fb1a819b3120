"""``twin export``: a model as GLB, gbXML or EnergyPlus input, its site as a SWMM input file."""

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
        typer.Option(
            "--output",
            "-o",
            help="The file to write: .glb, .xml (gbXML), .hbjson (Honeybee), .idf (EnergyPlus), .inp (SWMM).",
            metavar="X.glb",
        ),
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Write a model and its surfaces as GLB (glTF), storeys and GlobalIds addressable.

    With -o X.xml: rooms, surfaces and constructions as gbXML, and what it loses.
    With -o X.hbjson: the same as a Honeybee model (Ladybug Tools, OpenStudio), and what it loses.
    With -o X.idf: the thermal model as input of EnergyPlus, with its hourly series and weather beside it.
    With -o X.inp: the covers of its site and their rain as an input file of EPA SWMM 5.
    """
    path = output or model.with_suffix(".glb")
    if path.suffix.lower() == ".inp":
        _export_site(model, path, project, lang)
        return
    if path.suffix.lower() in (".xml", ".hbjson", ".idf"):
        _export_energy(model, path, project, lang)
        return
    with status(lang, as_json=False) as progress:
        progress("read")
        import ifc
        from ifc.cutting import cut_openings
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


def _export_energy(model: Path, path: Path, project: Path | None, lang: Language) -> None:
    """The building as gbXML or HBJSON, or its thermal model as an EnergyPlus input file."""
    with status(lang, as_json=False) as progress:
        progress("read")
        from twin.evaluate import read_model
        from twin.report.console import print_diagnostics
        from twin.report.json_report import diagnostic_to_dict

        stated = read_project_option(project, None)
        building = read_model(model, stated)
        progress("export")
        if path.suffix.lower() != ".idf":
            from twin.verify.gbxml import to_gbxml
            from twin.verify.hbjson import to_hbjson

            document = to_gbxml(building) if path.suffix.lower() == ".xml" else to_hbjson(building)
            document.write(path)
            print_diagnostics([diagnostic_to_dict(loss, lang) for loss in document.losses], lang)
        else:
            from twin.climate import climate_for
            from twin.metrics.energy.controls import controls_left_out
            from twin.verify.energy import THEIR_STEPS_PER_HOUR, input_file, thermal_of
            from twin.verify.epw_writer import write_epw

            climate, _ = climate_for(building, stated)
            thermal = thermal_of(building, climate, stated)
            input_file(building, thermal, THEIR_STEPS_PER_HOUR).write(path.resolve().parent, path.name)
            write_epw(climate, path.with_suffix(".epw"))
            left_out = controls_left_out(stated.energy)
            print_diagnostics([diagnostic_to_dict(one, lang) for one in left_out], lang)
    print(path.resolve())
