"""Compile every kernel, by evaluating a one-room house on a site with a tank and a lawn."""

from __future__ import annotations

import multiprocessing
import time
from importlib.resources import as_file, files

import numpy as np

from ifc.reader import read_file
from ifc.step_file import find_source
from twin.climate import climate_for
from twin.evaluate import Progress, evaluate
from twin.project import GroundCover, Project, SiteSection

SITE = SiteSection(
    area_m2=400.0,
    covers=(
        GroundCover(kind="roof", area_m2=20.0),
        GroundCover(kind="paving", area_m2=180.0),
        GroundCover(kind="green", area_m2=100.0),
        GroundCover(kind="sunken_green", area_m2=100.0, storage_depth_m=0.2),
        GroundCover(kind="tank", area_m2=0.0, storage_volume_m3=5.0),
    ),
)
# A classroom: a main room that must get sunlight.
PROJECT = Project(site=SITE, uses={"Office": "classroom"})


def warm_up(progress: Progress = lambda stage: None) -> dict[str, float]:
    """Evaluate the one-room house that the package carries; returns the seconds of each stage.

    The kernels of the runoff, half of the work, are compiled by a second process meanwhile.
    """
    beside = multiprocessing.get_context("spawn").Process(target=_let_it_rain)
    beside.start()

    def stage(name: str) -> None:
        if name == "sponge":
            beside.join()
        progress(name)

    try:
        with as_file(files("twin.data").joinpath("one_room.ifc")) as model:
            seconds = dict(evaluate(model, PROJECT, cache=None, progress=stage).seconds)
    finally:
        beside.join()
    begin = time.perf_counter()
    _repair_a_mesh()
    _look_beside_a_face()
    repaired = time.perf_counter()
    _flow_over_the_ground()
    flown = time.perf_counter()
    _move_a_triangle()
    moved = time.perf_counter()
    return {**seconds, "surfaces": repaired - begin, "overland": flown - repaired, "massing": moved - flown}


def _let_it_rain() -> None:
    """The runoff of the house's site; its model without surfaces, which need kernels of their own."""
    from twin.metrics import sponge

    with as_file(files("twin.data").joinpath("one_room.ifc")) as path:
        model = read_file(find_source(path), lambda stage, done: None)
    sponge.compute(model, climate_for(model, PROJECT)[0], PROJECT)


def _repair_a_mesh() -> None:
    """What a sound model does not reach: a tetrahedron with one face turned."""
    from ifc.surfaces.solids import oriented

    corners = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    faces = corners[[[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 2, 3]]]
    oriented(faces, np.zeros(4, np.int64), 1)


def _look_beside_a_face() -> None:
    """What a house without blind corners does not reach: the air beyond a point, told by the nearest one."""
    from ifc.surfaces.classify import nearest_air

    points = np.zeros((1, 2))
    nearest_air(np.zeros(1, np.int64), points, np.array([0, 1]), points, np.zeros(1, np.int8), 1.0)


def _flow_over_the_ground() -> None:
    """What a house without modelled ground does not reach: the flood map."""
    from twin.kernels.overland import overland_flow

    zeros, ones = np.zeros((4, 4)), np.ones((4, 4))
    overland_flow(
        zeros, 0.05 * ones, zeros.copy(), np.zeros((4, 5)), np.zeros((5, 4)), np.array([1e-5]), 60.0, ones,
        zeros,
        np.ones((4, 4), np.uint8), 0.01, 1.0, 0.0, 5.0, 5.0, np.zeros((2, 4, 4)), np.zeros(3),
    )  # fmt: skip


def _move_a_triangle() -> None:
    """What no evaluation reaches: the hierarchy that follows what a massing study moves."""
    from twin.kernels.refit import build_refittable, refit

    refit(build_refittable(np.zeros((1, 3, 3))), np.array([0]), np.ones((1, 3, 3)))
