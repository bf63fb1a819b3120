"""The file's own boundaries as a cross-check."""

from dataclasses import replace

import ifcopenshell
import numpy as np
import pytest

import ifc
from ifc.model import BuildingModel, PolygonTable
from ifc.surfaces import derive_surfaces
from ifc.surfaces.file_boundaries import FileBoundaries, cross_check, read_file_boundaries
from tests.building_blocks import Blocks
from tests.ifc.surfaces.surface_facts import derived, shell


@pytest.fixture
def house() -> BuildingModel:
    blocks = Blocks()
    walls = shell(blocks, (0, 0, 0), (5, 4, 3))
    blocks.opening(walls["south"], (1, -0.3, 1), (2, 0, 2), filling="IfcWindow")
    blocks.space((0, 0, 0), (5, 4, 3), name="Room")
    return derived(blocks)


def sound_boundaries(model: BuildingModel) -> FileBoundaries:
    """Boundaries as a good exporter writes them: one per surface and per window."""
    surfaces, openings, ids = model.surfaces, model.surface_openings, model.elements.global_id
    rings = [surfaces.polygon.rings(row) for row in range(len(surfaces))]
    rings += [openings.polygon.rings(row) for row in range(len(openings))]
    elements = [*surfaces.element, *openings.element]
    count = len(rings)
    return FileBoundaries(
        space_id=np.full(count, model.spaces.global_id[0], object),
        element_id=np.array([ids[row] for row in elements], object),
        element_class=np.array([model.elements.ifc_class[row] for row in elements], object),
        level=np.full(count, 2, np.int8),
        inside=np.zeros(count, np.bool_),
        polygon=PolygonTable.pack(rings, 3),
    )


def codes(model: BuildingModel, boundaries: FileBoundaries) -> list[str]:
    return [finding.code for finding in cross_check(model, boundaries)]


def test_sound_boundaries_give_no_finding(house: BuildingModel) -> None:
    assert codes(house, sound_boundaries(house)) == []


def test_no_boundaries_give_no_finding(house: BuildingModel) -> None:
    empty = read_file_boundaries(ifcopenshell.file(schema="IFC4"))
    assert codes(house, empty) == []


def test_both_levels_are_told(house: BuildingModel) -> None:
    sound = sound_boundaries(house)
    level = sound.level.copy()
    level[0] = 1
    assert "boundaries-of-both-levels" in codes(house, replace(sound, level=level))


def test_boundaries_off_the_face_are_told(house: BuildingModel) -> None:
    sound = sound_boundaries(house)
    moved = replace(sound.polygon, vertices=sound.polygon.vertices + 0.2)
    assert codes(house, replace(sound, polygon=moved)) == ["boundaries-off-the-face"]


def test_mixed_normals_are_told(house: BuildingModel) -> None:
    sound = sound_boundaries(house)
    rings = [sound.polygon.rings(row) for row in range(len(sound.level))]
    rings[0] = [rings[0][0][::-1]]
    mixed = replace(sound, polygon=PolygonTable.pack(rings, 3))
    assert codes(house, mixed) == ["boundaries-with-mixed-normals"]


def test_missing_windows_and_areas_are_told(house: BuildingModel) -> None:
    sound = sound_boundaries(house)
    first = slice(0, 4)
    some = FileBoundaries(
        *(getattr(sound, name)[first] for name in ("space_id", "element_id", "element_class", "level")),
        sound.inside[first],
        PolygonTable.pack([sound.polygon.rings(row) for row in range(4)], 3),
    )
    assert codes(house, some) == ["boundaries-missing-windows", "boundaries-with-other-areas"]


def test_missing_geometry_is_told(house: BuildingModel) -> None:
    sound = sound_boundaries(house)
    rings = [sound.polygon.rings(row) for row in range(len(sound.level))]
    rings[-1] = []
    assert codes(house, replace(sound, polygon=PolygonTable.pack(rings, 3))) == [
        "boundaries-without-geometry"
    ]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "count", "findings"),
    [
        ("AC20-FZK-Haus_with_SB55.ifc", 191, []),
        ("b03_heating_with_building_blenderBIM.ifc", 46, []),
        (
            "Duplex_A_20110907_georeferenced.ifc",
            265,
            ["boundaries-off-the-face", "boundaries-missing-windows", "boundaries-with-other-areas"],
        ),
    ],
)
def test_shared_files(shared_data, name: str, count: int, findings: list[str]) -> None:
    path = shared_data / "models" / name
    boundaries = read_file_boundaries(ifcopenshell.open(str(path)))
    assert len(boundaries.level) == count
    assert codes(derive_surfaces(ifc.read(path)), boundaries) == findings
