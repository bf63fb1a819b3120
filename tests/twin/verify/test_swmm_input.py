"""Input files of SWMM that others wrote: read, run beside SWMM, or refused with the line (extra ``verify``)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from benchmarks.runoff_cases import showers_mm, storm_case, with_units
from tests.twin.verify.swmm_rounding import moved_by_rounding
from twin.cli.verify import verify
from twin.errors import TwinError
from twin.kernels import lid
from twin.kernels.infiltration import HORTON
from twin.verify.swmm_file import write_swmm
from twin.verify.swmm_input.beside import compare_file, compare_files
from twin.verify.swmm_input.case import read_case
from twin.verify.swmm_input.run import write_copy
from twin.verify.swmm_input.text import date_of, plain_number, read_text, seconds_of

SITE = """
[TITLE]
A site in feet; what is [drawn] is passed over.
[OPTIONS]
FLOW_UNITS CFS
INFILTRATION {method}
START_DATE 05/28/2004
START_TIME 00:30
END_DATE 06/06/2004
END_TIME 23:59:59
WET_STEP 00:04:00
DRY_STEP 01:00:00
[EVAPORATION]
MONTHLY 0.1 0.1 0.1 0.15 0.22 0.25 0.2 0.2 0.1 0.1 0.1 0.1
DRY_ONLY YES
[RAINGAGES]
near INTENSITY 0:10 1.0 TIMESERIES burst
far CUMULATIVE 1:00 1.0 FILE "rain.dat" S1 MM
[SUBCATCHMENTS]
the_roof near paving 0.5 100 200 1.5 0
paving near O1 2.0 60 300 0.9 0 ; comment
lawn far O1 1.25 30 150 2 0
lot far lawn 1.0 55 120 1 0
none far O1 0 10 1 1 0
[SUBAREAS]
the_roof 0 0.1 0.04 0.1 20 OUTLET
paving 0.014 0.2 0.06 0.15 25 PERVIOUS 70
lawn 0.013 0.24 0.05 0.2 10 IMPERVIOUS
lot 0.012 0 0.05 0.1 25 OUTLET
none 0.01 0.1 0 0 25 OUTLET
[INFILTRATION]
{soils}
[LID_CONTROLS]
cell BC
cell SURFACE 6 0.1 0.1 1 5
cell SOIL 12 0.5 0.2 0.1 1.5 10 3.5
cell STORAGE 12 0.75 0.2 0
cell DRAIN 0.6 0.5 3 6
[LID_USAGE]
lot cell 2 1000 20 25 40 0 /tmp/never-written.txt * 15
[OUTFALLS]
O1 0 FREE
[CONDUITS]
[TIMESERIES]
burst 5/28/2004 12:00 0.4 12:10 1.9 12:20 0.8
burst 06/01/2004 3:00 0.25
burst 3:10 0.15
burst 3.5 2.5
[ADJUSTMENTS]
RAINFALL 1 1 1 1 1 1.5 1 1 1 1 1 1
[COORDINATES]
O1 1 nonsense
"""
NAMES = ("the_roof", "paving", "lawn", "lot", "none")
SOILS = {
    "HORTON": "2.2 0.3 4 5 2.5",
    "MODIFIED_HORTON": "2.2 0.3 4 5 0",
    "GREEN_AMPT": "4.3 0.26 0.25",
    "MODIFIED_GREEN_AMPT": "4.3 0.26 0.25",
    "CURVE_NUMBER": "82 0.5 4",
}


def site(folder: Path, method: str = "HORTON", *changes: tuple[str, str]) -> Path:
    depths = np.cumsum(showers_mm()[:200])
    lines = [f"S1 2004 5 {28 + hour // 24} {hour % 24} 0 {depths[hour]:.1f}" for hour in range(96)]
    (folder / "rain.dat").write_text("; gage\n" + "\n".join(lines) + "\n", "utf-8")
    text = SITE.format(method=method, soils="\n".join(f"{name} {SOILS[method]}" for name in NAMES))
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "site.inp"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("method", SOILS)
def test_a_site_runs_off_as_in_swmm(tmp_path: Path, method: str) -> None:
    found = compare_file(site(tmp_path, method))
    assert found.reasons == ()
    assert found.subcatchments == 4
    assert found.units == 1
    assert all(value is not None and value < 0.01 for value in found.difference_pct.values()), found
    assert found.unit_difference_mm < 0.01
    assert found.imbalance_pct < 1e-6
    assert found.conserving_pct is not None
    assert 0.0 < found.conserving_pct < 10.0  # where water runs off at once SWMM counts some of it twice


def test_what_a_file_says_is_what_is_run(tmp_path: Path) -> None:
    case = read_case(read_text(site(tmp_path))).case
    assert case is not None
    assert case.names == ("the_roof", "paving", "lawn", "lot")
    assert case.interval_s == 600
    assert case.wet_step_s == 240
    assert case.outlet is not None
    assert case.outlet.tolist() == [1, -1, -1, 2]
    near = case.rain_mm[1]  # gages in the order of their names
    assert near.sum() == pytest.approx(25.4 * ((0.4 + 1.9 + 0.8) + 1.0 * 0.25 + 1.5 * (0.15 + 2.5)) / 6)
    assert case.catchments[1, 9] == pytest.approx(0.7)
    assert case.units[0, lid.AREA_M2] == pytest.approx(2000 * 0.3048**2)
    assert case.units[0, lid.STORAGE_VOID] == pytest.approx(0.75 / 1.75)


def test_a_file_that_we_wrote_comes_back(tmp_path: Path) -> None:
    wrote = with_units(storm_case(HORTON, 3), [lid.BIORETENTION, lid.GREEN_ROOF, lid.RAIN_BARREL])
    read = read_case(read_text(write_swmm(wrote, tmp_path / "site.inp"))).case
    assert read is not None
    assert read.names == wrote.names
    assert read.catchments == pytest.approx(wrote.catchments, rel=2e-5)  # SWMM's hectare
    assert read.soil == pytest.approx(wrote.soil)
    assert read.units == pytest.approx(wrote.units, abs=1e-9)
    assert read.rain_mm[0] == pytest.approx(wrote.rain_mm)
    assert (read.wet_step_s, read.dry_step_s) == (wrote.wet_step_s, wrote.dry_step_s)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ([("[OUTFALLS]", "[GROUNDWATER]\npaving A O1 0 0 0 0 0 0\n[OUTFALLS]")], "groundwater"),
        ([("O1 0 FREE", "O1 0 FREE NO paving")], "an outfall that drains onto a subcatchment"),
        ([("MONTHLY 0.1", "TEMPERATURE 0.1")], "evaporation from temperature data"),
        ([("25 40 0 /tmp", "25 40 1 /tmp")], "LID: outflow returned to the pervious part"),
        ([("RAINFALL 1 1", "CONDUCTIVITY 1 1")], "monthly patterns of soil or ground"),
        ([("lawn 2.2 0.3 4 5 2.5", "lawn 4.3 0.26 0.25 GREEN_AMPT")], "several methods of infiltration in one run"),
        ([("cell BC", "cell RD")], "LID: roof disconnection"),
    ],
)  # fmt: skip
def test_what_we_do_not_model_is_said(tmp_path: Path, changes: list[tuple[str, str]], reason: str) -> None:
    assert compare_file(site(tmp_path, "HORTON", *changes)).reasons == (reason,)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("paving near O1 2.0 60", "paving near O1 2.0 sixty", "percent impervious must be a number"),
        ("paving near O1 2.0 60", "paving near O1 2.0 nan", "not 'nan'"),
        ("lawn far O1 1.25", "lawn gone O1 1.25", "no rain gage 'gone'"),
        ("rain.dat", "no.dat", "Its file cannot be read"),
        ("burst 3:10 0.15", "burst 2:10 0.15", "do not rise"),
        ("burst 3:10 0.15", "burst 3:10", "Word 3 is missing"),
        ("[TIMESERIES]", "[TIMESERIES]\nspare", "Word 2 is missing"),
        ("[TIMESERIES]", "[TIMESERIES]\nspare FILE gone.dat", "Its file cannot be read"),
        ("[RAINGAGES]", "[RAINGAGES]\nspare VOLUME 1:00 1.0", "Word 5 is missing"),
        ("END_DATE 06/06/2004", "END_DATE 12/31/9999", "END_DATE is no date"),
        ("paving near O1", "paving near the_roof", "drain to each other in a circle"),
        ("[OUTFALLS]", "[NONSENSE]", "SWMM has no section"),
        ("lot cell 2", "lot sell 2", "no LID control 'SELL'"),
        ("END_DATE 06/06/2004", "END_DATE 06/06/2003", "ends before it starts"),
        ("END_DATE 06/06/2004", "END_DATE 31/06/2004", "END_DATE is no date"),
        ("WET_STEP 00:04:00", "WET_STEP soon", "WET_STEP is no time step"),
        ("FLOW_UNITS CFS", "FLOW_UNITS CUPS", "FLOW_UNITS is one of"),
        ("lawn 0.013", "lawn 0.013 0.013\nlawn 0.013", "two rows of subareas 'lawn'"),
        ("cell SOIL 12 0.5 0.2", "cell SOIL 12 0.5 0.6", "porosity must rise"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = site(tmp_path, "HORTON", (old, new))
    with pytest.raises(TwinError, match=r"site\.inp:\d+: ") as refused:
        compare_file(path)
    assert message in str(refused.value)


def test_no_input_file_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "photo.inp").write_bytes(b"\x89PNG\r\n\x00\xff" * 9)
    (tmp_path / "empty.inp").write_text("; nothing\n", "utf-8")
    for name in ("photo.inp", "empty.inp", "gone.inp"):
        (error,) = compare_files([tmp_path / name])
        assert isinstance(error, TwinError)
        assert name in error.where


def test_swmm_writes_nowhere_but_beside_its_copy(tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    changes = ("[OUTFALLS]", "[FILES]\nSAVE RUNOFF /tmp/x\n[OUTFALLS]")
    path = write_copy(read_text(site(tmp_path, "HORTON", changes)), tmp_path / "copy")
    text = path.read_text("utf-8")
    assert "/tmp" not in text
    assert "rain.dat" not in text
    assert (tmp_path / "copy" / "data0.dat").exists()


def test_the_command_says_what_runs_and_what_does_not(tmp_path: Path) -> None:
    site(tmp_path)
    (tmp_path / "pipes.inp").write_text(
        "[OPTIONS]\nFLOW_ROUTING DYNWAVE\n[CONDUITS]\nC A B 10 0.01\n[WEIRS]\nW A B SIDEFLOW 0 3\n", "utf-8"
    )
    run = CliRunner().invoke(verify, ["swmm", str(tmp_path), "--json"])
    assert run.exit_code == 0, run.output
    pipes, ran = json.loads(run.stdout)["files"]
    assert pipes["reasons"] == ["it has no subcatchments"]
    assert pipes["pipes_not_compared"] == ["weirs"]
    assert ran["pipes_not_compared"] == ["it has no pipes"]
    assert ran["within_limits"]
    shown = CliRunner().invoke(verify, ["swmm", str(tmp_path), "--lang", "zh"])
    assert "1 个已运行，1 个未运行，0 个被拒绝" in shown.stdout
    (tmp_path / "bad.inp").write_text("[OPTIONS\nnonsense\n[WHAT]", "utf-8")
    refused = CliRunner().invoke(verify, ["swmm", str(tmp_path / "bad.inp")])
    assert refused.exit_code == 2
    assert "bad.inp:3" in refused.stdout


def test_numbers_times_and_dates() -> None:
    assert plain_number("-1.5e3") == -1500.0
    assert [plain_number(word) for word in ("nan", "inf", "1_0", "0x1", "1e999", "")] == [None] * 6
    assert [seconds_of(word) for word in ("1.5", "0:02", "01:00:30", "x", "1:")] == [
        5400,
        120,
        3630,
        None,
        None,
    ]
    dates = [date_of(word) for word in ("12/31/2006", "DEC-31-2006", "2006-12-31", "13/13/2006")]
    assert [str(one) for one in dates] == ["2006-12-31", "2006-12-31", "None", "None"]


@pytest.mark.slow
@pytest.mark.shared
def test_the_cases_of_swmm_run_as_in_swmm(shared_data: Path) -> None:
    found = compare_files(sorted((shared_data / "reference" / "swmm").glob("*.inp")))
    run = {one.path.stem: one for one in found if not isinstance(one, TwinError) and not one.reasons}
    assert len(found) == 46
    assert len(run) == 26
    for name, one in run.items():
        assert one.within, name
        assert all(value is None or value < 0.005 for value in one.difference_pct.values()), name
        assert one.imbalance_pct < 1e-6, name
        assert name == "bioretention" or one.unit_difference_mm < 0.005, name
    left = {one.path.stem: one for one in found if not isinstance(one, TwinError) and one.reasons}
    assert left["Example5"].reasons == ("groundwater",)
    assert left["catchment_as_outfall"].reasons == ("an outfall that drains onto a subcatchment",)
    others = set(left) - {"Example5", "catchment_as_outfall"}
    assert all(left[name].reasons == ("it has no subcatchments",) for name in others)


@pytest.mark.slow
@pytest.mark.shared
def test_a_cell_whose_drain_opens_and_shuts_is_as_near_to_swmm_as_swmm_to_itself(
    shared_data: Path, tmp_path: Path
) -> None:
    path = shared_data / "reference" / "swmm" / "bioretention.inp"
    moved = moved_by_rounding(path, tmp_path / "changed.inp")
    assert moved[-1] > 0.002
    found = compare_file(path)
    assert found.unit_difference_mm < 2.0 * max(moved)
    assert found.unit_difference_mm < 0.15
