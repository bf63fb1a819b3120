"""Heating and cooling need of a model by our balance and by EnergyPlus, month by month."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ifc.constructions.surface_resistances import gb50176_surfaces
from ifc.model import BuildingModel, Text
from twin.climate import MONTH_OF_HOUR, Climate
from twin.errors import TwinError
from twin.kernels.thermal.network import Operation
from twin.kernels.thermal.year import simulate
from twin.metrics.energy.data import data, number
from twin.metrics.energy.thermal_model import ThermalModel, kernel_input, pack_input, thermal_model
from twin.metrics.energy.zoning import usable_spaces
from twin.project import Project
from twin.thermal_zone import thermal_zone
from twin.use_types import use_type
from twin.verify import energyplus
from twin.verify.epw_writer import write_epw
from twin.verify.idf import building_idf
from twin.verify.idf_text import Idf

Floats = NDArray[np.float64]

THEIR_STEPS_PER_HOUR = 4


@dataclass(frozen=True)
class Load:
    """One need of the whole building by both programs: months in kWh, (12,), and peaks in kW."""

    ours_kwh: Floats
    theirs_kwh: Floats
    our_peak_kw: float
    their_peak_kw: float

    @property
    def difference(self) -> float:
        """Of the year, relative to EnergyPlus; NaN where it has none."""
        whole = float(self.theirs_kwh.sum())
        return float(self.ours_kwh.sum()) / whole - 1 if whole > 0 else float("nan")

    @property
    def cv_rmse(self) -> float:
        """Root mean square of the monthly differences over EnergyPlus' monthly mean (ASHRAE Guideline 14)."""
        mean = float(self.theirs_kwh.mean())
        rms = float(np.sqrt(np.mean((self.ours_kwh - self.theirs_kwh) ** 2)))
        return rms / mean if mean > 0 else float("nan")


@dataclass(frozen=True)
class EnergyComparison:
    """Both needs of one model, the number of zones and surfaces, and what both programs took."""

    heating: Load
    cooling: Load
    zones: int
    surfaces: int
    our_steps_per_hour: int
    our_seconds: float
    their_seconds: float


def compare(
    model: BuildingModel,
    climate: Climate,
    project: Project,
    *,
    steps_per_hour: int = 1,
    keep: Path | None = None,
    progress: Callable[[str], None] = lambda stage: None,
) -> EnergyComparison:
    """Simulate a year twice, on the same zones, surfaces, windows, gains, air and sunlit shares.

    Args:
        model: with surfaces, their openings and constructions.
        climate: the year.
        project: [energy] and the thermal zone.
        steps_per_hour: of our balance; EnergyPlus takes four.
        keep: folder for the input and output of EnergyPlus; None for one that is deleted.
        progress: called with each stage.

    Raises:
        TwinError: EnergyPlus is not installed or fails, or the model has no heated or cooled room.
    """
    energyplus.require()
    thermal = thermal_of(model, climate, project)
    parts = thermal.envelope.parts
    given = kernel_input(model, thermal, parts, [True] * len(parts))
    progress("greentwin")
    network = pack_input(climate, thermal, given, steps_per_hour)
    operation = Operation(*(np.repeat(values, steps_per_hour, axis=1) for values in thermal.operation))
    simulate(network, thermal.weather, operation, steps_per_hour)  # compiles
    begin = time.perf_counter()
    year = simulate(network, thermal.weather, operation, steps_per_hour)
    our_seconds = time.perf_counter() - begin
    progress("EnergyPlus")
    idf = input_file(model, thermal, THEIR_STEPS_PER_HOUR)
    with tempfile.TemporaryDirectory(prefix="greentwin-") as temporary:
        folder = (keep or Path(temporary)).resolve()
        path = idf.write(folder)
        theirs = energyplus.run(path, write_epw(climate, folder / "weather.epw"), len(given.zones))
    return EnergyComparison(
        heating=_load(year.heating_w, theirs.heating_w),
        cooling=_load(year.cooling_w, theirs.cooling_w),
        zones=len(given.zones),
        surfaces=len(given.surfaces),
        our_steps_per_hour=steps_per_hour,
        our_seconds=our_seconds,
        their_seconds=theirs.seconds,
    )


def thermal_of(model: BuildingModel, climate: Climate, project: Project) -> ThermalModel:
    """The thermal model that the energy metric runs.

    Raises:
        TwinError: no room is heated or cooled.
    """
    if not any(use_type(str(model.spaces.use[row])).conditioned for row in usable_spaces(model)):
        raise TwinError(
            "no-conditioned-room",
            model.source.path,
            Text("No room with surfaces is heated or cooled.", "没有带围护面的供暖空调房间。"),
            Text(
                "See `twin inspect`; state the uses of the rooms in [uses] of twin.toml.",
                "请用 `twin inspect` 查看，并在 twin.toml 的 [uses] 中说明房间用途。",
            ),
        )
    zone = thermal_zone(project)
    seasonal = zone is not None and str(zone.value) in data()["dwelling_seasons"]["zones"]
    return thermal_model(model, climate, project, seasonal)


def input_file(model: BuildingModel, thermal: ThermalModel, steps_per_hour: int) -> Idf:
    """The EnergyPlus input of a thermal model."""
    parts = thermal.envelope.parts
    given = kernel_input(model, thermal, parts, [True] * len(parts))
    films = gb50176_surfaces()  # that the kernel takes from the windows' U-values
    return building_idf(
        given.zones,
        given.surfaces,
        thermal.envelope.links,
        thermal.operation,
        thermal.weather,
        steps_per_hour=steps_per_hour,
        ground_reflectance=number("ground_reflectance"),
        inside_m2k_w=films.inside,
        outside_m2k_w=films.outside,
    )


def _load(ours_w: Floats, theirs_w: Floats) -> Load:
    def months(values: Floats) -> Floats:
        return np.bincount(MONTH_OF_HOUR, values.sum(axis=0)) / 1e3

    return Load(
        months(ours_w),
        months(theirs_w),
        float(ours_w.sum(axis=0).max()) / 1e3,
        float(theirs_w.sum(axis=0).max()) / 1e3,
    )
