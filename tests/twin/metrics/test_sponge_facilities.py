"""Covers with layers as units, and the way of the water through them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from ifc.model import PropertyTable, Provenance
from tests.twin.metrics.test_sponge import BLOCK, declared, model, value
from twin.climate import Climate, typical_year
from twin.kernels import lid
from twin.metrics.sponge import compute
from twin.metrics.sponge.covers import site_covers
from twin.metrics.sponge.drainage import SiteDrainage, site_drainage
from twin.metrics.sponge.rules import sponge_rules
from twin.metrics.sponge.storm import storm_rules
from twin.project import FacilityLayers, Project, SiteSection


@pytest.fixture(scope="module")
def climate() -> Climate:
    """Two years suffice here."""
    climate = typical_year("Nanchang")
    return replace(climate, rain=replace(climate.rain, depth_mm=climate.rain.depth_mm[: 2 * 8760]))


def drainage(built, project: Project) -> SiteDrainage:  # type: ignore[no-untyped-def]
    rules = sponge_rules()
    return site_drainage(built, project, site_covers(built, project, rules), rules, storm_rules())


def way(site: SiteDrainage) -> dict[str, str]:
    return {
        name: site.names[to] if to >= 0 else "out" for name, to in zip(site.names, site.outlet, strict=True)
    }


def test_roofs_feed_the_tank_and_all_runs_through_the_sunken_green() -> None:
    site = drainage(model(BLOCK, depth=0.1, tank_m3=60.0), Project())
    assert way(site) == {
        "roof": "tank", "green_roof": "tank", "road": "sunken_green", "permeable_paving": "sunken_green",
        "green": "sunken_green", "tank": "sunken_green", "sunken_green": "out", "water": "out",
    }  # fmt: skip
    assert site.area_m2 == pytest.approx(10000.0)
    kinds = {
        site.names[owner]: int(row[lid.KIND])
        for owner, row in zip(site.unit_catchment, site.units, strict=True)
    }
    assert kinds == {
        "green_roof": lid.GREEN_ROOF, "permeable_paving": lid.PERMEABLE_PAVEMENT, "green": lid.RAIN_GARDEN,
        "tank": lid.RAIN_BARREL, "sunken_green": lid.RAIN_GARDEN,
    }  # fmt: skip
    sunken = site.units[site.unit_catchment == site.row("sunken_green")][0]
    assert sunken[lid.SURFACE_M] == pytest.approx(0.1)
    tank = site.units[site.unit_catchment == site.row("tank")][0]
    assert tank[lid.AREA_M2] * tank[lid.STORAGE_M] == pytest.approx(60.0)


def test_twin_toml_sends_the_runoff_of_a_kind_elsewhere() -> None:
    project = Project(site=SiteSection(drainage={"roof": "green", "road": "outlet"}))
    found = way(drainage(model(BLOCK, depth=0.1, tank_m3=60.0), project))
    assert found["roof"] == "green"
    assert found["road"] == "out"
    assert found["green_roof"] == "tank"
    # What is stated may turn against a default, which gives way: the water never runs in a circle.
    turned = Project(site=SiteSection(drainage={"sunken_green": "green"}))
    assert way(drainage(model(BLOCK, depth=0.1), turned))["green"] == "out"
    with pytest.raises(ValidationError, match="in a circle"):
        SiteSection(drainage={"roof": "green", "green": "roof"})


def test_layers_come_from_twin_toml_then_the_model_then_the_defaults(climate: Climate) -> None:
    built = model(BLOCK, depth=0.1)
    roof = int(built.ground_covers.element[list(BLOCK).index("green_roof")])
    properties = PropertyTable(
        np.array([roof, roof], np.int32), np.array(["GBT50378_Site"] * 2, object),
        np.array(["SubstrateThickness", "BaseThickness"], object), np.array([300.0, 40.0], object),
        np.array(["mm", "mm"], object), np.zeros(2, np.bool_), np.zeros(2, np.bool_),
    )  # fmt: skip
    built = replace(built, properties=properties)
    project = Project(site=SiteSection(facilities={"green_roof": FacilityLayers(storage_m=0.05)}))
    layers = drainage(built, project).layers["green_roof"].layers
    assert (layers["soil_m"].value, layers["soil_m"].provenance) == (0.3, Provenance.IFC)
    assert "SubstrateThickness" in layers["soil_m"].source
    assert (layers["storage_m"].value, layers["storage_m"].provenance) == (0.05, Provenance.DECLARED)
    assert layers["porosity"].provenance is Provenance.DEFAULT
    told = [
        a
        for a in compute(built, climate, project).assumptions
        if a.what.en.startswith("Layers of green roofs")
    ]
    assert {a.value.provenance for a in told} == {Provenance.DEFAULT, Provenance.IFC, Provenance.DECLARED}
    assert "soil 0.3 m" in " ".join(a.what.en for a in told)


def test_a_thicker_green_roof_and_an_underdrain_change_the_runoff(climate: Climate) -> None:
    built = model({"roof": 1000.0, "green_roof": 3000.0, "permeable_paving": 3000.0, "road": 3000.0})

    def rate(**layers: FacilityLayers) -> float:
        project = Project(site=SiteSection(facilities=layers))
        return value(compute(built, climate, project), "annual_runoff_control_rate_simulated")

    usual = rate()
    assert rate(green_roof=FacilityLayers(soil_m=0.5)) > usual + 1.0
    assert rate(permeable_paving=FacilityLayers(drain_mm_h=20.0)) < usual - 1.0


def test_roofs_that_run_onto_green_keep_more_back(climate: Climate) -> None:
    built = model({"roof": 3000.0, "paving": 3000.0, "green": 4000.0})
    apart, joined = (
        value(
            compute(built, climate, Project(site=SiteSection(drainage=way))),
            "annual_runoff_control_rate_simulated",
        )
        for way in ({}, {"roof": "green"})
    )
    assert joined > apart + 5.0


def test_a_soil_must_be_in_order() -> None:
    with pytest.raises(ValidationError, match="wilting_point < field_capacity < porosity"):
        FacilityLayers(porosity=0.3, field_capacity=0.4)


def test_water_with_storage_holds_back_what_its_depth_allows(climate: Climate) -> None:
    deep = declared(
        {"kind": "water", "area_m2": 500, "storage_depth_m": 0.5}, {"kind": "road", "area_m2": 5000}
    )
    flat = declared({"kind": "water", "area_m2": 500}, {"kind": "road", "area_m2": 5000})
    rates = [
        value(compute(model({"roof": 10.0}), climate, project), "annual_runoff_control_rate_simulated")
        for project in (flat, deep)
    ]
    assert rates[1] > rates[0] + 2.0
