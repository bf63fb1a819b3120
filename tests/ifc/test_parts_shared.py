"""Room uses, constructions, covers and cuts on the team's real files."""

import numpy as np
import pytest

import ifc
from ifc.cutting import cut_hosts
from ifc.ground_cover import find_ground_covers
from ifc.model import Provenance

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def model_of(shared_data):
    found = {}

    def read(name):
        if name not in found:
            found[name] = ifc.read(shared_data / "models" / f"{name}.ifc", cache=None)
        return found[name]

    return read


@pytest.mark.parametrize(
    ("name", "recognised"),
    [
        ("Office_A_20110811", 99),
        ("Duplex_A_20110907_georeferenced", 21),
        ("AC90R1-niedriha-V2-2x3", 19),
        ("SampleHouse4", 4),
    ],
)
def test_rooms_are_recognised(model_of, name, recognised):
    assert int((model_of(name).spaces.use != "unknown").sum()) == recognised


@pytest.mark.parametrize(
    "name",
    [
        "Office_A_20110811",
        "Duplex_A_20110907_georeferenced",
        "AC90R1-niedriha-V2-2x3",
        "SampleHouse4",
        "AC20-FZK-Haus_with_SB55",
    ],
)
def test_every_surface_has_a_u_value(model_of, name):
    model = model_of(name)
    assert len(model.surfaces)
    for row in np.unique(
        np.r_[
            model.surfaces.construction,
            model.surface_openings.construction[model.surface_openings.kind != "air"],
        ]
    ):
        assert row >= 0
        # A thin floor finish to the ground has little more than the face of the room, 0.11 m²·K/W.
        assert 0.03 <= model.constructions[row].u_value_w_m2k.value <= 9.0


def test_stated_u_values_survive(model_of):
    model = model_of("AC20-FZK-Haus_with_SB55")
    walls = model.elements.rows_of_class("IfcWallStandardCase")
    u_values = {model.constructions[model.elements.construction[row]].u_value_w_m2k for row in walls}
    assert {u.value for u in u_values} == {0.4, 1.5}
    assert all(u.provenance is Provenance.IFC for u in u_values)


@pytest.mark.parametrize(
    ("name", "roof", "whole"),
    [
        ("AC20-FZK-Haus_with_SB55", 143.0, 288.0),
        ("IfcOpenHouse_IFC4", 59.7, 400.0),
        ("AC90R1-niedriha-V2-2x3", 115.7, 412.1),
    ],
)
def test_sites_are_covered(model_of, name, roof, whole):
    covers = find_ground_covers(model_of(name)).ground_covers
    assert covers.area_m2[covers.kind == "roof"].sum() == pytest.approx(roof, abs=0.2)
    assert covers.area_m2.sum() == pytest.approx(whole, abs=0.2)


def test_openings_are_cut_cleanly(model_of):
    model = model_of("Office_A_20110811")
    assert cut_hosts(model).diagnostics == ()
