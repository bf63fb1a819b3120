"""Which material shows on a face, whose word counts, and that the light and Radiance see it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ifc.model import BuildingModel, Construction, Layer, Provenance, Traced
from tests.twin.metrics.daylight_house import House
from twin.climate import typical_year
from twin.daylight_sections import DaylightSection, FinishSection, ReflectanceSection
from twin.metrics.daylight import compute
from twin.metrics.daylight.reflectance import solid_reflectances, surface_reflectance
from twin.metrics.daylight.rules import project_rules
from twin.metrics.result import MetricResult
from twin.project import Project
from twin.verify.daylight import prepared
from twin.verify.radiance_scene import write_scene

RULES = project_rules(DaylightSection())
FACES = "xXyYzZ"  # of the room, in the order of its surfaces
UNKNOWN = (np.nan, np.nan, np.nan)
Direction = tuple[float, float, float]


def stated(value: float, source: str = "Pset_MaterialOptical.VisibleReflectanceFront") -> Traced:
    return Traced(value, "1", Provenance.IFC, source)


def layers(*names: str, reflectances: dict[str, float] | None = None) -> Construction:
    told = {name: stated(value) for name, value in (reflectances or {}).items()}
    return Construction(
        "layers", "wall", tuple(Layer(name, 0.1, None, None, None, False, told.get(name)) for name in names)
    )


def coated(whole: Construction, *coats: str, reflectances: dict[str, float] | None = None) -> Construction:
    """The construction with a coat on its first and its last layer; "" for none."""
    first, last = (
        replace(layers(name, reflectances=reflectances).layers[0], thickness_m=0.0) if name else None
        for name in coats
    )
    return replace(whole, coats=(first, last))


def room(**faces: tuple[Construction, Direction]) -> BuildingModel:
    """A room with one window in its south wall, its faces made of some constructions with a direction."""
    house = House()
    own = house.room((0, 0, 0), (4, 5, 2.8))
    house.window(own, "y", (1, 0.9), (3, 2.4))
    model = house.model()
    construction, direction = model.elements.construction.copy(), model.elements.layer_direction.copy()
    for number, (face, (_, along)) in enumerate(faces.items()):
        element = model.surfaces.element[FACES.index(face)]
        construction[element], direction[element] = number, along
    return replace(
        model,
        constructions=tuple(one for one, _ in faces.values()),
        elements=replace(model.elements, construction=construction, layer_direction=direction),
    )


def of_face(model: BuildingModel, face: str, rules=RULES) -> Traced:
    return surface_reflectance(model, FACES.index(face), rules)


def light(model: BuildingModel, **options: object) -> MetricResult:
    return compute(model, typical_year("Nanchang"), Project(daylight=DaylightSection(**options)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("face", "direction", "shown"),
    [
        ("X", (1, 0, 0), 0.80),  # out of the room: the first layer shows
        ("X", (-1, 0, 0), 0.33),
        ("x", (1, 0, 0), 0.33),
        ("x", (-1, 0, 0), 0.80),
        ("Y", (0, 1, 0), 0.80),
        ("Y", (0.2, 0.98, 0), 0.80),
        ("Y", (0.9, 0.44, 0), 0.60),  # across the wall: not believed
        ("Y", UNKNOWN, 0.60),
        ("Y", (0, 0, 1), 0.60),  # the layers of a slab do not show at its side
    ],
)
def test_a_wall_shows_the_layer_on_the_rooms_side(face: str, direction: Direction, shown: float) -> None:
    model = room(**{face: (layers("White tile", "Insulation", "Facing brick"), direction)})
    assert of_face(model, face).value == shown


def test_equal_layers_on_both_sides_need_no_direction() -> None:
    model = room(X=(layers("White tile", "Block", "White tile"), UNKNOWN))
    assert of_face(model, "X").value == 0.80


def test_a_coat_shows_in_place_of_the_layer_that_it_is_on() -> None:
    wall = layers("White tile", "Facing brick", reflectances={"White tile": 0.66})
    painted = coated(wall, "Paint", "", reflectances={"Paint": 0.42})
    assert of_face(room(X=(painted, (1, 0, 0))), "X") == stated(0.42)
    assert of_face(room(X=(painted, (-1, 0, 0))), "X").value == 0.33
    by_name = coated(wall, "White emulsion paint", "")
    assert of_face(room(X=(by_name, (1, 0, 0))), "X").value == 0.84
    # of a paint of no stated colour nothing is known, and the tiles under it are not seen
    untold = coated(wall, "Paint", "")
    assert of_face(room(X=(untold, (1, 0, 0))), "X") == RULES.reflectance["wall"]


def test_a_coat_on_one_side_of_a_single_layer_needs_a_direction() -> None:
    board = coated(layers("Concrete"), "", "White tile")
    assert of_face(room(X=(board, (-1, 0, 0))), "X").value == 0.80
    assert of_face(room(X=(board, (1, 0, 0))), "X") == RULES.reflectance["wall"]
    assert of_face(room(X=(board, UNKNOWN)), "X") == RULES.reflectance["wall"]
    both = coated(layers("Concrete"), "White tile", "White tile")
    assert of_face(room(X=(both, UNKNOWN)), "X").value == 0.80


@pytest.mark.parametrize("turned", [False, True])
def test_the_coats_of_a_slab_lie_as_its_layers_do_else_as_their_own_names_say(turned: bool) -> None:
    for names, coats, floor, ceiling in (
        (("Carpet", "Concrete", "Plaster"), ("", "Paint"), 0.30, 0.42),  # carpet and plaster tell
        (("Concrete", "Timber"), ("Carpet", "Paint"), 0.30, 0.42),  # the carpet tells
        (("Concrete",), ("Linoleum", "Paint"), 0.30, 0.42),
    ):
        whole = coated(layers(*(names[::-1] if turned else names)), *(coats[::-1] if turned else coats),
                       reflectances={"Paint": 0.42})  # fmt: skip
        slab = replace(whole, kind="floor")
        model = room(z=(slab, UNKNOWN), Z=(slab, UNKNOWN))
        assert (of_face(model, "z").value, of_face(model, "Z").value) == (floor, ceiling)


@pytest.mark.parametrize("direction", [(0, 0, 1), (0, 0, -1), UNKNOWN])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("names", "floor", "ceiling"),
    [
        (("Terrazzo, white", "Screed", "Concrete", "Plaster"), 0.70, 0.70),
        (("Wood, Oak", "Screed", "Concrete", "Plaster"), 0.25, 0.70),  # oak is known to lie above
        (("沥青混凝土", "混凝土", "Plaster"), 0.10, 0.70),
        (("Wood, Oak", "Concrete"), 0.25, 0.75),
        (("Carpet", "Concrete", "Plasterboard"), 0.30, 0.75),
        (("Wood, Oak", "Joists", "Wood, Walnut"), 0.30, 0.75),  # which is above?
    ],
)
def test_of_a_slab_the_finish_that_fits_shows_whichever_way_it_is_listed(
    names: tuple[str, ...], floor: float, ceiling: float, turned: bool, direction: Direction
) -> None:
    slab = replace(layers(*(names[::-1] if turned else names)), kind="floor")
    model = room(z=(slab, direction), Z=(slab, direction))
    assert (of_face(model, "z").value, of_face(model, "Z").value) == (floor, ceiling)


@pytest.mark.parametrize("turned", [False, True])
def test_of_a_ceiling_and_a_roof_the_side_that_looks_down_shows(turned: bool) -> None:
    for kind, names in (
        ("other", ("Metal stud", "Acoustic tile")),
        ("roof", ("Roof tile", "Rafters", "Plaster")),
    ):
        lining = replace(layers(*(names[::-1] if turned else names)), kind=kind)
        model = room(z=(lining, UNKNOWN), Z=(lining, UNKNOWN))
        assert of_face(model, "Z").value == {"other": 0.75, "roof": 0.70}[kind]
        assert of_face(model, "z") == RULES.reflectance["floor"]


def test_a_covered_layer_and_a_list_without_order_tell_nothing() -> None:
    covered = room(X=(layers("Plasterboard", "White tile", "Brick"), (1, 0, 0)))
    assert of_face(covered, "X") == RULES.reflectance["wall"]
    parts = tuple(replace(layer, thickness_m=0.0) for layer in layers("White tile", "Brick").layers)
    listed = room(X=(Construction("list", "wall", parts), (1, 0, 0)))
    assert of_face(listed, "X").value == 0.60
    alone = room(X=(Construction("tile", "wall", parts[:1]), UNKNOWN))
    assert of_face(alone, "X").value == 0.80


def test_what_the_file_says_goes_before_a_name_and_twin_toml_before_both() -> None:
    tiled = layers("White tile", "Brick", reflectances={"White tile": 0.66})
    assert of_face(room(X=(tiled, (1, 0, 0))), "X") == stated(0.66)
    element = replace(tiled, reflectance_inside=stated(0.5, "Finish.VisibleLightReflectance"))
    model = room(X=(element, (1, 0, 0)))
    assert of_face(model, "X").value == 0.5
    declared = project_rules(
        DaylightSection(
            finishes=(
                FinishSection(material="*tile", reflectance=0.1, surfaces=("floor",)),
                FinishSection(material="WHITE *", reflectance=0.2),
                FinishSection(material="*", reflectance=0.3),
            ),
            reflectance=ReflectanceSection(ceiling=0.9, wall=0.9),
        )
    )
    found = of_face(model, "X", declared)
    assert (found.value, found.provenance) == (0.2, Provenance.DECLARED)
    assert found.source == "daylight.finishes.1 in twin.toml, material 'White tile'"
    assert of_face(model, "Z", declared).value == 0.9
    assert of_face(model, "Z", declared).source == "daylight.reflectance.ceiling in twin.toml"
    assert of_face(model, "z", declared).value == 0.30


def test_the_usual_build_up_of_a_default_is_nobodys_finish() -> None:
    usual = layers("White tile", "Brick")
    model = room(X=(replace(usual, stated=Construction("wall", "wall")), (1, 0, 0)))
    assert of_face(model, "X").value == 0.60
    unknown = replace(model, surfaces=replace(model.surfaces, element=np.full(6, -1, np.int32)))
    assert of_face(unknown, "X").value == 0.60


def test_solids_show_each_side_indoors_and_outdoors() -> None:
    model = room(X=(layers("White tile", "Facing brick"), (1, 0, 0)))
    element = int(model.surfaces.element[FACES.index("X")])
    vertices, triangles = model.geometry.mesh(element)
    other, more = model.geometry.mesh(element + 1)
    corners = np.concatenate([vertices[triangles], other[more]])
    owner = np.repeat([element, element + 1], [len(triangles), len(more)])
    inside, outside = solid_reflectances(model, corners, owner, RULES)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    mine = owner == element
    assert set(inside[mine & (normal[:, 0] < -0.9)]) == set(outside[mine & (normal[:, 0] < -0.9)]) == {0.80}
    assert set(inside[mine & (normal[:, 0] > 0.9)]) == set(outside[mine & (normal[:, 0] > 0.9)]) == {0.33}
    assert set(outside[mine & (np.abs(normal[:, 0]) < 0.1)]) == {0.30}
    assert set(outside[~mine]) == {0.30}
    assert set(inside[~mine & (normal[:, 2] > 0.9)]) == {0.30}


def test_dark_tiles_take_light_and_are_listed() -> None:
    plain = light(room())
    walls = {
        face: (layers(f"{name} tile"), UNKNOWN) for face, name in zip("xXY", ("Black",) * 3, strict=True)
    }
    dark = light(room(**walls))
    means = [float(result.table["daylight_factor_mean_pct"][0]) for result in (plain, dark)]
    assert means[1] < 0.85 * means[0]
    listed = [one for one in dark.assumptions if one.what.en.startswith("Reflectance of the rooms'")]
    assert [(one.value.value, len(one.global_ids)) for one in listed] == [(0.08, 3)]
    assert "GB 50033" in listed[0].value.source
    assert not [one for one in plain.assumptions if one.what.en.startswith("Reflectance of the rooms'")]
    (note,) = [one for one in dark.diagnostics if one.code == "daylight-reflectances"]
    share = 100 * (5 + 5 + 4) * 2.8 / (2 * (4 * 5 + 4 * 2.8 + 5 * 2.8))
    assert f"{share:.0f} % of the area by the name" in note.message.en


def test_a_declared_default_counts_like_the_same_finish() -> None:
    walls = {face: (layers("Plaster"), UNKNOWN) for face in "xXyY"}
    by_material, declared, plain = (
        float(result.table["daylight_factor_mean_pct"][0])
        for result in (
            light(room(**walls)),
            light(room(), reflectance=ReflectanceSection(wall=0.70)),
            light(room()),
        )
    )
    assert by_material == pytest.approx(declared, rel=0.005)
    assert declared > 1.03 * plain


def test_an_entry_for_no_material_is_told() -> None:
    result = light(room(), finishes=(FinishSection(material="Tiel*", reflectance=0.5),))
    (found,) = [one for one in result.diagnostics if one.code == "daylight-finish-without-material"]
    assert "Tiel*" in found.message.en
    assert "Tiel*" in found.message.zh
    painted = room(X=(coated(layers("Brick"), "Paint", ""), UNKNOWN))
    found_paint = light(painted, finishes=(FinishSection(material="Paint", reflectance=0.5),))
    assert "daylight-finish-without-material" not in {one.code for one in found_paint.diagnostics}


def test_radiance_gets_the_same_reflectances(tmp_path: Path) -> None:
    model = room(X=(layers("White tile", "Facing brick"), (1, 0, 0)))
    task = prepared(model, Project(daylight=DaylightSection(reflectance=ReflectanceSection(floor=0.41))))
    text = write_scene(tmp_path, task.parts, np.array([0])).read_text()
    surface = FACES.index("X")
    assert f"rho8000 polygon s{surface}_0" in text
    assert f"rho4100 polygon s{FACES.index('z')}_0" in text
    outer = task.parts.solids.reflectance_outside
    assert {0.33, 0.30} <= set(outer.tolist())
    assert "void plastic rho3300" in text
