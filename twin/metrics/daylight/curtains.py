"""Curtains, blinds and louvres before windows: whose they are, when they are closed, what they leave.

Light is linear in what a window lets through. So the daylight coefficients of a room are kept apart by
*bundles*, the windows whose curtains close together, and every hour adds up those of its bundles by what
their curtains leave. A closed curtain is taken as a grey pane: it weakens sky, sun and reflected light alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Diagnostic, Provenance, Severity, Text, Traced
from twin.climate import MONTH_OF_HOUR, NOMINAL_YEAR, Climate
from twin.daylight_sections import CurtainSection
from twin.kernels.light_scene import Scene
from twin.kernels.sky import patch_directions, patch_solid_angles
from twin.kernels.sun import in_model
from twin.kernels.sunlight import sun_transmission
from twin.kernels.thermal.irradiance import extraterrestrial_w_m2, on_planes, sun_samples
from twin.metrics.daylight.plane_polygons import triangle_areas
from twin.metrics.daylight.rules import DaylightRules
from twin.metrics.daylight.windows import Curtain, Window, Windows
from twin.metrics.trees import season
from twin.project import Project

Floats = NDArray[np.float64]

_PROPERTY = "CurtainTransmittance"
_WINDOWS_LOOKED_AT = 8  # of a bundle, for the sun on it
_OFF_THE_WALL_M = 0.02


@dataclass(frozen=True)
class Bundles:
    """The portals (P,) whose curtains close together, B bundles.

    ``of_portal`` (P,) the bundle of each, -1 without curtain; ``light_set`` (P,) its set of daylight
    coefficients; ``of_set`` (R, S) the bundle of each set in a light room, -1 for none.
    """

    of_portal: NDArray[np.int32]
    light_set: NDArray[np.int32]
    of_set: NDArray[np.int32]


@dataclass(frozen=True)
class Drawn:
    """What B bundles of curtains leave of the light in the H hours of a sky, ``left`` (B + 1, H).

    The last row is 1 throughout: bundle -1.
    """

    bundles: Bundles
    left: NDArray[np.float32]


def hang(
    model: BuildingModel, windows: Windows, project: Project, rules: DaylightRules
) -> tuple[Windows, tuple[Diagnostic, ...]]:
    """The windows with the curtains that twin.toml and the model state.

    For each window that leads outdoors the first counts that fits: an entry of ``[[daylight.curtains]]``,
    its property GBT50378.CurtainTransmittance, the blinds of ``[energy]``. Fixed louvres become part of the
    window.
    """
    given = project.daylight.curtains
    curtains = [
        _declared(one, f"daylight.curtains.{number} in twin.toml") for number, one in enumerate(given)
    ]
    energy = project.energy
    usual = float(rules.curtain_closed_above.value)
    blind = -1
    if energy.blind_factor is not None:
        blind = len(curtains)
        source = "energy.blind_factor in twin.toml"
        transmittance = Traced(energy.blind_factor, "", Provenance.DECLARED, source)
        curtains.append(Curtain(transmittance, irradiance_above_w_m2=energy.blind_irradiance_w_m2 or usual))
    hung: list[Window] = []
    of_property: dict[tuple[float, str], int] = {}
    used: set[int] = set()
    unusable: list[str] = []
    for window in windows.windows:
        row = -1
        if window.outdoors:
            fitting = (number for number, one in enumerate(given) if _fits(model, window, one))
            row = next(fitting, -1)
            stated = model.properties.find(window.element, _PROPERTY) if row < 0 else None
            if stated is not None:
                value = stated[1]
                if isinstance(value, int | float) and not isinstance(value, bool) and 0.0 <= value <= 1.0:
                    key = float(value), stated[0]
                    if key not in of_property:
                        of_property[key] = len(curtains)
                        transmittance = Traced(key[0], "", Provenance.IFC, key[1])
                        curtains.append(Curtain(transmittance, irradiance_above_w_m2=usual))
                    row = of_property[key]
                else:
                    unusable.append(str(model.elements.global_id[window.element]))
            in_use = not energy.blind_uses or str(model.spaces.use[window.space]) in energy.blind_uses
            if row < 0 and blind >= 0 and in_use:
                row = blind
        used.add(row)
        if row >= 0 and curtains[row].fixed:
            window = replace(window, louvre=curtains[row].transmittance)
        elif row >= 0:
            window = replace(window, curtain=row)
        hung.append(window)
    found = [_unused(number) for number in range(len(given)) if number not in used]
    if unusable:
        found.append(_unusable(tuple(dict.fromkeys(unusable))))
    return replace(windows, windows=tuple(hung), curtains=tuple(curtains)), tuple(found)


def _declared(given: CurtainSection, source: str) -> Curtain:
    return Curtain(
        Traced(given.transmittance, "", Provenance.DECLARED, source),
        given.months,
        given.hours,
        given.irradiance_above_w_m2,
        given.glare_above,
    )


def _fits(model: BuildingModel, window: Window, given: CurtainSection) -> bool:
    """Whether a window is one of those that an entry names."""
    elements, spaces = model.elements, model.spaces
    element, space = window.element, window.space
    return (
        (not given.windows or _named(given.windows, elements.name[element], elements.global_id[element]))
        and (
            not given.rooms
            or _named(given.rooms, spaces.name[space], spaces.long_name[space], spaces.global_id[space])
        )
        and (not given.uses or str(spaces.use[space]) in given.uses)
    )


def _named(patterns: Iterable[str], *names: object) -> bool:
    return any(fnmatchcase(str(name), pattern) for pattern in patterns for name in names)


def _unused(number: int) -> Diagnostic:
    return Diagnostic(
        "daylight-curtain-without-window",
        Severity.WARNING,
        Text(
            f"No outer window is left for daylight.curtains.{number} in twin.toml.",
            f"twin.toml 的 daylight.curtains.{number} 没有对应的外窗。",
        ),
        Text(
            "Correct its windows, rooms and uses; of several entries the first that fits a window counts.",
            "请改正其 windows、rooms、uses；多项均符合时以最先一项为准。",
        ),
    )


def _unusable(ids: tuple[str, ...]) -> Diagnostic:
    return Diagnostic(
        "daylight-curtain-value",
        Severity.WARNING,
        Text(
            f"{_PROPERTY} of {len(ids)} windows is no number from 0 to 1; they count without curtain.",
            f"{len(ids)} 樘窗的 {_PROPERTY} 不是 0～1 的数，按无窗帘计算。",
        ),
        Text("State the share of the light that comes through.", "请填写透光比例（0～1）。"),
        ids[0],
        len(ids),
    )


def bundles(
    windows: Sequence[Window], curtains: Sequence[Curtain], chain: NDArray[np.int32], room: NDArray[np.int32]
) -> Bundles:
    """Put the windows (P,) into bundles within each chain of rooms that pass light to each other.

    Curtains that close by the irradiance do so by the plane of their windows, those that close by the glare
    by their room. ``chain`` (R,) of each light room, ``room`` (P,) the light room of each window.
    """
    found: dict[tuple[object, ...], int] = {}
    sets: dict[int, dict[int, int]] = {int(number): {} for number in np.unique(chain)}
    of_portal = np.full(len(windows), -1, np.int32)
    light_set = np.zeros(len(windows), np.int32)
    for row, window in enumerate(windows):
        if not window.outdoors:
            continue
        own = int(chain[room[row]])
        if window.curtain >= 0:
            curtain = curtains[window.curtain]
            plane = tuple(np.round(window.normal, 2).tolist()) if curtain.irradiance_above_w_m2 else ()
            space = window.space if curtain.glare_above else -1
            of_portal[row] = found.setdefault((own, window.curtain, plane, space), len(found))
        light_set[row] = sets[own].setdefault(int(of_portal[row]), len(sets[own]))
    of_set = np.full((len(chain), max([1, *map(len, sets.values())])), -1, np.int32)
    for own, numbers in sets.items():
        of_set[chain == own, : len(numbers)] = list(numbers)
    return Bundles(of_portal, light_set, of_set)


def drawn(
    scene: Scene,
    together: Bundles,
    windows: Sequence[Window],
    curtains: Sequence[Curtain],
    climate: Climate,
    north_deg: float,
    hour: NDArray[np.intp],
    sun: Floats,
    glare: Mapping[int, Floats],
    ground_reflectance: float,
) -> Drawn:
    """When the curtains are closed, in the hours ``hour`` (H,) of the year with the ``sun`` (H, 3) up.

    ``windows`` (P,) are the portals of the scene, ``north_deg`` the azimuth of the model's +Y axis; ``glare``
    holds the probability (8760,) of spaces. Irradiance is the mean over the windows of a bundle: the sun
    where it reaches them, the visible share of the sky, and the ground.
    """
    count = int(together.of_portal.max(initial=-1)) + 1
    left = np.ones((count + 1, len(hour)), np.float32)
    on = _Planes(climate, north_deg, hour, ground_reflectance)
    for number in range(count):
        rows = np.flatnonzero(together.of_portal == number).tolist()
        curtain = curtains[windows[rows[0]].curtain]
        closed = np.ones(len(hour), np.bool_)
        if curtain.months:
            closed &= np.isin(MONTH_OF_HOUR[hour] + 1, curtain.months)
        if curtain.hours is not None:
            closed &= _between(hour % 24, *curtain.hours)
        wanted = np.zeros(len(hour), np.bool_)
        if curtain.irradiance_above_w_m2 is not None:
            light = _irradiance(scene, [windows[row] for row in rows], on, sun, season(hour))
            wanted |= light > curtain.irradiance_above_w_m2
        if curtain.glare_above is not None:
            probability = glare.get(windows[rows[0]].space)
            if probability is not None:
                wanted |= probability[hour] > curtain.glare_above
        if curtain.irradiance_above_w_m2 is not None or curtain.glare_above is not None:
            closed &= wanted
        left[number, closed] = float(curtain.transmittance.value)
    return Drawn(together, left)


def _between(clock: NDArray[np.intp], first: int, end: int) -> NDArray[np.bool_]:
    """Hours from ``first`` up to ``end`` o'clock, over midnight where ``end`` comes first."""
    if first < end:
        return np.asarray((clock >= first) & (clock < end))
    return np.asarray((clock >= first) | (clock < end))


