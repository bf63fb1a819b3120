"""The data needs of the clauses, written as buildingSMART IDS."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import ifcopenshell
import pytest
from ifcopenshell.util.pset import PsetQto
from ifctester import ids as ifctester_ids

import twin
from twin.errors import TwinError
from twin.ids.needs import STAR_TABLE, carried_clauses, goal_of, load_needs, select_needs
from twin.ids.write import ids_for
from twin.project import Project
from twin.rating.clauses import CLAUSES
from twin.rating.reading import property_names
from twin.rating.standard_reader import load_standard

RATING = Path(twin.__file__).parent / "rating"
SCHEMAS = {"IFC2X3": "IFC2X3", "IFC4": "IFC4", "IFC4X3": "IFC4X3_ADD2"}

# Read by the ifc wing for the metrics, not through the rating's property names.
READ_WITH_THE_MODEL = {
    "Pset_WindowCommon.ThermalTransmittance", "Pset_WallCommon.ThermalTransmittance",
    "Pset_SlabCommon.ThermalTransmittance", "Pset_RoofCommon.ThermalTransmittance", "Pset_CurtainWallCommon.ThermalTransmittance",
    "Pset_DoorWindowGlazingType.SolarHeatGainTransmittance",
    "Pset_DoorWindowGlazingType.VisibleLightTransmittance",
    "GBT50378.PeakPower", "GBT50378.TemperatureCoefficient", "GBT50378_Site.CoverKind", "GBT50378_Site.StorageDepth", "GBT50378_Site.StorageVolume",
}  # fmt: skip
# Asked for under another name that decides the same and that every IFC schema can hold.
ASKED_AS = {"casting_method": "precast", "steel_grade": "yield_stress"}


def project(**sections: object) -> Project:
    return Project.model_validate(sections)


def opened(text: str, tmp_path: Path) -> ifctester_ids.Ids:
    path = tmp_path / "needs.ids"
    path.write_text(text, "utf-8")
    return ifctester_ids.open(str(path), validate=True)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_file_is_valid_ids_1_0_and_opens_in_ifctester(schema, tmp_path) -> None:
    found = opened(ids_for(schema=schema), tmp_path)
    assert len(found.specifications) >= 50
    assert {tuple(one.ifcVersion) for one in found.specifications} == {(SCHEMAS[schema],)}
    assert all(one.applicability and one.requirements for one in found.specifications)


def test_every_clause_that_has_an_evaluator_has_data_needs() -> None:
    assert set(CLAUSES) - set(carried_clauses()) == set()


def test_needs_serve_only_clauses_of_the_standard() -> None:
    known = {clause.id for clause in load_standard().clauses} | {STAR_TABLE}
    assert {clause for need in load_needs() for clause in need.clauses} - known == set()
    assert len({need.id for need in load_needs()}) == len(load_needs())


def test_what_a_rating_calls_missing_is_what_the_ids_asks_for() -> None:
    keys = set()
    for path in RATING.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "property_missing":
                key = node.args[1]
                keys |= {key.value} if isinstance(key, ast.Constant) else set()
    asked = {ask.name for need in load_needs() for ask in need.asks if ask.kind == "property"}
    assert len(keys) > 15
    silent = set()
    for key in keys:
        names = {f"{set_name}.{name}" for set_name, name in property_names()[ASKED_AS.get(key, key)]}
        loose = {name for set_name, name in property_names()[ASKED_AS.get(key, key)] if not set_name}
        if not (names & asked or loose & {name.rsplit(".")[1] for name in asked}):
            silent.add(key)
    assert silent == set(), "no need asks for these"


def test_the_ids_asks_only_for_properties_that_greentwin_reads() -> None:
    pairs = {pair for names in property_names().values() for pair in names}
    for need in load_needs():
        named = [ask.name for ask in need.asks if ask.kind == "property"] + [name for name, _ in need.where]
        for name in named:
            set_name, base = name.rsplit(".", 1)
            read = (set_name, base) in pairs or ("", base) in pairs or name in READ_WITH_THE_MODEL
            assert read, f"{need.id} asks for {name}, which nothing reads"


@pytest.mark.parametrize("schema", SCHEMAS)
def test_classes_and_attributes_exist_in_the_schema(schema) -> None:
    definition = ifcopenshell.ifcopenshell_wrapper.schema_by_name(SCHEMAS[schema])
    entities = {entity.name(): entity for entity in definition.entities()}
    needs = select_needs(goal_of(Project()), schema, Project())
    assert {need.id for need in needs} >= {"rooms", "windows", "walls", "fixtures", "air-quality-co2"}
    for need in needs:
        attributes = {name for name, _ in need.matching}
        attributes |= {ask.name for ask in need.asks if ask.kind == "attribute"}
        for name in need.entities:
            # In IFC2X3 devices are known by their types only, which IDS allows for.
            assert name in entities or (schema == "IFC2X3" and f"{name}Type" in entities), need.id
            if name in entities:
                own = {attribute.name() for attribute in entities[name].all_attributes()}
                assert attributes <= own, f"{need.id}: {name}"


@pytest.mark.parametrize("schema", ["IFC4", "IFC4X3"])
def test_sets_of_buildingsmart_are_asked_for_as_they_are_defined(schema) -> None:
    templates = PsetQto(schema)
    wrong = []
    for need in select_needs(goal_of(Project()), schema, Project()):
        for ask in need.asks:
            set_name, _, name = ask.name.rpartition(".")
            if ask.kind != "property" or not set_name.startswith(("Pset_", "Qto_")):
                continue
            template = templates.get_by_name(set_name)
            found = {one.Name: one for one in template.HasPropertyTemplates} if template else {}
            if name not in found:
                wrong.append(f"{need.id}: {ask.name} is not in {schema}")
            elif ask.data_type and found[name].PrimaryMeasureType not in (ask.data_type, None):
                wrong.append(f"{need.id}: {ask.name} is {found[name].PrimaryMeasureType}")
    assert wrong == []


def test_texts_are_in_chinese_and_english(tmp_path) -> None:
    chinese = re.compile("[一-鿿]")
    for one in opened(ids_for(), tmp_path).specifications:
        for text in (
            one.name,
            one.description,
            one.instructions,
            *(r.instructions for r in one.requirements),
        ):
            zh, _, en = text.partition(" / ")
            assert en, f"{text} has no English"
            assert not chinese.search(en), f"{text} has Chinese on the English side"
            assert chinese.search(zh) or not re.search("[a-z]", en), f"{text} has no Chinese"


def test_a_specification_names_its_clauses_with_their_points(tmp_path) -> None:
    found = {
        one.name: one.description for one in opened(ids_for(clauses=["7.2.10"]), tmp_path).specifications
    }
    (description,) = found.values()
    assert "7.2.10 高水效卫生器具（评分项，15 分）" in description
    assert "7.2.10 High water-efficiency fixtures (scoring item, 15 points)" in description


def test_named_clauses_bring_their_needs_only_and_want_their_elements() -> None:
    by_default = {need.id: need for need in select_needs(goal_of(Project()), "IFC4", Project())}
    named = {
        need.id: need for need in select_needs(goal_of(Project(), ["7.2.10", "6.2.7"]), "IFC4", Project())
    }
    assert set(named) == {"fixtures", "air-quality-co2", "air-quality-particles"}
    assert by_default["fixtures"].occurs == "optional"
    assert named["fixtures"].occurs == "required"


def test_a_clause_that_does_not_exist_is_named() -> None:
    with pytest.raises(TwinError, match=r"9\.9\.9") as refused:
        ids_for(clauses=["5.2.8", "9.9.9"])
    assert refused.value.code == "unknown-clause"


def test_a_clause_that_no_model_can_show_is_sent_to_the_declarations() -> None:
    with pytest.raises(TwinError, match=r'\[declared."9.2.9"\]') as refused:
        ids_for(clauses=["9.2.9"])
    assert refused.value.code == "clause-not-in-model"


def test_a_declared_clause_needs_no_data(tmp_path) -> None:
    (tmp_path / "audit.pdf").write_bytes(b"%PDF-1.7 a statement")
    declared = Project.model_validate(
        {"folder": tmp_path, "declared": {"7.2.10": {"points": 15, "evidence": "audit.pdf"}}}
    )
    assert "7.2.10" in goal_of(Project()).clauses
    assert "7.2.10" not in goal_of(declared).clauses
    assert "7.2.10" in goal_of(declared, ["7.2.10"]).clauses


def test_the_needs_of_two_stars_could_reach_two_stars() -> None:
    standard = load_standard()
    goal = goal_of(Project(), stars=2)
    clauses = [standard.clause(name) for name in goal.clauses if name != STAR_TABLE]
    points = sum(clause.points for clause in clauses)
    level = next(level for level in standard.levels if level.stars == 2)
    assert (standard.control_points + points) / standard.divisor >= level.total
    assert points < sum(standard.clause(name).points for name in carried_clauses() if name != STAR_TABLE)
    assert {clause.id for clause in clauses} >= {"4.1.6", "5.1.3", "7.1.6"}, "control items are always needed"
    assert STAR_TABLE in goal.clauses


def test_stars_set_the_limits_of_table_3_2_8() -> None:
    def worst_grade(stars: int | None) -> float | None:
        needs = select_needs(goal_of(Project(), stars=stars), "IFC4", Project())
        return next(need for need in needs if need.id == "fixtures").asks[0].limit.max

    assert [worst_grade(stars) for stars in (None, 1, 2, 3)] == [5, 3, 2, 2]


def test_the_building_type_decides_what_is_asked() -> None:
    def asked(building_type: str | None) -> dict[str, bool]:
        own = project(project={"building_type": building_type})
        needs = select_needs(goal_of(own), "IFC4", own)
        return {need.id: all(ask.may for ask in need.asks) for need in needs}

    assert asked("residential")["dwellings"] is False
    assert "dwellings" not in asked("public")
    assert asked(None)["dwellings"] is True, "while the type is not known nothing of one type is demanded"


def test_the_same_needs_give_the_same_bytes() -> None:
    assert ids_for(stars=2) == ids_for(stars=2)
