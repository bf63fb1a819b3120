r"""Dropping the records of a STEP file that no parser accepts, so that the rest can be read.

IfcOpenShell refuses a whole file for one bad byte in the wrong place. Here every record is checked against
the grammar of ISO 10303-21; those that do not fit are replaced by blank lines, so that line numbers stay
true. Backslashes that begin no control directive (tools write ``'C:\temp'``) are doubled, as they should be.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

_RECORD_START = re.compile(rb"(?:(?<=[;\r\n])|\A)[ \t\r\n]*(#\d+[ \t]*=)")
_DATA = re.compile(rb"(?:\A|[;\s])DATA\s*;")
_HEADER = b"ISO-10303-21;HEADER;FILE_DESCRIPTION((''),'2;1');FILE_NAME('','',(''),(''),'','','');"
_TOKEN = re.compile(
    rb"""[ \t\r\n]*(?:/\*.*?\*/[ \t\r\n]*)*
    (?:
        (?P<value>'[^'\0]*'(?:'[^'\0]*')* | \#\d+ | [-+]?\d+(?:\.\d*)?(?:[Ee][-+]?\d+)? | [$*]
                  | \.[A-Z0-9_]+\. | "[0-9A-F]*" )
      | (?P<open>[A-Z][A-Z0-9_]*\s*\( | \( )
      | (?P<close>\))
      | (?P<comma>,)
      | (?P<end>;)
    )""",
    re.VERBOSE | re.DOTALL,
)
_EXPONENT = re.compile(rb"\A[-+]?\d[\d.]*[Ee]")
# A control directive of a string, or a lone backslash (group 1).
_BACKSLASH = re.compile(
    rb"\\\\|\\S\\|\\P[A-I]\\|\\N\\|\\X\\[0-9A-Fa-f]{2}|\\X2\\(?:[0-9A-Fa-f]{4})+\\X0\\"
    rb"|\\X4\\(?:[0-9A-Fa-f]{8})+\\X0\\|(\\)"
)


@dataclass(frozen=True, slots=True)
class Repair:
    """A copy of a file without its bad records."""

    path: Path
    kept: int
    dropped: int
    mended: int  # records of which only a string was at fault
    first_line: int  # of the first record that was dropped, else mended


def without_bad_records(path: Path, schema: str, folder: Path) -> Repair | None:
    """Write a copy of ``path`` to ``folder`` with a new header and without records that break the grammar.

    Returns:
        None where nothing can be kept.
    """
    text = path.read_bytes()
    data = _DATA.search(text)
    body_start = data.end() if data else 0
    starts = [match.start(1) for match in _RECORD_START.finditer(text, body_start)]
    if not starts:
        return None
    end = text.rfind(b"ENDSEC")
    if end < starts[-1]:
        end = len(text)
    out = [_HEADER, b"FILE_SCHEMA(('" + schema.encode() + b"'));ENDSEC;DATA;"]
    out.append(b"\n" * text.count(b"\n", 0, starts[0]))
    kept = dropped = mended = first_dropped = first_mended = 0
    line = 1 + text.count(b"\n", 0, starts[0])
    for start, stop in zip(starts, [*starts[1:], end], strict=True):
        record = text[start:stop]
        lines = record.count(b"\n")
        if is_record(record):
            right = _BACKSLASH.sub(lambda found: found[0] * 2 if found[1] else found[0], record)
            out.append(right)
            kept += 1
            if right != record:
                mended += 1
                first_mended = first_mended or line
        else:
            out.append(b"\n" * lines)
            dropped += 1
            first_dropped = first_dropped or line
        line += lines
    if not kept:
        return None
    out.append(b"ENDSEC;END-ISO-10303-21;")
    repaired = folder / "repaired.ifc"
    repaired.write_bytes(b"".join(out))
    return Repair(repaired, kept, dropped, mended, first_dropped or first_mended)


def is_record(record: bytes) -> bool:
    """Whether ``record`` is one entity instance, ``#n = NAME(parameters);``, with only space after it."""
    at = record.index(b"=") + 1
    depth = 0
    expected = {"open"}
    while True:
        token = _TOKEN.match(record, at)
        if token is None:
            return False
        kind = token.lastgroup
        if kind not in expected:
            return False
        at = token.end()
        if kind == "open":
            if depth == 0 and token.group("open").startswith(b"("):
                return False
            depth += 1
            expected = {"value", "open", "close"}
        elif kind == "comma":
            expected = {"value", "open"}
        elif kind == "value":
            if _EXPONENT.search(token["value"]) and math.isinf(float(token["value"])):
                return False
            expected = {"comma", "close"}
        elif kind == "close":
            depth -= 1
            expected = {"comma", "close"} if depth else {"end"}
        else:
            return not re.sub(rb"/\*.*?\*/", b"", record[at:], flags=re.DOTALL).strip(b" \t\r\n")
