"""A model as gbXML: references that hold, areas that come back, and what is lost."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ifc.model import Neighbour
from tests.twin.metrics.energy_house import row_house
from twin.verify.gbxml import _decimal, to_gbxml

ROOT = Path(__file__).parents[3]
G = "{http://www.gbxml.org/schema}"


def area(element: ET.Element) -> float:
    loop = element.find(f"{G}PlanarGeometry/{G}PolyLoop")
    assert loop is not None
    points = np.array([[float(value.text or "") for value in point] for point in loop])
    crossed = np.cross(points[1:-1] - points[0], points[2:] - points[0])
    return float(np.linalg.norm(crossed.sum(axis=0)) / 2)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> ET.Element:
    path = tmp_path_factory.mktemp("gbxml") / "house.xml"
    return ET.parse(to_gbxml(row_house(storeys=2, wall_u=0.5)).write(path)).getroot()


def test_rooms_and_surfaces_come_back_with_their_areas(document: ET.Element) -> None:
    model = row_house(storeys=2, wall_u=0.5)
    spaces = document.findall(f"{G}Campus/{G}Building/{G}Space")
    assert [space.findtext(f"{G}CADObjectId") for space in spaces] == list(model.spaces.global_id)
    assert sum(float(space.findtext(f"{G}Volume") or 0) for space in spaces) == pytest.approx(
        model.spaces.volume_m3.sum()
    )
    surfaces = document.findall(f"{G}Campus/{G}Surface")
    outer = [surface for surface in surfaces if surface.get("surfaceType") == "ExteriorWall"]
    walls = (model.surfaces.neighbour == Neighbour.OUTDOORS) & (np.abs(model.surfaces.tilt_deg - 90) < 1)
    assert sum(map(area, outer)) == pytest.approx(model.surfaces.area_m2[walls].sum(), rel=1e-5)
    openings = document.findall(f"{G}Campus/{G}Surface/{G}Opening")
    assert sum(map(area, openings)) == pytest.approx(model.surface_openings.area_m2.sum(), rel=1e-5)
    inner = [s for s in surfaces if len(s.findall(f"{G}AdjacentSpaceId")) == 2]
    assert len(inner) == (model.surfaces.pair >= 0).sum() / 2


def test_every_reference_has_its_element_and_ids_are_unique(document: ET.Element) -> None:
    ids = [element.get("id") for element in document.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    refs = {v for e in document.iter() for k, v in e.attrib.items() if k.endswith("IdRef")}
    assert refs
    assert refs <= set(ids)


def test_the_light_of_a_window_names_its_side_as_the_schema_asks(document: ET.Element) -> None:
    assert document.get("version") == "7.03"
    lights = list(document.iter(f"{G}Transmittance"))
    assert lights
    assert all({"unit", "type", "surfaceType"} == set(light.attrib) for light in lights)


def test_numbers_are_decimals_and_a_place_has_its_postal_code(document: ET.Element) -> None:
    numbers = [one.text or "" for one in document.iter() if one.tag in (f"{G}Coordinate", f"{G}Area")]
    assert all(re.fullmatch(r"-?\d+(\.\d+)?", number) for number in numbers)
    assert _decimal(-2.5e-5) == "-0.000025"
    model = row_house()
    placed = to_gbxml(replace(model, site=replace(model.site, latitude_deg=28.7, longitude_deg=115.9))).root
    assert placed.find("Campus/Location/ZipcodeOrPostalCode") is not None


def test_the_u_value_that_the_model_states_is_in_the_file(document: ET.Element) -> None:
    values = [element.text for element in document.iter(f"{G}U-value")]
    assert "0.5" in values


def test_losses_are_told_and_names_cannot_break_the_file(tmp_path: Path) -> None:
    model = row_house()
    names = np.array(["a\x00<b>", "卧室"], object)
    internal = np.array([True, False])
    changed = replace(model, spaces=replace(model.spaces, name=names, internal=internal))
    found = to_gbxml(changed)
    again = ET.parse(found.write(tmp_path / "x.xml")).getroot()
    assert again.findtext(f"{G}Campus/{G}Building/{G}Space/{G}Name") == "a<b>"
    told = {loss.code: loss.count for loss in found.losses}
    assert told["gbxml-outdoor-spaces"] == 1
    assert "gbxml-operation" in told


@pytest.mark.parametrize("name", ["room.xml", "room.idf"])
def test_the_command_writes_both_formats(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    done = subprocess.run(
        [sys.executable, "-m", "twin.cli", "export", str(ROOT / "twin/data/one_room.ifc"), "-o", str(path), "--lang", "en"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.returncode == 0, done.stderr
    assert path.exists()
    if name.endswith("idf"):
        assert "Version,25.2;" in path.read_text("utf-8")
        assert path.with_suffix(".epw").exists()
