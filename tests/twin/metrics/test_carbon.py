"""Carbon after GB/T 51366: quantities, factors and stages against figures worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ifc.model import (
    BuildingModel,
    Construction,
    GroundCoverTable,
    Layer,
    PolygonTable,
    Provenance,
    Text,
    Traced,
)
from ifc.model.elements import PropertyTable
from tests.building_blocks import Blocks
from tests.twin.metrics.energy_house import nanchang
from twin.calculation_sections import CarbonSection
from twin.metrics.carbon import compute
from twin.metrics.carbon.factors import area_factor, grid_factor, material_factor
from twin.metrics.carbon.quantities import bill_of_materials
from twin.metrics.result import MetricResult, Quantity
from twin.project import Project, read_project

NONE = CarbonSection()
LORRY = 0.129  # kgCO2e/(t km)


def layer(material: str, thickness_m: float, density: float | None = None) -> Layer:
    stated = None if density is None else Traced(density, "kg/m³", Provenance.IFC, "")
    return Layer(material, thickness_m, None, stated, None)


def house(*layers: Layer, window: str = "断桥铝合金", bars: bool = False) -> BuildingModel:
    """One room of 4 x 5 m inside 0.2 m walls; the south wall, 4.4 x 0.2 x 3 m, is of ``layers`` with a window."""
    blocks = Blocks()
    blocks.constructions += [
        Construction("wall", "wall", layers),
        Construction("window", "window", (layer(window, 0.0),) if window else ()),
    ]
    blocks.storey("1F", 0.0)
    south = blocks.box("IfcWall", (0, 0, 0), (4.4, 0.2, 3), construction=0)
    blocks.opening(south, (1, -0.1, 1), (3, 0.3, 2.5), filling="IfcWindow", construction=1)
    if bars:
        blocks.box("IfcReinforcingBar", (0, 0, 0), (1, 0.01, 0.01))
    blocks.space((0.2, 0.2, 0), (4.2, 5.2, 3), use="office")
    return blocks.model()


WALL_M3 = 4.4 * 0.2 * 3 - 2.0 * 0.2 * 1.5  # 2.04, less the window


def carbon(
    model: BuildingModel, project: Project | None = None, energy: MetricResult | None = None
) -> MetricResult:
    return compute(model, nanchang(), project or Project(), energy)


def value(result: MetricResult, name: str) -> float:
    found = result.summary[name].value
    assert found is not None
    return found


def test_layers_share_the_net_volume_of_their_wall():
    model = house(layer("岩棉板", 0.05, 140.0), layer("加气混凝土砌块B06", 0.15, 625.0))
    bill = bill_of_materials(model, NONE)
    wool, block = (portion for portion in bill.portions if portion.group == "walls")
    assert wool.volume_m3 == pytest.approx(WALL_M3 / 4, rel=1e-5)
    assert wool.mass_kg == pytest.approx(WALL_M3 / 4 * 140, rel=1e-5)
    assert wool.production_kg == pytest.approx(WALL_M3 / 4 * 0.140 * 1980, rel=1e-5)
    assert block.production_kg == pytest.approx(WALL_M3 * 3 / 4 * 250, rel=1e-5)
    assert bill.counted_m3 == pytest.approx(WALL_M3, rel=1e-5)


def test_an_air_layer_takes_its_share_of_the_volume_and_weighs_nothing():
    bill = bill_of_materials(house(layer("空气层", 0.1), layer("钢", 0.1)), NONE)
    (steel,) = (portion for portion in bill.portions if portion.group == "walls")
    assert steel.volume_m3 == pytest.approx(WALL_M3 / 2, rel=1e-5)
    assert not bill.uncounted


def test_reinforced_concrete_brings_its_bars_unless_the_model_shows_them():
    bill = bill_of_materials(house(layer("钢筋混凝土", 0.2, 2500.0)), NONE)
    bars = [portion for portion in bill.portions if portion.material_id == "bars"]
    assert bars[0].mass_kg == pytest.approx(80 * WALL_M3, rel=1e-5)  # walls: 80 kg/m³
    assert bars[0].production_kg == pytest.approx(0.080 * WALL_M3 * 2340, rel=1e-5)
    modelled = bill_of_materials(house(layer("钢筋混凝土", 0.2, 2500.0), bars=True), NONE)
    (bar,) = (portion for portion in modelled.portions if portion.material_id == "bars")
    assert bar.mass_kg == pytest.approx(1 * 0.01 * 0.01 * 7850, rel=1e-4)
    declared = bill_of_materials(house(layer("钢筋混凝土", 0.2)), CarbonSection(reinforcement_kg_m3=100))
    assert declared.portions[1].mass_kg == pytest.approx(100 * WALL_M3, rel=1e-5)


def test_the_whole_house_by_hand():
    """Concrete wall with a window, delivered electricity of 1,000 kWh a year."""
    used = Quantity(1000.0, "kWh", Text("", ""), "", "")
    energy = MetricResult("energy", "1", {"electricity_kwh": used})
    result = carbon(house(layer("钢筋混凝土", 0.2, 2500.0)), energy=energy)
    area = value(result, "floor_area_m2")
    assert 4 * 5 < area < 4.4 * 5.4
    window_m2 = 2.0 * 1.5
    materials = WALL_M3 * 295 + WALL_M3 * 80 * 2.340 + window_m2 * 254
    moved = LORRY * (WALL_M3 * 2.5 * 40 + WALL_M3 * 0.080 * 500 + window_m2 * 0.035 * 500)
    operation = 1000 * 0.5836 * 50
    assert value(result, "materials_kg_m2") * area == pytest.approx(materials, rel=1e-5)
    assert value(result, "transport_kg_m2") * area == pytest.approx(moved, rel=1e-5)
    assert value(result, "operation_kg_m2") * area == pytest.approx(operation)
    assert value(result, "construction_kg_m2") == pytest.approx(1 + 1.99)
    assert value(result, "demolition_kg_m2") == pytest.approx(0.06 + 2.01)
    total = (materials + moved + operation) / area + 2.99 + 2.07
    assert value(result, "whole_life_carbon_kg_m2") == pytest.approx(total, rel=1e-5)
    assert value(result, "whole_life_carbon_kg_m2_a") == pytest.approx(total / 50, rel=1e-5)
    groups = value(result, "walls_kg_m2") + value(result, "windows_kg_m2")
    assert groups == pytest.approx(value(result, "counted_materials_kg_m2"))
    assert float(result.table["carbon_t"].sum()) * 1e3 == pytest.approx(materials + moved, rel=1e-5)


def test_the_work_on_the_site_names_its_own_source():
    model = house(layer("钢筋混凝土", 0.2))
    assert "regression" in carbon(model).summary["construction_kg_m2"].source
    own = Project(carbon=CarbonSection(construction_kg_m2=9.0))
    found = carbon(model, own).summary["construction_kg_m2"]
    assert (found.value, found.source) == (9.0, "carbon.construction_kg_m2 in twin.toml")


def test_without_the_energy_that_is_used_the_life_cannot_be_told():
    result = carbon(house(layer("钢筋混凝土", 0.2)))
    assert value(result, "materials_kg_m2") > 0
    assert result.summary["operation_kg_m2"].value is None
    assert result.summary["whole_life_carbon_kg_m2"].value is None
    assert result.summary["whole_life_carbon_kg_m2"].needs


@pytest.mark.parametrize(("wall", "window"), [("Unobtainium", "断桥铝合金"), ("钢筋混凝土", "")])
def test_materials_without_a_factor_leave_the_stage_open_and_name_the_elements(wall, window):
    result = carbon(house(layer(wall, 0.2), window=window))
    assert result.summary["materials_kg_m2"].value is None
    (need,) = result.summary["materials_kg_m2"].needs
    assert need.global_ids == (("element000000",) if window else ("element000002",))
    assert result.summary["counted_materials_kg_m2"].value is not None
    codes = {found.code for found in result.diagnostics}
    assert ("carbon-material-without-factor" in codes) is bool(window)


def test_a_stated_net_volume_goes_before_the_mesh():
    model = house(layer("钢筋混凝土", 0.2))
    stated = PropertyTable(
        element=np.array([0], np.int32),
        set_name=np.array(["Qto_WallBaseQuantities"], object),
        name=np.array(["NetVolume"], object),
        value=np.array([3.5], object),
        unit=np.array(["m³"], object),
        inherited=np.array([False]),
        quantity=np.array([True]),
    )
    bill = bill_of_materials(replace(model, properties=stated), NONE)
    assert bill.portions[0].volume_m3 == 3.5
    assert bill.stated_volumes == 1


def test_roads_and_paving_are_not_the_building():
    model = house(layer("钢筋混凝土", 0.2))
    square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    covers = GroundCoverTable(
        np.array([0], np.int32), np.array(["paving"], object), PolygonTable.pack([[square]], 2),
        np.ones(1), np.ones(1), np.ones(1), np.zeros(1, np.int8),
    )  # fmt: skip
    assert {p.group for p in bill_of_materials(replace(model, ground_covers=covers), NONE).portions} == {
        "windows"
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [("C30 混凝土", 295), ("现浇混凝土 C40", 340), ("混凝土 C60", 385), ("混凝土", 295)],
)
def test_concrete_by_its_grade(name, expected):
    factor = material_factor(name, 2400.0, NONE)
    assert factor is not None
    assert factor.per_m3 == pytest.approx(expected)


def test_factors_of_twin_toml_replace_those_of_the_library(tmp_path):
    path = tmp_path / "twin.toml"
    path.write_text(
        '[carbon]\ngrid_factor_kg_kwh = 0.4\n[carbon.factors."钢筋*"]\nvalue = 200\nunit = "kg/m3"\nsource = "EPD 7"\n'
        '[carbon.factors."断桥铝*"]\nvalue = 100\nunit = "kg/m2"\n[carbon.factors.rock_wool]\nvalue = 1000\nunit = "kg/t"\n'
        '[carbon.factors.timber]\nvalue = 1\nunit = "kg/t"\n',
        "utf-8",
    )
    project = read_project(path)
    concrete = material_factor("钢筋混凝土", 2500.0, project.carbon)
    assert concrete is not None
    assert (concrete.per_m3, concrete.stated.provenance) == (200, Provenance.DECLARED)
    assert "EPD 7" in concrete.stated.source
    wool = material_factor("岩棉板", 140.0, project.carbon)
    assert wool is not None
    assert wool.per_m3 == pytest.approx(140)
    window = area_factor(["断桥铝合金"], "windows", project.carbon)
    assert window is not None
    assert window.per_m2 == 100
    assert grid_factor(project).value == 0.4
    codes = carbon(house(layer("钢筋混凝土", 0.2)), project).diagnostics
    unused = [found.message.en for found in codes if found.code == "carbon-factor-unused"]
    assert [text for text in unused if '"timber"' in text]
    assert [text for text in unused if '"rock_wool"' in text]


@pytest.mark.parametrize(
    ("city", "expected"), [("Nanchang", 0.5836), ("吉安", 0.5836), ("Wuhan", 0.5271), ("Oslo", 0.5306)]
)
def test_the_latest_grid_factor_of_the_region(city, expected):
    project = Project.model_validate({"project": {"city": city}})
    assert grid_factor(project).value == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"grid_factors": {2030: 0.5}}, 0.5),
        ({"grid_factors": {2030: 0.6, 2039: 0.4}, "life_years": 10}, 0.5),
        ({"grid_factors": {2030: 0.6, 2039: 0.4}, "life_years": 10, "first_year": 2040}, 0.4),
        ({"grid_factors": {2030: 0.4, 2020: 0.0}, "life_years": 2, "first_year": 2025}, 0.22),
    ],
)
def test_grid_factors_by_year_count_with_their_mean_over_the_life(given, expected):
    project = Project(carbon=CarbonSection(**given))
    assert grid_factor(project).value == pytest.approx(expected)
