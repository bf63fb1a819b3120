"""The twin.toml that twin init writes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from twin.daylight_sections import CurtainSection, FinishSection, ReflectanceSection
from twin.live.sections import MqttOutletSection, MqttSection
from twin.project import Declaration, Fact, GroundCover, Project, read_project
from twin.project_template import template, write_template
from twin.rating.declarations import read_declarations
from twin.rating.standard_reader import load_standard

LANGUAGES = ("en", "zh")


def uncommented(text: str) -> str:
    """The template with every example line in force."""
    return re.sub(r"^# (?=\[|\w+ = |\")", "", text, flags=re.M)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_template_reads_back_as_every_default(tmp_path, language):
    path = tmp_path / "twin.toml"
    write_template(path, language)
    project = read_project(path)
    assert project.model_dump(exclude={"folder", "file"}) == Project().model_dump(exclude={"folder", "file"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_of_the_template_is_accepted(tmp_path, language):
    path = tmp_path / "twin.toml"
    path.write_text(uncommented(template(language)), "utf-8")
    declarations = read_declarations(read_project(path), load_standard())
    assert {"dwelling_count", "walk_distance_bus_stop"} <= declarations.facts.keys()
    assert declarations.verdicts.keys() == {"4.1.2", "9.2.6"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_template_names_every_key(language):
    data = tomllib.loads(uncommented(template(language)))
    for name, section in Project.model_fields.items():
        if name in ("folder", "file", "declared", "facts"):
            continue
        if name == "uses":
            assert data[name], "an example of a declared use"
            continue
        if name == "feeds":
            assert set(data[name][0]) <= set(MqttSection.model_fields)
            continue
        if name == "outlets":
            assert set(data[name][0]) <= set(MqttOutletSection.model_fields)
            continue
        kind = section.annotation
        assert isinstance(kind, type)
        assert issubclass(kind, BaseModel)
        assert set(data[name]) == set(kind.model_fields), name
    assert set(data["site"]["covers"][0]) == set(GroundCover.model_fields)
    assert set(data["declared"]["4.1.2"]) | {"points"} == set(Declaration.model_fields)
    assert set(data["facts"]["walk_distance_bus_stop"]) == set(Fact.model_fields)
    assert set(data["daylight"]["curtains"][0]) == set(CurtainSection.model_fields)
    assert set(data["daylight"]["finishes"][0]) == set(FinishSection.model_fields)
    assert set(data["daylight"]["reflectance"]) == set(ReflectanceSection.model_fields)
    assert len(data["energy"]["u_value_w_m2k"]) == 6


def test_both_languages_hold_the_same_values():
    english, chinese = (tomllib.loads(uncommented(template(language))) for language in LANGUAGES)
    for data in (english, chinese):
        for entry in (*data["declared"].values(), *data["facts"].values()):
            entry.pop("by", None)
            entry.pop("note", None)
    assert english == chinese


def test_an_unwritable_place_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_template(tmp_path / "no" / "such" / "twin.toml", "en")
    assert not Path(tmp_path / "no").exists()
