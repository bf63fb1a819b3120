"""What the command ``twin`` prints for people: Rich tables on stdout."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ifc.model import Language, Text
from twin.rating.result import Verdict
from twin.report.words import number_text
from twin.use_types import use_types

if TYPE_CHECKING:
    from twin.evaluate import Evaluation

VERDICTS = {
    Verdict.MET: Text("met", "达标"),
    Verdict.NOT_MET: Text("not met", "不达标"),
    Verdict.CANNOT_TELL: Text("cannot tell", "无法判定"),
    Verdict.NOT_APPLICABLE: Text("not applicable", "不参评"),
}
_STYLES = {
    Verdict.MET: "green",
    Verdict.NOT_MET: "red",
    Verdict.CANNOT_TELL: "yellow",
    Verdict.NOT_APPLICABLE: "dim",
}
SHOWN_DIAGNOSTICS = 12
SEVERITIES = {
    "error": Text("error", "错误"),
    "warning": Text("warning", "警告"),
    "note": Text("note", "提示"),
}


def stars_text(stars: int) -> Text:
    """Stars as a reader says them; -1 is no rating, 0 the basic grade."""
    if stars < 0:
        return Text("no rating", "未达基本级")
    if stars == 0:
        return Text("basic grade", "基本级")
    return Text("★" * stars, "★" * stars)


def print_scorecard(evaluation: Evaluation, language: Language) -> None:
    """Print score, groups, key figures and what is not met on stdout."""
    card = evaluation.scorecard
    console = Console()

    def say(en: str, zh: str) -> str:
        return zh if language == "zh" else en

    table = Table(
        title=escape(
            f"{card.standard} · {evaluation.model.source.project_name or evaluation.model.source.path}"
        )
    )
    table.add_column(say("Group", "评分类别"))
    for heading in (
        say("guaranteed", "可确认得分"),
        say("attainable", "可达得分"),
        say("full", "满分"),
        say("30 % minimum", "30% 最低分"),
        say("cannot tell", "无法判定条文"),
    ):
        table.add_column(heading, justify="right")
    for group in card.groups:
        undecided = sum(
            clause.group == group.id and clause.verdict is Verdict.CANNOT_TELL for clause in card.clauses
        )
        style = _STYLES[group.minimum_met]
        table.add_row(
            group.title.in_language(language),
            f"{group.points:.1f}",
            f"{group.attainable_points:.1f}",
            f"{group.max_points:.0f}",
            f"[{style}]{VERDICTS[group.minimum_met].in_language(language)}[/]" if group.minimum else "–",
            str(undecided),
        )
    table.add_section()
    controls = [clause.verdict for clause in card.clauses if clause.kind == "control"]
    style = _STYLES[card.control_items_met]
    table.add_row(
        say("Control items", "控制项"),
        f"{controls.count(Verdict.MET)}",
        f"{len(controls) - controls.count(Verdict.NOT_MET)}",
        f"{len(controls)}",
        f"[{style}]{VERDICTS[card.control_items_met].in_language(language)}[/]",
        str(controls.count(Verdict.CANNOT_TELL)),
    )
    table.add_section()
    table.add_row(
        say("Total", "总分"),
        f"[bold]{card.score_guaranteed:.1f}[/]",
        f"{card.score_attainable:.1f}",
        "107" if card.stage == "pre_evaluation" else "110",
        "",
        "",
    )
    table.add_row(
        say("Star", "星级"),
        f"[bold]{stars_text(card.stars_guaranteed).in_language(language)}[/]",
        stars_text(card.stars_attainable).in_language(language),
        "", "", "",
    )  # fmt: skip
    console.print(table)

    figures = Table(title=say("Key figures", "关键指标"))
    figures.add_column(say("Quantity", "指标"), overflow="fold")
    figures.add_column(say("Value", "数值"), justify="right")
    figures.add_column(say("Unit", "单位"))
    for metric in evaluation.metrics.values():
        for quantity in metric.summary.values():
            if quantity.value is None:
                value = say("cannot tell", "无法判定")
            elif quantity.unit == "bool":
                value = say("yes", "是") if quantity.value else say("no", "否")
            else:
                value = ("≥ " if quantity.at_least else "") + number_text(quantity.value)
            unit = "" if quantity.unit in ("bool", "1") else quantity.unit
            figures.add_row(quantity.label.in_language(language), value, unit)
    console.print(figures)

    missed = [clause for clause in card.clauses if clause.verdict is Verdict.NOT_MET]
    if missed:
        console.print(say("Not met:", "不达标条文："), style="bold red")
        for clause in missed:
            console.print(
                f"  {clause.id} {clause.title.in_language(language)}: {clause.reason.in_language(language)}",
                highlight=False, markup=False, soft_wrap=True,
            )  # fmt: skip


def print_diagnostics(found: Sequence[Mapping[str, Any]], language: Language) -> None:
    """Print diagnostics as :func:`twin.report.json_report.diagnostic_to_dict` gives them on stderr.

    Errors come first; what goes beyond the first dozen is counted.
    """
    console = Console(stderr=True)
    order = list(SEVERITIES)
    ranked = sorted(found, key=lambda line: order.index(line["severity"]))
    for line in ranked[:SHOWN_DIAGNOSTICS]:
        severity = SEVERITIES[line["severity"]].in_language(language)
        gaps = (": ", " ") if language == "en" else ("：", "")
        text = f"{severity}{gaps[0]}{line['message']}{gaps[1]}{line['remedy']}"
        console.print(text, highlight=False, markup=False, soft_wrap=True)
    rest = len(ranked) - SHOWN_DIAGNOSTICS
    if rest > 0:
        more = Text(f"… and {rest} more in the report", f"……其余 {rest} 条见报告")
        console.print(more.in_language(language), highlight=False)


def print_inspection(found: Mapping[str, Any], language: Language) -> None:
    """Print what ``ifc.inspection.inspect`` found on stdout."""
    console = Console()

    def say(en: str, zh: str) -> str:
        return zh if language == "zh" else en

    console.print(f"{say('Schema', '版本')}: {found['schema']}")
    counts = Table(title=say("Elements", "构件"))
    counts.add_column(say("Class", "类"))
    counts.add_column(say("Count", "数量"), justify="right")
    for name, count in found["counts"].items():
        if isinstance(count, int):
            counts.add_row(name, str(count))
    console.print(counts)
    if found["spaces"]:
        spaces = Table(title=say("Spaces", "房间"))
        for heading in (
            say("Name", "名称"), say("Storey", "楼层"), say("Use", "用途"), say("Area m²", "面积 m²"),
            say("Volume m³", "体积 m³"), say("Grade", "质量"), say("Reason", "原因"),
        ):  # fmt: skip
            spaces.add_column(heading, overflow="fold")
        labels = {name: use.label for name, use in use_types().items()}
        for space in found["spaces"]:
            area, volume = (
                "–" if space[key] is None else f"{space[key]:.1f}" for key in ("area_m2", "volume_m3")
            )
            name, storey, grade, reason = (
                escape(space[key] or "") for key in ("name", "storey", "grade", "reason")
            )
            known = labels.get(space["use"])
            use = escape(space["use"] or "") if known is None else known.in_language(language)
            spaces.add_row(name, storey, use, area, volume, grade, reason)
        console.print(spaces)
    for missing in found["missing"]:
        gap = " " if language == "en" else ""
        line = f"• {missing['what']}{gap}{missing['how']}"
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def print_batch(rows: Sequence[Mapping[str, Any]], language: Language) -> None:
    """Print one line per model of a batch."""

    def say(en: str, zh: str) -> str:
        return zh if language == "zh" else en

    folder = Path(os.path.commonpath([Path(row["model"]).absolute().parent for row in rows]))
    table = Table(title=escape(str(folder)))
    table.add_column(say("Model", "模型"), overflow="fold")
    for heading in (say("Score", "得分"), say("Attainable", "可达"), say("Stars", "星级"), say("s", "秒")):
        table.add_column(heading, no_wrap=True, justify="right")
    table.add_column(say("Reason", "原因"), overflow="fold")
    for row in rows:
        failed = row["score_guaranteed"] is None
        table.add_row(
            escape(str(Path(row["model"]).absolute().relative_to(folder))),
            "–" if failed else f"{row['score_guaranteed']:.1f}",
            "–" if failed else f"{row['score_attainable']:.1f}",
            "–" if failed else stars_text(row["stars_guaranteed"]).in_language(language),
            f"{row['seconds']:.0f}",
            escape(row["error"] or ""),
        )
    Console().print(table)
