"""``twin calibrate``: the energy model fitted to measured electricity."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from twin.cli.common import (
    DONE,
    REQUIREMENT_NOT_MET,
    JsonOption,
    LangOption,
    ModelArgument,
    ProjectOption,
    WeatherOption,
    parse_list,
    read_project_option,
)
from twin.cli.status import status


def calibrate(
    model: ModelArgument,
    measured: Annotated[
        Path, typer.Option("--measured", "-m", help="CSV: month (2025-03), kwh bought.", metavar="X.csv")
    ],
    lang: LangOption,
    project: ProjectOption = None,
    weather: WeatherOption = None,
    parameters: Annotated[
        str, typer.Option("--parameters", help="What may be changed, separated by commas (docs/measured.md).")
    ] = "gains,air",
    hold_out: Annotated[
        int, typer.Option("--hold-out", min=1, max=6, help="Months at the end that only judge the fit.")
    ] = 3,
    as_json: JsonOption = False,
) -> None:
    """Fit the energy model to a year of measured electricity, within bounds (docs/measured.md).

    Exit with 1 unless the whole year fits as ASHRAE Guideline 14 asks.
    """
    with status(lang, as_json) as progress:
        progress("read")
        from twin.climate import climate_for
        from twin.evaluate import read_model
        from twin.measured.energy_model import fit_months, parameters_of
        from twin.measured.months import read_months
        from twin.measured.report import calibration_to_dict, print_calibration

        chosen = parameters_of(parse_list(parameters))
        order, kwh = read_months(measured)
        stated = read_project_option(project, weather)
        building = read_model(model, stated)
        climate, _ = climate_for(building, stated)
        progress("energy")
        found = fit_months(building, climate, stated, chosen, order, kwh, hold_out)
        data = calibration_to_dict(found, kwh, order, own_weather=stated.weather.epw is not None)
    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        print_calibration(data, lang)
    raise typer.Exit(DONE if found.whole.calibrated else REQUIREMENT_NOT_MET)
