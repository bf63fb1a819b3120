"""Pipes of input files of SWMM: read, routed beside SWMM, or refused with the reason (extra ``verify``)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from twin.cli.verify import verify
from twin.errors import TwinError
from twin.verify.swmm_input.beside import FileComparison, compare_file, compare_files
from twin.verify.swmm_input.case import read_case
from twin.verify.swmm_input.pipes import read_pipes
from twin.verify.swmm_input.pipes_beside import compare_pipes
from twin.verify.swmm_input.text import read_text

SEWER = """
[OPTIONS]
FLOW_UNITS LPS
FLOW_ROUTING KINWAVE
START_DATE 05/28/2004
END_DATE 05/28/2004
END_TIME 06:00
WET_STEP 00:05:00
ROUTING_STEP 30
MIN_SLOPE 0.1
[RAINGAGES]
gauge INTENSITY 0:10 1.0 TIMESERIES burst
[SUBCATCHMENTS]
yard gauge N1 2.0 90 200 1 0
street gauge N3 1.5 80 150 1 0
[SUBAREAS]
yard 0.013 0.2 1 3 25 OUTLET
street 0.013 0.2 1 3 25 OUTLET
[INFILTRATION]
yard 50 5 4 5 0
street 50 5 4 5 0
[JUNCTIONS]
N1 12.0 3
N2 11.2 3
N3 10.9 3
N4 10.0 3
N5 9.0 3
[OUTFALLS]
out 8.0 FREE
dry 5.0 FREE
[CONDUITS]
c1 N1 N2 120 0.013 0.1 0
c2 N2 N4 150 0.013 0 0.2
c3 N3 N4 90 0.015 0 0
c4 N4 N5 80 0.02 0 0
c5 N5 out 200 0.025 0 0 0 0
[XSECTIONS]
c1 CIRCULAR 0.7 0 0 0 1
c2 RECT_CLOSED 0.6 0.8 0 0 1
c3 TRIANGULAR 0.7 1.4 0 0
c4 RECT_OPEN 0.5 0.5 0 0 2
c5 TRAPEZOIDAL 0.8 0.4 1 1
[TIMESERIES]
burst 0:30 20 0:40 70 0:50 120 1:00 60 1:10 25 1:20 10
"""
SPRING = (
    "[TIMESERIES]",
    "[INFLOWS]\nN5 FLOW spring FLOW 1.0 2.0 15\n[TIMESERIES]\nspring 0 0 2:00 40 5:00 10",
)


def sewer(folder: Path, *changes: tuple[str, str]) -> Path:
    text = SEWER
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "sewer.inp"
    path.write_text(text, "utf-8")
    return path


def compared(folder: Path, *changes: tuple[str, str]) -> FileComparison:
    return compare_file(sewer(folder, *changes))


@pytest.mark.parametrize("method", ["KINWAVE", "STEADY"])
def test_a_storm_leaves_pipes_of_all_shapes_as_in_swmm(tmp_path: Path, method: str) -> None:
    pipes = compared(tmp_path, ("KINWAVE", method)).pipes
    assert pipes.reasons == ()
    assert pipes.conduits == 5
    assert pipes.method == ("steady flow" if method == "STEADY" else "kinematic wave")
    assert abs(pipes.imbalance_pct) < 1e-9
    assert len(pipes.outfalls) == len(pipes.whole) == 1  # nothing comes to the other
    for outfall in (*pipes.outfalls, *pipes.whole):
        assert outfall.name == "OUT"
        assert outfall.swmm_volume_m3 > 500.0
        assert abs(outfall.volume_pct) < 0.3
        assert abs(outfall.peak_pct) < 1.0
        assert abs(outfall.peak_later_s) <= 60.0
        assert outfall.rms_pct < 1.0
        assert outfall.efficiency > 0.999


def test_our_runoff_enters_the_pipes_when_and_as_swmm_s_does(tmp_path: Path) -> None:
    pipes = compared(tmp_path).pipes
    (given,), (ours,) = pipes.outfalls, pipes.whole
    assert ours.volume_m3 == pytest.approx(given.volume_m3, rel=1e-6)
    assert ours.peak_m3_s == pytest.approx(given.peak_m3_s, rel=1e-6)


def test_what_else_flows_in_is_routed_but_not_with_our_runoff(tmp_path: Path) -> None:
    without, pipes = compared(tmp_path).pipes, compared(tmp_path, SPRING).pipes
    assert pipes.whole == ()
    (outfall,) = pipes.outfalls
    # A series that is doubled and 15 l/s, over 6 h, of which the last still flows.
    spring = 6 * 3600 * 0.015 + 3600 * 2e-3 * (2 * 20 + 3 * 25)
    assert pipes.inflow_m3 - without.inflow_m3 == pytest.approx(spring, rel=0.01)
    assert outfall.efficiency > 0.999


def test_the_dynamic_wave_gives_way_on_both_sides(tmp_path: Path) -> None:
    kinematic, dynamic = compared(tmp_path).pipes, compared(tmp_path, ("KINWAVE", "DYNWAVE")).pipes
    assert dynamic.stands_in
    assert not kinematic.stands_in
    assert dynamic.outfalls == kinematic.outfalls


def test_full_pipes_flood_in_both(tmp_path: Path) -> None:
    pipes = compared(tmp_path, ("c1 CIRCULAR 0.7", "c1 CIRCULAR 0.4")).pipes
    assert pipes.swmm_flooded_m3 > 50.0
    assert pipes.flooded_m3 == pytest.approx(pipes.swmm_flooded_m3, rel=0.02)


def test_feet_and_elevations_are_the_same_pipes(tmp_path: Path) -> None:
    metres = read_pipes(read_text(sewer(tmp_path))).network
    changes = (
        ("MIN_SLOPE 0.1", "MIN_SLOPE 0.1\nLINK_OFFSETS ELEVATION"),
        ("0.013 0.1 0", "0.013 12.1 11.2"), ("0.013 0 0.2", "0.013 11.2 10.2"), ("0.015 0 0", "0.015 * 10"),
        ("80 0.02 0 0", "80 0.02 * *"), ("0.025 0 0 0 0", "0.025 * * 0 0"),
    )  # fmt: skip
    assert read_pipes(read_text(sewer(tmp_path, *changes))).network == metres
    feet = read_pipes(read_text(sewer(tmp_path, ("LPS", "CFS")))).network
    assert feet is not None
    assert metres is not None
    assert [pipe.fall_m for pipe in metres.conduits] == pytest.approx([0.9, 1.0, 0.9, 1.0, 1.0])
    for ours, theirs in zip(feet.conduits, metres.conduits, strict=True):
        assert ours.length_m == pytest.approx(0.3048 * theirs.length_m)
        assert ours.fall_m == pytest.approx(0.3048 * theirs.fall_m)
        assert ours.sizes[0] == pytest.approx(0.3048 * theirs.sizes[0])


def test_the_least_slope_is_that_of_the_options(tmp_path: Path) -> None:
    pipes = read_pipes(read_text(sewer(tmp_path, ("MIN_SLOPE 0.1", "MIN_SLOPE 0.9")))).network
    assert pipes is not None
    assert [round(pipe.slope, 6) for pipe in pipes.conduits] == [0.009, 0.009, 0.010001, 0.012501, 0.009]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ([("c1 CIRCULAR 0.7 0", "c1 EGG 0.7 0")], "EGG cross-sections"),
        ([("c5 TRAPEZOIDAL 0.8 0.4 1 1", "c5 TRAPEZOIDAL 0.8 0.4 1 2")], "trapezoids whose sides differ"),
        ([("c4 RECT_OPEN 0.5 0.5 0", "c4 RECT_OPEN 0.5 0.5 1")], "open rectangles without a side"),
        ([("[TIMESERIES]", "[EVAPORATION]\nCONSTANT 3\n[TIMESERIES]")], "evaporation from open channels"),
        ([("[TIMESERIES]", "[LOSSES]\nc1 0 0 0 NO 5\n[TIMESERIES]")], "seepage from conduits"),
        ([("[TIMESERIES]", "[STORAGE]\nS 0 2 0 FUNCTIONAL 0 0 9\n[TIMESERIES]")], "storages"),
        ([("N1 12.0 3", "N1 12.0 3 0 0 50"), ("[OPTIONS]", "[OPTIONS]\nALLOW_PONDING YES")],
         "ponding above junctions"),
        ([("0.025 0 0 0 0", "0.025 0 0 5 0")], "initial flow in conduits"),
        ([("0.025 0 0 0 0", "0.025 0 0 0 5")], "limits of the flow in conduits"),
        ([("N5 9.0", "N5 10.5")], "conduits that rise (only the dynamic wave takes them)"),
        ([("c3 N3 N4", "c3 N2 N4")], "several conduits below a node (only the dynamic wave divides flow)"),
        ([("c5 N5 out", "c5 N5 N1"), ("N1 12.0", "N1 8.0"), ("N2 11.2", "N2 8.0"), ("N4 10.0", "N4 8.0"),
          ("N5 9.0", "N5 8.0"), ("0.1 0\nc2", "0 0\nc2"), ("0 0.2", "0 0")],
         "conduits that run in a circle (only the dynamic wave has loops)"),
        ([("[TIMESERIES]", "[GROUNDWATER]\nyard A N1 0 0 0 0 0 0\n[TIMESERIES]")], "its subcatchments are not run"),
    ],
)  # fmt: skip
def test_what_is_not_routed_is_said(tmp_path: Path, changes: list[tuple[str, str]], reason: str) -> None:
    file = read_text(sewer(tmp_path, *changes))
    assert compare_pipes(file, read_case(file)).reasons == (reason,)


def test_a_run_of_too_many_steps_is_not_begun(tmp_path: Path) -> None:
    changes = ("ROUTING_STEP 30", "ROUTING_STEP 0.001"), ("05/28/2004\nEND_TIME", "12/28/2004\nEND_TIME")
    file = read_text(sewer(tmp_path, *changes))
    (reason,) = compare_pipes(file, read_case(file)).reasons
    assert "50 million" in reason


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("c1 N1 N2", "c1 N1 N9", "no node 'N9'"),
        ("c1 N1 N2 120", "c1 N1 N2 0", "Length and roughness must be above 0"),
        ("c1 N1 N2 120", "c1 N1 N2 long", "length must be a number"),
        ("c1 CIRCULAR 0.7", "c1 CIRCULAR 0", "full depth must be above 0"),
        ("c3 TRIANGULAR 0.7 1.4", "c3 TRIANGULAR 0.7 0", "width must be above 0"),
        ("c1 CIRCULAR 0.7 0 0 0 1", "", r"row of [XSECTIONS] is missing"),
        ("out 8.0", "N1 8.0", "two nodes 'N1'"),
        ("c2 N2", "c1 N2", "two conduits 'c1'"),
        ("ROUTING_STEP 30", "ROUTING_STEP soon", "ROUTING_STEP is no time step"),
    ],
)
def test_what_is_wrong_in_pipes_is_said_with_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(TwinError, match=r"sewer\.inp:\d+: ") as refused:
        read_pipes(read_text(sewer(tmp_path, (old, new))))
    assert message in str(refused.value)


def test_the_command_tells_the_outfalls(tmp_path: Path) -> None:
    path = sewer(tmp_path, ("KINWAVE", "DYNWAVE"))
    run = CliRunner().invoke(verify, ["swmm", str(path), "--json"])
    assert run.exit_code == 0, run.output
    (told,) = json.loads(run.stdout)["files"]
    assert "pipes_not_compared" not in told
    assert told["pipes"]["method"] == "kinematic wave"
    assert told["pipes"]["stated_method"] == "dynamic wave"
    (outfall,) = told["pipes"]["outfalls_same_inflow"]
    assert outfall["name"] == "OUT"
    assert outfall["nash_sutcliffe"] > 0.999
    shown = CliRunner().invoke(verify, ["swmm", str(path)], env={"COLUMNS": "200"})
    assert "sewer*" in shown.stdout
    assert "both programs took the kinematic wave" in shown.stdout


@pytest.mark.slow
@pytest.mark.shared
def test_the_pipes_of_swmm_s_own_cases(shared_data: Path) -> None:
    """Where pipes run full SWMM makes water, by as much as its outflow differs from ours."""
    found = {
        one.path.stem: one.pipes
        for one in compare_files(sorted((shared_data / "reference" / "swmm").glob("*.inp")))
        if isinstance(one, FileComparison) and not one.pipes.reasons
    }
    names = ("Example1", "Example2", "extran1", "extran2", "test1", "test2", "test3", "test5", "user1")
    assert tuple(found) == names
    for name, pipes in found.items():
        assert abs(pipes.imbalance_pct) < 1e-9, name
        (outfall,) = pipes.outfalls
        made_m3 = outfall.swmm_volume_m3 + pipes.swmm_flooded_m3 - outfall.volume_m3 - pipes.flooded_m3
        assert 100.0 * made_m3 / pipes.inflow_m3 == pytest.approx(-pipes.swmm_imbalance_pct, abs=0.3), name
        assert outfall.efficiency > 0.93, name
    for name in ("Example1", "test5"):
        (outfall,) = found[name].outfalls
        assert abs(outfall.volume_pct) < 0.15, name
        assert abs(outfall.peak_pct) < 0.2, name
        assert outfall.efficiency > 0.9999, name
    assert found["user1"].whole[0].volume_m3 == pytest.approx(found["user1"].outfalls[0].volume_m3, rel=1e-6)
