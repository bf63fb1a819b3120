from dataclasses import replace

import numpy as np
import pytest

from ifc.constructions import climate_zones, default_construction, resolve_constructions
from ifc.constructions.gb50176 import k_value, thermal_inertia
from ifc.constructions.iso6946 import u_value
from ifc.constructions.stated_u_value import as_k_value
from ifc.constructions.surface_resistances import gb50176_surfaces, iso6946_surfaces
from ifc.model import Construction, Layer, PropertyTable, Provenance, SurfaceTable, Traced
from ifc.model.polygons import PolygonTable
from tests.building_blocks import Blocks


def stated(value, source="Pset_WallCommon.ThermalTransmittance"):
    return Traced(value, "W/(m²·K)", Provenance.IFC, source)


def raw_layer(material, thickness, **properties):
    traced = {name: Traced(value, "", Provenance.IFC, "Pset") for name, value in properties.items()}
    return Layer(
        material,
        thickness,
        traced.get("conductivity_w_mk"),
        traced.get("density_kg_m3"),
        traced.get("specific_heat_j_kgk"),
    )


def wall_of(*layers, u=None, ifc_class="IfcWall", kind="wall", **more):
    """A model with one element 5 m × 0.3 m × 3 m and the construction that the file states."""
    blocks = Blocks()
    blocks.constructions.append(Construction("as read", kind, tuple(layers), u, **more))
    blocks.box(ifc_class, (0, 0, 0), (5, 0.3, 3), construction=0)
    return blocks.model()


def with_properties(model, **values):
    count = len(values)
    return replace(
        model,
        properties=PropertyTable(
            element=np.zeros(count, np.int32),
            set_name=np.array(["Pset"] * count, object),
            name=np.array(list(values), object),
            value=np.array([*values.values(), None], object)[:-1],
            unit=np.full(count, "", object),
            inherited=np.zeros(count, bool),
            quantity=np.zeros(count, bool),
        ),
    )


def only(model):
    return model.constructions[model.elements.construction[0]]


def codes(model):
    return [one.code for one in model.diagnostics]


def test_layers_are_completed_from_the_library_and_give_the_u_value():
    model = resolve_constructions(
        wall_of(raw_layer("水泥砂浆", 0.02), raw_layer("挤塑聚苯板", 0.05), raw_layer("钢筋混凝土", 0.2))
    )
    wall = only(model)
    assert [layer.conductivity_w_mk.value for layer in wall.layers] == [0.93, 0.030, 1.74]
    assert all(layer.conductivity_w_mk.provenance is Provenance.DEFAULT for layer in wall.layers)
    assert wall.u_value_w_m2k.value == pytest.approx(1 / (0.15 + 0.02 / 0.93 + 0.05 / 0.03 + 0.2 / 1.74))
    assert wall.u_value_w_m2k.provenance is Provenance.DERIVED
    assert wall.u_value_w_m2k.confidence == "medium"
    assert codes(model) == ["material-from-library"]
    assert "挤塑聚苯板 → Extruded polystyrene" in model.diagnostics[0].message.en


def test_what_the_file_states_stays():
    model = resolve_constructions(
        wall_of(raw_layer("X", 0.2, conductivity_w_mk=0.5, density_kg_m3=1500.0, specific_heat_j_kgk=900.0))
    )
    (layer,) = only(model).layers
    assert layer.conductivity_w_mk == Traced(0.5, "", Provenance.IFC, "Pset")
    assert only(model).u_value_w_m2k.value == pytest.approx(1 / (0.15 + 0.4))
    assert model.diagnostics == ()


def test_a_stated_u_value_wins_and_the_insulation_takes_up_the_difference():
    model = resolve_constructions(wall_of(raw_layer("EPS", 0.1), raw_layer("Concrete", 0.2), u=stated(0.30)))
    wall = only(model)
    assert wall.u_value_w_m2k.value == 0.30
    assert wall.u_value_w_m2k.provenance is Provenance.IFC
    assert u_value(wall.layers, gb50176_surfaces("wall")) == pytest.approx(0.30)
    assert [layer.thickness_m for layer in wall.layers] == [0.1, 0.2]
    assert wall.layers[1].conductivity_w_mk.value == 1.51
    assert "0.3" in wall.layers[0].conductivity_w_mk.source


