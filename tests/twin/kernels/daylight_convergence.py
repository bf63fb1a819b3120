"""Draws how both light engines come closer to the exact answers of ``test_daylight.py`` with more rays.

    python -m tests.twin.kernels.daylight_convergence docs/images/daylight_convergence.svg

The cases are taken from the tests themselves. Each panel shows the root mean square of the relative error over
sensors and independent runs against the rays cast per sensor, and a dotted line that falls as the square root.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from math import log10
from pathlib import Path
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from tests.twin.kernels import test_daylight as cases
from twin.kernels.daylight import Points, daylight_factors, path_traced_factors
from twin.kernels.light_scene import Scene
from twin.kernels.sky import CIE_OVERCAST, UNIFORM

RUNS = 12
PATHS = (128, 512, 2048, 8192)
REPETITIONS = (4, 16, 64, 256)
COLOURS = {"path tracing": "#0072b2", "radiosity": "#d55e00"}

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    name: str
    scene: Scene
    sensors: Points
    sky: int
    exact: float


def recorded() -> list[Case]:
    """What the analytic tests check, one case each."""
    named = {
        "open sky": partial(cases.test_a_sensor_in_the_open_sees_the_whole_sky, sky=CIE_OVERCAST),
        "vertical sensor, ground": partial(
            cases.test_a_vertical_sensor_sees_half_the_sky_and_the_ground,
            sky=UNIFORM, sky_part=0.5,
        ),
        "roof opening 1 m, overcast": partial(
            cases.test_sky_component_through_a_roof_opening, sky=CIE_OVERCAST, edge=1.0, place=(0.0, 0.0)
        ),
        "roof opening 4 m, off its middle, uniform": partial(
            cases.test_sky_component_through_a_roof_opening, sky=UNIFORM, edge=4.0, place=(1.5, 1.0)
        ),
        "window, 1 m away, overcast": partial(
            cases.test_sky_component_through_a_window, sky=CIE_OVERCAST, distance=1.0
        ),
        "window, 3 m away, uniform": partial(
            cases.test_sky_component_through_a_window, sky=UNIFORM, distance=3.0
        ),
        "endless wall of 30°": partial(
            cases.test_an_endless_black_wall_hides_the_sky_below_its_top, sky=CIE_OVERCAST
        ),
        "pane of 70 %": partial(
            cases.test_an_endless_pane_of_70_percent, sky=CIE_OVERCAST, exact=0.639367
        ),
        "sphere, ρ = 0.5": partial(
            cases.test_the_wall_of_an_integrating_sphere_is_lit_evenly, reflectance=0.5
        ),
        "sphere, ρ = 0.9": partial(
            cases.test_the_wall_of_an_integrating_sphere_is_lit_evenly, reflectance=0.9
        ),
        "white furnace": cases.test_in_a_white_world_under_a_uniform_sky_every_sensor_gets_one,
        "lit plate": cases.test_a_lit_plate_below_a_sensor_that_looks_down,
    }  # fmt: skip
    found = []
    for name, test in named.items():

        def record(engine, scene, at, sky, exact, name=name, **_) -> None:  # type: ignore[no-untyped-def]
            found.append(Case(name, scene, at, sky, exact))

        with mock.patch.object(cases, "check", record):
            test(cases.by_paths)
    return found


def repeated(case: Case) -> Points:
    """The sensors of a case, once per run, each with a random stream of its own."""
    s = case.sensors
    count = len(s)
    return replace(
        s,
        position=np.tile(s.position, (RUNS, 1)),
        normal=np.tile(s.normal, (RUNS, 1)),
        room=np.tile(s.room, RUNS),
        zone=np.zeros(count * RUNS, np.int32),
        stream=np.arange(count * RUNS, dtype=np.uint64) * np.uint64(7919) + np.uint64(1),
    )


def by_paths(case: Case) -> tuple[Floats, Floats]:
    """Rays per sensor and error (len(PATHS),) each."""
    sensors = repeated(case)
    made = [path_traced_factors(case.scene, sensors, paths, case.sky) for paths in PATHS]
    return (
        np.array([rays / len(sensors) for _, _, rays in made]),
        np.array([rms(value / case.exact - 1.0) for value, _, _ in made]),
    )


def by_radiosity(case: Case) -> tuple[Floats, Floats]:
    """The same; every run is a solution of its own, so that runs do not share surfels."""
    rays, errors = [], []
    for repetitions in REPETITIONS:
        values, cast = [], 0
        for run in range(RUNS):
            stream = case.sensors.stream + np.uint64(104729 * (run + 1))
            # No error is small enough: all repetitions are made.
            found = daylight_factors(
                case.scene, replace(case.sensors, stream=stream), relative_error=1e-9, absolute_error=1e-12,
                max_repetitions=repetitions, sky=case.sky,
            )  # fmt: skip
            values.append(found.value / case.exact - 1.0)
            cast += found.rays
        rays.append(cast / (RUNS * len(case.sensors)))
        errors.append(rms(np.concatenate(values)))
    return np.array(rays), np.array(errors)


def rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2)))


def panel(name: str, curves: dict[str, tuple[Floats, Floats]], x0: float, y0: float) -> str:
    """One case in a square of 190 x 150: logarithmic axes, 10² to 10⁷ rays, 0.01 % to 100 %."""
    width, height = 190.0, 150.0

    def place(rays: float, error: float) -> str:
        x = x0 + width * (log10(rays) - 2.0) / 5.0
        y = y0 + height * (-log10(max(error, 1e-4))) / 4.0
        return f"{x:.1f} {y:.1f}"

    parts = [f'<rect x="{x0}" y="{y0}" width="{width}" height="{height}" class="frame"/>']
    for power in range(6):
        x = x0 + width * power / 5
        parts.append(
            f'<text class="tick" x="{x}" y="{y0 + height + 13}" text-anchor="middle">10{"²³⁴⁵⁶⁷"[power]}</text>'
        )
    for power in range(5):
        y = y0 + height * power / 4
        parts.append(f'<path class="grid" d="M{x0} {y}h{width}"/>')
        parts.append(
            f'<text class="tick" x="{x0 - 5}" y="{y + 3.5}" text-anchor="end">{100 / 10**power:g} %</text>'
        )
    parts.append(f'<text class="title" x="{x0}" y="{y0 - 7}">{escape(name)}</text>')
    rays, errors = curves["path tracing"]
    start = max(errors[0], 1e-4)
    if start > 2e-4:
        end = min(1e7, rays[0] * (start / 1e-4) ** 2)
        parts.append(
            f'<path class="slope" d="M{place(rays[0], start)}L{place(end, start * (rays[0] / end) ** 0.5)}"/>'
        )
    for engine, (rays, errors) in curves.items():
        line = "L".join(place(*pair) for pair in zip(rays.tolist(), errors.tolist(), strict=True))
        parts.append(f'<path d="M{line}" fill="none" stroke="{COLOURS[engine]}" stroke-width="1.8"/>')
        for pair in zip(rays.tolist(), errors.tolist(), strict=True):
            x, y = place(*pair).split()
            parts.append(f'<circle cx="{x}" cy="{y}" r="2.6" fill="{COLOURS[engine]}"/>')
    return "".join(parts)


def main() -> None:
    panels = []
    for number, case in enumerate(recorded()):
        curves = {"path tracing": by_paths(case), "radiosity": by_radiosity(case)}
        shown = "; ".join(
            f"{engine} " + ", ".join(f"{100 * error:.2g} %" for error in errors)
            for engine, (_, errors) in curves.items()
        )
        print(f"{case.name}: {shown}", file=sys.stderr)
        panels.append(panel(case.name, curves, 58 + 250 * (number % 4), 34 + 205 * (number // 4)))
    rows = -(-len(panels) // 4)
    style = (
        "text{font:11px sans-serif;fill:#333}.title{font-weight:600}.tick{fill:#666;font-size:10px}"
        ".frame{fill:#fff;stroke:#999}.grid{stroke:#e4e4e4}.slope{stroke:#999;stroke-dasharray:2 3;fill:none}"
    )
    legend = "".join(
        f'<circle cx="{66 + 130 * number}" cy="{rows * 205 + 20}" r="4" fill="{colour}"/>'
        f'<text x="{76 + 130 * number}" y="{rows * 205 + 24}">{engine}</text>'
        for number, (engine, colour) in enumerate(COLOURS.items())
    )
    note = f'<text x="330" y="{rows * 205 + 24}">relative error (RMS of {RUNS} runs) against rays per sensor</text>'
    size = f'viewBox="0 0 1030 {rows * 205 + 40}" width="1030" height="{rows * 205 + 40}"'
    background = '<rect width="100%" height="100%" fill="#fff"/>'
    Path(sys.argv[1]).write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{style}</style>{background}'
        f"{''.join(panels)}{legend}{note}</svg>\n",
        "utf-8",
    )


if __name__ == "__main__":
    main()
