"""How deep a heavy storm stands on the ground of the site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numba
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ifc.model import BuildingModel, Provenance, Text, Traced
from twin.catchments.ground import ROOFS
from twin.kernels.overland import DEPTH, OUTFLOW, RAIN, SPEED, SUNK, UNIT_FLOW, WALL_M, overland_flow
from twin.metrics.result import Assumption, Field, Quantity
from twin.metrics.sponge.covers import COUNTED, GREEN, SiteCovers
from twin.metrics.sponge.drainage import SiteDrainage
from twin.metrics.sponge.rules import FloodRules, SpongeRules
from twin.metrics.sponge.storm import IntensityFormula, StormRules, chicago_storm

Floats = NDArray[np.float64]

DRIVEN = ("road", "paving", "parking")  # what water leaves the site over, and what must stay passable
PONDING = ("sunken_green", "water")
SMALL_CELLS = 50_000
LONGEST_STEP_S = 5.0
LARGEST_IMBALANCE = 1e-6
LAW = "∂q/∂t = -g h ∂(z + h)/∂x - g n² |q| q / h^(7/3)"
METHOD = "Bates, Horritt and Fewtrell (2010), doi:10.1016/j.jhydrol.2010.03.027"


@dataclass(frozen=True)
class SiteGrid:
    """Square cells over the covers of a site. Arrays have shape (R, C), the first row is the southernmost."""

    corner: tuple[float, float]  # of the grid, south-west, model coordinates
    cell_m: float
    row: NDArray[np.int32]  # of SiteCovers, -1 outside the site
    level_m: Floats  # of the ground, NaN where nothing states it

    def centres(self) -> tuple[Floats, Floats]:
        """X and y of the cells."""
        rows, columns = self.row.shape
        x = self.corner[0] + (np.arange(columns) + 0.5) * self.cell_m
        y = self.corner[1] + (np.arange(rows) + 0.5) * self.cell_m
        return tuple(np.meshgrid(x, y))


def site_grid(model: BuildingModel, covers: SiteCovers, rules: FloodRules) -> SiteGrid | None:
    """The covers as a grid, with the height of the model's tops; None where none has an outline."""
    table = model.ground_covers
    outlines: dict[int, BaseGeometry] = {}
    for row, cover in enumerate(covers.rows):
        rings = table.polygon.rings(cover.model_row) if cover.model_row >= 0 else []
        if cover.kind not in COUNTED:
            continue
        if rings:
            outlines[row] = shapely.Polygon(rings[0][:, :2], [ring[:, :2] for ring in rings[1:]])
        elif cover.outline is not None:
            outlines[row] = cover.outline
    if not outlines:
        return None
    bounds = np.array([outline.bounds for outline in outlines.values()])
    low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    area = sum(outline.area for outline in outlines.values())
    cell = max(rules.finest_m, np.ceil(2.0 * np.sqrt(area / rules.cells)) / 2.0)
    columns, rows = np.maximum(np.ceil((high - low) / cell).astype(int), 1).tolist()
    grid = SiteGrid(
        (float(low[0]), float(low[1])), float(cell), np.full((rows, columns), -1, np.int32),
        np.full((rows, columns), np.nan),
    )  # fmt: skip
    x, y = grid.centres()
    for row, outline in outlines.items():
        inside = shapely.contains_xy(outline, x, y)
        inside |= shapely.intersects_xy(outline, x, y) & (grid.row < 0)  # on the edge of two covers
        grid.row[inside] = row
        index = covers.rows[row].model_row
        element = int(table.element[index]) if index >= 0 else -1
        if element >= 0 and covers.kind[row] not in ROOFS:
            grid.level_m[inside] = _heights(model, element, x[inside], y[inside])
    terrain = [row for row in model.elements.rows_of_class("IfcSite").tolist() if model.geometry.has(row)]
    missing = (grid.row >= 0) & np.isnan(grid.level_m)
    for element in terrain:
        grid.level_m[missing] = np.fmax(
            grid.level_m[missing], _heights(model, element, x[missing], y[missing])
        )
    return grid


def _heights(model: BuildingModel, element: int, x: Floats, y: Floats) -> Floats:
    """Height of the highest face of an element above points, NaN beside it."""
    vertices, triangles = model.geometry.mesh(element)
    found = np.full(len(x), np.nan)
    for a, b, c in vertices[triangles]:
        area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
        if area <= 1e-9:  # upright or downward
            continue
        low, high = np.minimum(np.minimum(a, b), c) - 1e-6, np.maximum(np.maximum(a, b), c) + 1e-6
        near = np.flatnonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]))
        px, py = x[near] - a[0], y[near] - a[1]
        u = (px * (c[1] - a[1]) - py * (c[0] - a[0])) / area
        v = (py * (b[0] - a[0]) - px * (b[1] - a[1])) / area
        inside = (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1.0 + 1e-9)
        hit = near[inside]
        found[hit] = np.fmax(found[hit], a[2] + u[inside] * (b[2] - a[2]) + v[inside] * (c[2] - a[2]))
    return found


