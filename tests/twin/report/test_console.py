"""What the commands print for people."""

from __future__ import annotations

import pytest

from twin.report.console import print_inspection
from twin.report.words import number_text


@pytest.mark.parametrize(("language", "use"), [("en", "plant room"), ("zh", "设备用房")])
def test_rooms_are_told_in_words_and_nothing_is_cut_off_in_a_narrow_window(
    language, use, monkeypatch, capsys
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    reason = (
        "有 68.4 m²（31%）的表面后未找到楼板、屋面或吊顶，其中 68.4 m² 朝向室外；请补建构件或使其与空间相接。"
    )
    space = {
        "name": "2", "storey": "标高 2", "use": "equipment_room", "area_m2": 68.4, "volume_m3": None,
        "grade": "C", "reason": reason,
    }  # fmt: skip
    print_inspection({"schema": "IFC4", "counts": {}, "spaces": [space], "missing": []}, language)
    printed = capsys.readouterr().out
    assert "…" not in printed
    rows = [line.split("│")[1:-1] for line in printed.splitlines() if line.startswith("│")]
    used, told = ("".join(row[place].strip() for row in rows) for place in (2, 6))
    assert used.replace(" ", "") == use.replace(" ", "")
    assert told.replace(" ", "") == reason.replace(" ", "")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.04347, "0.04347"), (0.0, "0"), (1472.3, "1,472"), (138_934.2, "138,934"), (-24.71, "-24.71")],
)
def test_numbers_have_no_exponent_of_ten(value: float, text: str) -> None:
    assert number_text(value) == text
