"""The daylight of a year by our kernel and by Radiance: hours above an illuminance, room by room.

Radiance takes the sky in 2,305 patches for the light of the sky and the reflected sun, and traces every
hour's sun as a light of its own: E = C S - C_direct S_sun + E_sun. That is finer than what we do (145
patches), and leaves nothing of ours in it but the scene and the weather.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel
from twin.climate import Climate
from twin.kernels.daylight import daylight_factors
from twin.metrics.daylight.annual import hourly_illuminance, north_of, sky_year
from twin.project import Project
from twin.verify import radiance
from twin.verify.daylight import Task, prepared, radiance_groups, sample, scene_folder
from twin.verify.radiance_sky import WATER_DEW_POINT_C, sky_coefficients, sunlight, write_weather, year_sky

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

_RELATIVE_ERROR = 0.01  # that our daylight factors may have
_SUBDIVISION = 4
_DIVISIONS = 4096
_RUNS = 4  # of Radiance, whose mean counts: a single run of a dark point is off by 5 %
_OCCUPIED = (8, 18)
_DAYS = 365


@dataclass(frozen=True)
class YearComparison:
    """N points over the H hours of ``hour`` with the sun up.

    ``space`` (N,) rows of the SpaceTable; ``target_lx`` (N,) of the use of the room, else 300; ``ours``,
    ``theirs`` (N, H) illuminance in lx, ``our_sun``, ``their_sun`` (N, H) of it by the sun itself.
    """

    space: NDArray[np.int32]
    target_lx: Floats
    hour: NDArray[np.intp]
    ours: Singles
    theirs: Singles
    our_sun: Singles
    their_sun: Singles
    our_seconds: float
    their_seconds: float

    def figures(self, which: NDArray[np.bool_]) -> tuple[dict[str, float], dict[str, float]]:
        """Figures of a room, whose points are ``which`` (N,), by us and by Radiance; shares in %.

        ``enough``: share of the hours with the sun up that reach the target; ``enough_hours_per_day`` the
        same in h/d (clause 5.2.8 of GB/T 50378); from 8 to 18 o'clock ``autonomy_300`` (mean
        share of hours with 300 lx), ``sda`` (300/50 %), ``ase`` (1000/250) and ``udi`` (100 to 3000 lx).
        """
        ours, theirs = (
            self._figures(total[which], sun[which], self.target_lx[which])
            for total, sun in ((self.ours, self.our_sun), (self.theirs, self.their_sun))
        )
        return ours, theirs

    def light_difference(self, which: NDArray[np.bool_]) -> float:
        """By how much our sum of the year's light, without the sun itself, exceeds Radiance's, %.

        Single hours are not compared: the reflected sun of Radiance is the difference of two random samples.
        """
        ours, theirs = (self.ours - self.our_sun)[which], (self.theirs - self.their_sun)[which]
        whole = float(theirs.sum(dtype=np.float64))
        return 100.0 * (float(ours.sum(dtype=np.float64)) / whole - 1.0) if whole > 0.0 else float("nan")

    def _figures(self, total: Singles, sun: Singles, target: Floats) -> dict[str, float]:
        of_day = self.hour % 24
        occupied = (of_day >= _OCCUPIED[0]) & (of_day < _OCCUPIED[1])
        hours = _DAYS * (_OCCUPIED[1] - _OCCUPIED[0])
        enough = total >= target[:, None]
        autonomy = (total[:, occupied] >= 300.0).sum(axis=1) / hours
        lit = (sun[:, occupied] >= 1000.0).sum(axis=1)
        useful = (total[:, occupied] >= 100.0) & (total[:, occupied] <= 3000.0)
        return {
            "enough": 100.0 * float(enough.mean()),
            "enough_hours_per_day": float(enough.sum(axis=1).mean()) / _DAYS,
            "autonomy_300": 100.0 * float(autonomy.mean()),
            "sda": 100.0 * float((autonomy >= 0.5).mean()),
            "ase": 100.0 * float((lit >= 250).mean()),
            "udi": 100.0 * float(useful.sum(axis=1).mean()) / hours,
        }


def compare_year(
    model: BuildingModel,
    climate: Climate,
    project: Project,
    *,
    points: int = 100,
    keep: Path | None = None,
    progress: Callable[[str], None] = lambda stage: None,
) -> YearComparison:
    """Compute the illuminance of every hour at some points of every lit room twice.

    Both see the same faces, panes, irradiances and water in the air (2 cm). Frames and dirt are left out.

    Args:
        model: with surfaces, their openings and constructions.
        climate: the typical year.
        project: options of the daylight calculation.
        points: how many in all, shared out to the rooms by their size, at least one each.
        keep: folder that the Radiance scenes are written to; None for one that is deleted.
        progress: called with each stage.

    Raises:
        TwinError: Radiance is not installed, or the model has no room with a way for light.
    """
    radiance.programs()
    task = sample(prepared(model, project), points)[1]
    north = north_of(model, project)
    climate = replace(climate, dew_point_c=np.full_like(climate.dew_point_c, WATER_DEW_POINT_C))
    progress("greentwin")
    daylight_factors(task.scene, task.sensors, max_repetitions=1)  # compiles
    begin = time.perf_counter()
    hour, ours, our_sun = our_year(task, climate, north, _RELATIVE_ERROR)
    our_seconds = time.perf_counter() - begin
    theirs, their_sun = np.zeros_like(ours), np.zeros_like(ours)
    options = (*radiance.UNCACHED, "-ad", str(_DIVISIONS))
    begin = time.perf_counter()
    with scene_folder(keep) as folder:
        progress("Radiance")
        weather = write_weather(folder / "weather.wea", climate, hour)
        sky = year_sky(weather, hour, north, _SUBDIVISION)
        for group in radiance_groups(task, folder):
            whole = sky_coefficients(group.scene, group.places, _SUBDIVISION, options, runs=_RUNS)
            direct = sky_coefficients(
                group.scene, group.places, _SUBDIVISION, (*options, "-ab", "1"), runs=_RUNS
            )
            sun = sunlight(group.scene, weather, group.places, hour, north)
            theirs[group.rows] = whole @ sky.whole - direct @ sky.sun + sun
            their_sun[group.rows] = sun
            progress("Radiance")
    rooms = [task.rooms[row] for row in task.sensors.zone.tolist()]
    return YearComparison(
        space=np.array([room.space for room in rooms], np.int32),
        target_lx=np.array(
            [room.use.daylight.illuminance_lx if room.use.daylight else 300.0 for room in rooms]
        ),
        hour=hour,
        ours=ours,
        theirs=theirs,
        our_sun=our_sun,
        their_sun=their_sun,
        our_seconds=our_seconds,
        their_seconds=(time.perf_counter() - begin) / _RUNS,
    )


def our_year(
    task: Task, climate: Climate, north_deg: float, relative_error: float
) -> tuple[NDArray[np.intp], Singles, Singles]:
    """Hours (H,) with the sun up; illuminance and its part by the sun itself (N, H), lx; by our kernel."""
    sensors = task.sensors
    found = daylight_factors(
        task.scene,
        sensors,
        relative_error=relative_error,
        absolute_error=1e-5,
        coefficients=np.ones(len(sensors), np.bool_),
    )
    assert found.direct is not None
    assert found.reflected is not None
    sky = sky_year(climate, north_deg)
    total, sun = hourly_illuminance(
        task.scene, sensors.position, sensors.room, found.direct, found.reflected, sky
    )
    return sky.hour, total, sun