class _Planes:
    """Sun, sky and ground on planes in some hours of the year, each found once."""

    def __init__(
        self, climate: Climate, north_deg: float, hour: NDArray[np.intp], ground_reflectance: float
    ) -> None:
        self._climate, self._north_deg, self._hour = climate, north_deg, hour
        self._ground_reflectance = ground_reflectance
        self._found: dict[tuple[float, ...], tuple[Floats, Floats, Floats]] = {}
        self._sun: Floats | None = None

    def on(self, normal: Floats) -> tuple[Floats, Floats, Floats]:
        """Beam, rest of the sky and ground (H,), W/m², on a plane of the model's coordinates."""
        key = tuple(np.round(normal, 3).tolist())
        if key not in self._found:
            climate = self._climate
            if self._sun is None:
                years = NOMINAL_YEAR if climate.years is None else climate.years
                self._sun = sun_samples(
                    climate.latitude_deg, climate.longitude_deg, climate.utc_offset_h, years
                )
            light = on_planes(
                in_model(normal[None], -self._north_deg), self._sun, climate.global_horizontal_w_m2,
                climate.direct_normal_w_m2, climate.diffuse_horizontal_w_m2, extraterrestrial_w_m2(),
                climate.pressure_pa, self._ground_reflectance,
            )  # fmt: skip
            self._found[key] = tuple(part[0, self._hour] for part in light[:3])
        return self._found[key]


