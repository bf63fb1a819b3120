"""Every file ends in a model or in one IfcError that says what, where and what to do."""

from __future__ import annotations

import io
import random
import re
import zipfile
from pathlib import Path

import ifcopenshell
import pytest

import ifc
from benchmarks.fuzz_mutations import MUTATIONS
from ifc.errors import IfcError
from ifc.model import BuildingModel, Severity
from ifc.step_repair import is_record
from tests.ifc.reading import codes, read_raw
from tests.two_room_house import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return House().write(tmp_path_factory.mktemp("house") / "house.ifc").read_bytes()


def refused(path: Path) -> IfcError:
    with pytest.raises(IfcError) as caught:
        ifc.read(path, cache=None, timeout_s=60)
    error = caught.value
    assert str(path) in str(error)
    for text in (error.message, error.remedy):
        assert text.en.strip()
        assert text.zh.strip()
    return error


def zipped(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_dot_", ".").replace("_slash_", "/"), data)
    return held.getvalue()


def test_a_missing_file(tmp_path) -> None:
    assert refused(tmp_path / "nowhere.ifc").code == "file-not-found"


def test_a_folder(tmp_path) -> None:
    assert refused(tmp_path).code == "is-a-folder"


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (b"", "empty-file", "empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "not-an-ifc-file", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "not-an-ifc-file", "Revit"),
        (b"<?xml version='1.0'?><ifcXML/>", "not-an-ifc-file", "XML"),
        (b'{"type": "IfcProject"}', "not-an-ifc-file", "JSON"),
        ("ISO-10303-21;".encode("utf-16"), "not-an-ifc-file", "UTF-16"),
        (b"hello\n", "not-an-ifc-file", "ISO-10303-21"),
        (bytes(range(256)) * 40, "not-an-ifc-file", "ISO-10303-21"),
        (zipped(readme_dot_txt=b"hello"), "archive-without-one-ifc", "no .ifc"),
        (b"PK\x03\x04" + bytes(100), "not-an-ifc-file", "ZIP"),
    ],
)
def test_what_is_no_ifc_file_is_called_what_it_is(content: bytes, code: str, word: str, tmp_path) -> None:
    path = tmp_path / "model.ifc"
    path.write_bytes(content)
    error = refused(path)
    assert error.code == code
    assert word in error.message.en


@pytest.mark.parametrize("schema", ["IFC2X_FINAL", "IFC4X1", "IFC4X3_RC4", "AUTOMOTIVE_DESIGN", ""])
def test_an_unknown_schema_is_named_with_those_that_are_read(schema: str, house: bytes, tmp_path) -> None:
    path = tmp_path / "model.ifc"
    path.write_bytes(house.replace(b"FILE_SCHEMA(('IFC4'))", f"FILE_SCHEMA(('{schema}'))".encode()))
    error = refused(path)
    assert error.code == "unknown-schema"
    assert schema in error.message.en
    assert "IFC2X3, IFC4, IFC4X3_ADD2" in error.message.en


def test_other_names_of_a_schema_and_a_byte_order_mark_are_understood(house: bytes, tmp_path) -> None:
    path = tmp_path / "model.ifc"
    path.write_bytes(
        b"\xef\xbb\xbf" + house.replace(b"FILE_SCHEMA(('IFC4'))", b"FILE_SCHEMA (( 'ifc4_Add2' ))")
    )
    model = read_raw(path)
    assert model.source.schema == "IFC4"
    assert codes(model) == ["schema-name-adapted"]
    assert len(model.spaces) == 2


def test_a_header_without_data_holds_nothing(house: bytes, tmp_path) -> None:
    path = tmp_path / "model.ifc"
    path.write_bytes(house[: house.index(b"DATA;")] + b"DATA;\nENDSEC;\nEND-ISO-10303-21;\n")
    assert refused(path).code == "no-content"


