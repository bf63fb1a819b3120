"""A model against an IDS: verdicts, causes, reports, and everything that can be wrong with the input."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from bcf.bcfxml import load as load_bcf

import twin
from ifc.errors import IfcError
from ifc.model import Text
from twin.bcf import MOST_COMPONENTS
from twin.errors import TwinError
from twin.ids.bcf import write_bcf
from twin.ids.causes import KINDS, Cause, FailingElement
from twin.ids.check import CheckResult, SpecificationResult, check
from twin.ids.html_report import render_html
from twin.ids.json_report import check_to_dict
from twin.ids.write import ids_for
from twin.project import Project, read_project

SAMPLES = Path(twin.__file__).parents[1] / "sample_models"
CENTRE, TOWER = SAMPLES / "community_centre.ifc", SAMPLES / "residential_tower.ifc"
ONE_ROOM = Path(twin.__file__).parent / "data" / "one_room.ifc"


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "twin.cli", *map(str, arguments)]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, check=False)


def ids_file(folder: Path, specifications: str, root: str = "") -> Path:
    path = folder / "own.ids"
    path.write_text(
        f"""<?xml version="1.0"?>
<ids xmlns="http://standards.buildingsmart.org/IDS" xmlns:xs="http://www.w3.org/2001/XMLSchema" {root}>
<info><title>own</title></info><specifications>{specifications}</specifications></ids>""",
        "utf-8",
    )
    return path


def specification(entity: str, requirement: str, occurs: str = 'minOccurs="1" maxOccurs="unbounded"') -> str:
    return f"""<specification name="{entity}" ifcVersion="IFC4" identifier="x">
<applicability {occurs}><entity><name><simpleValue>{entity}</simpleValue></name></entity></applicability>
<requirements>{requirement}</requirements></specification>"""


def asked_property(set_name: str, name: str, value: str = "", more: str = "") -> str:
    return f"""<property {more}><propertySet><simpleValue>{set_name}</simpleValue></propertySet>
