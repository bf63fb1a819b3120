"""A row of box rooms on one or more storeys, read like a file: surfaces derived, constructions resolved."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from ifc.constructions.resolve import resolve_constructions
from ifc.model import BuildingModel, Construction, Provenance, Traced
from ifc.surfaces.derive import derive_surfaces
from tests.building_blocks import Blocks
from twin.climate import Climate, typical_year

WALL_M, SLAB_M, HEIGHT_M, DEPTH_M, WIDTH_M = 0.24, 0.16, 2.8, 5.0, 4.0


@cache
def nanchang() -> Climate:
    return typical_year("Nanchang")


@cache
def row_house(
    uses: tuple[str, ...] = ("living_room", "bedroom"),
    storeys: int = 1,
    *,
    window_side: str = "S",
    balcony_m: float = 0.0,
    wall_u: float | None = None,
    tree: bool = False,
    module: bool = False,
) -> BuildingModel:
    """Rooms of ``uses`` side by side from west to east, the same on every storey; one window each.

    Args:
        uses: of the rooms.
        storeys: number of storeys.
        window_side: "S" or "N".
        balcony_m: depth of a slab over the windows, on the south side.
        wall_u: stated by the outer walls; None: they state nothing.
        tree: a wide crown south of the house.
        module: a photovoltaic module of 2 m² on the roof.
    """
    blocks = Blocks()
    construction = -1
    if wall_u is not None:
        stated = Traced(wall_u, "W/(m²·K)", Provenance.IFC, "Pset_WallCommon.ThermalTransmittance")
        blocks.constructions.append(Construction("outer wall", "wall", u_value_w_m2k=stated))
        construction = 0
    width = len(uses) * (WIDTH_M + WALL_M) + WALL_M
    depth = DEPTH_M + 2 * WALL_M
    blocks.box("IfcSlab", (0, 0, -SLAB_M), (width, depth, 0))
    if tree:
        blocks.box("IfcGeographicElement", (-8, -5, 0), (width + 8, -3, 9), name="tree")
    if module:
        top = storeys * (HEIGHT_M + SLAB_M)
        blocks.box("IfcSolarDevice", (1, 1, top + 0.1), (3, 2, top + 0.14))
    for storey in range(storeys):
        z0 = storey * (HEIGHT_M + SLAB_M)
        z1 = z0 + HEIGHT_M
        blocks.storey(f"{storey + 1}F", z0)
        south = blocks.box(
            "IfcWall", (0, 0, z0), (width, WALL_M, z1), storey=storey, construction=construction
        )
        north = blocks.box(
            "IfcWall", (0, depth - WALL_M, z0), (width, depth, z1), storey=storey, construction=construction
        )
        for index in range(len(uses) + 1):
            x = index * (WIDTH_M + WALL_M)
            outer = index in (0, len(uses))
            blocks.box(
                "IfcWall", (x, WALL_M, z0), (x + WALL_M, depth - WALL_M, z1), storey=storey,
                construction=construction if outer else -1,
            )  # fmt: skip
        top = "IfcSlab" if storey < storeys - 1 else "IfcRoof"
        blocks.box(top, (0, 0, z1), (width, depth, z1 + SLAB_M), storey=storey)
        if balcony_m:
            blocks.box("IfcSlab", (0, -balcony_m, z1), (width, 0, z1 + SLAB_M), storey=storey)
        for index, use in enumerate(uses):
            x = index * (WIDTH_M + WALL_M) + WALL_M
            host, y = (south, 0.0) if window_side == "S" else (north, depth - WALL_M)
            blocks.opening(
                host, (x + 1, y, z0 + 0.9), (x + 3, y + WALL_M, z0 + 2.4), filling="IfcWindow", storey=storey
            )
            blocks.space(
                (x, WALL_M, z0), (x + WIDTH_M, depth - WALL_M, z1), name=f"{storey + 1}{index + 1:02d}",
                use=use, storey=storey,
            )  # fmt: skip
    return resolve_constructions(derive_surfaces(blocks.model()))


def with_uses(model: BuildingModel, use: str) -> BuildingModel:
    uses = np.full(len(model.spaces), use, object)
    return replace(model, spaces=replace(model.spaces, use=uses))
