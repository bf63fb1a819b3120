"""Reading twin.toml: what is accepted, and how a mistake is told."""

from __future__ import annotations

import pytest

from twin.errors import TwinError
from twin.project import Project, read_project


def write(folder, text: str):
    path = folder / "twin.toml"
    path.write_text(text, "utf-8")
    return path


def refused(folder, text: str) -> TwinError:
    with pytest.raises(TwinError) as caught:
        read_project(write(folder, text))
    return caught.value


def test_an_empty_file_is_a_project_with_every_default(tmp_path):
    project = read_project(write(tmp_path, ""))
    assert project.folder == tmp_path
    assert project.model_dump(exclude={"folder", "file"}) == Project().model_dump(exclude={"folder", "file"})


def test_sections_are_read_with_their_units(tmp_path):
    project = read_project(
        write(
            tmp_path,
            """
            [project]
            name = "社区中心"
            building_type = "public"
            [site]
            area_m2 = 12000
            [[site.covers]]
            kind = "sunken_green"
            area_m2 = 800
            storage_depth_m = 0.15
            [energy.u_value_w_m2k]
            wall = 0.55
            [declared."4.1.2"]
            met = true
            evidence = "structure.pdf"
            [facts.site_flood_prone]
            value = false
            """,
        )
    )
    assert project.site.area_m2 == 12000
    assert project.site.covers[0].storage_depth_m == 0.15
    assert project.energy.u_value_w_m2k == {"wall": 0.55}
    assert project.declared["4.1.2"].met is True
    assert project.facts["site_flood_prone"].value is False


def test_the_kind_of_a_fact_is_kept(tmp_path):
    project = read_project(write(tmp_path, "facts.a.value = 3\nfacts.b.value = true\nfacts.c.value = 'III'"))
    assert [type(fact.value) for fact in project.facts.values()] == [float, bool, str]


def test_paths_are_relative_to_the_file(tmp_path):
    project = read_project(write(tmp_path, "[weather]\nepw = 'a.epw'"))
    assert project.resolve(project.weather.epw) == tmp_path / "a.epw"
    assert project.resolve(tmp_path / "b.epw") == tmp_path / "b.epw"


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "twin.toml"
    path.write_bytes(b"\xef\xbb\xbf[project]\nname = 'x'\n")
    assert read_project(path).project.name == "x"


def test_a_missing_file_is_told_with_the_way_to_make_one(tmp_path):
    with pytest.raises(TwinError) as caught:
        read_project(tmp_path / "none.toml")
    assert caught.value.code == "project-file-missing"
    assert "twin init" in caught.value.remedy.zh


@pytest.mark.parametrize("content", [b"[project\nname=1", b"\xff\xfe\x00", b"a = 1\na = 2"])
def test_a_file_that_is_not_toml_is_told_with_its_place(tmp_path, content):
    path = tmp_path / "twin.toml"
    path.write_bytes(content)
    with pytest.raises(TwinError) as caught:
        read_project(path)
    assert caught.value.code == "project-file-unreadable"
    assert str(path) in caught.value.where


@pytest.mark.parametrize(
    ("text", "key", "nearest"),
    [
        ("[projekt]\nname='x'", "projekt", "project"),
        ("[project]\nbuilding_typ='public'", "project.building_typ", "building_type"),
        ("[site]\narea=3", "site.area", "area_m2"),
        ("[[site.covers]]\nkind='green'\narea_m2=3\ndepth=1", "site.covers.0.depth", ""),
        ("[declared.'4.1.2']\nmeet=true", 'declared."4.1.2".meet', "met"),
        ("folder='x'", "folder", ""),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest_one(tmp_path, text, key, nearest):
    error = refused(tmp_path, text)
    assert error.code == "unknown-key"
    assert error.where.endswith(f"twin.toml, {key}")
    assert f"Did you mean {nearest}?" in error.message.en if nearest else "Did you" not in error.message.en


@pytest.mark.parametrize(
    ("text", "key", "en", "zh"),
    [
        ("[site]\narea_m2=-3", "site.area_m2", "needs > 0", "要求 > 0"),
        ("[site]\nlatitude_deg=120", "site.latitude_deg", "needs ≤ 90", "要求 ≤ 90"),
        (
            "[project]\nstage='later'",
            "project.stage",
            "none of 'pre_evaluation' or 'evaluation'",
            "不是下列之一",
        ),
        ("[project]\nthermal_zone='3C'", "project.thermal_zone", "none of '1A'", "不是下列之一"),
        ("[energy]\nheating_setpoint_c='warm'", "energy.heating_setpoint_c", "is not a number", "不是数值"),
        ("[energy]\nheating_setpoint_c=nan", "energy.heating_setpoint_c", "finite number", "有限数值"),
        ("[project]\nfull_fit_out='maybe'", "project.full_fit_out", "not true or false", "true 或 false"),
        ("project=3", "project", "", ""),
        ("[[site.covers]]\nkind='green'", "site.covers.0.area_m2", "missing", "缺少"),
        ("[daylight.reflectance]\nwall=70", "daylight.reflectance.wall", "needs < 1", "要求 < 1"),
        ("[[daylight.finishes]]\nmaterial='*'", "daylight.finishes.0.reflectance", "missing", "缺少"),
        (
            "[[daylight.finishes]]\nmaterial=''\nreflectance=1.0",
            "daylight.finishes.0.material",
            "not of the form",
            "不符合",
        ),
        (
            "[[daylight.finishes]]\nmaterial='*'\nreflectance=0.5\nsurfaces=['roof']",
            "daylight.finishes.0.surfaces.0",
            "none of 'floor'",
            "不是下列之一",
        ),
        ("facts.x.value=inf", "facts.x.value", "", ""),
        ("facts.x.value=[1]", "facts.x.value", "not a number", "不是数值"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_its_key_and_the_range(tmp_path, text, key, en, zh):
    error = refused(tmp_path, text)
    assert error.code == "project-value"
    assert error.where.endswith(f"twin.toml, {key}")
    assert en in error.message.en
    assert zh in error.message.zh
