"""What is computed beside serving, and the demonstration."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import fastapi.testclient
import httpx
import pytest

import twin
from sensors.store.sqlite import SqliteStore
from tests.sensors.community import free_port
from twin.live.composition import open_live
from twin.project import read_project
from twin.server import evaluation
from twin.server.app import create_app
from twin.server.background import start_background
from twin.server.context import Settings
from twin.server.demo import DAY_STEPS, demo_project, fill_day

ONE_ROOM = Path(twin.__file__).parent / "data" / "one_room.ifc"


def wait_for(get, timeout_s=270.0):
    deadline = time.monotonic() + timeout_s
    while not (found := get()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def test_an_evaluation_is_kept_for_the_very_files_that_it_was_made_of(tmp_path):
    shutil.copyfile(ONE_ROOM, tmp_path / "model.ifc")
    (tmp_path / "twin.toml").write_text(
        '[live]\nmodel = "model.ifc"\n[weather]\nrain = "rain.csv"\n[site]\ncatchments = "site.csv"\n'
    )
    project = read_project(tmp_path / "twin.toml")
    found = [evaluation.folder_for(project)]
    for name, text in (("rain.csv", "a"), ("rain.csv", "b"), ("site.csv", "a"), ("site.csv", "c")):
        (tmp_path / name).write_text(text)
        found.append(evaluation.folder_for(project))
    assert None not in found
    assert len(set(found)) == len(found)
    assert evaluation.folder_for(project) == found[-1]


@pytest.mark.parametrize("known", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_the_model_is_located_and_evaluated_beside_serving_and_kept(known, tmp_path, monkeypatch):
    monkeypatch.setattr("twin.server.evaluation.user_cache_folder", lambda: tmp_path / "cache")
    shutil.copyfile(ONE_ROOM, tmp_path / "model.ifc")
    (tmp_path / "points.csv").write_text("id,unit,privacy\nroom/t,°C,public\n")
    (tmp_path / "twin.toml").write_text('[live]\nmodel = "model.ifc"\npoints = "points.csv"\n')
    project = read_project(tmp_path / "twin.toml")
    folder = evaluation.folder_for(project)
    assert folder is not None
    assert evaluation.load(folder) is None
    if known:
        evaluation.draw(ONE_ROOM, folder)
        (folder / "scene").mkdir()
        for language in evaluation.LANGUAGES:
            text = json.dumps({"language": language, "clauses": [None] * 115})
            (folder / "scene" / f"evaluation.{language}.json").write_text(text)
    app = create_app(project, Settings(demo=True), start_background)
    with fastapi.testclient.TestClient(app) as client:
        state = client.get("/api/v1/twin").json()
        assert state["evaluation"] in ("none", "running", "ready" if known else "")
        answer = client.get("/api/v1/evaluation")
        assert answer.status_code in (404, 503, 200 if known else 0)
        wait_for(lambda: client.get("/api/v1/twin").json()["evaluation"] == "ready")
        found = client.get("/api/v1/evaluation", params={"lang": "zh"}).json()
        assert (found["language"], len(found["clauses"])) == ("zh", 115)
        assert client.get("/api/v1/twin").json()["scene"] == "/scene/"
        assert known or client.get("/scene/scene.json").json()
        for outside in ("/scene/../twin.toml", "/scene/%2e%2e/%2e%2e/twin.toml", "/scene//etc/passwd"):
            assert client.get(outside).status_code == 404
        (storey,) = {
            place.storey for place in app.state.context.live.places.elements.values() if place.storey
        }
        assert client.get(f"/api/v1/elements/{storey}").json()["class"] == "IfcBuildingStorey"
    assert evaluation.load(folder) is not None
    (tmp_path / "twin.toml").write_text('[live]\nmodel = "model.ifc"\npoints = "points.csv"\nzone = "UTC"\n')
    assert evaluation.folder_for(read_project(tmp_path / "twin.toml")) != folder


def test_a_model_is_drawn_as_its_file_states_it_without_a_kernel(tmp_path):
    code = (
        "import sys; from pathlib import Path; from twin.server.evaluation import draw;"
        f"draw(Path({str(ONE_ROOM)!r}), Path({str(tmp_path / 'kept')!r})); print('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    scene = json.loads((tmp_path / "kept" / "stated" / "scene.json").read_text())
    assert scene["evaluated"] is False
    assert scene["parts"]
    model = evaluation.load_model(tmp_path / "kept")
    assert model is not None
    assert (len(model.spaces), len(model.surfaces)) == (1, 0)
    assert evaluation.load(tmp_path / "kept") is None  # drawn is not evaluated


def test_a_model_that_cannot_be_read_costs_the_places_not_the_server(tmp_path, monkeypatch):
    monkeypatch.setenv("GREENTWIN_CACHE", str(tmp_path / "cache"))
    (tmp_path / "model.ifc").write_text("no model")
    (tmp_path / "points.csv").write_text("id,unit,privacy\nroom/t,°C,public\n")
    (tmp_path / "twin.toml").write_text('[live]\nmodel = "model.ifc"\npoints = "points.csv"\n')
    app = create_app(read_project(tmp_path / "twin.toml"), Settings(demo=True), start_background)
    with fastapi.testclient.TestClient(app) as client:
        wait_for(lambda: client.get("/api/v1/twin").json()["model"] == "failed")
        assert client.get("/api/v1/latest").status_code == 200


async def opened(project):
    return open_live(project)


def test_the_demonstration_has_points_of_the_pilot_model_and_a_day_behind_it(tmp_path):
    project = demo_project(tmp_path)
    live = asyncio.run(opened(project))
    assert len(live.points) > 200
    assert {binding.point for binding in live.bindings} < set(live.points.row_of)
    asyncio.run(fill_day(live.points, live.store, "Asia/Shanghai"))
    series = live.store.series(0, 0, 2**62)
    assert len(series.time_us) == DAY_STEPS
    assert 15 < series.value.mean() < 35
    live.store.close()
    live.alarm_log.close()
    assert isinstance(live.store, SqliteStore)


def test_the_demo_command_serves_within_seconds_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    port = free_port()
    command = [sys.executable, "-m", "twin.cli", "serve", "--demo", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == f"http://127.0.0.1:{port}/\n"
        me = httpx.get(f"http://127.0.0.1:{port}/api/v1/me", timeout=60).json()
        assert me["role"] == "demo"
        assert list(tmp_path.glob("greentwin-demo-*"))
    finally:
        process.terminate()
        assert process.wait(60) == 0
    assert not list(tmp_path.glob("greentwin-demo-*"))


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--demo", "--host", "0.0.0.0"], "127.0.0.1"),
        ([], "PROJECT"),
        (["no-such.toml"], "no-such.toml"),
        (["--demo", "--host", "192.0.2.1"], "127.0.0.1"),
    ],
)
def test_what_cannot_be_served_is_refused(arguments, word, tmp_path):
    command = [sys.executable, "-m", "twin.cli", "serve", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=120)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert word in done.stderr


def test_accounts_are_kept_from_the_command_line(tmp_path):
    (tmp_path / "points.csv").write_text("id,unit\nx,°C\n")
    (tmp_path / "twin.toml").write_text('[live]\npoints = "points.csv"\n')

    def run(*arguments, text=None):
        command = [sys.executable, "-m", "twin.cli", "account", *arguments]
        return subprocess.run(command, capture_output=True, text=True, input=text, cwd=tmp_path, check=False)

    added = run(
        "add", "twin.toml", "li", "--role", "operator", "--password-stdin", text="a long enough one\n"
    )
    assert added.returncode == 0, added.stderr
    service = run("add", "twin.toml", "gateway", "--role", "service")
    assert service.stdout.startswith("gts_")
    short = run("add", "twin.toml", "wang", "--role", "auditor", "--password-stdin", text="short\n")
    assert (short.returncode, "Traceback" in short.stderr) == (2, False)
    assert run("list", "twin.toml").stdout == "gateway\tservice\t\nli\toperator\t\n"
    assert run("remove", "twin.toml", "li").returncode == 0
    assert run("remove", "twin.toml", "li").returncode == 2


@pytest.mark.parametrize(
    ("section", "word"),
    [
        ('postgres = "postgresql://twin@127.0.0.1:9/x"', "postgresql://127.0.0.1:9/x"),
        ('alarms = "none.yaml"', "none.yaml"),
        (
            '[[outlets]]\nkind="sensorthings"\nname="d"\nurl="https://d.example"\ndatastreams={x=1}',
            "not handed on",
        ),
    ],
)
def test_a_project_that_is_wrong_is_told_in_one_message_without_a_traceback(section, word, tmp_path):
    (tmp_path / "points.csv").write_text("id,unit\nx,°C\n")
    (tmp_path / "twin.toml").write_text(f'[live]\npoints = "points.csv"\n{section}\n')
    command = [sys.executable, "-m", "twin.cli", "serve", "twin.toml", "--port", "0", "--lang", "en"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=120)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") < 6
    assert word in done.stderr
    assert done.stdout == ""
