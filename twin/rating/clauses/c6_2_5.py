"""6.2.5 Fitness: indoor and outdoor areas, and a daylit stair close to the main entrance."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.clauses.c4_2_2 import entrance_doors
from twin.rating.facts import Fact, ratio, unknown
from twin.rating.needs import fact_missing, not_modelled
from twin.rating.reading import STAIRS, box


def indoor_fitness_area(case: Case) -> Fact:
    """Area of the fitness rooms, m². A model whose rooms show their uses and no fitness room has none."""
    rooms = case.spaces("fitness", "gymnasium")
    spaces = case.model.spaces
    if rooms:
        area = float(np.nansum(spaces.area_m2[rooms]))
        return Fact(
            area, "m²", Provenance.DERIVED, "footprints of the spaces", f"Σ A(fitness rooms) = {area:.1f} m²"
        )
    named = int((spaces.use != "unknown").sum())
    if len(spaces) and named == len(spaces):
        formula = f"none of {named} rooms is for fitness"
        return Fact(0.0, "m²", Provenance.DERIVED, "uses of the spaces", formula, confidence="medium")
    silent = tuple(case.space_id(row) for row, use in enumerate(spaces.use) if use == "unknown")
    need = fact_missing(Text("The use of these rooms.", "这些房间的用途。"), "indoor_fitness_area", silent)
    return unknown("m²", need)


def indoor_fitness_area_ratio(case: Case) -> Fact:
    """Indoor fitness area over the floor area above ground, %."""
    fitness, floor = case.fact("indoor_fitness_area"), case.fact("floor_area_above_ground")
    return ratio(fitness, floor, "%", "A(fitness) / A(above ground) × 100 %", 100.0)


def outdoor_fitness_area_ratio(case: Case) -> Fact:
    """Outdoor fitness area over the site, %."""
    fitness, site = case.fact("outdoor_fitness_area"), case.fact("site_area")
    return ratio(fitness, site, "%", "A(outdoor fitness) / A(site) × 100 %", 100.0 / 1e4)


def fitness_track_length_over_perimeter(case: Case) -> Fact:
    """Length of the fitness track over the perimeter of the site, %."""
    track, perimeter = case.fact("fitness_track_length"), case.fact("site_perimeter")
    return ratio(track, perimeter, "%", "L(track) / L(perimeter) × 100 %", 100.0)


def stair_to_main_entrance_distance(case: Case) -> Fact:
    """Distance from a stair to an entrance, m: a straight line, so only the least that it can be."""
    name = "stair_to_main_entrance_distance"
    doors = entrance_doors(case)
    storeys = {int(case.model.elements.storey[row]) for row in doors}
    stairs = [row for row in case.rows(*STAIRS) if int(case.model.elements.storey[row]) in storeys]
    ends = [corners for row in stairs if (corners := box(case.model, row)) is not None]
    starts = [corners for row in doors if (corners := box(case.model, row)) is not None]
    if not ends or not starts:
        return unknown(
            "m", not_modelled(Text("stair and entrance on one storey", "同层的楼梯和出入口"), name)
        )
    least = min(_gap(a, b) for a in starts for b in ends)
    what = Text("The walking distance from the main entrance to the stair.", "主入口到楼梯间的步行距离。")
    formula = f"straight line = {least:.1f} m ≤ walking distance"
    return Fact(
        None, "m", Provenance.DERIVED, "geometry", formula, needs=(fact_missing(what, name),),
        bounds=(least, math.inf),
    )  # fmt: skip


def _gap(first: tuple[np.ndarray, np.ndarray], second: tuple[np.ndarray, np.ndarray]) -> float:
    """Horizontal distance of two boxes."""
    apart = np.maximum(np.maximum(first[0] - second[1], second[0] - first[1]), 0.0)[:2]
    return float(np.hypot(*apart))


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function
    for function in (
        indoor_fitness_area, indoor_fitness_area_ratio, outdoor_fitness_area_ratio,
        fitness_track_length_over_perimeter, stair_to_main_entrance_distance,
    )
}  # fmt: skip
