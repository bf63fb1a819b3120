from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
import shapely

from ifc.cover_kind import cover_kinds, kind_of_text
from ifc.ground_cover import find_ground_covers
from ifc.model import PROVENANCE_CODES, PropertyTable, Provenance
from tests.building_blocks import Blocks, prism_mesh


class Land:
    """A 40 m × 30 m site with a 10 m × 10 m house, to put covers on."""

    def __init__(self, *, site=True):
        self.blocks = Blocks()
        self.values = []
        mesh = (
            np.array([[0.0, 0, 0], [40, 0, 0], [40, 30, 0], [0, 30, 0]]),
            np.array([[0, 1, 2], [0, 2, 3]], np.int32),
        )
        self.site = self.blocks.add("IfcSite", mesh if site else None, name="Site")
        self.building = self.blocks.add("IfcBuilding", None, parent=self.site)
        self.blocks.box("IfcWall", (5, 5, 0), (15, 15, 6), parent=self.building)
        self.roof = self.blocks.box("IfcRoof", (5, 5, 6), (15, 15, 6.3), parent=self.building)

    def cover(self, ifc_class, name, x0, y0, x1, y1, *, top=0.0, parent=None, **properties):
        row = self.blocks.box(
            ifc_class,
            (x0, y0, top - 0.1),
            (x1, y1, top),
            name=name,
            parent=self.site if parent is None else parent,
        )
        self.values += [(row, key, value) for key, value in properties.items()]
        return row

    def found(self):
        model = self.blocks.model()
        count = len(self.values)
        rows = sorted(self.values, key=lambda one: one[0])
        model = replace(
            model,
            properties=PropertyTable(
                element=np.array([row for row, _, _ in rows], np.int32),
                set_name=np.array(["GBT50378_Site"] * count, object),
                name=np.array([key for _, key, _ in rows], object),
                value=np.array([*(value for _, _, value in rows), None], object)[:-1],
                unit=np.full(count, "", object),
                inherited=np.zeros(count, bool),
                quantity=np.zeros(count, bool),
            ),
        )
        return find_ground_covers(model)


def areas(model):
    found = defaultdict(float)
    for kind, area in zip(model.ground_covers.kind, model.ground_covers.area_m2, strict=True):
        found[kind] += area
    return {kind: round(area, 3) for kind, area in found.items()}


def codes(model):
    return [one.code for one in model.diagnostics]


def test_the_roof_comes_from_the_building_and_the_rest_is_unknown():
    model = Land().found()
    assert areas(model) == {"roof": 100.0, "unknown": 1100.0}
    assert codes(model) == ["ground-cover-unknown"]
    assert "1100 m² (92% of the site)" in model.diagnostics[0].message.en


def test_names_in_chinese_and_english_say_the_kind():
    land = Land()
    land.cover("IfcSlab", "透水铺装01", 20, 0, 25, 10)
    land.cover("IfcGeographicElement", "下凹式绿地", 25, 0, 30, 10)
    land.cover("IfcSlab", "Asphalt road", 30, 0, 40, 10)
    land.cover("IfcGeographicElement", "Lawn", 20, 10, 30, 20)
    land.cover("IfcGeographicElement", "something", 30, 10, 40, 20)
    assert areas(land.found()) == {
        "roof": 100.0,
        "permeable_paving": 50.0,
        "sunken_green": 50.0,
        "road": 100.0,
        "green": 100.0,
        "unknown": 800.0,
    }


def test_a_property_says_more_than_the_name():
    land = Land()
    land.cover("IfcSlab", "铺装", 20, 0, 30, 10, CoverKind="permeable_paving")
    land.cover("IfcSlab", "Slab", 30, 0, 40, 10, 下垫面类型="绿地")
    found = areas(land.found())
    assert found["permeable_paving"] == 100.0
    assert found["green"] == 100.0