def _irradiance(
    scene: Scene, windows: Sequence[Window], planes: _Planes, sun: Floats, leaves: NDArray[np.float32]
) -> Floats:
    """Mean irradiance (H,) by area of the windows of a bundle, W/m², at the outer face of the wall."""
    chosen = [
        windows[k]
        for k in np.unique(
            np.linspace(0, len(windows) - 1, min(len(windows), _WINDOWS_LOOKED_AT)).astype(int)
        )
    ]
    normal = chosen[0].normal
    beam, sky, ground = planes.on(normal)
    middle = [
        np.average(one.corners.mean(axis=1), axis=0, weights=triangle_areas(one.corners)) for one in chosen
    ]
    away = np.array([one.thickness_m + _OFF_THE_WALL_M for one in chosen])
    at = np.array(middle) + away[:, None] * normal
    outside = np.full(len(at), -1, np.int32)
    share = np.array([one.area_m2 for one in chosen])
    share /= share.sum()
    patches = patch_directions()
    weight = patch_solid_angles() * np.maximum(patches @ normal, 0.0)
    seen = sun_transmission(scene, at, outside, patches) @ weight / max(float(weight.sum()), 1e-9)
    lit = np.zeros(len(sun))
    shining = np.flatnonzero(beam > 0.0)
    lit[shining] = share @ sun_transmission(scene, at, outside, sun[shining], season=leaves[shining])
    return np.asarray(beam * lit + sky * float(share @ seen) + ground)
