"""What a binding check found: as tables to review, as JSON, and on the console."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ifc.model import Language
from twin.binding.check import BindingCheck
from twin.binding.table import Binding, write_bindings


def write_tables(check: BindingCheck, suggested: Sequence[Binding], out: Path) -> list[Path]:
    """Write what can be used, and apart from it what somebody has to look at.

    ``bindings.csv`` holds the bindings that hold on this model, re-anchored ones included;
    ``bindings.review.csv`` what was suggested or found again without confidence, none of it accepted.
    """
    written = []
    if check.usable:
        written.append(write_bindings(check.usable, out / "bindings.csv"))
    if check.review or suggested:
        written.append(write_bindings((*check.review, *suggested), out / "bindings.review.csv"))
    return written


def check_to_dict(check: BindingCheck, suggested: Sequence[Binding]) -> dict[str, Any]:
    """The check as JSON values."""
    return {
        "schema_version": "1.0",
        "bound": [_row(binding) for binding in check.bound],
        "moved": [_row(binding) for binding in check.moved],
        "review": [_row(binding) for binding in check.review],
        "dead": [_row(binding) for binding in check.dead],
        "unbound": list(check.unbound),
        "unknown_points": [binding.point for binding in check.strangers],
        "suggested": [_row(binding) for binding in suggested],
    }


def print_check(check: BindingCheck, suggested: Sequence[Binding], language: Language) -> None:
    """Numbers first, then every point that needs somebody's eyes."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    zh = language == "zh"
    counts = {
        "已绑定" if zh else "bound": check.bound,
        "已重新锚定" if zh else "found again": check.moved,
        "待复核" if zh else "to be reviewed": {binding.point for binding in check.review},
        "已失效" if zh else "dead": check.dead,
        "未绑定" if zh else "unbound": check.unbound,
        "未知测点" if zh else "of unknown points": check.strangers,
    }
    console = Console(width=140)
    console.print(" · ".join(f"{name} {len(rows)}" for name, rows in counts.items()))
    table = Table()
    headings = (
        ("测点", "构件", "名称", "置信度", "理由")
        if zh
        else ("point", "element", "name", "confidence", "reason")
    )
    for heading in headings:
        table.add_column(heading)
    for binding in (*check.dead, *check.review, *suggested):
        anchor = binding.anchor
        reason = ("构件不存在" if zh else "no such element") if binding in check.dead else binding.reason
        cells = (binding.point, anchor.global_id, anchor.name, f"{binding.confidence:.2f}", reason)
        table.add_row(*map(escape, cells))
    if table.row_count:
        console.print(table)


def _row(binding: Binding) -> dict[str, Any]:
    anchor = binding.anchor
    return {
        "point": binding.point,
        "global_id": anchor.global_id,
        "ifc_class": anchor.ifc_class,
        "name": anchor.name,
        "confidence": round(binding.confidence, 3),
        "reason": binding.reason,
    }
