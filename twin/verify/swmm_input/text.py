"""The text of an input file: sections of rows of words, each with its line; numbers, times and dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, timedelta
from pathlib import Path

from ifc.model import Text
from twin.errors import TwinError

MOST_BYTES = 64 * 2**20
# By their beginnings, as SWMM knows them; those of the map and of labels are passed over.
SECTIONS = (
    "TITLE", "OPTION", "FILE", "RAINGAGE", "TEMPERATURE", "EVAP", "SUBCATCHMENT", "SUBAREA", "INFIL",
    "AQUIFER", "GROUNDWATER", "SNOWPACK", "JUNC", "OUTFALL", "STORAGE", "DIVIDER", "CONDUIT", "PUMP",
    "ORIFICE", "WEIR", "OUTLET", "XSECT", "TRANSECT", "LOSS", "CONTROL", "POLLUT", "LANDUSE", "BUILDUP",
    "WASHOFF", "COVERAGE", "INFLOW", "DWF", "PATTERN", "RDII", "HYDROGRAPH", "LOADING", "TREATMENT",
    "CURVE", "TIMESERIES", "REPORT", "LID_CONTROL", "LID_USAGE", "GW_FLOW", "GWF", "ADJUSTMENT", "EVENT",
    "STREET", "INLET_USAGE", "INLET",
)  # fmt: skip
DRAWN = ("MAP", "COORDINATE", "VERTICES", "POLYGON", "SYMBOL", "LABEL", "BACKDROP", "TAG", "PROFILE")
_WORD = re.compile(r'"([^"]*)"?|(\S+)')
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass(frozen=True)
class Row:
    """The words of a line."""

    path: Path
    line: int
    words: tuple[str, ...]

    def error(self, en: str, zh: str) -> TwinError:
        """What is wrong with the row."""
        return TwinError(
            "bad-swmm-input",
            f"{self.path}:{self.line}",
            Text(en, zh),
            Text("Mend this line of the file.", "请修改文件中的这一行。"),
        )

    def word(self, place: int, what: str) -> str:
        """A word that must be there."""
        if place >= len(self.words):
            raise self.error(f"Word {place + 1} is missing: {what}.", f"缺少第 {place + 1} 项（{what}）。")
        return self.words[place]

    def number(self, place: int, what: str, default: float | None = None, least: float = 0.0) -> float:
        """A number that must be there unless there is a default, and must not be below ``least``."""
        if place >= len(self.words) and default is not None:
            return default
        found = plain_number(self.word(place, what))
        if found is None or found < least:
            shown = self.words[place][:40]
            raise self.error(
                f"{what} must be a number of at least {least:g}, not {shown!r}.",
                f"{what} 应为不小于 {least:g} 的数，而不是“{shown}”。",
            )
        return found


@dataclass(frozen=True)
class InputFile:
    """The rows of each section that is there, by the beginning of its name."""

    path: Path
    sections: dict[str, tuple[Row, ...]]

    def rows(self, section: str) -> tuple[Row, ...]:
        """The rows of a section, none if it is not there."""
        return self.sections.get(section, ())

    def option(self, name: str, default: str = "") -> str:
        """An option in capitals."""
        row = self.option_row(name)
        return row.words[1].upper() if row else default

    def option_row(self, name: str) -> Row | None:
        """The last row of an option."""
        rows = [row for row in self.rows("OPTION") if row.words[0].upper() == name and len(row.words) > 1]
        return rows[-1] if rows else None

    def by_name(self, section: str, what: str) -> dict[str, Row]:
        """The rows of a section by their first word; names are alike whatever their case.

        Raises:
            TwinError: a name comes twice.
        """
        found: dict[str, Row] = {}
        for row in self.rows(section):
            if row.words[0].upper() in found:
                raise row.error(
                    f"There are two {what} {row.words[0]!r}.", f"{what} {row.words[0]!r} 出现了两次。"
                )
            found[row.words[0].upper()] = row
        return found


def read_text(path: Path) -> InputFile:
    """Split a file into sections and rows.

    Raises:
        TwinError: it cannot be read, is no input file, or has a section that SWMM does not know.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _unreadable(path, "it is larger than 64 MB", "文件超过 64 MB")
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, str(error.strerror), str(error.strerror)) from None
    sections: dict[str, list[Row]] = {}
    section: list[Row] | None = None
    for number, line in enumerate(data.decode("utf-8", errors="replace").splitlines(), start=1):
        words = tuple(a or b for a, b in _WORD.findall(line.split(";", 1)[0]))
        if not words:
            continue
        row = Row(path, number, words)
        if words[0].startswith("["):
            section = _section(row, sections)
        elif section is None:
            raise row.error("There is no section before this line.", "此行之前没有任何节标题。")
        else:
            section.append(row)
    if not sections:
        raise _unreadable(path, "it has no sections", "没有任何节标题")
    return InputFile(path, {name: tuple(rows) for name, rows in sections.items()})


