"""The command twin, run as a user or a script runs it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

import twin
from twin.cli import app
from twin.report.json_report import json_schema

ONE_ROOM = Path(twin.__file__).parent / "data" / "one_room.ifc"


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "twin.cli", *map(str, arguments)]
    environment = {**os.environ, "LANG": "en_US.UTF-8", "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, check=False)


def assert_refused(done: subprocess.CompletedProcess[str], *words: object) -> None:
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert str(word) in done.stderr


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory) -> tuple[subprocess.CompletedProcess[str], Path]:
    folder = tmp_path_factory.mktemp("evaluated")
    return run("evaluate", ONE_ROOM, "--json", "--out", folder / "out", cwd=folder), folder


def test_evaluate_prints_json_of_the_documented_schema_and_nothing_else(evaluated) -> None:
    done, _ = evaluated
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    jsonschema.validate(data, json_schema())
    assert len(data["clauses"]) == 115
    assert set(data["metrics"]) == {"daylight", "sunlight", "energy", "carbon", "sponge"}


def test_a_pipe_gets_no_progress_bar_only_diagnostics_and_the_paths_of_the_reports(evaluated) -> None:
    done, folder = evaluated
    assert "\x1b" not in done.stderr
    *diagnostics, html, data = done.stderr.splitlines()
    assert [Path(html), Path(data)] == [folder / "out" / "one_room.html", folder / "out" / "one_room.json"]
    assert all(path.stat().st_size > 10_000 for path in (Path(html), Path(data)))
    assert all(line.startswith(("error: ", "warning: ", "note: ", "… and")) for line in diagnostics)
    assert any("state neither usable layers nor a U-value" in line for line in diagnostics)


def test_the_scorecard_is_printed_for_people(tmp_path) -> None:
    done = run("evaluate", ONE_ROOM, "--format", "json", "--lang", "zh", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "总分" in done.stdout
    assert "控制项" in done.stdout
    assert "警告：" in done.stderr
    assert "警告" not in done.stdout  # diagnostics are no data
    assert not (tmp_path / "out" / "one_room.html").exists()


def test_a_required_star_that_is_not_guaranteed_gives_exit_code_1(tmp_path) -> None:
    done = run("evaluate", ONE_ROOM, "--json", "--format", "", "--require", 2, cwd=tmp_path)
    assert done.returncode == 1
    assert json.loads(done.stdout)["stars"]["guaranteed"] < 2


@pytest.mark.parametrize("command", ["evaluate", "inspect"])
def test_a_missing_file_is_one_message_with_exit_code_2(command, tmp_path) -> None:
    assert_refused(run(command, "nowhere.ifc", cwd=tmp_path), "nowhere.ifc")


def test_a_pdf_renamed_to_ifc_is_refused_and_a_script_gets_the_code(tmp_path) -> None:
    (tmp_path / "plan.ifc").write_bytes(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n")
    done = run("evaluate", "plan.ifc", "--json", cwd=tmp_path)
    assert_refused(done, "plan.ifc")
    error = json.loads(done.stdout)["error"]
    assert set(error) == {"code", "where", "message", "remedy"}


def test_an_unknown_key_in_twin_toml_is_named(tmp_path) -> None:
    (tmp_path / "twin.toml").write_text("[project]\nnmae = 'x'\n")
    assert_refused(run("evaluate", ONE_ROOM, "--project", "twin.toml", cwd=tmp_path), "project.nmae")


def test_a_weather_file_that_is_none_is_refused(tmp_path) -> None:
    (tmp_path / "x.epw").write_text("hello\n")
    assert_refused(run("evaluate", ONE_ROOM, "--weather", "x.epw", cwd=tmp_path), "x.epw")


def test_an_unknown_report_format_is_a_usage_error(tmp_path) -> None:
    assert_refused(run("evaluate", ONE_ROOM, "--format", "docx", cwd=tmp_path), "docx")


def test_a_folder_that_cannot_be_written_is_one_message(tmp_path) -> None:
    (tmp_path / "out").write_text("a file where the folder should be")
    assert_refused(run("evaluate", ONE_ROOM, "--format", "json", cwd=tmp_path), "out", "in the way")


@pytest.mark.parametrize("command", ["evaluate", "batch"])
def test_a_folder_that_cannot_be_written_is_refused_before_the_work(command, tmp_path, monkeypatch) -> None:
    import twin.batch
    import twin.evaluate

    def work(*_: object, **__: object) -> None:
        raise AssertionError("the work began")

    monkeypatch.setattr(twin.evaluate, "evaluate", work)
    monkeypatch.setattr(twin.batch, "evaluate_many", work)
    (tmp_path / "file").write_text("a file where a folder should be")
    for folder in (tmp_path / "file", tmp_path / "file" / "out"):
        done = CliRunner().invoke(app, [command, str(ONE_ROOM), "--out", str(folder), "--lang", "en"])
        assert done.exit_code == 2, done.output
        assert str(tmp_path / "file") in done.output


def test_stdout_that_cannot_be_written_never_looks_like_a_verdict(tmp_path) -> None:
    command = [sys.executable, "-m", "twin.cli", "inspect", str(ONE_ROOM), "--json", "--lang", "en"]
    reader, writer = os.pipe()
    os.close(reader)
    gone = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert gone.returncode == 141, gone.stderr
    assert "BrokenPipe" not in gone.stderr
    if Path("/dev/full").exists():
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert_refused(done, "stdout", "the disk is full")


def test_a_file_that_fails_outside_the_work_is_named_and_not_taken_for_stdout(tmp_path, monkeypatch) -> None:
    import twin.report.console

    def print_inspection(*_: object) -> None:
        (tmp_path / "missing" / "theme.toml").read_text()

    monkeypatch.setattr(twin.report.console, "print_inspection", print_inspection)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    done = CliRunner().invoke(app, ["inspect", str(ONE_ROOM), "--lang", "en"])
    assert done.exit_code == 2
    assert str(tmp_path / "missing" / "theme.toml") in done.stderr
    assert "stdout" not in done.stderr


def test_inspect_says_what_the_model_holds_and_lacks(tmp_path) -> None:
    done = run("inspect", ONE_ROOM, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {"schema", "counts", "storeys", "spaces", "missing", "diagnostics"} <= set(found)
    (space,) = found["spaces"]
    assert {"global_id", "name", "storey", "area_m2", "volume_m3", "grade", "reason"} <= set(space)
    assert space["area_m2"] == pytest.approx(20, rel=1e-3)
    assert space["volume_m3"] == pytest.approx(60, rel=1e-3)
    assert space["grade"] in {"A", "B"}
    assert run("inspect", ONE_ROOM, cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("use", ["Office", "X"])
def test_inspect_and_evaluate_assume_the_same_limits(use, tmp_path) -> None:
    other = ONE_ROOM.read_text().replace("'Office'", f"'{use}'").replace("\\X2\\529E516C5BA4\\X0\\", use)
    (tmp_path / "model.ifc").write_text(other)
    inspected = json.loads(run("inspect", "model.ifc", "--json", cwd=tmp_path).stdout)
    evaluated = json.loads(run("evaluate", "model.ifc", "--json", "--format", "", cwd=tmp_path).stdout)
    codes = ("construction-default", "building-type-assumed")

    def told(found):
        return {one["code"]: one["message"] for one in found["diagnostics"] if one["code"] in codes}

    assert told(inspected) == told(evaluated)
    assert ", public" in told(inspected)["construction-default"]
    assert ("building-type-assumed" in told(inspected)) == (use == "X")


def test_init_writes_a_project_that_evaluate_accepts_and_never_overwrites_one(tmp_path) -> None:
    assert run("init", cwd=tmp_path).returncode == 0
    assert_refused(run("init", cwd=tmp_path), "twin.toml")
    assert run("init", "--force", "--lang", "zh", cwd=tmp_path).returncode == 0
    done = run("evaluate", ONE_ROOM, "--format", "", "--project", "twin.toml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_export_writes_a_glb_beside_the_model_or_where_asked(tmp_path) -> None:
    done = run("export", ONE_ROOM, "-o", "new/room.glb", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).read_bytes()[:4] == b"glTF"


def test_batch_gives_a_row_per_model_and_a_failed_one_is_a_row_with_its_reason(tmp_path) -> None:
    folder = tmp_path / "revisions"
    folder.mkdir()
    (folder / "a.ifc").write_bytes(ONE_ROOM.read_bytes())
    (folder / "broken.ifc").write_text("not a model")
    done = run("batch", "revisions", "--jobs", 2, "--json", "--out", "table", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    good, bad = json.loads(done.stdout)["rows"]
    assert (good["error"], good["stars_guaranteed"]) == (None, -1)
    assert good["energy.heating_need_kwh_m2"] > 0
    assert bad["error"]
    assert bad["score_guaranteed"] is None
    with (tmp_path / "table" / "batch.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [Path(row["model"]).name for row in rows] == ["a.ifc", "broken.ifc"]
    assert json.loads((tmp_path / "table" / "batch.json").read_text("utf-8"))["rows"] == [good, bad]


def test_batch_of_nothing_is_bad_input(tmp_path) -> None:
    assert_refused(run("batch", "*.ifc", cwd=tmp_path), "*.ifc")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("gbk.toml", "[project]\nname = '中国'\n".encode("gbk"), ["第 2 行不是 UTF-8 编码"]),
        ("bad.toml", b"[project\n", ["bad.toml:1", "第 9 列不符合 TOML 语法"]),
        ("twice.toml", b"[site]\n[site]\n", ["twice.toml:2", "重复的键或表"]),
        ("clause.toml", b"[declared.'99.9.9']\nmet = true\n", ["没有这样的条文"]),
        ("folder", None, ["这是文件夹而非文件"]),
    ],
)
def test_what_is_wrong_with_twin_toml_is_told_in_chinese(name, content, words, tmp_path) -> None:
    path = tmp_path / name
    path.mkdir() if content is None else path.write_bytes(content)
    done = run("evaluate", ONE_ROOM, "--project", name, "--lang", "zh", "--json", cwd=tmp_path)
    assert_refused(done, f"{name}", *words)
    error = json.loads(done.stdout)["error"]
    told = error["message"] + error["remedy"]
    assert not [word for word in ("Error", "codec", "Errno", "expected") if word in told]


def test_a_fault_of_ours_keeps_the_traceback_in_a_file(tmp_path, monkeypatch, capsys) -> None:
    import typer

    from twin.cli.common import FAULT
    from twin.cli.status import status

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with pytest.raises(typer.Exit) as caught, status("en", as_json=False):
        raise AssertionError("a bug")
    assert caught.value.exit_code == FAULT
    (kept,) = tmp_path.glob("greentwin-fault-*.txt")
    assert "a bug" in kept.read_text()
    assert str(kept) in capsys.readouterr().err


@pytest.mark.parametrize("command", ["", "evaluate", "inspect", "export", "init", "warmup", "batch"])
def test_every_command_explains_itself(command, tmp_path) -> None:
    done = run(*command.split(), "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert len(done.stdout) > 200


@pytest.mark.parametrize("command", [["serve"], ["account", "add"], ["measure"], ["runoff"], ["history"]])
def test_help_keeps_the_brackets_of_a_section(command) -> None:
    assert "[live]" in CliRunner().invoke(app, [*command, "--help"]).output


def test_view_wants_one_place_to_show_the_model(tmp_path) -> None:
    for arguments in ((), ("--static", tmp_path / "x", "--desktop"), ("--desktop", "--before", ONE_ROOM)):
        assert_refused(
            run("view", ONE_ROOM, "--lang", "en", *arguments, cwd=tmp_path), "--static", "--desktop"
        )


@pytest.mark.parametrize("display", ["", ":987"])
def test_a_window_without_a_display_is_refused_before_the_work(display, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("DISPLAY", display)
    done = run("view", ONE_ROOM, "--desktop", "--lang", "zh", cwd=tmp_path)
    assert_refused(done, "desktop" if "PyVista" in done.stderr else "DISPLAY")