@pytest.mark.parametrize("u", [0.05, 0.2, 0.45, 1.0, 2.5, 5.0, 5.8])
@pytest.mark.parametrize("materials", [["Concrete"], ["EPS", "Concrete"], ["Brick", "Air", "Brick"], []])
def test_layers_agree_with_any_stated_u_value(u, materials):
    wall = only(resolve_constructions(wall_of(*(raw_layer(name, 0.1) for name in materials), u=stated(u))))
    assert u_value(wall.layers, gb50176_surfaces("wall")) == pytest.approx(u, rel=2e-2)
    assert all(layer.conductivity_w_mk.value > 0 for layer in wall.layers)


def test_a_u_value_far_off_its_layers_is_told():
    model = resolve_constructions(wall_of(raw_layer("Concrete", 0.2), u=stated(0.30)))
    assert "u-value-disagrees" in codes(model)
    assert "0.30 stated, 3.54 from layers" in next(
        one.message.en for one in model.diagnostics if one.code == "u-value-disagrees"
    )


def test_a_u_value_of_revit_gets_its_surfaces():
    # Revit: R = 4.2386 and U = 1 / R, of the layers alone
    model = with_properties(wall_of(u=stated(0.2359)), **{"Thermal Resistance (R)": 1 / 0.2359})
    wall = only(resolve_constructions(model))
    assert wall.u_value_w_m2k.value == pytest.approx(1 / (1 / 0.2359 + 0.15))


def known_layers(*pairs):
    return [
        raw_layer("X", d, conductivity_w_mk=conductivity, density_kg_m3=1500.0, specific_heat_j_kgk=900.0)
        for d, conductivity in pairs
    ]


@pytest.mark.parametrize("kind", ["wall", "roof", "floor", "ground_floor"])
@pytest.mark.parametrize("both_inside", [True, False])
def test_a_u_value_that_its_layers_give_by_iso_6946_becomes_k(kind, both_inside):
    layers = known_layers((0.2, 0.5), (0.05, 0.05))
    iso = u_value(layers, iso6946_surfaces(kind, both_inside=both_inside))
    found = as_k_value(stated(iso), layers, kind, both_inside=both_inside)
    assert found.value == pytest.approx(u_value(layers, gb50176_surfaces(kind, both_inside=both_inside)))
    assert found.provenance is Provenance.IFC
    assert "ISO 6946" in found.source


def test_the_exchange_of_surface_resistances_is_told_and_leaves_the_layers_alone():
    model = resolve_constructions(
        wall_of(*known_layers((0.2, 0.5), (0.05, 0.05)), u=stated(1 / (1.4 + 0.17)))
    )
    assert only(model).u_value_w_m2k.value == pytest.approx(1 / (1.4 + 0.15))
    assert [layer.conductivity_w_mk.value for layer in only(model).layers] == pytest.approx([0.5, 0.05])
    assert codes(model) == ["u-value-of-iso6946"]
    assert "0.637 stated, K 0.645" in model.diagnostics[0].message.en


@pytest.mark.parametrize("surfaces", [0.15, 0.155, 0.16, 0.30])
def test_any_other_u_value_is_taken_as_k(surfaces):
    u = 1 / (1.4 + surfaces)
    found = resolve_constructions(wall_of(*known_layers((0.2, 0.5), (0.05, 0.05)), u=stated(u)))
    assert only(found).u_value_w_m2k.value == u
    shown = "by its layers K" if surfaces < 0.154 else "taken as K"
    assert only(found).u_value_w_m2k.source.endswith(f"{shown} of GB 50176")
    assert codes(found) == []


def test_layers_of_the_library_do_not_tell_the_standard_of_a_u_value():
    layers = (raw_layer("EPS", 0.1), raw_layer("Concrete", 0.2))
    u = 1 / (1 / only(resolve_constructions(wall_of(*layers))).u_value_w_m2k.value + 0.02)
    assert only(resolve_constructions(wall_of(*layers, u=stated(u)))).u_value_w_m2k.value == u


@pytest.mark.parametrize("u", [0.001, 12.0, 560.0])
def test_a_u_value_that_cannot_be_is_not_used(u):
    model = resolve_constructions(wall_of(u=stated(u)))
    assert only(model).u_value_w_m2k.provenance is Provenance.DEFAULT
    assert codes(model) == ["construction-default", "u-value-implausible"]


def test_material_values_that_cannot_be_are_not_used():
    model = resolve_constructions(
        wall_of(raw_layer("钢筋混凝土", 0.2, conductivity_w_mk=1740.0, density_kg_m3=2.5))
    )
    assert only(model).layers[0].conductivity_w_mk.value == 1.74
    assert "material-value-implausible" in codes(model)


def test_a_specific_heat_in_kilojoules_is_understood():
    model = resolve_constructions(wall_of(raw_layer("钢筋混凝土", 0.2, specific_heat_j_kgk=0.92)))
    heat = only(model).layers[0].specific_heat_j_kgk
    assert heat.value == pytest.approx(920.0)
    assert "kJ" in heat.source


