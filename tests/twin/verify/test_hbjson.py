"""A model as HBJSON: faces that look out of their room, references that hold, and what is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from ifc.model import Neighbour
from tests.twin.metrics.energy_house import row_house
from twin.cli import app
from twin.verify.hbjson import to_hbjson

ROOT = Path(__file__).parents[3]
HOUSE = row_house(storeys=2, wall_u=0.5)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = to_hbjson(HOUSE).write(tmp_path_factory.mktemp("hbjson") / "house.hbjson")
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded


def faces(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [face for room in document["rooms"] for face in room["faces"]]


def vector_area(geometry: dict[str, Any]) -> np.ndarray:
    ring = np.array(geometry["boundary"])
    return np.asarray(np.cross(ring, np.roll(ring, -1, axis=0)).sum(axis=0) / 2)


def test_the_faces_of_a_room_close_around_its_volume(document: dict[str, Any]) -> None:
    assert [room["user_data"]["global_id"] for room in document["rooms"]] == list(HOUSE.spaces.global_id)
    for room, volume in zip(document["rooms"], HOUSE.spaces.volume_m3, strict=True):
        areas = [vector_area(face["geometry"]) for face in room["faces"]]
        np.testing.assert_allclose(np.sum(areas, axis=0), 0, atol=1e-4)
        centres = [np.array(face["geometry"]["boundary"])[0] for face in room["faces"]]
        flux = sum(float(area @ centre) for area, centre in zip(areas, centres, strict=True)) / 3
        assert flux == pytest.approx(float(volume), rel=1e-4)  # normals point out of the room


def test_windows_come_back_with_their_area(document: dict[str, Any]) -> None:
    windows = [window for face in faces(document) for window in face.get("apertures", [])]
    outside = HOUSE.surfaces.neighbour[HOUSE.surface_openings.surface] == Neighbour.OUTDOORS
    area = sum(np.linalg.norm(vector_area(window["geometry"])) for window in windows)
    assert area == pytest.approx(HOUSE.surface_openings.area_m2[outside].sum(), rel=1e-4)


def test_both_faces_of_a_wall_name_each_other_and_its_layers_in_turn(document: dict[str, Any]) -> None:
    by_name = {
        face["identifier"]: (room["identifier"], face) for room in document["rooms"] for face in room["faces"]
    }
    layers = {
        one["identifier"]: one["materials"] for one in document["properties"]["energy"]["constructions"]
    }
    joined = 0
    for name, (room, face) in by_name.items():
        if face["boundary_condition"]["type"] == "Surface":
            there, its_room = face["boundary_condition"]["boundary_condition_objects"]
            other_room, other = by_name[there]
            assert other_room == its_room
            assert other["boundary_condition"]["boundary_condition_objects"] == [name, room]
            own, its = (one["properties"]["energy"].get("construction") for one in (face, other))
            assert (own is None) == (its is None)
            if own is not None:
                assert layers[own] == layers[its][::-1]
            joined += 1
    assert joined == 8  # two sides of a wall on each storey and of two slabs


def every(value: object, key: str) -> Iterator[Any]:
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        for one in value.values():
            yield from every(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from every(one, key)


def test_every_construction_and_material_that_is_named_is_there(document: dict[str, Any]) -> None:
    energy = document["properties"]["energy"]
    named = set(every(document["rooms"], "construction"))
    assert named == {one["identifier"] for one in energy["constructions"]}
    materials = {one["identifier"] for one in energy["materials"]}
    assert {name for one in energy["constructions"] for name in one["materials"]} == materials
    ids = list(every(document, "identifier"))
    assert len(ids) == len(set(ids))
    assert all(name.replace("-", "").isalnum() for name in ids)


def test_the_layers_of_a_wall_have_the_u_value_that_it_states(document: dict[str, Any]) -> None:
    energy = document["properties"]["energy"]
    materials = {one["identifier"]: one for one in energy["materials"]}
    names = {one["identifier"]: one["materials"] for one in energy["constructions"]}
    wall = next(
        face["properties"]["energy"]["construction"]
        for face in faces(document)
        if face["face_type"] == "Wall" and face["boundary_condition"]["type"] == "Outdoors"
    )
    own = [materials[name] for name in names[wall]]
    resistance = sum(
        one["r_value"] if "r_value" in one else one["thickness"] / one["conductivity"] for one in own
    )
    assert 1 / (resistance + 0.15) == pytest.approx(0.5, rel=1e-3)  # the surfaces of GB 50176


def test_losses_are_told() -> None:
    told = {loss.code for loss in to_hbjson(HOUSE).losses}
    assert told == {"hbjson-operation"}


def test_the_command_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "room.hbjson"
    done = CliRunner().invoke(app, ["export", str(ROOT / "twin/data/one_room.ifc"), "-o", str(path)])
    assert done.exit_code == 0, done.output
    assert json.loads(path.read_text("utf-8"))["type"] == "Model"
