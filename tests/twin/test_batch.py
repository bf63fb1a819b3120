import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from twin.batch import Task, evaluate_many, find_models, write_table
from twin.errors import TwinError


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def test_a_folder_gives_its_models_in_order_and_nothing_else(tmp_path) -> None:
    touch(tmp_path / "b.ifc", tmp_path / "a.IFC", tmp_path / "c.ifczip", tmp_path / "notes.txt")
    assert [task.model.name for task in find_models(str(tmp_path))] == ["a.IFC", "b.ifc", "c.ifczip"]


def test_a_pattern_reaches_into_folders(tmp_path) -> None:
    touch(tmp_path / "x" / "a.ifc", tmp_path / "y" / "b.ifc")
    assert [task.model.name for task in find_models(f"{tmp_path}/**/*.ifc")] == ["a.ifc", "b.ifc"]


def test_a_model_prefers_the_project_that_bears_its_name(tmp_path) -> None:
    touch(tmp_path / "a.ifc", tmp_path / "a.toml", tmp_path / "b.ifc")
    common = tmp_path / "common.toml"
    assert [task.project for task in find_models(str(tmp_path), common)] == [tmp_path / "a.toml", common]


def test_a_manifest_names_models_projects_and_weather_relative_to_itself(tmp_path) -> None:
    manifest = tmp_path / "list.csv"
    manifest.write_text("\ufeffmodel,project,weather\nm/a.ifc,p.toml,\nb.ifc,,w.epw\n,,\n", "utf-8")
    assert find_models(str(manifest)) == [
        Task(tmp_path / "m/a.ifc", tmp_path / "p.toml", None),
        Task(tmp_path / "b.ifc", None, tmp_path / "w.epw"),
    ]


@pytest.mark.parametrize("text", ["", "name\nx.ifc\n", "model\n"])
def test_a_manifest_without_models_is_refused(tmp_path, text) -> None:
    manifest = tmp_path / "list.csv"
    manifest.write_text(text)
    with pytest.raises(TwinError) as caught:
        find_models(str(manifest))
    assert caught.value.code == "manifest-without-model"


def test_a_manifest_that_is_missing_or_not_text_is_refused(tmp_path) -> None:
    with pytest.raises(TwinError):
        find_models(str(tmp_path / "none.csv"))
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\xd8model")
    with pytest.raises(TwinError):
        find_models(str(tmp_path / "binary.csv"))


def test_the_table_holds_every_column_of_every_row(tmp_path) -> None:
    table, _ = write_table([{"model": "塔楼.ifc", "a": 1}, {"model": "b.ifc", "b": None}], tmp_path)
    assert table.read_text("utf-8-sig").splitlines() == ["model,a,b", "塔楼.ifc,1,", "b.ifc,,"]


def test_a_file_whose_name_looks_like_a_pattern_is_found(tmp_path) -> None:
    touch(tmp_path / "塔楼 [v2].ifc")
    (task,) = find_models(str(tmp_path / "塔楼 [v2].ifc"))
    assert task.model.name == "塔楼 [v2].ifc"


def test_leaving_a_batch_early_ends_its_processes_and_begins_no_other(tmp_path, monkeypatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        quick = command[4].endswith("a.ifc")
        child = popen([sys.executable, "-c", "" if quick else "import time; time.sleep(600)"], **options)
        started.append(child)
        return child

    monkeypatch.setattr("subprocess.Popen", start)
    tasks = [Task(tmp_path / f"{name}.ifc", None, None) for name in "abcd"]
    rows = evaluate_many(tasks, jobs=2)
    assert Path(next(rows)["model"]).name == "a.ifc"
    rows.close()  # as the command does when it is interrupted
    assert all(child.returncode is not None for child in started)
    assert len(started) <= 3