<baseName><simpleValue>{name}</simpleValue></baseName>{value}</property>"""


@pytest.fixture(scope="module")
def centre() -> CheckResult:
    return check(CENTRE, project=read_project(CENTRE.with_suffix(".toml")))


@pytest.fixture(scope="module")
def tower() -> CheckResult:
    return check(TOWER, clauses=["3.2.8", "5.2.8", "7.2.4"], project=Project())


def result_of(checked: CheckResult, identifier: str) -> SpecificationResult:
    return next(one for one in checked.specifications if one.identifier == identifier)


# --- verdicts and causes -----------------------------------------------------------------------------------


def test_the_community_centre_carries_most_of_the_data(centre) -> None:
    assert centre.count("pass") >= 40
    assert centre.count("fail") <= 5
    assert result_of(centre, "window-thermal").outcome == "pass"
    assert result_of(centre, "window-thermal").applicable == 92


def test_the_tower_fails_what_it_lacks_and_passes_what_it_has(tower) -> None:
    windows = result_of(tower, "window-thermal")
    assert windows.outcome == "fail"
    (cause,) = windows.causes
    assert cause.kind == "missing"
    assert cause.message.en == "No Pset_WindowCommon.ThermalTransmittance on 487 elements."
    assert cause.message.zh == "487 个构件缺少属性 Pset_WindowCommon.ThermalTransmittance。"
    assert dict(cause.classes) == {"IfcWindow": 487}
    assert len({element.global_id for element in cause.elements}) == 487
    assert result_of(tower, "window-daylight").outcome == "pass"


def test_elements_that_a_named_clause_needs_must_be_there(tower) -> None:
    fixtures = result_of(tower, "fixtures")
    assert (fixtures.usage, fixtures.outcome) == ("required", "fail")
    assert [cause.kind for cause in fixtures.causes] == ["no_element"]
    assert fixtures.causes[0].elements == ()


def test_elements_that_need_not_be_there_are_no_failure(centre) -> None:
    assert result_of(centre, "rebar").outcome == "no_elements"


def test_each_cause_is_told_apart_with_its_remedy(tmp_path) -> None:
    restricted = (
        '<value><xs:restriction base="xs:double"><xs:minExclusive value="99"/></xs:restriction></value>'
    )
    material = specification("IFCWALL", "<material/>", 'minOccurs="0" maxOccurs="unbounded"')
    long_name = (
        "<attribute><name><simpleValue>LongName</simpleValue></name><value>"
        "<simpleValue>车间</simpleValue></value></attribute>"
    )
    predefined = (
        "<entity><name><simpleValue>IFCSLAB</simpleValue></name>"
        "<predefinedType><simpleValue>FLOOR</simpleValue></predefinedType></entity>"
    )
    room = (
        '<partOf relation="IFCRELAGGREGATES"><entity><name><simpleValue>IFCZONE</simpleValue></name>'
        "</entity></partOf>"
    )
    elevation = f"<attribute><name><simpleValue>Elevation</simpleValue></name>{restricted}</attribute>"
    tall = f"<attribute><name><simpleValue>OverallHeight</simpleValue></name>{restricted}</attribute>"
    own = ids_file(
        tmp_path,
        material
        + specification("IFCSPACE", long_name)
        + specification("IFCSLAB", predefined)
        + specification("IFCWINDOW", room + tall)
        + specification("IFCBUILDINGSTOREY", elevation)
        + specification("IFCLAMP", "<material/>")
        + specification("IFCSITE", "<material/>", 'minOccurs="0" maxOccurs="0"'),
    )
    found = check(ONE_ROOM, own)
    causes = [[cause.kind for cause in one.causes] for one in found.specifications]
    assert causes[0] == ["missing"]
    assert causes[1] == ["wrong_value"]
    assert causes[2] == ["wrong_class"]
    assert causes[3] == ["missing", "wrong_value"] or causes[3] == ["missing", "empty"]
    assert causes[4] == ["wrong_value"]
    assert causes[5] == ["no_element"]
    assert causes[6] == ["prohibited_element"]
    for one in found.specifications:
        for cause in one.causes:
            assert cause.kind in KINDS
            assert cause.message.en.endswith(".")
            assert cause.message.zh.endswith("。")
            assert cause.remedy.en.endswith(".")
    (space,) = found.specifications[1].causes
    assert space.remedy.zh == "请填写字段 LongName（车间）。"


def test_an_optional_value_must_be_right_where_it_is(tmp_path) -> None:
    cases = (("optional", "IFCBOOLEAN"), ("optional", "IFCLABEL"), ("prohibited", "IFCBOOLEAN"))
    specifications = [
        specification(
            "IFCWINDOW",
            asked_property(
                "Pset_WindowCommon", "IsExternal", more=f'cardinality="{kind}" dataType="{data_type}"'
            ),
        )
        for kind, data_type in cases
    ]
    found = check(CENTRE, ids_file(tmp_path, "".join(specifications)))
    assert [one.outcome for one in found.specifications] == ["pass", "fail", "fail"]
    assert [cause.kind for one in found.specifications for cause in one.causes] == [
        "wrong_type",
        "prohibited",
    ]


def test_elements_without_globalid_are_named_by_their_step_number(tmp_path) -> None:
    asked = asked_property("Pset_Nothing", "Nothing")
    found = check(CENTRE, ids_file(tmp_path, specification("IFCMATERIAL", asked)))
    (cause,) = found.specifications[0].causes
    assert all(element.global_id.startswith("#") for element in cause.elements)
    path = write_bcf(found, tmp_path / "x.bcf", "en")
    assert not any(name.endswith(".bcfv") for name in zipfile.ZipFile(path).namelist())


def test_a_cause_keeps_its_id_in_the_next_revision(tmp_path) -> None:
    revision = tmp_path / "revision.ifc"
    revision.write_text(ONE_ROOM.read_text("utf-8").replace("=IFCWALL(", "=IFCBEAM(", 1), "utf-8")
    own = ids_file(tmp_path, specification("IFCWALL", asked_property("Pset_Nothing", "Nothing")))
    first, second = (check(path, own).specifications[0].causes[0] for path in (ONE_ROOM, revision))
    assert first.id == second.id
    assert (len(first.elements), len(second.elements)) == (4, 3)


def test_an_ids_for_another_schema_is_no_pass(tmp_path) -> None:
    with pytest.raises(TwinError, match="IFC2X3") as refused:
        check(ONE_ROOM, ids_file(tmp_path, specification("IFCWALL", "<material/>").replace("IFC4", "IFC2X3")))
    assert refused.value.code == "ids-other-schema"


# --- reports -----------------------------------------------------------------------------------------------


def test_the_json_holds_verdicts_causes_and_globalids(tower) -> None:
    data = json.loads(json.dumps(check_to_dict(tower, "en")))
    assert set(data) == {
        "schema_version", "model", "ids", "passed", "counts", "specifications", "diagnostics",
    }  # fmt: skip
    assert data["passed"] is False
    assert sum(data["counts"].values()) == len(data["specifications"])
    windows = next(one for one in data["specifications"] if one["identifier"] == "window-thermal")
    assert set(windows) == {
        "identifier", "name", "description", "usage", "outcome", "applicable", "failed", "causes",
    }  # fmt: skip
    (cause,) = windows["causes"]
    assert set(cause) == {"id", "kind", "message", "remedy", "values", "classes", "global_ids"}
    assert len(cause["global_ids"]) == windows["failed"] == 487


def test_the_bcf_holds_one_topic_per_cause_with_its_elements(tower, tmp_path) -> None:
    path = write_bcf(tower, tmp_path / "tower.bcf", "zh")
    file = load_bcf(path)
    topics = file.topics
    causes = {cause.id: cause for one in tower.specifications for cause in one.causes}
    assert set(topics) == set(causes)
    for guid, topic in topics.items():
        cause = causes[guid]
        assert cause.message.zh in topic.topic.title
        assert cause.remedy.zh in topic.topic.description
        selected = [
            component.ifc_guid
            for view in topic.viewpoints.values()
            for component in view.visualization_info.components.selection.component
        ]
        assert selected == [element.global_id for element in cause.elements[:MOST_COMPONENTS]]


def test_a_bcf_topic_selects_a_limited_number_and_says_so(tmp_path) -> None:
    elements = tuple(FailingElement(f"{row:022d}", "IfcWall", "w\x01") for row in range(MOST_COMPONENTS + 5))
    cause = Cause(
        "0b3c1f0e-7a5b-4c1e-9a86-3c9a1b1f7d52",
        "missing",
        Text("m", "m"),
        Text("r", "r"),
        {"\x00": 2},
        elements,
    )
    one = SpecificationResult("x", Text("n", "n"), Text("", ""), "required", "fail", 1005, 1005, (cause,))
    many = CheckResult("x.ifc", "0" * 64, "IFC4", "", Text("t", "t"), (one,), ())
    file = load_bcf(write_bcf(many, tmp_path / "x.bcf", "en"))
    (topic,) = file.topics.values()
    assert "first 1000 of 1005" in topic.topic.description
    (view,) = topic.viewpoints.values()
    assert len(view.visualization_info.components.selection.component) == MOST_COMPONENTS


def test_the_page_is_self_contained_in_both_languages_and_escapes_names(tower) -> None:
    page = render_html(tower, "zh")
    assert '<html lang="zh-CN" class="zh">' in page
    assert "外窗热工参数" in page
    assert "Thermal values of external windows" in page
    assert not any(word in page for word in ("src=", "href=", "@import", "http://", "https://"))
    hostile = FailingElement("0" * 22, "IfcWall", "<script>alert(1)</script>")
    cause = Cause("x", "missing", Text("m", "m"), Text("r", "r"), {"<b>": 1}, (hostile,))
    one = SpecificationResult("x", Text("n", "n"), Text("", ""), "required", "fail", 1, 1, (cause,))
    page = render_html(CheckResult("x.ifc", "", "IFC4", "", Text("<i>", "<i>"), (one,), ()), "en")
    assert "<script>alert" not in page
    assert "<b>:" not in page


# --- the commands ------------------------------------------------------------------------------------------


def test_a_written_ids_decides_the_exit_code_and_json_is_all_of_stdout(tmp_path) -> None:
    wrote = run("ids", "--clauses", "5.2.8,7.2.4", "-o", "needs.ids", cwd=tmp_path)
    assert wrote.returncode == 0, wrote.stderr
    assert wrote.stdout.strip() == str(tmp_path / "needs.ids")
    passed = run("check", CENTRE, "--ids", "needs.ids", "--json", cwd=tmp_path)
    assert passed.returncode == 0, passed.stderr
    assert json.loads(passed.stdout)["passed"] is True
    assert [Path(line).name for line in passed.stderr.splitlines()] == [
        f"community_centre.check.{kind}" for kind in ("html", "json", "bcf")
    ]
    failed = run("check", ONE_ROOM, "--ids", "needs.ids", "--format", "json", "--lang", "zh", cwd=tmp_path)
    assert failed.returncode == 1, failed.stderr
    assert "未通过" in failed.stdout
    assert not (tmp_path / "out" / "one_room.check.bcf").exists()


def test_without_a_file_the_ids_goes_to_stdout(tmp_path) -> None:
    done = run("ids", "--clauses", "7.2.10", "--require", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ids_for(clauses=["7.2.10"], stars=2)


@pytest.mark.parametrize(
    "arguments",
    [
        ["ids", "--clauses", "9.9.9"],
        ["ids", "--clauses", ","],
        ["ids", "--require", "4"],
        ["ids", "--schema", "IFC5"],
        ["check", ONE_ROOM, "--ids", "needs.ids", "--clauses", "5.2.8"],
        ["check", ONE_ROOM, "--ids", "needs.ids"],
        ["check", ONE_ROOM, "--format", "pdf"],
        ["check", "nothing.ifc"],
    ],
    ids=lambda arguments: " ".join(Path(str(one)).name for one in arguments),
)
def test_bad_usage_ends_with_2_and_a_message(arguments, tmp_path) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


# --- bad input ---------------------------------------------------------------------------------------------

BOMB = """<?xml version="1.0"?><!DOCTYPE ids [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><ids xmlns="http://standards.buildingsmart.org/IDS">&c;</ids>"""
EXTERNAL = """<?xml version="1.0"?><!DOCTYPE ids [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<ids xmlns="http://standards.buildingsmart.org/IDS"><info><title>&x;</title></info></ids>"""


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "ids-not-xml"),
        (b"%PDF-1.7", "ids-not-xml"),
        (b"<ids", "ids-not-xml"),
        (b"\xff\xfe\x00", "ids-not-xml"),
        (b"<html><body/></html>", "not-an-ids"),
        (b'<ids xmlns="http://example.org"/>', "not-an-ids"),
        (BOMB.encode(), "ids-with-dtd"),
        (EXTERNAL.encode(), "ids-with-dtd"),
        (EXTERNAL.encode("utf-16"), "ids-with-dtd"),
        (b'<ids xmlns="http://standards.buildingsmart.org/IDS"/>', "ids-invalid"),
    ],
)
def test_a_file_that_is_no_sound_ids_is_refused_by_what_it_is(content, code, tmp_path) -> None:
    path = tmp_path / "bad.ids"
    path.write_bytes(content)
    with pytest.raises(TwinError, match="bad") as refused:
        check(ONE_ROOM, path)
    assert refused.value.code == code
    assert refused.value.remedy.zh


@pytest.mark.parametrize("version", ["0.9.6", "0.9.7", "2.0"])
def test_another_version_of_ids_is_named(version, tmp_path) -> None:
    location = f"http://standards.buildingsmart.org/IDS/{version}/ids.xsd"
    root = (
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="http://standards.buildingsmart.org/IDS {location}"'
    )
    with pytest.raises(TwinError, match=version) as refused:
        check(ONE_ROOM, ids_file(tmp_path, specification("IFCWALL", "<material/>"), root))
    assert refused.value.code == "ids-version"


def test_an_ids_that_breaks_its_schema_is_refused_with_the_place(tmp_path) -> None:
    text = ids_for(clauses=["7.2.10"]).replace("<baseName>", "<wrong>").replace("</baseName>", "</wrong>")
    path = tmp_path / "bad.ids"
    path.write_text(text, "utf-8")
    with pytest.raises(TwinError, match="wrong") as refused:
        check(ONE_ROOM, path)
    assert refused.value.code == "ids-invalid"


def test_an_ids_whose_pattern_is_none_is_an_error_message(tmp_path) -> None:
    pattern = '<value><xs:restriction base="xs:string"><xs:pattern value="["/></xs:restriction></value>'
    name = f"<attribute><name><simpleValue>Name</simpleValue></name>{pattern}</attribute>"
    with pytest.raises(TwinError) as refused:
        check(ONE_ROOM, ids_file(tmp_path, specification("IFCWALL", name)))
    assert refused.value.code in ("check-failed", "ids-invalid")


def test_a_zipped_model_is_checked_too(tmp_path) -> None:
    path = tmp_path / "room.ifczip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(ONE_ROOM, "room.ifc")
    found = check(path, ids_file(tmp_path, specification("IFCWALL", "<material/>")))
    assert found.specifications[0].applicable == 4


def test_a_model_that_is_none_is_refused(tmp_path) -> None:
    path = tmp_path / "plan.ifc"
    path.write_bytes(b"%PDF-1.7 a plan")
    with pytest.raises(IfcError, match="PDF") as refused:
        check(path)
    assert refused.value.code == "not-an-ifc-file"


def test_a_truncated_model_never_passes_and_says_why(tmp_path) -> None:
    path = tmp_path / "half.ifc"
    path.write_bytes(ONE_ROOM.read_bytes()[:-300])
    own = ids_file(
        tmp_path,
        specification("IFCPROJECT", "<attribute><name><simpleValue>Name</simpleValue></name></attribute>"),
    )
    assert check(ONE_ROOM, own).passed
    found = check(path, own)
    assert found.count("fail") == 0
    assert not found.passed
    assert "file-truncated" in [one.code for one in found.diagnostics]
    assert "END-ISO" in render_html(found, "en")


def test_a_check_that_takes_too_long_is_ended() -> None:
    with pytest.raises(TwinError, match=r"0\.05 s") as refused:
        check(ONE_ROOM, timeout_s=0.05)
    assert refused.value.code == "check-timed-out"


def test_a_child_that_dies_is_an_error_message_not_a_crash(monkeypatch) -> None:
    monkeypatch.setattr("twin.ids.check._BOOTSTRAP", "import os; os.abort()")
    with pytest.raises(TwinError) as refused:
        check(ONE_ROOM)
    assert refused.value.code == "check-crashed"


def test_without_ifctester_the_extra_is_named(monkeypatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "ifctester" else find_spec(name)
    )
    with pytest.raises(TwinError, match=r"pip install greentwin\[check\]") as refused:
        check(ONE_ROOM)
    assert refused.value.code == "missing-extra"
