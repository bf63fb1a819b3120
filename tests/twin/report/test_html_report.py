import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np

from ifc.model import Text
from tests.twin.example_evaluation import example_evaluation
from twin.metrics.result import Field, MetricResult
from twin.report import html_report
from twin.report.html_report import render_html, write_html
from twin.report.json_report import evaluation_to_dict

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


def test_a_number_that_is_the_least_reads_so_in_the_page_and_stays_a_number_in_the_json() -> None:
    evaluation = example_evaluation()
    daylight = evaluation.metrics["daylight"]
    name = "daylight_factor_mean_pct"
    least = {**daylight.summary, name: replace(daylight.summary[name], at_least=True)}
    metrics = {**evaluation.metrics, "daylight": replace(daylight, summary=least)}
    first, *others = evaluation.scorecard.clauses
    items = tuple(replace(item, at_least=True) for item in first.items)
    card = replace(evaluation.scorecard, clauses=(replace(first, items=items), *others))
    changed = replace(evaluation, metrics=metrics, scorecard=card)
    html, before = render_html(changed, "zh"), page()
    for text in ("<b>≥ 2.5</b>", "<dd>≥ 61.5 %</dd>"):
        assert text in html
        assert text not in before
    data = evaluation_to_dict(changed, "en")
    told = data["metrics"]["daylight"]["summary"][name]
    assert (told["value"], told["at_least"]) == (2.5, True)
    assert [(one["value"], one["at_least"]) for one in data["clauses"]][:2] == [(61.5, True), (61.5, False)]


def test_further_tables_of_a_metric_are_in_the_page() -> None:
    html = page()
    assert "各表面发电量" in html
    assert "1,234" in html
    assert "光伏年发电量" in html


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


def test_the_page_shows_tank_mixes_and_flood_of_a_site() -> None:
    values = np.array([0.1, 0.3])
    series = {f"tank_{name}": values for name in ("volume_m3", "supply_m3", "reliability_pct", "overflow_m3")}
    for kind in ("front", "design", "target"):
        for name in ("rate_pct", "cost_cny", "green_roof_m2", "permeable_m2", "sunken_m2", "tank_m3"):
            series[f"mix_{kind}_{name}"] = values if kind != "design" else values[:1]
    series["mix_target_cost_cny"] = np.array([2e4, np.nan])
    series["mix_target_pct"] = np.array([55.0, 85.0])
    points = np.array([[0.5, 0.5, 0.0], [1.5, 0.5, 0.0]])
    depth = Field("m", Text("Depth", "深度"), points, values, np.zeros(2, np.int32), 1.0)
    table = {
        "global_id": np.array(["a"], object),
        "kind": np.array(["tank"], object),
        "storage_m3": np.array([0.2]),
    }
    metric = MetricResult(
        "sponge",
        "2",
        {},
        table=table,
        series=series,
        fields={"flood_depth": depth, "flood_speed": replace(depth, unit="m/s")},
    )
    assert html_report._tank(metric)["rows"][1] == [0.3, 0.3, 0.3, 0.3]
    rows = html_report._mixes(metric)["rows"]
    assert rows[0][:3] == [55.0, 0.1, 2.0]
    assert rows[1][2] is None
    assert len(rows) == 3
    deepest, fastest = html_report._flood(metric)
    assert "data:image/png" in deepest["map"]
    assert deepest["legend"] != fastest["legend"]
    bare = MetricResult("sponge", "2", {})
    assert html_report._tank(bare) is html_report._mixes(bare) is None
    assert html_report._flood(bare) == []


def test_the_columns_of_the_daylight_table_are_words_and_a_reason_is_one_column() -> None:
    evaluation = example_evaluation()
    metric = evaluation.metrics["daylight"]
    count = len(metric.table["global_id"])
    names = (
        "target_lx", "hours_per_day", "enough_hours_area_pct", "sda_300_50_pct", "ase_1000_250_pct",
        "udi_100_3000_pct",
    )  # fmt: skip
    columns = {name: np.full(count, 77.25) for name in names}
    columns |= {"reason_en": np.full(count, "Too low."), "reason_zh": np.full(count, "净高不足。")}
    page = render_html(
        replace(evaluation, metrics={"daylight": replace(metric, table={**metric.table, **columns})}), "zh"
    )
    assert "77.25" in page
    assert [name for name in columns if name in page] == []
    assert '<span class="en">Too low.</span><span class="zh" lang="zh">净高不足。</span>' in page