def test_storage_is_read_in_metres():
    land = Land()
    land.cover("IfcGeographicElement", "下凹式绿地", 20, 0, 30, 10, StorageDepth=0.15)
    land.cover("IfcGeographicElement", "雨水花园", 30, 0, 40, 10, 下凹深度=200.0)
    land.cover("IfcTank", "雨水调蓄池", 20, 20, 30, 25, top=-1.0, StorageVolume=90.0)
    covers = land.found().ground_covers
    by_kind = {kind: row for row, kind in enumerate(covers.kind)}
    sunken = covers.kind == "sunken_green"
    assert sorted(covers.storage_depth_m[sunken]) == [0.15, 0.2]
    assert covers.storage_volume_m3[by_kind["tank"]] == 90.0
    assert np.isnan(covers.storage_volume_m3[sunken]).all()


def test_storage_that_is_not_stated_is_told():
    land = Land()
    land.cover("IfcGeographicElement", "下凹式绿地", 20, 0, 30, 10)
    land.cover("IfcTank", "蓄水池", 20, 20, 30, 25, top=-1.0)
    finding = next(one for one in land.found().diagnostics if one.code == "storage-not-stated")
    assert finding.count == 2


def test_trees_and_tanks_lie_over_and_under_the_rest():
    land = Land()
    land.cover("IfcGeographicElement", "草坪", 20, 0, 40, 30)
    land.cover("IfcGeographicElement", "香樟001", 25, 5, 29, 9, top=6.0)
    land.cover("IfcTank", "雨水池", 20, 10, 30, 20, top=-1.5, StorageVolume=100.0)
    found = areas(land.found())
    assert found == {"roof": 100.0, "green": 600.0, "unknown": 500.0, "tree": 16.0, "tank": 100.0}


def test_the_smaller_of_two_covers_at_one_height_shows():
    land = Land()
    land.cover("IfcGeographicElement", "绿地", 16, 0, 40, 30)
    land.cover("IfcSlab", "道路", 20, 0, 26, 30, top=0.02)
    assert areas(land.found()) == {"roof": 100.0, "road": 180.0, "green": 540.0, "unknown": 380.0}


def test_what_lies_under_a_roof_does_not_count():
    land = Land()
    land.cover("IfcSlab", "硬质铺装", 0, 0, 20, 20)
    assert areas(land.found()) == {"roof": 100.0, "paving": 300.0, "unknown": 800.0}


def test_planting_on_a_roof_is_a_green_roof():
    land = Land()
    land.cover("IfcGeographicElement", "绿地", 6, 6, 14, 14, top=6.5)
    assert areas(land.found()) == {"green_roof": 64.0, "roof": 36.0, "unknown": 1100.0}


def test_a_green_roof_by_name():
    land = Land()
    land.cover("IfcSlab", "社区用房绿色屋顶", 20, 20, 30, 25, top=4.0, parent=land.building)
    assert areas(land.found())["green_roof"] == 50.0


def test_a_slab_at_grade_is_paving_and_a_floor_under_the_roof_is_nothing():
    land = Land()
    land.cover("IfcSlab", "Floor", 5, 5, 15, 15, parent=land.building)
    land.cover("IfcSlab", "Entrance", 15, 8, 17, 12, top=0.1, parent=land.building)
    model = land.found()
    assert areas(model) == {"roof": 100.0, "paving": 8.0, "unknown": 1092.0}
    paving = model.ground_covers.kind == "paving"
    assert model.ground_covers.provenance[paving].tolist() == [PROVENANCE_CODES.index(Provenance.DERIVED)]


def test_rooms_without_a_modelled_roof_count_as_roof():
    blocks = Blocks()
    site = blocks.box("IfcSite", (0, 0, -1), (20, 20, 0))
    building = blocks.add("IfcBuilding", None, parent=site)
    blocks.box("IfcSlab", (5, 5, -0.2), (10, 10, 0), parent=building)
    blocks.space((5, 5, 0), (10, 10, 3))
    assert areas(find_ground_covers(blocks.model())) == {"roof": 25.0, "unknown": 375.0}


