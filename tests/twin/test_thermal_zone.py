from dataclasses import replace

import pytest

from ifc.constructions import climate_zones
from ifc.constructions.gb50176 import k_value
from ifc.model import Provenance
from tests.building_blocks import Blocks
from twin.cities import city_zones
from twin.project import Project, ProjectSection
from twin.thermal_zone import building_category, thermal_zone, with_constructions


def project(**values):
    return Project(project=ProjectSection(**values))


@pytest.mark.parametrize("name", ["Nanchang", "nanchang ", "南昌", "南昌市"])
def test_a_city_is_known_by_either_name(name):
    found = city_zones(name)
    assert found.thermal_zone.value == "3A"
    assert found.light_climate.value == "IV"
    assert found.thermal_zone.confidence == "medium"


def test_two_cities_called_fuzhou_are_kept_apart():
    assert city_zones("福州").thermal_zone.value == "4A"
    assert city_zones("抚州").thermal_zone.value == "3A"


def test_every_zone_named_has_default_constructions():
    for name in ("北京", "哈尔滨", "广州", "昆明", "拉萨", "赣州"):
        assert city_zones(name).thermal_zone.value in climate_zones()


def test_the_project_may_declare_its_zone():
    found = thermal_zone(project(city="北京", thermal_zone="3B"))
    assert found.value == "3B"
    assert found.provenance is Provenance.DECLARED
    assert thermal_zone(project(city="北京")).value == "2B"
    assert thermal_zone(project(city="Atlantis")) is None


def house(*uses):
    blocks = Blocks()
    blocks.box("IfcWall", (0, -0.2, 0), (5, 0, 3))
    for row, use in enumerate(uses):
        blocks.space((5 * row, 0, 0), (5 * row + 5, 5, 3), use=use)
    return blocks.model()


def test_the_category_follows_the_larger_area():
    assert building_category(house("bedroom", "bedroom", "shop"), project()) == "residential"
    assert building_category(house("bedroom", "shop", "office"), project()) == "public"
    assert building_category(house("bedroom"), project(building_type="public")) == "public"


def test_default_constructions_follow_the_place():
    def wall_k(model):
        return k_value(model.constructions[model.elements.construction[0]].layers)

    model = house("bedroom")
    assert wall_k(with_constructions(model, project(city="Nanchang"))) == pytest.approx(1.0)
    assert wall_k(with_constructions(model, project(city="Beijing"))) == pytest.approx(0.45)
    assert wall_k(with_constructions(house("office"), project(city="Nanchang"))) == pytest.approx(0.8)


def test_an_unknown_city_is_told_once():
    model = with_constructions(house("bedroom"), project(city="Atlantis"))
    again = with_constructions(replace(model), project(city="Atlantis"))
    assert [one.code for one in again.diagnostics].count("thermal-zone-assumed") == 1
    known = with_constructions(again, project(city="Nanchang"))
    assert "thermal-zone-assumed" not in [one.code for one in known.diagnostics]


def test_a_building_of_which_nothing_says_its_type_counts_as_public_and_that_is_told_once():
    def told(model):
        return [one.code for one in model.diagnostics].count("building-type-assumed")

    model = with_constructions(house("unknown"), project())
    again = with_constructions(replace(model), project())
    assert (told(model), told(again)) == (1, 1)
    wall = model.constructions[model.elements.construction[0]]
    assert ", public" in wall.u_value_w_m2k.source
    assert told(with_constructions(again, project(building_type="residential"))) == 0
    assert told(with_constructions(house("bedroom"), project())) == 0
