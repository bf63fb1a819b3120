"""``twin verify``: a metric by an established program beside ours."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twin.cli.common import (
    JsonOption,
    LangOption,
    Language,
    ModelArgument,
    ProjectOption,
    WeatherOption,
    read_project_option,
)
from twin.cli.status import status

if TYPE_CHECKING:
    from ifc.model import BuildingModel
    from twin.climate import Climate
    from twin.project import Project

verify = typer.Typer(
    name="verify", help="Compute a metric by an established program beside ours.", no_args_is_help=True
)


@verify.command("daylight")
def verify_daylight(
    model: ModelArgument,
    lang: LangOption,
    project: ProjectOption = None,
    points: Annotated[
        int, typer.Option("--points", "-n", min=1, help="Points (eyes) to compare, shared out to the rooms.")
    ] = 100,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the points (CSV).")] = Path("out"),
    scenes: Annotated[
        Path | None, typer.Option("--scenes", help="Folder to keep the Radiance scenes in.")
    ] = None,
    annual: Annotated[
        bool, typer.Option("--annual", help="The illuminance of every hour of the year instead.")
    ] = False,
    glare: Annotated[
        bool, typer.Option("--glare", help="The glare at the eyes of the main rooms instead, by evalglare.")
    ] = False,
    weather: WeatherOption = None,
    as_json: JsonOption = False,
) -> None:
    """Daylight factors beside Radiance, point by point (extra ``verify``)."""
    if annual and glare:
        raise typer.BadParameter("--annual and --glare are two comparisons: ask for one of them.")
    if glare:
        _verify_glare(model, lang, project, weather, points, scenes, as_json)
        return
    if annual:
        _verify_year(model, lang, project, weather, points, scenes, as_json)
        return
    with status(lang, as_json) as progress:
        progress("read")
        from twin.evaluate import read_model
        from twin.verify.daylight import compare
        from twin.verify.report import comparison_to_dict, print_comparison, write_points

        stated = read_project_option(project, None)
        building = read_model(model, stated)
        found = compare(building, stated, points=points, keep=scenes, progress=progress)
        data = comparison_to_dict(building, found)
        written = write_points(building, found, out / f"{model.stem}.radiance.csv")
    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        print_comparison(data, lang)
    print(written.resolve(), file=sys.stderr if as_json else sys.stdout)


def _given(model: Path, project: Path | None, weather: Path | None) -> tuple[BuildingModel, Climate, Project]:
    """The model, its typical year, and what twin.toml says."""
    from twin.climate import climate_for
    from twin.evaluate import read_model

    stated = read_project_option(project, weather)
    building = read_model(model, stated)
    return building, climate_for(building, stated)[0], stated


def _verify_year(
    model: Path, lang: Language, project: Path | None, weather: Path | None, points: int, scenes: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """A year of daylight beside Radiance, room by room."""
    with status(lang, as_json) as progress:
        progress("read")
        from twin.verify.daylight_year import compare_year
        from twin.verify.daylight_year_report import print_year, year_to_dict

        building, climate, stated = _given(model, project, weather)
        found = compare_year(building, climate, stated, points=points, keep=scenes, progress=progress)
        data = year_to_dict(building, found)
    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        print_year(data, lang)


def _verify_glare(
    model: Path, lang: Language, project: Path | None, weather: Path | None, eyes: int, scenes: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Glare beside evalglare, eye by eye and hour by hour."""
    with status(lang, as_json) as progress:
        progress("read")
        from twin.verify.daylight_glare import compare_glare
        from twin.verify.daylight_glare_report import glare_to_dict, print_glare

        building, climate, stated = _given(model, project, weather)
        found = compare_glare(building, climate, stated, eyes=eyes, keep=scenes, progress=progress)
        data = glare_to_dict(building, found)
    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        print_glare(data, lang)


@verify.command("sponge")
def verify_sponge(
    model: ModelArgument,
    lang: LangOption,
    project: ProjectOption = None,
    keep: Annotated[
        Path | None, typer.Option("--keep", help="Folder to keep SWMM's input and report in.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Runoff of the site's covers beside EPA SWMM, in a storm and the rain record (extra ``verify``)."""
    with status(lang, as_json) as progress:
        progress("read")
        import ifc
        from twin.climate import climate_for
        from twin.verify.sponge import compare, comparison_to_dict, print_comparison, site_cases

        stated = read_project_option(project, None)
        building = ifc.read(model)
        climate, _ = climate_for(building, stated)
        found = compare(site_cases(building, climate, stated), keep=keep, progress=progress)
        data = comparison_to_dict(building, found)
    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        print_comparison(data, lang)


@verify.command("swmm")
def verify_swmm(
    inputs: Annotated[
        list[Path], typer.Argument(help="Input files of SWMM (.inp), or folders of them.", metavar="INP...")
    ],
    lang: LangOption,
    as_json: JsonOption = False,
) -> None:
    """Runoff and pipes of input files of EPA SWMM in our kernels beside SWMM itself (extra ``verify``)."""
    with status(lang, as_json) as progress:
        from twin.errors import TwinError
        from twin.verify.swmm_input.beside import compare_files, files_to_dict, input_files, print_files

        found = compare_files(input_files(inputs), progress)
    if as_json:
        print(json.dumps(files_to_dict(found), ensure_ascii=False))
    else:
        print_files(found, lang)
    if any(isinstance(one, TwinError) for one in found):
        raise typer.Exit(2)


@verify.command("energy")
def verify_energy(
    model: ModelArgument,
    lang: LangOption,
    project: ProjectOption = None,
    weather: WeatherOption = None,
    steps: Annotated[
        int, typer.Option("--steps", min=1, max=4, help="Steps per hour of our balance; EnergyPlus takes 4.")
    ] = 1,
    keep: Annotated[
        Path | None, typer.Option("--keep", help="Folder for the input and output of EnergyPlus.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Heating and cooling need beside EnergyPlus, month by month (extra ``verify``)."""
    with status(lang, as_json) as progress:
        progress("read")
        from twin.metrics.energy.controls import controls_left_out
        from twin.report.console import print_diagnostics
        from twin.report.json_report import diagnostic_to_dict
        from twin.verify.energy import compare
        from twin.verify.energy_report import energy_comparison_to_dict, print_energy_comparison

        building, climate, stated = _given(model, project, weather)
        found = compare(building, climate, stated, steps_per_hour=steps, keep=keep, progress=progress)
        data = energy_comparison_to_dict(building, found)
    print_diagnostics([diagnostic_to_dict(one, lang) for one in controls_left_out(stated.energy)], lang)
    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        print_energy_comparison(data, lang)