def test_a_truncated_file_is_read_as_far_as_it_goes_and_says_where_it_ends(house: bytes, tmp_path) -> None:
    path = tmp_path / "model.ifc"
    path.write_bytes(house[: len(house) * 4 // 5])
    model = read_raw(path)
    found = next(found for found in model.diagnostics if found.code == "file-truncated")
    assert found.severity is Severity.ERROR
    lines = path.read_bytes().count(b"\n") + 1
    assert f"line {lines}" in found.message.en


def test_a_file_truncated_before_any_element_is_refused(house: bytes, tmp_path) -> None:
    path = tmp_path / "model.ifc"
    path.write_bytes(house[: house.index(b"DATA;") + 200])
    error = refused(path)
    assert error.code == "no-content"
    assert "END-ISO-10303-21" in error.message.en


def test_a_comment_that_never_ends_is_named_with_its_line_and_what_it_swallows(
    house: bytes, tmp_path
) -> None:
    path = tmp_path / "model.ifc"
    start = house.index(b"\n#", len(house) // 2)
    path.write_bytes(house[:start] + b" /*" + house[start:])
    model = read_raw(path)
    found = next(found for found in model.diagnostics if found.code == "entities-in-comment")
    assert found.severity is Severity.ERROR
    assert f"line {house[:start].count(chr(10).encode()) + 1}" in found.message.en
    assert found.count == house[start:].count(b"=IFC")


def test_entities_in_a_closed_comment_are_a_warning(house: bytes, tmp_path) -> None:
    path = tmp_path / "model.ifc"
    comment = b"DATA;\n/* #900001=IFCWALL('x',$,$,$,$,$,$,$,$); */\n"
    path.write_bytes(house.replace(b"DATA;\n", comment, 1))
    model = read_raw(path)
    assert [(found.code, found.severity, found.count) for found in model.diagnostics] == [
        ("entities-in-comment", Severity.WARNING, 1)
    ]


def test_marks_of_comments_and_entities_in_strings_are_text(house: bytes, tmp_path) -> None:
    path = tmp_path / "model.ifc"
    path.write_bytes(house.replace(b"'Two-room house'", b"'a /* #1=IFCWALL(); it''s #2= IFCSLAB'"))
    model = read_raw(path)
    assert codes(model) == []
    assert model.source.project_name == "a /* #1=IFCWALL(); it's #2= IFCSLAB"


def test_an_entity_number_used_twice_is_told(house: bytes, tmp_path) -> None:
    path = tmp_path / "model.ifc"
    line = next(line for line in house.splitlines() if b"IFCCARTESIANPOINT" in line)
    path.write_bytes(house.replace(line, line + b"\n" + line, 1))
    model = read_raw(path)
    assert "entities-lost" in codes(model) or "syntax-errors" in codes(model)
    assert len(model.spaces) == 2


def test_a_damaged_record_costs_that_record_and_is_named_with_its_line(house: bytes, tmp_path) -> None:
    path = tmp_path / "model.ifc"
    lines = house.split(b"\n")
    number = next(at for at, line in enumerate(lines) if b"'East wall'" in line)
    lines[number] = lines[number].replace(b",$", b",#1x", 1)
    path.write_bytes(b"\n".join(lines))
    model = read_raw(path)
    found = next(found for found in model.diagnostics if found.code == "bad-records")
    assert found.count == 1
    assert f"line {number + 1}" in found.message.en
    assert "East wall" not in model.elements.name
    assert "West wall" in model.elements.name


def test_a_damaged_header_is_passed_over(house: bytes, tmp_path) -> None:
    path = tmp_path / "model.ifc"
    path.write_bytes(house.replace(b"FILE_DESCRIPTION", b"FILE_DESCRUPTION"))
    model = read_raw(path)
    assert codes(model) == ["bad-header"]
    assert len(model.spaces) == 2


def test_a_lone_backslash_in_a_name_is_read_as_meant(house: bytes, tmp_path) -> None:
    path = tmp_path / "model.ifc"
    path.write_bytes(house.replace(b"'Two-room house'", b"'C:\\temp\\\\x'"))
    model = read_raw(path)
    assert codes(model) == ["bad-strings"]
    assert model.source.project_name == r"C:\temp\x"


@pytest.mark.parametrize(
    ("record", "right"),
    [
        (b"#1=IFCWALL('a''b',#2,$,*,.T.,(1,2.,-3.E-5),IFCLABEL('x'),\"0A\");", True),
        (b"#1 = IFCWALL ( ) ; /* end */\r\n", True),
        (b"#1=IFCWALL(());", True),
        (b"#1=IFCWALL('a;b');", True),
        (b"#1=IFCWALL('a);", False),
        (b"#1=IFCWALL(1,,2);", False),
        (b"#1=IFCWALL(1,2;", False),
        (b"#1=IFCWALL(1 2);", False),
        (b"#1=IFCWALL(NaN);", False),
        (b"#1=(IFCWALL());", False),
        (b"#1=IFCWALL();x", False),
        (b"#1=IFCWALL(#1x);", False),
        (b"#1=IFCWALL(1.E400);", False),
        (b"#1=", False),
    ],
)
def test_records_are_told_from_what_is_none(record: bytes, right: bool) -> None:
    assert is_record(record) is right


def test_references_that_lead_nowhere_are_counted(house: bytes, tmp_path) -> None:
    path = tmp_path / "model.ifc"
    line = next(line for line in house.splitlines() if b"=IFCEXTRUDEDAREASOLID" in line)
    path.write_bytes(house.replace(line + b"\n", b"", 1))
    model = read_raw(path)
    found = next(found for found in model.diagnostics if found.code == "dangling-references")
    assert found.count == 1
    assert line.split(b"=")[0].decode() in found.message.en


def test_elements_that_share_a_global_id_are_kept_and_told(tmp_path) -> None:
    house = House()
    house.element["North wall"].GlobalId = house.element["South wall"].GlobalId
    model = read_raw(house.write(tmp_path / "double.ifc"))
    assert len(model.elements) == 18
    (found,) = model.diagnostics
    assert (found.code, found.count) == ("duplicate-global-id", 2)
    assert found.global_id == house.element["South wall"].GlobalId


def test_an_ifczip_is_read(house: bytes, tmp_path) -> None:
    path = tmp_path / "model.ifczip"
    path.write_bytes(zipped(folder_slash_model_dot_ifc=house, notes_dot_txt=b"hello"))
    assert len(read_raw(path).spaces) == 2


def test_an_ifczip_with_two_models_names_them(house: bytes, tmp_path) -> None:
    path = tmp_path / "model.ifczip"
    path.write_bytes(zipped(a_dot_ifc=house, b_dot_ifc=house))
    error = refused(path)
    assert error.code == "archive-without-one-ifc"
    assert "a.ifc, b.ifc" in error.message.en


def test_an_ifczip_that_would_fill_the_disk_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("ifc.step_file._UNZIPPED_LIMIT_BYTES", 1 << 20)
    path = tmp_path / "model.ifczip"
    path.write_bytes(zipped(a_dot_ifc=b"ISO-10303-21;" + bytes(2 << 20)))
    assert refused(path).code == "archive-too-large"


def test_a_damaged_ifczip_is_refused(house: bytes, tmp_path) -> None:
    data = bytearray(zipped(a_dot_ifc=house))
    data[60:80] = bytes(20)
    path = tmp_path / "model.ifczip"
    path.write_bytes(data)
    assert refused(path).code == "broken-archive"


def outcome(data: bytes, path: Path) -> BuildingModel | IfcError:
    path.write_bytes(data)
    try:
        return read_raw(path, timeout_s=30)
    except IfcError as error:
        return error


@pytest.mark.parametrize("seed", range(len(MUTATIONS)))
def test_a_mutated_file_ends_in_a_model_or_an_error(seed: int, house: bytes, tmp_path) -> None:
    rng = random.Random(seed)
    found = outcome(MUTATIONS[seed](house, rng), tmp_path / "model.ifc")
    if isinstance(found, IfcError):
        assert found.message.en
        assert found.remedy.zh
    else:
        assert len(found.elements)


def test_a_number_that_is_none_costs_its_record_and_never_moves_anything(house: bytes, tmp_path) -> None:
    """The parser leaves NaN out of a list: (NaN,5.,3.) would become (5.,3.)."""
    path = tmp_path / "model.ifc"
    lines = house.split(b"\n")
    number = next(at for at, line in enumerate(lines) if b"=IFCCARTESIANPOINT(" in line)
    start, _, rest = lines[number].partition(b"((")
    lines[number] = start + b"((NaN," + rest.partition(b",")[2]
    path.write_bytes(b"\n".join(lines))
    model = read_raw(path)
    found = next(found for found in model.diagnostics if found.code == "bad-records")
    assert (found.severity, found.count) == (Severity.ERROR, 1)
    assert f"line {number + 1}" in found.message.en


@pytest.mark.parametrize("part", ["shape", "placement"])
def test_elements_whose_points_are_damaged_are_named(part: str, house: bytes, tmp_path) -> None:
    path = tmp_path / "model.ifc"
    path.write_bytes(house)
    file = ifcopenshell.open(str(path))
    wall = next(wall for wall in file.by_type("IfcWall") if wall.Name == "East wall")
    if part == "shape":
        point = wall.Representation.Representations[0].Items[0].Position.Location
    else:
        point = wall.ObjectPlacement.RelativePlacement.Location
    lines = house.split(b"\n")
    number = next(at for at, line in enumerate(lines) if line.startswith(b"#%d=" % point.id()))
    lines[number] = b"#%d=IFCCARTESIANPOINT((1.,NaN,0.));" % point.id()
    path.write_bytes(b"\n".join(lines))
    found = [found for found in read_raw(path).diagnostics if found.code == "element-with-gaps"]
    in_the_wall = {
        relation.RelatedOpeningElement.GlobalId for relation in wall.HasOpenings
    }  # and placed there
    assert {one.global_id for one in found} >= {wall.GlobalId} | (
        in_the_wall if part == "placement" else set()
    )
    assert len(found) < 6
    assert any("East wall" in one.message.en and wall.GlobalId in one.message.zh for one in found)


def test_a_missing_owner_history_is_no_gap_of_an_element(house: bytes, tmp_path) -> None:
    path = tmp_path / "model.ifc"
    path.write_bytes(re.sub(rb"(=IFCWALL\('[^']*',)\$", rb"\g<1>#999999", house))
    model = read_raw(path)
    assert "dangling-references" in codes(model)
    assert "element-with-gaps" not in codes(model)


def test_a_step_that_breaks_costs_its_results_and_is_told(house: bytes, tmp_path, monkeypatch) -> None:
    def breaks(model: BuildingModel) -> BuildingModel:
        raise ValueError("a bug")

    monkeypatch.setattr("ifc.derivation.STEPS", (("surfaces", breaks),))
    path = tmp_path / "model.ifc"
    path.write_bytes(house)
    model = ifc.read(path, cache=None)
    found = next(found for found in model.diagnostics if found.code == "derivation-failed")
    assert found.severity is Severity.ERROR
    assert "surfaces" in found.message.en
    assert "a bug" in found.message.zh
