"""A year of heating and cooling need beside EnergyPlus on the same zones, and how our cost grows with them.

Seconds are of the simulation alone, ours after compiling, and all of EnergyPlus: those of the processor for
one thread, of the clock (which wants a quiet machine) for two. The tower is the whole metric on the second
call, processor time of all threads: shading, both years, the energy use.
``error`` is the difference of the year's heating and cooling need together.
"""

from __future__ import annotations

import resource
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.cases import ROOT
from benchmarks.row import Row
from ifc.model import BuildingModel
from tests.twin.metrics.energy_house import nanchang, row_house
from twin.climate import climate_for
from twin.evaluate import peak_memory_mb, read_model
from twin.kernels.thermal.network import Back, Operation, Surface
from twin.kernels.thermal.year import Year, simulate
from twin.metrics.energy import compute
from twin.metrics.energy.thermal_model import KernelInput, ThermalModel, kernel_input, pack_input
from twin.project import Project, read_project
from twin.verify import energyplus
from twin.verify.energy import input_file, thermal_of
from twin.verify.epw_writer import write_epw

HOUSES = {1: (("office",), 1), 20: (("office",) * 5, 4)}  # zones -> rooms in a row, storeys
COPIES = (1, 10, 100)  # of the house with 20 zones
PEER = "EnergyPlus, one process"
REPEATS = 3


def run() -> list[Row]:
    """Ours beside EnergyPlus at hourly and at equal steps, and 20 to 2,000 zones of ours."""
    rows = []
    for zones, (uses, storeys) in HOUSES.items():
        model = row_house(uses, storeys)
        climate = nanchang()
        thermal = thermal_of(model, climate, Project())
        parts = thermal.envelope.parts
        given = kernel_input(model, thermal, parts, [True] * len(parts))
        peer, theirs = _energyplus(model, thermal)
        for steps, threads in ((1, 1), (4, 1), (1, 2), (4, 2)):
            seconds, year = _ours(thermal, given, steps, threads)
            ours_s, peer_s = (of.processor if threads == 1 else of.clock for of in (seconds, peer))
            own = float(year.heating_w.sum() + year.cooling_w.sum())
            label = f"{zones} zones, ours {steps} on {threads} threads, EnergyPlus 4 steps/h"
            rows.append(
                Row("energy", label, ours_s, PEER, peer_s, peer_s / ours_s, 100 * (own / theirs - 1), "%")
            )
        if zones > 1:
            rows += _growth(thermal, given)
    return [*rows, _tower()]


def _tower() -> Row:
    """The energy metric of the 18-storey pilot tower, reference building included."""
    path = ROOT / "sample_models" / "residential_tower.ifc"
    project = read_project(path.with_suffix(".toml"))
    model = read_model(path, project)
    climate, _ = climate_for(model, project)
    compute(model, climate, project)  # compiles
    begin, clock = time.process_time(), time.perf_counter()
    result = compute(model, climate, project)
    seconds, wall = time.process_time() - begin, time.perf_counter() - clock
    rooms = len(result.table["zone"])
    zones = len(set(result.table["zone"].tolist()))
    label = f"residential_tower, {rooms} rooms in {zones} zones, with reference ({wall:.1f} s by the clock)"
    return Row("energy", label, seconds, peak_mb=peak_memory_mb())


@dataclass(frozen=True)
class Seconds:
    """What a run took."""

    processor: float
    clock: float


def _ours(thermal: ThermalModel, given: KernelInput, steps: int, threads: int = 1) -> tuple[Seconds, Year]:
    """The quickest of ``REPEATS`` runs."""
    operation = Operation(*(np.repeat(values, steps, axis=1) for values in thermal.operation))
    network = pack_input(nanchang(), thermal, given, steps)
    simulate(network, thermal.weather, operation, steps, threads)  # compiles
    taken = []
    for _ in range(REPEATS):
        processor, clock = time.process_time(), time.perf_counter()
        year = simulate(network, thermal.weather, operation, steps, threads)
        taken.append(Seconds(time.process_time() - processor, time.perf_counter() - clock))
    return Seconds(min(one.processor for one in taken), min(one.clock for one in taken)), year


def _energyplus(model: BuildingModel, thermal: ThermalModel) -> tuple[Seconds, float]:
    """The quickest of ``REPEATS`` runs, and heating and cooling need together in Wh."""
    taken = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = input_file(model, thermal, 4).write(folder)
        epw = write_epw(nanchang(), folder / "year.epw")
        for _ in range(REPEATS):
            before, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            loads = energyplus.run(path, epw, len(thermal.zones))
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            taken.append(Seconds(processor, time.perf_counter() - clock))
    seconds = Seconds(min(one.processor for one in taken), min(one.clock for one in taken))
    return seconds, float(loads.heating_w.sum() + loads.cooling_w.sum())


def _growth(thermal: ThermalModel, given: KernelInput) -> list[Row]:
    rows = []
    for copies in COPIES:
        many = _copied(given, copies)
        alone = replace(thermal, envelope=replace(thermal.envelope, links=[]))
        seconds, _ = _ours(alone, many, 1)
        zones = len(many.zones)
        label = f"{zones} zones, hourly: {1e3 * seconds.processor / zones:.2f} ms per zone"
        rows.append(Row("energy", label, seconds.processor))
    return rows


def _copied(given: KernelInput, copies: int) -> KernelInput:
    """The same building several times, side by side without touching."""
    count = len(given.zones)
    surfaces: list[Surface] = []
    for copy in range(copies):
        shift = copy * count
        surfaces += [
            replace(
                surface,
                zone=surface.zone + shift,
                back_row=surface.back_row + shift if surface.back is Back.ZONE else surface.back_row,
            )
            for surface in given.surfaces
        ]

    return KernelInput(given.zones * copies, tuple(surfaces), given.directions)
