import pytest

from ifc.constructions.materials_library import match_material, material, material_ids, outside_first

NAMES = {
    "reinforced_concrete": "钢筋混凝土|现浇钢筋混凝土楼板|C30混凝土|混凝土 - 现场浇筑|混凝土，C25|Concrete - Cast In Situ|"
    "Concrete, Precast|Stahlbeton 65690|Beton, tragend|Béton armé|Structural Concrete",
    "concrete": "混凝土|细石混凝土|Concrete|J_Ext_Concrete",
    "aerated_concrete": "加气混凝土砌块|蒸压加气混凝土砌块(B06)|Porenbeton|AAC block",
    "lightweight_concrete": "Leichtbeton 102890359|Lightweight Concrete",
    "ceramsite_concrete": "陶粒混凝土",
    "cement_mortar": "水泥砂浆|1:3水泥砂浆|水泥砂浆找平层|聚合物抗裂砂浆|Masonry - Grout|Mortar",
    "mixed_mortar": "石灰水泥砂浆|混合砂浆",
    "cement_screed": "Concrete, Sand/Cement Screed|Screed|Estrich",
    "gypsum_plaster": "Plaster|Putz|腻子",
    "clay_brick": "Brick, Common|Masonry - Brick|Common Brick|砖，普通，红色|Masonry|Massiv",
    "perforated_brick": "烧结页岩多孔砖|烧结空心砖",
    "sand_lime_brick": "粉煤灰砖|Kalksandstein",
    "concrete_block": "混凝土小型空心砌块|Concrete Masonry, Floor Block|Masonry - Concrete Block|Masonry Block",
    "lightweight_block": "Concrete Masonry Units _Low Density",
    "eps": "EPS保温板|模塑聚苯板|EPS 035|Expanded polystyrene",
    "xps": "挤塑聚苯板(XPS)|挤塑聚苯乙烯泡沫塑料|隔热层/保温层 - 刚性|XPS insulation board 50mm|Rigid insulation|"
    "Insulation / Thermal Barriers - Rigid insulation",
    "rock_wool": "岩棉板|岩棉带|Mineralwolle|Mineral wool|Insulation / Thermal Barriers - Semi-rigid insulation",
    "glass_wool": "玻璃棉|Fiberglass Batt|Batt Insulation|Laine de verre",
    "polyurethane": "硬泡聚氨酯|PIR",
    "insulation": "保温层|Insulation|Dämmung",
    "foam_glass": "泡沫玻璃",
    "foam_ceramic": "发泡陶瓷",
    "gypsum_board": "石膏板|纸面石膏板|Plasterboard|Type-X Plasterboard|Gypsum Wall Board|Gipskartonplatte",
    "plywood": "Wood - Sheathing - plywood|胶合板",
    "softwood": "Wood - Dimensional Lumber|Timber|松木|木地板|Holz",
    "hardwood": "Wood - Birch|Cherry|Wood - Mahogany|橡木",
    "ceramic_tile": "Ceramic Tile|Tiles|瓷砖|面砖|铺地砖",
    "granite": "花岗岩|Granite",
    "soil": "Site - Grass|素土夯实|种植土",
    "gravel": "碎石垫层|J_Courtyard_LooseStone",
    "bitumen_membrane": "SBS改性沥青防水卷材|防水层|Damp-proofing|Roofing - Barrier",
    "polymer_membrane": "Roofing - EPDM Membrane",
    "polyethylene_film": "Vapor Retarder",
    "asphalt_felt": "Roofing Felt",
    "carpet": "Carpet (1)|地毯|Fabric - Beige",
    "steel": "Metal - Steel - ASTM A992|Steel, Chrome Plated",
    "stainless_steel": "不锈钢",
    "aluminium": "Aluminum|Aluminium|铝合金|铝板|Door - Frame/Mullion",
    "glass": "Glass|玻璃|中空玻璃",
    "ceiling_tile": "Ceiling Tile 600 x 600|矿棉吸声板",
    "roof_tile": "Roof Tile|屋面瓦",
    "sandwich_panel": "彩钢夹芯板|Insulation - Insulated Panel",
}
PAIRS = [(name, material_id) for material_id, names in NAMES.items() for name in names.split("|")]


@pytest.mark.parametrize(("name", "material_id"), PAIRS, ids=[name for name, _ in PAIRS])
def test_a_name_finds_its_material(name, material_id):
    found = match_material(name)
    assert found is not None
    assert found.material is not None
    assert found.material.material_id == material_id


@pytest.mark.parametrize(
    "name", ["Misc. Air Layers - Air Space", "Air", "空气层", "空气间层", "Luftschicht", "Metal - Stud Layer"]
)
def test_air_layers_are_seen(name):
    assert match_material(name).is_air_gap


@pytest.mark.parametrize(
    "name", ["", "Default Wall", "默认墙", "默认楼板", "Solid", "*", "J_Wall_Bar", "<Unnamed>", "Foreground"]
)
def test_names_that_say_nothing(name):
    assert match_material(name) is None


def test_confidence_falls_where_only_a_family_is_named():
    assert match_material("保温层").confidence == "low"
    assert match_material("Masonry").confidence == "low"
    assert match_material("钢筋混凝土").confidence == "medium"


@pytest.mark.parametrize("material_id", material_ids())
def test_every_material_has_plausible_values(material_id):
    one = material(material_id)
    assert 0.005 < one.conductivity_w_mk < 450
    assert 15 <= one.density_kg_m3 <= 8600
    assert 370 <= one.specific_heat_j_kgk <= 4190
    assert not one.insulation or one.conductivity_w_mk <= 0.16
    assert one.label.zh
    assert match_material(one.label.zh).material is not None


def test_layers_from_inside_out_are_noticed():
    assert outside_first(["Brick", "Insulation", "Plasterboard"], "wall")
    assert not outside_first(["Plasterboard", "Insulation", "Brick"], "wall")
    assert outside_first(["Plasterboard", "Metal - Stud Layer", "Plasterboard"], "wall")
    assert not outside_first(["Plaster", "Insulation", "Roof Tile"], "roof")
    assert not outside_first(["Carpet", "Screed", "Concrete"], "floor")
    assert outside_first(["Gravel", "Concrete", "Ceramic Tile"], "ground_floor")
