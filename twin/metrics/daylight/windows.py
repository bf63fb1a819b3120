"""How light gets into the rooms: windows, glazed doors, and openings to other rooms, with their optics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Neighbour, Provenance, Traced
from twin.daylight_sections import DaylightSection
from twin.metrics.daylight.plane_polygons import polygon_triangles, triangle_areas
from twin.metrics.daylight.rules import DaylightRules

Floats = NDArray[np.float64]

# Wholly open boundaries between spaces have no element behind them and no thickness.
_OPEN_BOUNDARY_M = 0.02
_OPTICALLY_DEAD = (Neighbour.GROUND, Neighbour.ADIABATIC)


NO_FRAME = Traced(0.0, "", Provenance.DERIVED, "no frame")
NO_DIRT = Traced(1.0, "", Provenance.DERIVED, "between rooms")
NO_LOUVRE = Traced(1.0, "", Provenance.DERIVED, "no louvre")


@dataclass(frozen=True)
class Curtain:
    """A curtain, blind or louvre: what it lets through, closed in the hours that all conditions name.

    ``months`` 1 to 12; ``hours`` of the day, from and to; ``irradiance_above_w_m2`` on the window or
    ``glare_above``, the daylight glare probability of the room with open curtains. Without any it is fixed.
    """

    transmittance: Traced
    months: tuple[int, ...] = ()
    hours: tuple[int, int] | None = None
    irradiance_above_w_m2: float | None = None
    glare_above: float | None = None

    @property
    def fixed(self) -> bool:
        """Whether it is closed in every hour."""
        stated = self.hours, self.irradiance_above_w_m2, self.glare_above
        return not self.months and all(one is None for one in stated)


@dataclass(frozen=True)
class Window:
    """One way for light into a space.

    ``element`` is the row of the window, door or opening element; ``corners`` (n, 3, 3) its triangles in
    model coordinates, normals out of the space, in the plane of the space's surface. ``transmittance`` (of
    the pane at normal incidence) is None for an open hole. ``outdoors`` tells whether anything but another
    space lies behind. ``tilt_deg`` is the slope of the pane, 90 for a vertical one. ``louvre`` is what a
    fixed louvre leaves of the light, ``curtain`` the row of the movable one, -1 for none.
    """

    space: int
    surface: int
    element: int
    corners: Floats
    normal: Floats
    area_m2: float
    tilt_deg: float
    thickness_m: float
    outdoors: bool
    transmittance: Traced | None
    frame_ratio: Traced
    dirt: Traced
    louvre: Traced = NO_LOUVRE
    curtain: int = -1


@dataclass(frozen=True)
class Windows:
    """All ways for light, exterior doors and windows that let none in (element rows), and the curtains."""

    windows: tuple[Window, ...]
    opaque: tuple[int, ...]
    curtains: tuple[Curtain, ...] = ()


def find_windows(model: BuildingModel, options: DaylightSection, rules: DaylightRules) -> Windows:
    """The windows of every space of a model, from its ``surface_openings``.

    A window counts with its pane; a door when its construction has a visible transmittance; an unfilled
    opening as a hole. A pane between two spaces belongs to both, each with the square root of its
    transmittance. What lies against the ground lets no light in.
    """
    openings, surfaces = model.surface_openings, model.surfaces
    spaces_of = _spaces_of_elements(model)
    found: list[Window] = []
    opaque: list[int] = []
    for row in range(len(openings)):
        surface, element = int(openings.surface[row]), int(openings.element[row])
        neighbour = int(surfaces.neighbour[surface])
        if neighbour in _OPTICALLY_DEAD:
            continue
        corners = polygon_triangles(openings.polygon.rings(row), surfaces.normal[surface])
        if len(corners) == 0:
            continue
        outdoors = neighbour != Neighbour.SPACE
        optics = _optics(model, row, outdoors, options, rules, len(spaces_of.get(element, ())) > 1)
        if optics is None:
            opaque.append(element)
            continue
        transmittance, frame_ratio, dirt = optics
        tilt = float(surfaces.tilt_deg[surface])
        found.append(
            Window(
                space=int(surfaces.space[surface]),
                surface=surface,
                element=element,
                corners=corners,
                normal=surfaces.normal[surface].copy(),
                area_m2=float(triangle_areas(corners).sum()),
                tilt_deg=min(tilt, 180.0 - tilt),
                thickness_m=float(np.nan_to_num(surfaces.thickness_m[surface])),
                outdoors=outdoors,
                transmittance=transmittance,
                frame_ratio=frame_ratio,
                dirt=dirt,
            )
        )
    return Windows(tuple(found), tuple(dict.fromkeys(opaque)))


def open_boundaries(model: BuildingModel) -> NDArray[np.bool_]:
    """Which surfaces (F,) are no wall but an imagined boundary between two spaces of one room."""
    surfaces = model.surfaces
    found: NDArray[np.bool_] = (
        (surfaces.neighbour == Neighbour.SPACE)
        & (surfaces.neighbour_space >= 0)
        & (surfaces.element < 0)
        & (np.nan_to_num(surfaces.thickness_m, nan=np.inf) < _OPEN_BOUNDARY_M)
    )
    return found


def _spaces_of_elements(model: BuildingModel) -> dict[int, set[int]]:
    """Element row -> the spaces whose surfaces it opens."""
    found: dict[int, set[int]] = {}
    spaces = model.surfaces.space[model.surface_openings.surface]
    for element, space in zip(model.surface_openings.element.tolist(), spaces.tolist(), strict=True):
        found.setdefault(element, set()).add(space)
    return found


def _optics(
    model: BuildingModel,
    row: int,
    outdoors: bool,
    options: DaylightSection,
    rules: DaylightRules,
    shared: bool,
) -> tuple[Traced | None, Traced, Traced] | None:
    """Transmittance (None for a hole), frame ratio and dirt of an opening; None when no light passes."""
    openings = model.surface_openings
    tilt = float(model.surfaces.tilt_deg[openings.surface[row]])
    dirt = _dirt(min(tilt, 180.0 - tilt), options, rules) if outdoors else NO_DIRT
    if openings.kind[row] == "air":
        return None, NO_FRAME, NO_DIRT
    known = int(openings.construction[row])
    construction = model.constructions[known] if known >= 0 else None
    transmittance = construction.visible_transmittance if construction else None
    if openings.kind[row] == "door" and transmittance is None:
        return None
    if transmittance is None or transmittance.provenance is Provenance.DEFAULT:
        if options.visible_transmittance is not None:
            transmittance = Traced(
                options.visible_transmittance,
                "",
                Provenance.DECLARED,
                "daylight.visible_transmittance in twin.toml",
            )
        transmittance = transmittance or rules.transmittance
    if model.elements.ifc_class[openings.element[row]].startswith("IfcPlate"):
        frame_ratio = NO_FRAME  # a pane of a curtain wall; its mullions are elements of their own
    else:
        frame_ratio = (construction.frame_ratio if construction else None) or rules.frame_ratio
    if not outdoors and shared:
        transmittance = Traced(
            float(np.sqrt(float(transmittance.value))), "", transmittance.provenance,
            f"square root, for a pane between two spaces: {transmittance.source}", transmittance.confidence,
        )  # fmt: skip
        frame_ratio = Traced(
            1.0 - float(np.sqrt(1.0 - float(frame_ratio.value))), "", frame_ratio.provenance,
            f"half of a pane between two spaces: {frame_ratio.source}", frame_ratio.confidence,
        )  # fmt: skip
    return transmittance, frame_ratio, dirt


def _dirt(tilt_deg: float, options: DaylightSection, rules: DaylightRules) -> Traced:
    if options.dirt_factor is not None:
        return Traced(options.dirt_factor, "", Provenance.DECLARED, "daylight.dirt_factor in twin.toml")
    if tilt_deg >= rules.vertical_above_tilt_deg:
        return rules.dirt["vertical"]
    return rules.dirt["horizontal" if tilt_deg <= rules.horizontal_below_tilt_deg else "inclined"]
