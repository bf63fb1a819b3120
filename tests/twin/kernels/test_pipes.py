"""Flow through sewers: sections, waves, floods and storages by hand, the balance, and beside EPA SWMM 5."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.runoff_cases import storm_case
from benchmarks.runoff_networks import tree
from twin.kernels.infiltration import HORTON
from twin.kernels.pipe_sections import (
    CIRCULAR,
    FACTOR,
    RECTANGULAR_CLOSED,
    RECTANGULAR_OPEN,
    SQUARE_ROOT_OF_AREA,
    TRAPEZOIDAL,
    TRIANGULAR,
    section_factor,
    section_geometry,
    section_tables,
)
from twin.metrics.sponge.pipe_network import Conduit, PipeNetwork, Regulator, RoutingResult, Storage, route
from twin.metrics.sponge.runoff_case import run_case
from twin.verify.swmm import run_swmm
from twin.verify.swmm_file import Sewer, write_swmm

SECTIONS = {
    CIRCULAR: (0.6, 0.0, 0.0),
    RECTANGULAR_CLOSED: (0.6, 0.5, 0.0),
    RECTANGULAR_OPEN: (0.6, 0.5, 0.0),
    TRAPEZOIDAL: (0.6, 0.5, 1.5),
    TRIANGULAR: (0.6, 1.2, 0.0),
}


def chain(count: int, **changed: float) -> PipeNetwork:
    """Pipes of 300 m and 600 mm with a fall of 0.5 % one after the other."""
    values = {"length_m": 300.0, "manning_n": 0.013, "fall_m": 1.5} | changed
    pipes = tuple(
        Conduit(f"C{i}", f"N{i}", f"N{i + 1}", shape=CIRCULAR, sizes=SECTIONS[CIRCULAR], **values)
        for i in range(count)
    )
    return PipeNetwork(tuple(f"N{i}" for i in range(count + 1)), pipes)


def through(network: PipeNetwork, flow: np.ndarray, step_s: float = 60.0, **how: bool) -> RoutingResult:
    """A flow into the first node, in intervals of 5 min."""
    inflow = np.zeros((len(network.nodes), len(flow)))
    inflow[0] = flow
    return route(network, inflow, 300.0, step_s, **how)


def test_a_full_circle_has_its_area_and_a_quarter_of_its_diameter_as_radius() -> None:
    _, area, factor = section_tables(CIRCULAR, np.array([0.6, 0.0, 0.0]))
    assert area == pytest.approx(np.pi * 0.09)
    assert factor == pytest.approx(np.pi * 0.09 * 0.15 ** (2 / 3))
    tables = section_tables(CIRCULAR, np.array([0.6, 0.0, 0.0]))[0]
    assert section_factor(tables[FACTOR], np.sqrt(0.5))[0] == pytest.approx(0.5, rel=1e-6)  # half full
    assert tables[FACTOR, :, 0].max() == pytest.approx(1.0757, abs=3e-4)  # at 94 % of the depth


@pytest.mark.parametrize("shape", SECTIONS)
def test_the_tables_of_a_section_equal_its_geometry(shape: int) -> None:
    sizes = np.array(SECTIONS[shape])
    tables, full, factor = section_tables(shape, sizes)
    depth = np.linspace(0.02, 0.96, 40) * sizes[0]
    area, wetted = section_geometry(shape, depth, sizes)
    direct = area * (area / wetted) ** (2 / 3) / factor
    found = [section_factor(tables[FACTOR], root)[0] for root in np.sqrt(area / full)]
    assert found == pytest.approx(direct, rel=1e-4)
    rising = direct < 0.99
    back = [section_factor(tables[SQUARE_ROOT_OF_AREA], np.cbrt(value))[0] for value in direct[rising]]
    assert np.square(back) == pytest.approx((area / full)[rising], rel=1e-4)


def test_a_constant_flow_fills_the_pipes_to_normal_depth() -> None:
    result = through(chain(4), np.full(200, 0.1))
    conduit = chain(1).conduits[0]
    depth = np.linspace(1e-6, 0.5, 200_000)
    area, wetted = section_geometry(CIRCULAR, depth, np.array(conduit.sizes))
    flow = area * (area / wetted) ** (2 / 3) * conduit.slope**0.5 / conduit.manning_n
    assert result.flow_m3_s[0, -1] == pytest.approx(0.1, rel=1e-6)
    assert result.stored_m3 == pytest.approx(4 * 300 * np.interp(0.1, flow, area), rel=1e-4)


@pytest.mark.parametrize("step_s", [5.0, 30.0, 60.0, 300.0])
def test_a_wave_hardly_grows_and_loses_no_water_whatever_the_step(step_s: float) -> None:
    flow = np.zeros(80)
    flow[5:20] = 0.2
    result = through(chain(10), flow, step_s)
    # The box scheme overshoots behind a front into dry pipes; by how much depends on the last bits.
    assert result.peak_m3_s[0] == pytest.approx(0.2, rel=0.08)
    assert abs(result.imbalance) < 1e-12
    # It comes when it has filled the pipes: a shock travels at the velocity behind it.
    filled = through(chain(10), np.full(100, 0.2)).stored_m3
    half = int(np.argmax(result.flow_m3_s[0] > 0.1)) + 0.5 - 5
    assert half * 300 == pytest.approx(filled / 0.2, abs=350)


def test_what_a_full_pipe_does_not_take_floods_the_node_above() -> None:
    conduit = chain(1).conduits[0]
    full = np.pi * 0.09 * 0.15 ** (2 / 3) * conduit.slope**0.5 / conduit.manning_n
    for steady in (False, True):
        result = through(chain(3), np.full(100, 1.5 * full), steady=steady)
        assert result.flow_m3_s[0, -1] == pytest.approx(full, rel=1e-4)
        assert result.flooded_m3[0] == pytest.approx(0.5 * full * 100 * 300, rel=0.02)
        assert abs(result.imbalance) < 1e-12


def test_steady_flow_passes_on_at_once_what_comes() -> None:
    flow = np.array([0.0, 0.1, 0.05, 0.0])
    assert through(chain(5), flow, steady=True).flow_m3_s[0] == pytest.approx(flow)


def test_a_storage_with_a_linear_outlet_empties_exponentially() -> None:
    depth = np.array([0.0, 2.0])
    network = PipeNetwork(
        ("POND", "OUT"), (), (Regulator("O", "POND", "OUT", np.column_stack([depth, 0.05 * depth])),),
        (Storage("POND", depth, 100.0 * depth, initial_depth_m=2.0),),
    )  # fmt: skip
    result = through(network, np.zeros(12), 10.0)
    left = 200.0 * np.exp(-0.05 / 100.0 * 3600.0)
    assert result.outflow_m3[0] == pytest.approx(200.0 - left, rel=2e-3)
    assert result.imbalance * result.inflow_m3 == pytest.approx(0.0, abs=1e-9)


def test_a_weir_attenuates_a_flood_and_a_full_storage_overflows() -> None:
    depth = np.linspace(0.0, 2.0, 21)
    weir = 1.84 * 0.5 * np.maximum(depth - 1.0, 0.0) ** 1.5
    network = PipeNetwork(
        ("POND", "OUT"), (), (Regulator("W", "POND", "OUT", np.column_stack([depth, weir])),),
        (Storage("POND", depth, 400.0 * depth),),
    )  # fmt: skip
    flow = np.zeros(60)
    flow[:6] = 0.6
    result = through(network, flow)
    assert result.stored_m3 == pytest.approx(400.0, rel=0.15)  # to the crest, but for the last of the flow
    assert result.peak_m3_s[0] < 0.58
    assert np.argmax(result.flow_m3_s[0]) == 5  # when the flood ends
    assert result.flooded_m3.sum() == 0.0
    assert through(network, 5 * flow).flooded_m3[0] > 100.0


def test_a_pump_runs_from_its_upper_to_its_lower_level() -> None:
    depth = np.array([0.0, 2.0])
    pump = Regulator("P", "SUMP", "OUT", np.array([[0.0, 0.1], [2.0, 0.1]]), start_m=1.0, stop_m=0.2)
    network = PipeNetwork(("SUMP", "OUT"), (), (pump,), (Storage("SUMP", depth, 50.0 * depth),))
    flow = np.full(60, 0.02)
    result = through(network, flow, 10.0)
    running = result.flow_m3_s[0] > 0.0
    assert not running[:8].any()  # 50 m³ at 0.02 m³/s
    assert running.any()
    assert not running.all()
    assert result.peak_m3_s[0] == pytest.approx(0.1)
    assert 10.0 - 1.5 <= result.stored_m3 <= 50.0 + 1.5


def test_water_is_conserved_in_any_network() -> None:
    network = tree(40, flow_m3_s=0.03)  # too small: floods
    random = np.random.default_rng(2)
    inflow = random.gamma(0.3, 0.2, (41, 300)) * (random.random(300) < 0.3)
    result = route(network, inflow, 300.0, 60.0)
    assert result.flooded_m3.sum() > 0.05 * result.inflow_m3
    assert abs(result.imbalance) < 1e-12
    assert result.flow_m3_s[0].sum() * 300.0 == pytest.approx(result.outflow_m3[0])


@pytest.mark.parametrize(
    ("links", "message"),
    [
        ([("A", "B"), ("B", "A")], "circle"),
        ([("A", "B"), ("A", "C")], "junction 'A' has more than one link"),
        ([("A", "X")], "link 'L0' ends at an unknown node"),
    ],
)
def test_a_network_that_cannot_be_is_refused(links: list[tuple[str, str]], message: str) -> None:
    pipes = [replace(chain(1).conduits[0], name=f"L{i}", upper=a, lower=b) for i, (a, b) in enumerate(links)]
    with pytest.raises(ValueError, match=message):
        route(PipeNetwork(("A", "B", "C"), tuple(pipes)), np.zeros((3, 4)), 300.0, 60.0)


@pytest.mark.parametrize("steady", [False, True])
def test_a_storm_in_a_sewer_tree_leaves_it_as_in_swmm(tmp_path: Path, steady: bool) -> None:
    case = storm_case(HORTON, 30)
    case = replace(case, rain_mm=np.repeat(case.rain_mm / 5.0, 5), interval_s=60)
    network = tree(30)
    sewer = Sewer(network, network.nodes[:30], 60, steady)
    theirs = run_swmm(write_swmm(case, tmp_path / "site.inp", series=False, sewer=sewer))
    inflow = np.zeros((31, case.intervals))
    inflow[:30] = run_case(case, as_swmm=True, keep_flow=True).flow_m3_s
    ours = route(network, inflow, 60.0, 60.0, steady=steady)
    volume, peak = theirs.outfalls["OUT"]
    # SWMM's own balance of the pipes is off by 0.07 %.
    assert ours.outflow_m3[0] / 1e3 == pytest.approx(volume, rel=2e-3)
    assert ours.peak_m3_s[0] * 1e3 == pytest.approx(peak, rel=0.015)
    assert ours.flooded_m3.sum() / 1e4 == pytest.approx(theirs.routing["Flooding Loss"], abs=6e-4)
    assert abs(ours.imbalance) < 1e-9


def test_storages_with_outlet_and_pump_pass_on_what_they_do_in_swmm(tmp_path: Path) -> None:
    case = storm_case(HORTON, 4)
    case = replace(case, rain_mm=np.repeat(case.rain_mm / 5.0, 5), interval_s=60)
    depth = np.linspace(0.0, 3.0, 31)
    orifice = 0.65 * 0.04 * np.sqrt(2 * 9.81 * depth)
    pipe = chain(1).conduits[0]
    network = PipeNetwork(
        ("POND", "N1", "SUMP", "OUT"),
        (replace(pipe, name="C", upper="N1", lower="SUMP"),),
        (
            Regulator("O", "POND", "N1", np.column_stack([depth, orifice])),
            Regulator("P", "SUMP", "OUT", np.array([[0.0, 0.15], [3.0, 0.15]]), 1.0, 0.2),
        ),
        (Storage("POND", depth, 900.0 * depth), Storage("SUMP", depth, 60.0 * depth)),
    )
    sewer = Sewer(network, ("POND",) * 4, 30)
    theirs = run_swmm(write_swmm(case, tmp_path / "site.inp", series=False, sewer=sewer))
    inflow = np.zeros((4, case.intervals))
    inflow[0] = run_case(case, as_swmm=True, keep_flow=True).flow_m3_s.sum(axis=0)
    ours = route(network, inflow, 60.0, 30.0)
    volume, peak = theirs.outfalls["OUT"]
    assert ours.outflow_m3[0] / 1e3 == pytest.approx(volume, rel=0.01)
    assert ours.peak_m3_s[0] * 1e3 == pytest.approx(peak, rel=0.01)
