"""The scene folder: what is written is what the model says."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from ifc.surfaces import derive_surfaces
from tests.building_blocks import Blocks
from tests.twin.example_evaluation import example_evaluation
from tests.viewer.test_scene import parts, world_vertices
from twin.errors import TwinError
from twin.view import write_scene, write_static
from viewer import page
from viewer.build import STAMP
from viewer.storey_glb import storey_glbs


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scene")
    evaluation = example_evaluation()
    write_scene(evaluation.model, evaluation, folder)
    return folder, json.loads((folder / "scene.json").read_text("utf-8")), evaluation


def values(folder, place):
    data = (folder / "values.bin").read_bytes()
    dtype = {"f32": "<f4", "i32": "<i4"}[place["type"]]
    return np.frombuffer(data, dtype, place["length"], place["offset"])


def layer(info, name):
    (found,) = [one for one in info["layers"] if one["id"] == name]
    return found


def test_the_heat_map_lies_on_the_floor_with_the_values_of_the_metric(scene) -> None:
    folder, info, evaluation = scene
    cells = layer(info, "daylight.daylight_factor")["cells"]
    field = evaluation.metrics["daylight"].fields["daylight_factor"]
    assert values(folder, cells["values"]) == pytest.approx(field.values)
    centre = values(folder, cells["centre"]).reshape(-1, 3)
    assert centre[:, :2] == pytest.approx(field.points[:, :2], abs=1e-4)
    assert (centre[:, 2] > 0).all()
    assert (centre[:, 2] < 0.1).all()
    frames = values(folder, cells["frames"]).reshape(-1, 6)
    assert np.linalg.norm(frames[:, :3], axis=1) == pytest.approx(0.25)
    rows = set(values(folder, cells["row"]).tolist())
    elements = json.loads((folder / "elements.json").read_text("utf-8"))
    assert rows == {elements["space_row"][0]}


def test_every_layer_names_its_rule_in_both_languages(scene) -> None:
    _, info, _ = scene
    assert info["layers"]
    for one in info["layers"]:
        assert one["rule"]["en"]
        assert one["rule"]["zh"]
        assert one["label"]["en"]
        assert one["label"]["zh"]


def test_details_are_found_by_the_global_id_in_the_file_of_the_storey(tmp_path) -> None:
    model = derive_surfaces(example_evaluation().model)
    write_scene(model, None, tmp_path)
    details = json.loads((tmp_path / "details" / "0.json").read_text("utf-8"))
    surfaces = details[str(model.spaces.global_id[0])]["surfaces"]
    assert len(surfaces) == len(model.surfaces) > 0
    assert sum(surface[3] for surface in surfaces) == pytest.approx(model.surfaces.area_m2.sum(), rel=1e-5)


def test_both_languages_of_the_evaluation_are_written_and_removed_with_it(tmp_path) -> None:
    evaluation = example_evaluation()
    write_scene(evaluation.model, evaluation, tmp_path)
    chinese = json.loads((tmp_path / "evaluation.zh.json").read_text("utf-8"))
    assert chinese["groups"][0]["title"] == "健康舒适"
    write_scene(evaluation.model, None, tmp_path)
    assert not (tmp_path / "evaluation.zh.json").exists()


def test_a_storey_holds_its_elements_and_floors_where_the_model_has_them() -> None:
    blocks = Blocks()
    blocks.storey("一层", 0.0)
    blocks.box("IfcWall", (0, -0.2, 0), (6, 0, 3))
    blocks.storey("二层", 3.0)
    blocks.space((1, 1, 3), (5, 4, 6), name="201", storey=1)
    model = blocks.model()
    lower, upper = storey_glbs(model, model.geometry)
    assert (lower.storey, upper.storey) == (0, 1)
    assert lower.high == pytest.approx((6, 0, 3), abs=1e-6)
    document, data = parts(upper.data)
    floor = world_vertices(document, data, str(model.spaces.global_id[0]))
    assert floor[:, 1] == pytest.approx(3.02, abs=1e-3)
    assert floor[:, 0].min() == pytest.approx(1, abs=1e-3)


def test_a_page_that_is_not_built_is_told(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(page, "FOLDER", tmp_path / "nothing")
    with pytest.raises(TwinError) as caught:
        write_static(example_evaluation().model, None, tmp_path / "out")
    assert "viewer.build" in caught.value.remedy.en


def test_storeys_of_an_earlier_model_go_and_other_files_stay(tmp_path) -> None:
    two, one = Blocks(), Blocks()
    for blocks, storeys in ((two, 2), (one, 1)):
        for storey in range(storeys):
            blocks.storey(str(storey), 3.0 * storey)
            blocks.box("IfcWall", (0, 0, 3 * storey), (6, 0.2, 3 * storey + 3), storey=storey)
    write_scene(two.model(), None, tmp_path)
    assert (tmp_path / "storey-1.glb").exists()
    assert (tmp_path / "details" / "1.json").exists()
    for other in ("furniture.glb", "details/notes.json"):
        (tmp_path / other).write_text("mine")
    write_scene(one.model(), None, tmp_path)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*") if path.is_file()}
    assert {"storey-0.glb", "furniture.glb", "details/0.json", "details/notes.json"} <= left
    assert not {"storey-1.glb", "details/1.json"} & left


def test_a_number_that_is_not_known_stays_unknown(tmp_path) -> None:
    evaluation = example_evaluation()
    model = evaluation.model
    spaces = replace(model.spaces, height_m=np.full(len(model.spaces), np.nan))
    write_scene(replace(model, spaces=spaces), None, tmp_path)
    elements = json.loads((tmp_path / "elements.json").read_text("utf-8"))
    assert elements["spaces"]["height_m"] == [None]


def test_a_folder_of_assets_that_is_not_the_page_s_is_kept(tmp_path, monkeypatch) -> None:
    built = tmp_path / "built"
    (built / "assets").mkdir(parents=True)
    for name in ("index.html", STAMP, "assets/new.js"):
        (built / name).write_text("<head>")
    monkeypatch.setattr(page, "FOLDER", built)
    own = tmp_path / "out" / "assets" / "own.txt"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    assert page.copy_page(tmp_path / "out")
    assert own.read_text() == "mine"


def test_scripts_of_an_earlier_page_go(tmp_path, monkeypatch) -> None:
    built = tmp_path / "built"
    (built / "assets").mkdir(parents=True)
    for name in ("index.html", STAMP, "assets/old.js"):
        (built / name).write_text("<head>")
    monkeypatch.setattr(page, "FOLDER", built)
    assert page.copy_page(tmp_path / "out")
    (built / "assets" / "old.js").rename(built / "assets" / "new.js")
    assert page.copy_page(tmp_path / "out")
    assert [path.name for path in (tmp_path / "out" / "assets").iterdir()] == ["new.js"]
