"""Catchments as a table: one row each, below a header."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from ifc.model import Diagnostic, Text
from twin.catchments.catchment import Record, bad, fields_of, unused
from twin.catchments.rules import CatchmentRules


def csv_records(path: Path, text: str, rules: CatchmentRules) -> tuple[list[Record], list[Diagnostic]]:
    """The rows of a CSV file; lines that begin with # and blank ones are passed over.

    Raises:
        TwinError: it is no table, has no column for kind or area, or too many rows.
    """
    header: list[str] = []
    fields: dict[str, str] = {}
    notes: list[Diagnostic] = []
    records: list[Record] = []
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in rows:
            where = f"{path}:{rows.line_num}"
            if not any(cell.strip() for cell in cells) or cells[0].startswith("#"):
                continue
            if not header:
                header = [cell.strip() for cell in cells]
                fields, notes = fields_of(header, where, rules), unused(header, where, rules)
                _check_header(header, fields, where)
                continue
            if len(cells) > len(header):
                raise bad(
                    where,
                    f"{len(cells)} cells below {len(header)} columns.",
                    f"该行有 {len(cells)} 个单元格，表头只有 {len(header)} 列。",
                )
            values = {fields[name]: cell for name, cell in zip(header, cells, strict=False) if name in fields}
            records.append(Record(where, values))
            if len(records) > rules.catchments:
                raise bad(
                    where, f"More than {rules.catchments} catchments.", f"汇水区超过 {rules.catchments} 个。"
                )
    except csv.Error as error:
        raise bad(
            f"{path}:{rows.line_num}",
            f"It is no CSV table: {error}.",
            "不是有效的 CSV 表格。",
            Text("Save it as CSV in UTF-8 with commas.", "请保存为以逗号分隔的 UTF-8 CSV 文件。"),
        ) from error
    return records, notes


def _check_header(header: list[str], fields: dict[str, str], where: str) -> None:
    missing = [field for field in ("kind", "area_m2") if field not in fields.values()]
    if not missing:
        return
    if len(header) == 1 and ";" in header[0]:
        raise bad(where, "Its columns stand between semicolons.", "列之间使用了分号。", _COMMAS)
    raise bad(
        where,
        f"No column {' and no column '.join(missing)}.",
        f"表头缺少列：{'、'.join(missing)}。",
        _COLUMNS,
    )


_COMMAS = Text("Save it with commas.", "请改用逗号分隔。")
_COLUMNS = Text(
    "The header is name,kind,area_m2 and, where wanted, storage_depth_m, storage_volume_m3, drains_to, "
    "slope, roughness, flow_length_m.",
    "表头应为 name,kind,area_m2（或 名称,类型,面积），另可有 storage_depth_m、storage_volume_m3、"
    "drains_to、slope、roughness、flow_length_m。",
)
