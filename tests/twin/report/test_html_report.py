import re
from html.parser import HTMLParser

from tests.twin.example_evaluation import example_evaluation
from twin.report.html_report import render_html, write_html

VOID = {"meta", "br"}


class Balanced(HTMLParser):
    """Fails on a tag that is closed out of order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs) -> None:
        pass


def page() -> str:
    return render_html(example_evaluation(), "zh")


def test_the_page_is_well_formed() -> None:
    parser = Balanced()
    parser.feed(page())
    assert parser.open == []


def test_the_page_needs_no_network() -> None:
    addresses = re.findall(r"""(?:src|href)\s*=\s*["']([^"']+)|url\(([^)]+)\)|@import""", page())
    assert all(a.startswith(("#", "data:")) for pair in addresses for a in pair if a)


def test_both_languages_are_in_the_page_and_the_chosen_one_shows_first() -> None:
    html = page()
    assert "充分利用天然光" in html
    assert "Use of daylight" in html
    assert '<html lang="zh-CN" class="zh">' in html


def test_text_of_the_model_cannot_break_out_of_the_page() -> None:
    assert "阅览室 <A&B>" not in page()
    assert "&lt;A&amp;B" in page()


def test_every_default_and_every_finding_is_listed() -> None:
    html = page()
    assert "顶棚反射比" in html
    assert "JGJ/T 449" in html
    assert "房间 101 没有外窗。" in html


def test_the_plan_shows_rooms_a_heat_map_and_the_cut_wall() -> None:
    html = page()
    assert 'class="plan"' in html
    assert "data:image/png;base64," in html
    assert 'class="cut"' in html
    assert "rotate(-15.0)" in html


def test_the_page_says_what_cannot_be_told_and_how_to_supply_it() -> None:
    assert "No rooms." in page()
    assert "缺少全年动态采光结果。" in page()


def test_the_page_is_written_where_asked(tmp_path) -> None:
    path = write_html(example_evaluation(), tmp_path / "new" / "report.html", "en")
    assert path.read_text("utf-8").startswith("<!doctype html>")
