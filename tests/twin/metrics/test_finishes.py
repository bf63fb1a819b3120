"""Which names of materials are finishes, and what these reflect."""

from __future__ import annotations

import re
from importlib import resources

import pytest
import yaml

from ifc.constructions.materials_library import plain_name
from ifc.model import Provenance
from twin.metrics.daylight.finishes import Face, finish_reflectance

INSIDE = [
    ("白色乳胶漆", "wall", 0.84),
    ("内墙涂料(白)", "ceiling", 0.84),
    ("石膏板 白色乳胶漆", "ceiling", 0.84),
    ("Paint - White", "wall", 0.84),
    ("Metal - Paint Finish - White", "wall", 0.84),
    ("Wandfarbe weiß", "wall", 0.84),
    ("米黄色调和漆", "wall", 0.70),
    ("中黄色调和漆", "wall", 0.57),
    ("大白浆", "ceiling", 0.75),
    ("Plaster", "wall", 0.70),
    ("Innenputz, weiß", "wall", 0.75),
    ("Kalk-Gips-Putz", "ceiling", 0.70),
    ("20厚水泥砂浆抹面", "floor", 0.32),
    ("瓷砖-白色", "wall", 0.80),
    ("J_Wall_Tile_White", "wall", 0.80),
    ("墙砖_天蓝色", "wall", 0.55),
    ("白色水磨石", "floor", 0.70),
    ("白色间灰黑色水磨石", "floor", 0.52),
    ("黑灰色水磨石", "floor", 0.10),
    ("浅咖啡色马赛克", "floor", 0.31),
    ("Mosaic tile, dark brown", "floor", 0.20),
    ("大理石 黑色", "wall", 0.08),
    ("深棕色木纹贴面板", "wall", 0.12),
    ("清水红砖", "wall", 0.33),
    ("清水混凝土", "wall", 0.20),
    ("Concrete, Fair-faced", "wall", 0.20),
    ("菱苦土地面", "floor", 0.15),
    ("Ceiling Tile 600 x 600", "ceiling", 0.75),
    ("Wood, Oak", "floor", 0.25),
    ("Nussbaumfurnier", "wall", 0.15),
]
OUTSIDE = [
    ("Masonry - Brick", "wall", 0.33),
    ("Brick, Red", "wall", 0.33),
    ("红砖", "wall", 0.33),
    ("灰砖", "wall", 0.23),
    ("Grey common brick", "wall", 0.23),
    ("沥青混凝土", "floor", 0.10),
    ("浅色外墙涂料", "wall", 0.75),
    ("白水泥", "wall", 0.75),
]


@pytest.mark.parametrize(("name", "face", "value"), INSIDE)
def test_a_finish_is_found_by_its_name_and_colour(name: str, face: Face, value: float) -> None:
    found = finish_reflectance(name, face, False)
    assert found is not None
    assert found.value == value
    assert found.provenance is Provenance.DERIVED
    assert repr(name) in found.source


@pytest.mark.parametrize(("name", "face", "value"), OUTSIDE)
def test_some_finishes_count_outdoors(name: str, face: Face, value: float) -> None:
    found = finish_reflectance(name, face, True)
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize(
    "name",
    [
        # a colour decides, and is not told, or is one that the table does not know
        "Ceramic Tile", "地砖", "瓷砖", "Paint", "Painted red", "内墙涂料", "大理石", "浅灰色水磨石", "Carpet (1)",
        "Lime plaster, light grey", "Tiles white and red",
        # never the last coat
        "Plasterboard", "Gypsum Wall Board", "纸面石膏板", "水泥砂浆", "水泥砂浆找平层", "聚合物抗裂砂浆", "Screed",
        "Wood - Sheathing - plywood", "Plywood", "Unterputz", "Außenputz", "Cement plaster",
        # structure
        "Concrete, Cast In Situ", "钢筋混凝土", "Masonry - Brick", "红砖", "Concrete Masonry Units", "Sand-lime brick",
        "加气混凝土砌块", "Stahlbeton 65690", "Leichtbeton 102890359",
        # a word of a finish within another
        "粉煤灰砖", "Roof Tile", "Vinyl tile white", "Tischplatte", "Solid", "Default Wall", "", "漆",
    ],
)  # fmt: skip
def test_what_tells_no_finish_of_a_wall_in_a_room_is_left_to_the_default(name: str) -> None:
    assert finish_reflectance(name, "wall", False) is None


def test_a_finish_counts_on_the_faces_where_it_is_used() -> None:
    assert finish_reflectance("Ceiling tile", "floor", False) is None
    assert finish_reflectance("Plaster", "floor", False) is None
    assert finish_reflectance("Plaster", "wall", True) is None
    assert finish_reflectance("菱苦土地面", "ceiling", False) is None
    assert finish_reflectance("Asphalt", "wall", True) is None


def test_what_is_presumed_or_carried_over_is_less_sure() -> None:
    def confidence(name: str, outside: bool = False) -> str:
        found = finish_reflectance(name, "wall", outside)
        assert found is not None
        return found.confidence

    assert confidence("白色乳胶漆") == "high"
    assert confidence("白色粉刷石膏") == "medium"
    assert confidence("清水砖") == "low"
    assert confidence("Common Brick", outside=True) == "low"
    assert confidence("Brick, Red", outside=True) == "high"


def test_the_data_can_be_matched_and_names_known_colours_and_sources() -> None:
    data = yaml.safe_load(resources.files("twin").joinpath("data/reflectances.yaml").read_text("utf-8"))
    for name, finish in data["finishes"].items():
        seen = []
        for value in finish["values"]:
            assert 0.0 < value["reflectance"] < 1.0, name
            assert set(value["colours"]) <= set(data["colours"]) - {"none"}, name
            assert value["source"] in data["sources"], name
            assert value.get("confidence", "low") in ("high", "medium", "low"), name
            seen.append(frozenset(value["colours"]))
        assert len(set(seen)) == len(seen), name
        assert finish.get("words") or finish.get("parts"), name
    for entry in (data["never"], *data["colours"].values(), *data["finishes"].values()):
        for part in entry.get("parts", ()):
            assert plain_name(part) == part, "a name is made plain before it is matched"
        for word in entry.get("words", ()):
            assert re.compile(word)
            assert word == word.casefold()
