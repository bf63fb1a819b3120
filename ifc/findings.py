"""What a read says about the file as a whole: what is missing, doubled or could not be built."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ifc.isolation import RawModel
from ifc.model import Diagnostic, ElementTable, Severity, Text
from ifc.step_file import StepFile, declared, line_of, mapped, roughly_declared
from ifc.step_repair import Repair

_GAPS_NAMED = 20  # elements that have a finding of their own
_NAMED = 5  # elements that a message names
_EXPORT_AGAIN = Text("Export the model again and copy it whole.", "请重新导出模型，并确认文件完整复制。")


def text_findings(step: StepFile, raw: RawModel) -> list[Diagnostic]:
    """Cut-off text, entities that the parser did not see, references that lead nowhere."""
    found: list[Diagnostic] = []
    entities = raw.tables["project"]["entities"]
    with mapped(step.path) as text:
        if not step.complete:
            dangling = raw.complaints.get("dangling", {"count": 0})["count"]
            found.append(_truncated(line_of(text, len(text)), entities, dangling))
        if roughly_declared(text) != entities:
            found += _lost_entities(text, entities, complete=step.complete)
        for kind, complaint in raw.complaints.items():
            found.append(_complaint(kind, complaint, line_of(text, min(complaint["offset"], len(text)))))
    return found


def bad_records(repair: Repair) -> Diagnostic:
    """Records that were dropped or mended because the parser refused them."""
    if repair.mended and not repair.dropped:
        return Diagnostic(
            "bad-strings",
            Severity.NOTE,
            Text(
                f"{repair.mended} records have backslashes that ISO 10303-21 wants doubled, the first in "
                f"line {repair.first_line}; they were read as meant.",
                f"有 {repair.mended} 条记录的反斜杠未按 ISO 10303-21 双写，首条在第 {repair.first_line} 行，"
                "已按其本意读取。",
            ),
            Text(
                "Nothing to do here; tell the maker of the authoring tool.",
                "无需处理；可反馈给建模软件厂商。",
            ),
            count=repair.mended,
        )
    if not repair.dropped:
        return Diagnostic(
            "bad-header",
            Severity.WARNING,
            Text("The header of the file is damaged and was passed over.", "文件头已损坏，已忽略。"),
            _EXPORT_AGAIN,
        )
    return Diagnostic(
        "bad-records",
        Severity.ERROR,
        Text(
            f"{repair.dropped} of {repair.kept + repair.dropped} records are damaged and were dropped, "
            f"the first in line {repair.first_line}.",
            f"{repair.kept + repair.dropped} 条记录中有 {repair.dropped} 条已损坏，已略去，"
            f"首条在第 {repair.first_line} 行。",
        ),
        _EXPORT_AGAIN,
        count=repair.dropped,
    )


def step_failed(stage: str, error: Exception) -> Diagnostic:
    """A step of the derivation that broke: it costs what it would have found, never the whole read."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    said = f"{type(error).__name__}: {error} ({place})"
    return Diagnostic(
        "derivation-failed",
        Severity.ERROR,
        Text(
            f"The step “{stage}” of reading stopped, its results are missing: {said}.",
            f"读取步骤“{stage}”中断，缺少其结果：{said}。",
        ),
        Text(
            "This is a fault of greentwin, not of the model: report it with the file, if it may be shared.",
            "这是 greentwin 的缺陷而非模型问题：如文件可公开，请随文件一并反馈。",
        ),
    )


def element_findings(raw: RawModel, elements: ElementTable) -> list[Diagnostic]:
    """Geometry that could not be built, by reason, and GlobalIds that occur more than once."""
    row_of = {step_id: row for row, step_id in enumerate(raw.tables["step_ids"].tolist())}
    built = {step_id for part in raw.parts for step_id in part["product"].tolist()}
    absurd = {step_id for part in raw.parts for step_id in part["absurd"].tolist()} - built
    reasons: dict[str, list[int]] = defaultdict(list)
    for step_id, why in raw.left_out.items():
        if step_id not in built:
            reasons[why].append(row_of[step_id])
    reasons["absurd"] = [row_of[step_id] for step_id in absurd]
    reasons["incomplete"] = [row_of[step_id] for step_id in raw.incomplete & built]
    reasons["nothing"] = [row_of[i] for i in raw.not_built if i not in absurd]
    found = [_without_geometry(why, sorted(rows), elements) for why, rows in sorted(reasons.items()) if rows]
    found += _with_gaps([row_of[step_id] for step_id in raw.tables["with_gaps"].tolist()], elements)
    found += [_repeated(global_id, count) for global_id, count in raw.tables["repeated_ids"].items()]
    return found