def test_an_element_without_data_gets_the_default_of_its_zone():
    model = wall_of(ifc_class="IfcWall")
    model = replace(model, constructions=(), elements=replace(model.elements, construction=np.array([-1])))
    wall = only(resolve_constructions(model, zone="3A", building_category="residential"))
    assert wall.u_value_w_m2k.provenance is Provenance.DEFAULT
    assert "GB 55015-2021" in wall.u_value_w_m2k.source
    assert k_value(wall.layers) == pytest.approx(1.0)
    colder = only(resolve_constructions(model, zone="2A", building_category="public"))
    assert k_value(colder.layers) == pytest.approx(0.5)


def test_a_material_without_thickness_takes_it_from_the_geometry():
    wall = only(resolve_constructions(wall_of(raw_layer("加气混凝土", 0.0))))
    assert wall.layers[0].thickness_m == pytest.approx(0.3, abs=1e-6)


def test_a_list_of_materials_without_thickness_makes_no_layers():
    model = resolve_constructions(wall_of(raw_layer("Brick", 0.0), raw_layer("Plaster", 0.0)))
    assert only(model).u_value_w_m2k.provenance is Provenance.DEFAULT
    assert "layers-without-thickness" in codes(model)


def test_unknown_materials_are_told_and_replaced():
    model = resolve_constructions(wall_of(raw_layer("默认墙", 0.2)))
    assert only(model).u_value_w_m2k.provenance is Provenance.DEFAULT
    assert codes(model) == ["construction-default", "material-not-recognised"]
    assert (
        "外墙 U 1.00 W/(m²·K)（GB 55015-2021 表 3.1.8、3.1.9，热工分区 3A，居住建筑：K 限值 1 W/(m²·K)）"
        in (model.diagnostics[0].message.zh)
    )


def test_a_ceiling_is_no_floor():
    blocks = Blocks()
    blocks.constructions.append(
        Construction(
            "ceiling", "other", (raw_layer("Ceiling Tile 600 x 600", 0.02), raw_layer("Default", 0.05))
        )
    )
    ceiling = blocks.box("IfcCovering", (0, 0, 2.5), (5, 5, 2.57), construction=0)
    bare = blocks.box("IfcCovering", (5, 0, 2.5), (10, 5, 2.6))
    model = blocks.model()
    model = replace(
        model, surface_openings=replace(model.surface_openings, element=np.array([ceiling, bare]))
    )
    done = resolve_constructions(model)
    first, second = (done.constructions[row] for row in done.elements.construction)
    assert [layer.material for layer in first.layers] == ["Ceiling Tile 600 x 600"]
    assert [layer.material for layer in second.layers] == ["Gypsum board"]
    assert "Default" in next(one for one in done.diagnostics if "recognised" in one.code).message.en


def test_one_unknown_layer_of_many_counts_as_heavy():
    model = resolve_constructions(wall_of(raw_layer("EPS", 0.1), raw_layer("J_Wall_Bar", 0.02)))
    assert only(model).layers[1].conductivity_w_mk.value == 1.0
    assert only(model).layers[1].conductivity_w_mk.confidence == "low"
    assert "material-not-recognised" in codes(model)


def test_layers_listed_from_the_inside_are_turned():
    wall = only(
        resolve_constructions(
            wall_of(raw_layer("Gypsum Wall Board", 0.012), raw_layer("EPS", 0.1), raw_layer("Brick", 0.1))
        )
    )
    assert [layer.material for layer in wall.layers] == ["Brick", "EPS", "Gypsum Wall Board"]


def test_a_window_keeps_what_it_states_and_reads_the_rest_from_its_name():
    model = wall_of(
        ifc_class="IfcWindow", kind="window", u=stated(1.8, "Pset_WindowCommon.ThermalTransmittance")
    )
    model = replace(model, constructions=(replace(model.constructions[0], name="6高透光Low-E+12A+6"),))
    window = only(resolve_constructions(model))
    assert window.u_value_w_m2k.value == 1.8
    assert (window.shgc.value, window.visible_transmittance.value) == (0.47, 0.72)
    assert window.layers == ()


def test_a_window_with_the_glazing_set_of_the_standard():
    model = wall_of(raw_layer("断桥铝合金", 0.0), ifc_class="IfcWindow", kind="window")
    model = with_properties(model, GlassLayers=2, GlassThickness1=0.005, FillGas="氩气", IsCoated=True)
    properties = model.properties
    names = np.full(len(properties.set_name), "Pset_DoorWindowGlazingType", object)
    window = only(resolve_constructions(replace(model, properties=replace(properties, set_name=names))))
    assert "5+12Ar+6 low_e_medium, frame thermal_break" in window.u_value_w_m2k.source
    assert window.u_value_w_m2k.value == pytest.approx(0.8 * 1.47 + 0.2 * 5.8, abs=0.03)


