from dataclasses import replace

import pytest
from bcf.bcfxml import load as load_bcf

from ifc.model import Diagnostic, FaultPlace, Severity, Text
from tests.twin.example_evaluation import example_evaluation
from twin.report.bcf_report import write_bcf

ROOM, WALL, BESIDE = "space00000000000000001", "element000004", "element000005"


def same(text: str) -> Text:
    return Text(text, text)


def finding(
    *places: FaultPlace, severity: Severity = Severity.WARNING, code: str = "open-side"
) -> Diagnostic:
    return Diagnostic(
        code, severity, Text("No wall.", "无墙。"), Text("Model it.", "请建模。"), ROOM, places=places
    )


def place(side: str = "wall", direction: str = "N") -> FaultPlace:
    return FaultPlace("no-element", 4.3, "m²", (10.0, 20.0, 1.5), side, direction, "一层", "", (WALL, BESIDE))


def topics_of(tmp_path, *findings: Diagnostic, language="zh", north_deg: float = 0.0):
    evaluation = example_evaluation()
    model = evaluation.model
    model = replace(model, site=replace(model.site, north_deg=north_deg))
    path = write_bcf(replace(evaluation, model=model, diagnostics=findings), tmp_path / "x.bcf", language)
    file = load_bcf(path)  # which reads a topic when it is asked for, as long as the file lives
    topics = list(file.topics.values())
    for topic in topics:
        assert topic.topic.topic_status == "Open"
        assert topic.viewpoints
    return topics


def views_of(topic):
    return [view.visualization_info for view in topic.viewpoints.values()]


def selected(view) -> list[str]:
    return [component.ifc_guid for component in view.components.selection.component]


def test_a_finding_is_a_topic_with_its_remedy(tmp_path):
    topic = topics_of(tmp_path, finding(place()))[0]
    assert topic.topic.title == "无墙。"
    assert "请建模。" in topic.topic.description


def test_each_place_of_a_finding_is_a_viewpoint_with_the_elements_there_and_the_room(tmp_path):
    topic = topics_of(tmp_path, finding(place(), place("floor", "")))[0]
    views = views_of(topic)
    assert [selected(view) for view in views] == [[WALL, BESIDE, ROOM]] * 2


@pytest.mark.parametrize(
    ("side", "direction", "north_deg", "expected"),
    [
        ("wall", "N", 0.0, (0, 1, 0)),
        ("wall", "E", 0.0, (1, 0, 0)),
        ("wall", "E", 90.0, (0, 1, 0)),  # the model's +Y points east
        ("floor", "", 0.0, (0, 0, -1)),
        ("ceiling", "", 0.0, (0, 0, 1)),
        ("", "", 0.0, (0, 0.7071, -0.7071)),
    ],
)
def test_the_camera_looks_at_the_place_from_inside(tmp_path, side, direction, north_deg, expected):
    (view,) = views_of(topics_of(tmp_path, finding(place(side, direction)), north_deg=north_deg)[0])
    camera = view.perspective_camera
    at, toward, up = (
        [vector.x, vector.y, vector.z]
        for vector in (camera.camera_view_point, camera.camera_direction, camera.camera_up_vector)
    )
    assert toward == pytest.approx(expected, abs=1e-4)
    assert sum(a * b for a, b in zip(toward, up, strict=True)) == pytest.approx(0, abs=1e-9)
    away = [p - a for p, a in zip((10.0, 20.0, 1.5), at, strict=True)]
    length = sum(v * v for v in away) ** 0.5
    assert [v / length for v in away] == pytest.approx(toward, abs=1e-9)


def test_a_note_with_a_place_is_a_topic_too(tmp_path):
    assert topics_of(tmp_path, finding(place(), severity=Severity.NOTE))[0].topic.title == "无墙。"


def test_a_note_without_a_place_is_no_topic_and_neither_is_what_has_no_element(tmp_path):
    note = finding(severity=Severity.NOTE)
    whole_file = replace(finding(), global_id="")
    assert not [topic for topic in topics_of(tmp_path, note, whole_file) if topic.topic.title == "无墙。"]


def test_an_item_that_elements_keep_from_its_points_is_a_topic_with_them(tmp_path):
    topics = {topic.topic.title.split()[0]: topic for topic in topics_of(tmp_path, language="en")}
    assert set(topics) == {"5.2.9", "5.2.10", "5.1.1"}  # 5.2.8 is met
    topic = topics["5.2.10"]
    assert "Annual daylight is missing." in topic.topic.description
    assert [selected(view) for view in views_of(topic)] == [["element000004"]]


def test_topics_keep_their_ids_when_the_evaluation_is_repeated(tmp_path):
    first, second = (
        [topic.guid for topic in topics_of(tmp_path, finding(place()), finding(place("floor", "")))]
        for _ in range(2)
    )
    assert first == second
    assert len(set(first)) == len(first)