def flood_map(
    model: BuildingModel,
    covers: SiteCovers,
    site: SiteDrainage,
    formula: IntensityFormula,
    rules: SpongeRules,
    storms: StormRules,
) -> tuple[dict[str, Quantity], dict[str, Field], tuple[Assumption, ...]]:
    """Deepest and fastest water on the cells of the site in a rare storm; empty without outlines.

    Rain falls on the ground, that of the roofs comes down beside the walls; buildings block the flow, green
    and permeable paving take in what their layers can, no pipe takes any; water leaves over the roads and
    paving at the edge of the site, at normal depth.

    Raises:
        ArithmeticError: water is not conserved to 1e-6 of the rain (a fault of the kernel).
    """
    flood = rules.flood
    grid = site_grid(model, covers, flood)
    if grid is None:
        return {}, {}, ()
    kind = np.where(grid.row >= 0, covers.kind[np.maximum(grid.row, 0)], "")
    ground = (grid.row >= 0) & ~np.isin(kind, ROOFS)
    roofs = np.isin(kind, ROOFS)
    if not ground.any():
        return {}, {}, ()
    outlet = _edge(ground, grid.row >= 0) & np.isin(kind, DRIVEN)
    if not outlet.any():
        outlet = _edge(ground, grid.row >= 0)
    level, slope_added = _levels(grid, ground, outlet, flood)
    depth, largest = np.zeros(ground.shape), np.zeros((3, *ground.shape))
    rained = ground.astype(np.float64)
    foot = ground & _beside(roofs)
    if foot.any():
        rained[foot] += roofs.sum() / foot.sum()
    soft = np.isin(kind, ("green", "sunken_green", "green_roof"))
    rain_mm = chicago_storm(
        formula, flood.return_period_a, storms.duration_min, storms.peak_position, storms.step_min
    )
    interval_s = 60.0 * storms.step_min
    duration_s = 60.0 * (storms.duration_min + flood.draining_min)
    totals = np.zeros(3)
    rows, columns = ground.shape
    flow_x, flow_y = np.zeros((rows, columns + 1)), np.zeros((rows + 1, columns))
    bed, roughness = (
        np.where(ground, level, WALL_M), np.where(soft, storms.green.manning_n, storms.sealed.manning_n),
    )  # fmt: skip
    sinks, instants = _sinks(kind, site, duration_s), np.arange(0.0, duration_s, interval_s)
    frames: list[Floats] = []
    with _threads_for(ground.size):
        for start_s in instants.tolist():
            overland_flow(
                bed, roughness, depth, flow_x, flow_y, rain_mm / 1e3 / interval_s, interval_s, rained, sinks,
                outlet.astype(np.uint8), flood.slope, grid.cell_m, start_s,
                min(interval_s, duration_s - start_s), LONGEST_STEP_S, largest, totals,
            )  # fmt: skip
            frames.append(depth[ground])
    stored = float(depth.sum()) * grid.cell_m**2
    if abs(totals[RAIN] - totals[SUNK] - totals[OUTFLOW] - stored) > LARGEST_IMBALANCE * totals[RAIN]:
        raise ArithmeticError("the water on the ground is not conserved")
    x, y = grid.centres()
    places = np.column_stack([x[ground], y[ground], level[ground]])

    def field(what: int, unit: str, label: Text) -> Field:
        return Field(unit, label, places, largest[what][ground], grid.row[ground], grid.cell_m)

    fields = {
        "flood_depth": field(DEPTH, "m", Text("Depth of water in a rare storm", "罕遇暴雨地面积水深度")),
        "flood_speed": field(SPEED, "m/s", Text("Speed of water in a rare storm", "罕遇暴雨地面水流速度")),
    }
    passable = ground & ~np.isin(kind, PONDING)
    minutes = np.minimum(instants + interval_s, duration_s) / 60.0
    standing = np.array([frame[passable[ground]].sum() for frame in frames])
    for name, at in _frames(standing, len(rain_mm) - 1).items():
        label = Text(f"Depth after {minutes[at]:.0f} min", f"第 {minutes[at]:.0f} 分钟水深")
        fields[name] = replace(fields["flood_depth"], label=label, values=frames[at])
    deep = passable & (largest[DEPTH] > flood.deep_m)
    unsafe = passable & (
        (largest[DEPTH] > flood.unsafe_depth_m)
        | (largest[SPEED] > flood.unsafe_speed_m_s)
        | (largest[UNIT_FLOW] > flood.unsafe_flow_m2_s)
    )
    source = (
        f"{METHOD}; Chicago storm P = {flood.return_period_a:g} a, {storms.duration_min} min, "
        f"{rain_mm.sum():.1f} mm; {storms.source}"
    )
    cell_m2 = grid.cell_m**2
    summary = {
        "flood_deepest_m": Quantity(
            float(largest[DEPTH][passable].max(initial=0.0)),
            "m",
            Text("Deepest water outside sunken green and ponds", "下沉式绿地与水体以外的最大积水深度"),
            LAW,
            source,
        ),
        "flood_deep_area_m2": Quantity(
            float(deep.sum()) * cell_m2,
            "m²",
            Text(f"Area under more than {flood.deep_m:g} m", f"积水深度超过 {flood.deep_m:g} m 的面积"),
            f"Σ A(h > {flood.deep_m:g} m)",
            f"{flood.source}; {source}",
        ),
        "flood_fastest_m_s": Quantity(
            float(largest[SPEED][passable].max(initial=0.0)),
            "m/s",
            Text("Fastest water outside sunken green and ponds", "下沉式绿地与水体以外的最大水流速度"),
            "v = q / h",
            source,
        ),
        "flood_unsafe_area_m2": Quantity(
            float(unsafe.sum()) * cell_m2,
            "m²",
            Text("Area unsafe for children and the elderly", "对儿童与老人有危险的积水面积"),
            f"Σ A(h > {flood.unsafe_depth_m:g} m or v > {flood.unsafe_speed_m_s:g} m/s or "
            f"h v > {flood.unsafe_flow_m2_s:g} m²/s)",
            f"{flood.unsafe_source}; {source}",
        ),
    }
    return summary, fields, _assumptions(flood, slope_added)