def test_a_window_that_says_nothing_gets_the_code_limit():
    model = resolve_constructions(wall_of(ifc_class="IfcWindow", kind="window"))
    window = only(model)
    assert window.u_value_w_m2k.value == 2.5
    assert window.shgc.value * (1 - window.frame_ratio.value) == pytest.approx(0.40)
    assert codes(model) == ["window-default"]


def test_a_panel_of_a_curtain_wall_is_glass_or_not():
    blocks = Blocks()
    facade = blocks.add("IfcCurtainWall", None)
    glass = blocks.box("IfcPlate", (0, 0, 0), (1, 0.02, 3), name="System Panel:Glazed", parent=facade)
    solid = blocks.box("IfcPlate", (1, 0, 0), (2, 0.02, 3), name="System Panel:Solid", parent=facade)
    model = resolve_constructions(blocks.model())
    rows = model.elements.construction
    assert rows[facade] == -1
    assert model.constructions[rows[glass]].kind == "curtain_wall"
    assert model.constructions[rows[glass]].shgc is not None
    assert model.constructions[rows[solid]].kind == "wall"
    assert model.constructions[rows[solid]].layers


def test_a_curtain_wall_that_bounds_a_room_is_as_its_glass():
    blocks = Blocks()
    blocks.constructions.append(
        Construction("6Low-E+12A+6", "other", (raw_layer("Glass", 0.0),), stated(2.0))
    )
    facade = blocks.add("IfcCurtainWall", None)
    blocks.box("IfcMember", (0, 0, 0), (0.1, 0.1, 3), parent=facade)
    blocks.box("IfcPlate", (0, 0, 0), (1, 0.02, 3), name="Glazed", parent=facade, construction=0)
    model = blocks.model()
    model = replace(model, surface_openings=replace(model.surface_openings, element=np.array([facade])))
    done = resolve_constructions(model)
    whole = done.constructions[done.elements.construction[facade]]
    assert whole.u_value_w_m2k.value == 2.0
    assert whole.shgc.value == 0.37


def test_a_door_with_glass_lets_light_in():
    blocks = Blocks()
    blocks.box("IfcDoor", (0, 0, 0), (1, 0.1, 2), name="玻璃门")
    blocks.box("IfcDoor", (2, 0, 0), (3, 0.1, 2), name="M_Single-Flush")
    model = resolve_constructions(blocks.model())
    glass, solid = (model.constructions[row] for row in model.elements.construction)
    assert glass.visible_transmittance is not None
    assert solid.visible_transmittance is None
    assert solid.u_value_w_m2k.value == pytest.approx(2.0)  # the limit


def test_a_steel_door_is_hollow():
    blocks = Blocks()
    blocks.constructions.append(Construction("钢质防火门", "door", (raw_layer("钢质防火门", 0.0),)))
    blocks.constructions.append(Construction("木门", "door", (raw_layer("木门", 0.0),)))
    blocks.box("IfcDoor", (0, 0, 0), (1, 0.1, 2), construction=0)
    blocks.box("IfcDoor", (2, 0, 0), (3, 0.1, 2), construction=1)
    model = resolve_constructions(blocks.model())
    steel, wood = (model.constructions[row] for row in model.elements.construction)
    assert [layer.material for layer in steel.layers] == ["Steel", "Rock wool board", "Steel"]
    assert [layer.thickness_m for layer in wood.layers] == [0.045]


def test_slabs_of_a_roof_are_roof():
    blocks = Blocks()
    roof = blocks.add("IfcRoof", None)
    slab = blocks.box("IfcSlab", (0, 0, 3), (5, 5, 3.2), parent=roof)
    model = resolve_constructions(blocks.model())
    assert model.elements.construction[roof] == -1
    assert model.constructions[model.elements.construction[slab]].kind == "roof"