def _truncated(line: int, entities: int, dangling: int) -> Diagnostic:
    return Diagnostic(
        "file-truncated",
        Severity.ERROR,
        Text(
            f"The file breaks off in line {line}: END-ISO-10303-21 is missing. "
            f"{entities} entities were read; {dangling} references lead to entities that are cut off.",
            f"文件在第 {line} 行中断：缺少 END-ISO-10303-21。已读取 {entities} 个实体，"
            f"有 {dangling} 处引用指向被截断的实体。",
        ),
        _EXPORT_AGAIN,
        count=max(dangling, 1),
    )


def _lost_entities(text: Any, parsed: int, *, complete: bool) -> list[Diagnostic]:
    stated = declared(text)
    found: list[Diagnostic] = []
    if stated.in_comments:
        end = Text("", "") if stated.comment_closed else Text(" that never ends", "（未闭合）")
        found.append(
            Diagnostic(
                "entities-in-comment",
                Severity.WARNING if stated.comment_closed else Severity.ERROR,
                Text(
                    f"{stated.in_comments} entities lie inside a comment{end.en} that begins in line "
                    f"{stated.comment_line}; they are not read.",
                    f"第 {stated.comment_line} 行开始的注释{end.zh}内有 "
                    f"{stated.in_comments} 个实体，未被读取。",
                ),
                Text("Remove the stray /* or close it with */.", "请删除多余的 /*，或用 */ 闭合。"),
                count=stated.in_comments,
            )
        )
    missing = stated.count - parsed
    if missing > 0 and (complete or missing > 1):  # the record at which a file breaks off is told already
        found.append(
            Diagnostic(
                "entities-lost",
                Severity.ERROR,
                Text(
                    f"The file declares {stated.count} entities, {parsed} could be read.",
                    f"文件声明了 {stated.count} 个实体，仅读取到 {parsed} 个。",
                ),
                Text(
                    "Check the file for repeated numbers (#n=) and broken records, and export it again.",
                    "请检查文件中重复的编号（#n=）与损坏的记录，并重新导出。",
                ),
                count=missing,
            )
        )
    return found


_CODES = {
    "dangling": "dangling-references",
    "not-a-number": "not-a-number",
    "unknown": "unknown-entities",
    "syntax": "syntax-errors",
}


def _complaint(kind: str, complaint: dict[str, Any], line: int) -> Diagnostic:
    count, detail = complaint["count"], complaint["detail"]
    messages = {
        "dangling": Text(
            f"{count} references lead to entities that are not there, the first in line {line} ({detail}).",
            f"有 {count} 处引用指向文件中不存在的实体，首处在第 {line} 行（{detail}）。",
        ),
        "not-a-number": Text(
            f"{count} values are no numbers, the first in line {line} ({detail}); they were left out.",
            f"有 {count} 个数值无效，首个在第 {line} 行（{detail}），已略去。",
        ),
        "unknown": Text(
            f"{count} entities have a name unknown to the schema, the first in line {line} ({detail}).",
            f"有 {count} 个实体的名称不属于该 schema，首个在第 {line} 行（{detail}）。",
        ),
        "syntax": Text(
            f"The parser found {count} errors, the first in line {line}: {detail}.",
            f"解析器发现 {count} 处错误，首处在第 {line} 行：{detail}。",
        ),
    }
    return Diagnostic(
        _CODES[kind],
        Severity.ERROR if kind == "not-a-number" else Severity.WARNING,
        messages[kind],
        Text(
            "Export the model again; if the finding stays, report it to the maker of the authoring tool.",
            "请重新导出模型；若问题仍存在，请反馈给建模软件厂商。",
        ),
        count=count,
    )