def _frames(water: Floats, rain_ends: int) -> dict[str, int]:
    """Which of the instants are shown, by the water outside ponds at each.

    Half-way to the most water, the most, the end of the rain (the instant ``rain_ends``) and that of the run.
    """
    most, last = int(water.argmax()), len(water) - 1
    return {
        "flood_depth_before": most // 2,
        "flood_depth_most": most,
        "flood_depth_after_rain": min(rain_ends, last),
        "flood_depth_last": last,
    }


@contextmanager
def _threads_for(cells: int) -> Iterator[None]:
    """One thread for a small grid, whose steps are shorter than the threads' way to each other."""
    before = numba.get_num_threads()
    numba.set_num_threads(1 if cells < SMALL_CELLS else before)
    try:
        yield
    finally:
        numba.set_num_threads(before)


def _edge(ground: NDArray[np.bool_], site: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Cells of the ground with a neighbour outside the site."""
    padded = np.pad(site, 1)
    outside = ~(padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:])
    return np.asarray(ground & outside)


def _beside(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Cells with one of these as a neighbour."""
    padded = np.pad(cells, 1)
    return np.asarray(padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:])


def _levels(
    grid: SiteGrid, ground: NDArray[np.bool_], outlet: NDArray[np.bool_], rules: FloodRules
) -> tuple[Floats, bool]:
    """Level of the ground, the mean where nothing states it, and whether a fall to the way out was added.

    Ground that the model draws flat, steps between covers apart, gets the least fall that drainage needs.
    """
    known = grid.level_m[ground & ~np.isnan(grid.level_m)]
    level = np.where(np.isnan(grid.level_m), known.mean() if len(known) else 0.0, grid.level_m)
    on_hard = grid.level_m[outlet & ~np.isnan(grid.level_m)]
    spread = np.ptp(np.quantile(known, [0.05, 0.95])) if len(known) else 0.0
    if spread > rules.flat_m and np.ptp(on_hard if len(on_hard) else known) > 0.01:
        return level, False
    x, y = grid.centres()
    ways = np.column_stack([x[outlet], y[outlet]])
    away = np.array(
        [
            np.sqrt(((ways - point) ** 2).sum(axis=1).min())
            for point in np.column_stack([x.ravel(), y.ravel()])
        ]
    )
    return level + rules.slope * away.reshape(level.shape), True


def _sinks(kind: NDArray[np.object_], site: SiteDrainage, duration_s: float) -> Floats:
    """What the ground takes in while there is water, m/s; paving no more than its base holds."""
    found = np.zeros(kind.shape)
    for name in (*GREEN, "permeable_paving"):
        layers = {key: float(value.value) for key, value in site.layers[name].layers.items()}
        if name == "permeable_paving":
            room_m_s = (
                layers["storage_m"] * layers["storage_void"] / duration_s + layers["seepage_mm_h"] / 3.6e6
            )
            rate = min(layers["permeability_mm_h"] / 3.6e6, room_m_s)
        else:
            rate = layers["conductivity_mm_h"] / 3.6e6
        found[kind == name] = rate
    return found


def _assumptions(rules: FloodRules, slope_added: bool) -> tuple[Assumption, ...]:
    found = [
        Assumption(
            Text("Return period of the storm of the flood map", "积水模拟暴雨重现期"),
            Traced(rules.return_period_a, "a", Provenance.DEFAULT, rules.source, rules.confidence),
        ),
        Assumption(
            Text("Pipes that drain the flooded ground", "积水模拟中的雨水管网排水能力"),
            Traced(0.0, "L/s", Provenance.DEFAULT, "greentwin", "low"),
        ),
    ]
    if slope_added:
        found.append(
            Assumption(
                Text(
                    "Fall of the ground towards the edge, as the model draws it flat",
                    "场地坡向排水出口的坡度（模型地面为平面）",
                ),
                Traced(rules.slope, "", Provenance.DEFAULT, rules.slope_source, "low"),
            )
        )
    return tuple(found)
