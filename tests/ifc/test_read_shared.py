"""Real files: every one of the team's shared models, sound or broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ifc.errors import IfcError
from ifc.model import Severity
from tests.ifc.reading import codes, read_raw

pytestmark = pytest.mark.shared

# name -> schema, spaces, windows, doors, (latitude, longitude), volume of all spaces in m³ (by opencascade)
SOUND = {
    "AC20-FZK-Haus_with_SB55": ("IFC4", 4, 11, 5, (49.1004, 8.4365), 473.8),
    "AC90R1-niedriha-V2-2x3": ("IFC2X3", 19, 16, 16, (24.4667, 54.4167), 635.8),
    "ACCA_RFI_Signalling_IFC4X3_ADD2": ("IFC4X3_ADD2", 0, 0, 0, None, 0.0),
    "Duplex_A_20110907_georeferenced": ("IFC2X3", 21, 24, 14, (41.8744, -87.6394), 1049.3),
    "IfcOpenHouse_IFC4": ("IFC4", 0, 5, 1, None, 0.0),
    "Janesville_restaurant": ("IFC2X3", 20, 79, 40, (42.3584, -71.0598), None),
    "LargeBuilding": ("IFC2X3", 8, 42, 18, (42.3587, -71.0567), 1197.9),
    "Office_A_20110811": ("IFC2X3", 99, 69, 102, (42.3584, -71.0598), 8607.9),
    "Revit2019_zh_TestModel_IFC4Add2": ("IFC4", 2, 7, 2, (39.9160, 116.4330), 333.8),
    "Revit2026_wall_door_column_IFC4X3_ADD2": ("IFC4X3_ADD2", 0, 0, 1, (42.3587, -71.0568), 0.0),
    "SampleHouse4": ("IFC4", 4, 4, 3, (51.5002, -0.1262), 266.7),
    "b03_heating_with_building_blenderBIM": ("IFC4", 5, 12, 0, None, 781.5),
    "derived_OfficeA_campus_x7": ("IFC2X3", 693, 483, 714, (42.3584, -71.0598), 60255.5),
    "derived_simple_house_IFC4X3_ADD2": ("IFC4X3_ADD2", 6, 14, 6, None, 98.0),
}


LARGE = ("Janesville_restaurant", "derived_OfficeA_campus_x7")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in LARGE else name for name in SOUND]
)
def test_a_sound_file_is_read_whole(name: str, shared_data: Path) -> None:
    schema, spaces, windows, doors, place, volume = SOUND[name]
    model = read_raw(shared_data / "models" / f"{name}.ifc", timeout_s=None)
    assert model.source.schema == schema
    assert len(model.spaces) == spaces
    assert model.source.entity_counts.get("IfcWindow", 0) == windows
    assert model.source.entity_counts.get("IfcDoor", 0) == doors
    if place is not None:
        assert (model.site.latitude_deg, model.site.longitude_deg) == pytest.approx(place, abs=1e-3)
    if volume is not None:
        assert np.nansum(model.spaces.volume_m3) == pytest.approx(volume, abs=max(0.06, 0.0001 * volume))
    errors = [found.code for found in model.diagnostics if found.severity is Severity.ERROR]
    assert errors == []
    assert np.isfinite(model.geometry.transform).all()
    assert (
        np.abs(model.geometry.transform[:, :, 3]).max(initial=0.0) < 20_000
    )  # a 30 km railway is among them


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("broken_doubleguids", ["duplicate-global-id"] * 3),
        (
            "broken_truncated_SampleHouse",
            ["file-truncated", "unknown-entities", "dangling-references", "geometry-not-built"],
        ),
    ],
)
def test_a_damaged_file_is_read_with_a_diagnosis(name: str, expected: list[str], shared_data: Path) -> None:
    model = read_raw(shared_data / "models" / f"{name}.ifc")
    others = ("quantity-unit-nonsense", "element-with-gaps")
    assert [code for code in codes(model) if code not in others] == expected
    assert len(model.elements)


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("broken_errorfile", "no-content", "comment that never ends that begins in line 15"),
        ("unsupported_IFC2X_FINAL_Allplan-Smiley-West", "unknown-schema", "IFC2X_FINAL"),
    ],
)
def test_an_unusable_file_is_one_error(name: str, code: str, words: str, shared_data: Path) -> None:
    with pytest.raises(IfcError, match=words) as caught:
        read_raw(shared_data / "models" / f"{name}.ifc")
    assert caught.value.code == code


def test_revit_writes_a_georeference_of_ifc2x3_as_property_sets(shared_data: Path) -> None:
    site = read_raw(shared_data / "models" / "Duplex_A_20110907_georeferenced.ifc").site
    assert site.map_conversion is not None
    assert site.map_conversion.crs_name == "EPSG:9897"
    assert site.map_conversion.eastings_m == 76670.0


def test_chinese_names_are_decoded(shared_data: Path) -> None:
    model = read_raw(shared_data / "models" / "Revit2019_zh_TestModel_IFC4Add2.ifc")
    assert set(model.spaces.long_name) == {"房间"}
    assert all("标高" in name for name in model.storeys.name)
