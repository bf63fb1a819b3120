"""Two-dimensional flow over the ground: at rest, on published cases, and its balance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from twin.kernels.overland import DEPTH, OUTFLOW, RAIN, SPEED, SUNK, UNIT_FLOW, WALL_M, G, overland_flow

NO_RAIN = np.zeros(0)


@dataclass
class Basin:
    """A grid of square cells that the flow changes."""

    ground: np.ndarray
    dx: float
    n: np.ndarray | float = 0.03
    depth: np.ndarray | None = None
    sink_m_s: float = 0.0
    outlet_slope: float = 0.01

    def __post_init__(self) -> None:
        shape = rows, columns = self.ground.shape
        self.depth = np.zeros(shape) if self.depth is None else self.depth.copy()
        self.roughness = np.broadcast_to(np.asarray(self.n, np.float64), shape).copy()
        self.flow_x, self.flow_y = np.zeros((rows, columns + 1)), np.zeros((rows + 1, columns))
        self.outlet = np.zeros(shape, np.uint8)
        self.rained = np.ones(shape)
        self.totals, self.largest = np.zeros(3), np.zeros((3, *shape))

    def run(
        self, seconds: float, start: float = 0.0, rain: np.ndarray = NO_RAIN, interval: float = 60.0
    ) -> int:
        return overland_flow(
            self.ground, self.roughness, self.depth, self.flow_x, self.flow_y, rain, interval, self.rained,
            np.full(self.ground.shape, self.sink_m_s), self.outlet, self.outlet_slope, self.dx, start, seconds, 5.0,
            self.largest, self.totals,
        )  # fmt: skip

    @property
    def volume_m3(self) -> float:
        return float(self.depth.sum()) * self.dx**2


def test_a_lake_at_rest_is_exactly_still() -> None:
    ground = np.random.default_rng(0).random((40, 50))
    lake = Basin(ground, 1.0, depth=np.maximum(0.75 - ground, 0.0))
    before = lake.depth.copy()
    lake.run(100.0)
    assert np.abs(lake.flow_x).max() < 1e-14
    assert np.abs(lake.flow_y).max() < 1e-14
    assert lake.depth == pytest.approx(before, abs=1e-15)


def test_ripples_from_cell_to_cell_die_away_on_a_smooth_pond() -> None:
    checks = np.where((np.arange(20)[:, None] + np.arange(20)) % 2, 1e-3, -1e-3)
    pond = Basin(np.zeros((20, 20)), 3.0, n=0.013, depth=0.3 + checks)
    pond.run(600.0)
    assert np.abs(pond.depth - 0.3).max() < 1e-4


def test_a_wave_over_dry_rough_ground_keeps_its_water() -> None:
    ground = np.random.default_rng(1).random((60, 60)) * 0.5
    depth = np.zeros((60, 60))
    depth[30:36, 30:36] = 3.0
    basin = Basin(ground, 1.0, depth=depth, sink_m_s=1e-5)
    before = basin.volume_m3
    basin.run(120.0)
    assert basin.depth.min() >= 0.0
    assert basin.totals[SUNK] > 0.0
    assert basin.volume_m3 + basin.totals[SUNK] == pytest.approx(before, rel=1e-9)


def test_rain_on_a_plane_runs_off_at_the_speed_of_the_kinematic_wave() -> None:
    # In equilibrium q = r x, h = (q n / √S)^(3/5) by Manning, v = q / h.
    slope, rain = 0.005, 60.0 / 3.6e6
    x = 5.0 * (np.arange(60) + 0.5)
    plane = Basin(np.tile(slope * (300.0 - x), (3, 1)), 5.0, outlet_slope=slope)
    plane.outlet[:, -1] = 1
    plane.run(5400.0, rain=np.full(90, rain))
    middle = slice(20, 55)
    unit_flow = rain * x[middle]
    depth = (unit_flow * 0.03 / np.sqrt(slope)) ** 0.6
    assert plane.largest[DEPTH, 1, middle] == pytest.approx(depth, rel=0.02)
    assert plane.largest[SPEED, 1, middle] == pytest.approx(unit_flow / depth, rel=0.02)
    assert plane.largest[UNIT_FLOW, 1, middle] == pytest.approx(unit_flow, rel=0.02)


def test_rain_that_ran_together_is_all_there() -> None:
    x, y = np.meshgrid(np.linspace(-1, 1, 41), np.linspace(-1, 1, 41))
    bowl = Basin(x**2 + y**2, 5.0)
    bowl.run(1200.0, rain=np.full(10, 60.0 / 3.6e6))
    fallen = 60.0 / 3600.0 / 1000.0 * 600.0 * bowl.ground.size * 25.0
    assert bowl.totals[RAIN] == pytest.approx(fallen, rel=1e-9)
    assert bowl.volume_m3 == pytest.approx(fallen, rel=1e-9)
    assert bowl.depth[x**2 + y**2 < 0.25].sum() > 0.8 * bowl.depth.sum()  # on its way to the middle
    # Nothing tells one side from the other.
    assert bowl.depth == pytest.approx(bowl.depth[::-1], abs=1e-9)
    assert bowl.depth == pytest.approx(bowl.depth.T, abs=1e-9)


def test_buildings_block_the_way() -> None:
    ground = np.zeros((20, 40))
    ground[:, 20] = WALL_M
    depth = np.zeros((20, 40))
    depth[:, :20] = 0.5
    walled = Basin(ground, 1.0, depth=depth)
    walled.run(30.0)
    assert walled.depth[:, 20:].max() == 0.0
    ground[10, 20] = 0.0  # a gate
    gated = Basin(ground, 1.0, depth=depth)
    gated.run(30.0)
    assert gated.depth[:, 21:].sum() > 0.1
    assert gated.volume_m3 == pytest.approx(200.0)


def test_the_front_over_a_flat_bed_advances_as_its_solution() -> None:
    # Hunter et al. (2005), doi:10.1016/j.advwatres.2005.03.007: a front of constant velocity u,
    # h(x, t) = (7/3 n² u² (u t - x))^(3/7).
    n, u, dx = 0.03, 0.4, 10.0
    basin = Basin(np.zeros((3, 100)), dx, n)
    x = (np.arange(100) + 0.5) * dx

    def solution(time: float) -> np.ndarray:
        return (7 / 3 * n**2 * u**2 * np.maximum(u * time - x, 0.0)) ** (3 / 7)

    for time in np.arange(0.0, 1800.0, 2.0):
        basin.depth[:, 0] = solution(time + 2.0)[0]
        basin.run(2.0, start=time)
    expected = solution(1800.0)
    error = basin.depth[1, 1:] - expected[1:]
    assert np.sqrt((error**2).mean()) < 0.06 * expected.max()
    reached = x[basin.depth[1] > 0.05].max()
    assert reached == pytest.approx(x[expected > 0.05].max(), abs=3 * dx)


def test_a_tilted_v_catchment_reaches_its_equilibrium() -> None:
    # Di Giammarco, Todini and Lamberti (1996), J. Hydrology 175: two slopes of 800 x 1000 m, 5 %, n 0.015,
    # beside a channel of 20 m, 2 %, n 0.15; 10.8 mm/h for 90 min. In equilibrium the rain runs off: 4.86 m³/s.
    dx = 20.0
    x, y = np.meshgrid((np.arange(81) + 0.5) * dx, (np.arange(50) + 0.5) * dx)
    channel = np.abs(x - 810.0) < 10.0
    ground = np.where(channel, 0.0, (np.abs(x - 810.0) - 10.0) * 0.05 + 1.0) + 0.02 * y
    basin = Basin(ground, dx, np.where(channel, 0.15, 0.015), outlet_slope=0.02)
    basin.outlet[0] = channel[0]
    rain = np.full(90, 10.8 / 3.6e6)
    flow = []
    for minute in range(0, 180, 5):
        before = basin.totals[OUTFLOW]
        basin.run(300.0, start=60.0 * minute, rain=rain)
        flow.append((basin.totals[OUTFLOW] - before) / 300.0)
    assert flow[17] == pytest.approx(4.86, rel=0.01)
    assert max(flow) == pytest.approx(4.86, rel=0.03)
    assert flow[-1] < 0.4
    balance = basin.totals[RAIN] - basin.totals[OUTFLOW] - basin.volume_m3
    assert abs(balance) < 1e-9 * basin.totals[RAIN]


def test_no_flow_is_faster_than_its_waves() -> None:
    steep = np.tile(np.linspace(0.0, 20.0, 50), (3, 1))
    basin = Basin(steep, 1.0, 0.012)
    basin.run(300.0, rain=np.full(5, 100.0 / 3.6e6))
    deepest = np.maximum(basin.depth[:, :-1], basin.depth[:, 1:])
    assert (np.abs(basin.flow_x[:, 1:-1]) <= deepest * np.sqrt(G * deepest) + 1e-9).all()