_REDRAW = Text(
    "Check their shape in the authoring tool; delete and redraw it.",
    "请在建模软件中检查其形体，必要时删除重画。",
)
# Why a shape is left out -> code, what the elements have, remedy.
_REASONS = {
    "absurd": (
        "geometry-absurd",
        Text(
            "have coordinates that cannot be (not finite, or off the Earth)", "的坐标为非有限值或超出地球尺度"
        ),
        Text("Correct their placement or shape.", "请修正其定位或形体。"),
    ),
    "nothing": (
        "geometry-not-built",
        Text("have a shape that could not be built", "的几何无法生成"),
        _REDRAW,
    ),
    "incomplete": (
        "geometry-incomplete",
        Text("have a shape of which a part could not be built", "的几何有一部分无法生成"),
        _REDRAW,
    ),
    "error": (
        "geometry-failed",
        Text("have a shape that made the geometry engine fail", "的几何使几何引擎报错"),
        _REDRAW,
    ),
    "crash": (
        "geometry-crashed",
        Text("have a shape that crashed the geometry engine", "的几何使几何引擎崩溃"),
        _REDRAW,
    ),
    "memory": (
        "geometry-out-of-memory",
        Text("have a shape that takes more memory than allowed", "的几何占用内存超限"),
        Text("Simplify their shape.", "请简化其形体。"),
    ),
    "time": (
        "geometry-timed-out",
        Text("have a shape that takes longer than allowed", "的几何生成超时"),
        Text("Simplify their shape, or allow more time.", "请简化其形体，或放宽时间限制。"),
    ),
}
# Findings that another attempt, with more time or memory, may not have: such a model is not kept.
TRANSIENT_CODES = frozenset(_REASONS[why][0] for why in ("memory", "time", "crash"))


def _without_geometry(why: str, rows: list[int], elements: ElementTable) -> Diagnostic:
    code, reason, remedy = _REASONS[why]
    classes = Counter(elements.ifc_class[row] for row in rows)
    listed = ", ".join(f"{count} {name}" for name, count in classes.most_common())
    named = ", ".join(_names(elements, rows))
    whole = why != "incomplete"
    lost = Text("are left out", "已略去") if whole else Text("lack that part", "缺少该部分")
    return Diagnostic(
        code,
        Severity.ERROR,
        Text(
            f"{len(rows)} elements {reason.en} and {lost.en}: {listed} (first: {named}).",
            f"{len(rows)} 个构件{reason.zh}，{lost.zh}：{listed}（例如：{named}）。",
        ),
        remedy,
        elements.global_id[rows[0]],
        len(rows),
    )


def _with_gaps(rows: list[int], elements: ElementTable) -> list[Diagnostic]:
    """One finding for each of the first elements, so that a viewer can show them, and one for the others."""
    first, rest = rows[:_GAPS_NAMED], rows[_GAPS_NAMED:]
    found = []
    for row in first:
        parts = (elements.ifc_class[row], elements.name[row], f"({elements.global_id[row]})")
        name = " ".join(part for part in parts if part)
        found.append(_gap(Text(name, name), elements.global_id[row], 1))
    if rest:
        others = Text(f"{len(rest)} more elements", f"另外 {len(rest)} 个构件")
        found.append(_gap(others, elements.global_id[rest[0]], len(rest)))
    return found


def _gap(who: Text, global_id: str, count: int) -> Diagnostic:
    return Diagnostic(
        "element-with-gaps",
        Severity.ERROR,
        who.within(
            "The shape or placement of {} refers to records that are missing or damaged: it may be "
            "incomplete or in the wrong place.",
            "{} 的形体或定位引用了缺失或已损坏的记录，可能不完整或位置有误。",
        ),
        _REDRAW,
        global_id,
        count,
    )


def _names(elements: ElementTable, rows: Iterable[int]) -> list[str]:
    return [elements.name[row] or elements.global_id[row] for row in list(rows)[:_NAMED]]


def _repeated(global_id: str, count: int) -> Diagnostic:
    return Diagnostic(
        "duplicate-global-id",
        Severity.WARNING,
        Text(
            f"{count} entities share the GlobalId {global_id}; all are kept, results name the first.",
            f"{count} 个实体共用 GlobalId {global_id}；全部保留，结果以第一个为准。",
        ),
        Text(
            "Give each its own GlobalId, then export again.", "请为每个实体生成独立的 GlobalId 后重新导出。"
        ),
        global_id,
        count,
    )