def test_a_hole_in_the_terrain_below_a_house_is_site():
    blocks = Blocks()
    ring = [(0, 0), (20, 0), (20, 20), (0, 20)]
    hole = [(5, 5), (10, 5), (10, 10), (5, 10)]
    site = blocks.add("IfcSite", prism_mesh(ring, -1, 0, [hole]))
    building = blocks.add("IfcBuilding", None, parent=site)
    blocks.box("IfcRoof", (5, 5, 3), (10, 10, 3.2), parent=building)
    assert areas(find_ground_covers(blocks.model())) == {"roof": 25.0, "unknown": 375.0}


def test_a_site_without_shape_is_told():
    model = Land(site=False).found()
    assert areas(model) == {"roof": 100.0}
    assert codes(model) == ["site-without-outline"]


def test_a_site_beside_its_buildings_is_not_believed():
    blocks = Blocks()
    site = blocks.box("IfcSite", (100, 100, -1), (101, 101, 0))
    building = blocks.add("IfcBuilding", None, parent=site)
    blocks.box("IfcRoof", (0, 0, 3), (10, 10, 3.2), parent=building)
    model = find_ground_covers(blocks.model())
    assert areas(model) == {"roof": 100.0}
    assert codes(model) == ["site-outline-doubtful"]


def test_what_reaches_over_the_boundary_is_cut_off_and_told():
    land = Land()
    land.cover("IfcSlab", "道路", 30, 0, 60, 10)
    model = land.found()
    assert areas(model)["road"] == 100.0
    assert "cover-outside-site" in codes(model)


def test_polygons_do_not_overlap_and_fill_the_site():
    land = Land()
    land.cover("IfcGeographicElement", "绿地", 0, 0, 40, 30)
    land.cover("IfcSlab", "道路", 18, 0, 24, 30)
    land.cover("IfcSlab", "透水人行道", 0, 17, 40, 20)
    land.cover("IfcGeographicElement", "水池", 22, 10, 36, 24)
    covers = land.found().ground_covers
    shapes = [shapely.Polygon(rings[0], rings[1:]) for rings in map(covers.polygon.rings, range(len(covers)))]
    assert sum(shape.area for shape in shapes) == pytest.approx(1200.0, abs=1e-6)
    assert shapely.union_all(shapes).area == pytest.approx(1200.0, abs=1e-6)
    assert covers.area_m2 == pytest.approx([shape.area for shape in shapes])


def test_finding_twice_changes_nothing():
    once = Land().found()
    twice = find_ground_covers(once)
    assert twice.diagnostics == once.diagnostics
    assert areas(twice) == areas(once)


def test_an_empty_model_has_no_covers():
    model = find_ground_covers(Blocks().model())
    assert len(model.ground_covers) == 0


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("透水砖人行道", "permeable_paving"), ("植草砖停车位", "permeable_paving"), ("道路绿化带", "green"),
        ("沥青路面", "road"), ("水泥路", "road"), ("消防车道", "road"), ("雨水花园", "sunken_green"),
        ("景观水池", "water"), ("雨水调蓄池", "tank"), ("入口广场", "paving"), ("种植屋面", "green_roof"),
        ("屋顶花园", "green_roof"), ("住宅屋面", "roof"), ("地面停车场", "parking"), ("香樟001", "tree"),
        ("Site - Grass", "green"), ("Basic Roof:Live Roof over Wood Joist", "green_roof"),
        ("permeable pavers", "permeable_paving"), ("Parking_Lot", "parking"), ("fruit tree", "tree"),
        ("rain garden", "sunken_green"), ("Gelaende", None), ("Default Site", None), ("", None),
    ],
)  # fmt: skip
def test_texts_name_covers(text, kind):
    assert kind_of_text(text) == kind


@pytest.mark.parametrize("kind", cover_kinds())
def test_every_kind_names_itself(kind):
    assert kind_of_text(kind) == kind