def test_a_composite_wall_has_the_layers_of_its_parts():
    blocks = Blocks()
    for name in ("Brick", "EPS", "Plaster"):
        blocks.constructions.append(Construction(name, "other", (raw_layer(name, 0.0),)))
    wall = blocks.add("IfcWall", None)
    blocks.box("IfcBuildingElementPart", (0, 0.2, 0), (5, 0.22, 3), parent=wall, construction=2)
    blocks.box("IfcBuildingElementPart", (0, 0.1, 0), (5, 0.2, 3), parent=wall, construction=1)
    part = blocks.box("IfcBuildingElementPart", (0, 0, 0), (5, 0.1, 3), parent=wall, construction=0)
    model = resolve_constructions(blocks.model())
    whole = model.constructions[model.elements.construction[wall]]
    assert [layer.material for layer in whole.layers] == ["Brick", "EPS", "Plaster"]
    assert [layer.thickness_m for layer in whole.layers] == pytest.approx([0.1, 0.1, 0.02])
    assert model.elements.construction[part] == model.elements.construction[wall]


def test_surfaces_say_what_a_slab_is_and_get_constructions():
    blocks = Blocks()
    slab = blocks.box("IfcSlab", (0, 0, -0.2), (5, 5, 0))
    blocks.constructions.append(Construction("Grass", "other", (raw_layer("Grass", 0.0),)))
    terrain = blocks.box("IfcGeographicElement", (0, 0, 3), (5, 5, 4), construction=0)  # no U-value
    blocks.space((0, 0, 0), (5, 5, 3))
    model = blocks.model()

    def column(*values, dtype=np.int32):
        return np.array(values, dtype)

    square = [np.array([[0.0, 0, 0], [5, 0, 0], [5, 5, 0], [0, 5, 0]])]
    model = replace(
        model,
        surfaces=SurfaceTable(
            space=column(0, 0),
            polygon=PolygonTable.pack([square, square], 3),
            normal=np.array([[0.0, 0, -1], [0, 0, 1]]),
            area_m2=column(25, 25, dtype=np.float64),
            tilt_deg=column(180, 0, dtype=np.float64),
            azimuth_deg=column(np.nan, np.nan, dtype=np.float64),
            neighbour=column(1, 0, dtype=np.int8),  # ground, outdoors
            neighbour_space=column(-1, -1),
            pair=column(-1, -1),
            element=column(slab, terrain),
            construction=column(-1, -1),
            thickness_m=column(0.2, np.nan, dtype=np.float64),
            evidence=column(1, 1, dtype=np.int8),
        ),
    )
    done = resolve_constructions(model)
    floor, ceiling = (done.constructions[row] for row in done.surfaces.construction)
    assert floor.kind == "ground_floor"
    assert ceiling.kind == "roof"
    assert "surface-default-construction" in codes(done)


def test_resolving_again_starts_from_the_file():
    model = wall_of(raw_layer("钢筋混凝土", 0.2), u=stated(0.5))
    once = resolve_constructions(model)
    assert resolve_constructions(once).constructions == once.constructions
    assert resolve_constructions(once).diagnostics == once.diagnostics
    bare = resolve_constructions(wall_of())
    warm = resolve_constructions(resolve_constructions(bare, zone="1A"), zone="3A")
    assert warm.constructions == bare.constructions


@pytest.mark.parametrize("zone", climate_zones())
@pytest.mark.parametrize("category", ["residential", "public"])
@pytest.mark.parametrize("kind", ["wall", "roof", "floor", "ground_floor", "door", "window", "curtain_wall"])
def test_every_default_is_whole_and_meets_its_limit(kind, category, zone):
    found = default_construction(kind, zone, category)
    assert found.u_value_w_m2k.provenance is Provenance.DEFAULT
    assert found.u_value_w_m2k.confidence in ("medium", "low")
    if kind in ("window", "curtain_wall"):
        assert 0 < found.shgc.value < 0.9
        return
    assert found.layers
    if "K " in found.u_value_w_m2k.source:
        limit = float(found.u_value_w_m2k.source.split("K ")[1].split(" ")[0])
        assert k_value(found.layers) == pytest.approx(limit)
    if kind == "wall":
        assert thermal_inertia(found.layers) > 2.5 or limit > 1.0


def test_the_limits_of_zone_3a_are_those_of_gb55015():
    def limit(kind, category):
        found = default_construction(kind, "3A", category)
        return k_value(found.layers) if found.layers else found.u_value_w_m2k.value

    residential = [limit(kind, "residential") for kind in ("wall", "roof", "floor", "door", "window")]
    assert residential == pytest.approx([1.0, 0.4, 1.0, 2.0, 2.5])
    public = [limit(kind, "public") for kind in ("wall", "roof", "floor", "window")]
    assert public == pytest.approx([0.8, 0.4, 0.7, 2.2])
    shown = [
        default_construction(kind, "3A").u_value_w_m2k.value for kind in ("wall", "roof", "floor", "door")
    ]
    assert shown == pytest.approx([1.0, 0.4, 1.0, 2.0])
