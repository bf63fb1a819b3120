"""The measured facts of a year as a file: evidence that a reviewer keeps and that ``twin evaluate`` rates."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field, ValidationError

from ifc.model import Text
from twin.errors import TwinError
from twin.measured.hours import Hours
from twin.measured.operation import MONTHS, OperationFact
from twin.metrics.result import MetricResult, Need, Quantity
from twin.section import Finite, Section

MAX_BYTES = 2**20
LONGEST_AGE = timedelta(days=366)
NAME = "measured"


class Words(Section):
    """A text in both languages."""

    en: Annotated[str, Field(max_length=200)]
    zh: Annotated[str, Field(max_length=200)]


class FactEntry(Section):
    """One measured fact; ``value`` null while there is not enough data."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}$")]
    label: Words
    value: Finite | None
    unit: Annotated[str, Field(max_length=20)]
    months: Annotated[int, Field(ge=0, le=MONTHS)]
    hours_pct: Annotated[float, Field(ge=0, le=100)]
    points: tuple[str, ...]
    newest: AwareDatetime | None
    formula: Annotated[str, Field(max_length=200)]


class MeasuredFile(Section):
    """What ``twin measure`` writes."""

    greentwin_measured: Literal[1]
    project: str
    begin: AwareDatetime
    end: AwareDatetime
    made: AwareDatetime
    facts: tuple[FactEntry, ...]


def measured_to_dict(
    project: str, facts: Sequence[OperationFact], hours: Hours, zone: str, made: datetime
) -> dict[str, Any]:
    """The file as JSON values; times are those of the place."""

    def stamp(time_us: int) -> str:
        return datetime.fromtimestamp(time_us / 1e6, ZoneInfo(zone)).isoformat(timespec="seconds")

    return {
        "greentwin_measured": 1,
        "project": project,
        "begin": stamp(hours.begin_us),
        "end": stamp(hours.end_us),
        "made": made.astimezone(UTC).isoformat(timespec="seconds"),
        "facts": [
            {
                "name": each.name,
                "label": {"en": each.label.en, "zh": each.label.zh},
                "value": each.value,
                "unit": each.unit,
                "months": each.months,
                "hours_pct": round(each.hours_pct, 1),
                "points": list(each.points),
                "newest": stamp(each.newest_us) if each.newest_us else None,
                "formula": each.formula,
            }
            for each in facts
        ],
    }


def read_measured(path: Path, now: datetime) -> MetricResult:
    """The facts of a file as quantities; one without enough data, or of a year long gone, says so.

    Raises:
        TwinError: the file cannot be read, or is none that ``twin measure`` wrote.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _refused(path, Text("It is too large.", "文件过大。"))
        raw = path.read_bytes()
        file = MeasuredFile.model_validate_json(raw)
    except OSError as error:
        why = error.strerror or str(error)
        raise _refused(path, Text(f"It cannot be read: {why}.", f"无法读取：{why}。")) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "JSON"
        raise _refused(path, Text(f"{place}: {first['msg']}.", f"{place}：{first['msg']}。")) from None
    digest = hashlib.sha256(raw).hexdigest()
    aged = now - file.end > LONGEST_AGE
    span = f"{file.begin.date()} … {file.end.date()}"
    source = f"{span}, {path.name} (SHA-256 {digest[:12]})"
    return MetricResult(
        NAME, "1", {each.name: _quantity(each, source, span if aged else "") for each in file.facts},
        input_sha256=digest,
    )  # fmt: skip


def _quantity(fact: FactEntry, source: str, aged: str) -> Quantity:
    label = Text(fact.label.en, fact.label.zh)
    needs: tuple[Need, ...] = ()
    if aged:
        needs = (
            Need(
                Text(f"The measured year is long gone ({aged}).", f"实测数据已过期（{aged}）。"),
                Text("Run twin measure again.", "请重新运行 twin measure。"),
            ),
        )
    elif fact.value is None and fact.months == MONTHS:
        needs = (
            Need(
                Text(
                    f"The meters counted nothing in the year: {label.en}.",
                    f"全年计量为零：{label.zh}。",
                ),
                Text("Check the meters and their names.", "请检查表具及其名称。"),
            ),
        )
    elif fact.value is None:
        needs = (
            Need(
                Text(
                    f"Not enough data yet of: {label.en}. {fact.months} of {MONTHS} months,"
                    f" readings in {fact.hours_pct:.0f} % of the hours.",
                    f"实测数据尚不足：{label.zh}。已有 {fact.months}/{MONTHS} 个月，"
                    f"有读数的小时占 {fact.hours_pct:.0f}%。",
                ),
                Text("Measure on, then run twin measure again.", "请继续监测，之后重新运行 twin measure。"),
            ),
        )
    formula = f"{fact.formula}; readings in {fact.hours_pct:.0f} % of the hours"
    return Quantity(None if aged else fact.value, fact.unit, label, formula, source, needs)


def _refused(path: Path, message: Text) -> TwinError:
    return TwinError(
        "bad-measured-file", str(path), message,
        Text("Give the file that twin measure wrote.", "请使用 twin measure 生成的文件。"),
    )  # fmt: skip