def _section(row: Row, sections: dict[str, list[Row]]) -> list[Row]:
    """The rows of the section that a row begins."""
    name = row.words[0].strip("[]").upper()
    for known in SECTIONS:
        if name.startswith(known):
            return sections.setdefault(known, [])
    if name.startswith(DRAWN):
        return []
    raise row.error(
        f"SWMM has no section {row.words[0][:40]!r}.", f"SWMM 没有 {row.words[0][:40]!r} 这一节。"
    )


def _unreadable(path: Path, en: str, zh: str) -> TwinError:
    return TwinError(
        "bad-swmm-input",
        str(path),
        Text(f"This is no input file of SWMM: {en}.", f"不是 SWMM 输入文件：{zh}。"),
        Text("Give a text file with sections such as [OPTIONS].", "请提供含 [OPTIONS] 等节的文本文件。"),
    )


def plain_number(word: str) -> float | None:
    """The number that a word is, None if it is none."""
    if not _NUMBER.match(word):
        return None
    found = float(word)
    return found if abs(found) < 1e300 else None


def seconds_of(word: str) -> float | None:
    """The seconds of a time: hours as a number or H:MM[:SS]; None if it is none."""
    hours = plain_number(word)
    if hours is not None:
        return hours * 3600.0 if hours >= 0.0 else None
    parts = [plain_number(part) for part in word.split(":")]
    if not 2 <= len(parts) <= 3 or any(part is None or part < 0.0 for part in parts):
        return None
    return float(sum(part * unit for part, unit in zip(parts, (3600.0, 60.0, 1.0), strict=False) if part))


def step_of(file: InputFile, option: str, default: float) -> float:
    """A time step of the options, s: seconds as a number, or H:MM:SS."""
    row = file.option_row(option)
    if row is None:
        return default
    seconds = plain_number(row.words[1])
    if seconds is None:
        seconds = seconds_of(row.words[1])
    if not seconds or seconds <= 0.0:
        raise row.error(f"{option} is no time step.", f"{option} 不是时间步长。")
    return seconds


def date_of(word: str) -> date | None:
    """The date of a word such as 12/31/2006, 12-31-2006 or DEC-31-2006; None if it is none.

    The last year of the calendar is none, so that a day can be added to any date.
    """
    parts = re.split(r"[/-]", word)
    if len(parts) != 3:
        return None
    month = _MONTHS.index(parts[0].upper()) + 1 if parts[0].upper() in _MONTHS else None
    try:
        found = date(int(parts[2]), month or int(parts[0]), int(parts[1]))
    except ValueError:
        return None
    return found if found.year < MAXYEAR else None


def moment_of(file: InputFile, which: str) -> datetime:
    """START or END of the run.

    Raises:
        TwinError: it is not stated, or no date or time.
    """
    row = file.option_row(f"{which}_DATE")
    if row is None:
        raise _unreadable(file.path, f"{which}_DATE is missing", f"缺少 {which}_DATE")
    day = date_of(row.words[1])
    if day is None:
        raise row.error(f"{which}_DATE is no date (month/day/year).", f"{which}_DATE 不是日期（月/日/年）。")
    at = file.option_row(f"{which}_TIME")
    seconds = seconds_of(at.words[1]) if at else 0.0
    if seconds is None or seconds > 86400.0:
        assert at is not None
        raise at.error(f"{which}_TIME is no time of day.", f"{which}_TIME 不是时刻。")
    return datetime(day.year, day.month, day.day) + timedelta(seconds=round(seconds))
