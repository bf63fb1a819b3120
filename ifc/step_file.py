"""From a path to the text of one IFC file, or a clear reason why there is none.

Nothing here parses IFC: the checks look at the first and last bytes, so that a PDF, a folder or a half-copied
file is named as what it is before IfcOpenShell sees it.
"""

from __future__ import annotations

import hashlib
import mmap
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ifc.errors import IfcError
from ifc.model import Diagnostic, Severity, Text, reason_of

# Schemas that are read, and header names that other tools write for them. IFC4X3 and its ADD1 differ from
# ADD2 in definitions that a building model does not use.
SCHEMAS = ("IFC2X3", "IFC4", "IFC4X3_ADD2")
_EQUIVALENT = {
    "IFC2X3_TC1": "IFC2X3", "IFC2X3_FINAL": "IFC2X3", "IFC4_ADD1": "IFC4", "IFC4_ADD2": "IFC4",
    "IFC4_ADD2_TC1": "IFC4", "IFC4X3": "IFC4X3_ADD2", "IFC4X3_ADD1": "IFC4X3_ADD2",
    "IFC4X3_TC1": "IFC4X3_ADD2",
}  # fmt: skip

_HEADER_BYTES = 1 << 18
_TAIL_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 24
_UNZIPPED_LIMIT_BYTES = 4 << 30
_UNZIPPED_RATIO_LIMIT = 500  # IFC text deflates 4 to 40 times

_SCHEMA_RECORD = re.compile(rb"FILE_SCHEMA\s*\(\s*\(\s*'([^']*)'", re.IGNORECASE)
_TOKENS = re.compile(rb"'[^']*'?|/\*.*?(?:\*/|\Z)|#\d+\s*=", re.DOTALL)
_DECLARATION = re.compile(rb"#\d+\s*=\s*[A-Za-z]")

_KINDS: tuple[tuple[bytes, Text], ...] = (
    (b"%PDF", Text("a PDF document", "PDF 文档")),
    (b"PK\x03\x04", Text("a ZIP archive", "ZIP 压缩包")),
    (b"\xd0\xcf\x11\xe0", Text("a Revit or Office document", "Revit 或 Office 文档")),
    (b"\x89HDF", Text("an HDF5 file", "HDF5 文件")),
    (b"SQLite format 3", Text("an SQLite database", "SQLite 数据库")),
    (b"glTF", Text("a glTF model", "glTF 模型")),
    (b"AC10", Text("a DWG drawing", "DWG 图纸")),
    (b"<", Text("an XML file (ifcXML is not read)", "XML 文件（不支持 ifcXML）")),
    (b"{", Text("a JSON file (ifcJSON is not read)", "JSON 文件（不支持 ifcJSON）")),
    (b"\xff\xfe", Text("text in UTF-16", "UTF-16 编码的文本")),
    (b"\x89PNG", Text("a picture", "图片")),
    (b"\xff\xd8\xff", Text("a picture", "图片")),
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that exists and has content."""

    path: Path
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class StepFile:
    """The STEP text of a source file, ready for IfcOpenShell."""

    path: Path
    schema: str  # one of SCHEMAS
    complete: bool  # ends with END-ISO-10303-21
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """Entities that the text declares."""

    count: int  # outside comments
    in_comments: int
    comment_line: int  # line of the first comment that holds entities, 0 for none
    comment_closed: bool


def find_source(path: Path) -> SourceFile:
    """The file at ``path`` with its digest.

    Raises:
        IfcError: it is missing, a folder, empty or not readable.
    """
    where = str(path)
    try:
        if path.is_dir():
            raise IfcError(
                "is-a-folder",
                where,
                Text("This is a folder, not an IFC file.", "这是文件夹，不是 IFC 文件。"),
                Text("Name one .ifc or .ifczip file.", "请指定一个 .ifc 或 .ifczip 文件。"),
            )
        size = path.stat().st_size
        if size == 0:
            raise IfcError(
                "empty-file",
                where,
                Text("The file is empty.", "文件为空。"),
                Text("Export or copy it again.", "请重新导出或复制该文件。"),
            )
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except FileNotFoundError:
        raise IfcError(
            "file-not-found",
            where,
            Text("There is no such file.", "文件不存在。"),
            Text("Check the path.", "请检查路径。"),
        ) from None
    except (OSError, ValueError) as error:
        raise IfcError(
            "file-not-readable",
            where,
            reason_of(error).within("The file cannot be read: {}.", "无法读取文件：{}。"),
            Text("Check its permissions and the disk.", "请检查文件权限与磁盘。"),
        ) from None
    return SourceFile(path, digest.hexdigest(), size)


def step_text(source: SourceFile, folder: Path) -> StepFile:
    """The STEP text of ``source``: itself, or a copy in ``folder`` if it must be unzipped or adapted.

    Raises:
        IfcError: no IFC file, no single IFC file in the archive, or a schema that is not read.
    """
    path = source.path
    if zipfile.is_zipfile(path) and not _starts_like_step(path):
        path = _unzipped(source, folder)
    with mapped(path) as text:
        head = text[:_HEADER_BYTES]
        if not _is_step(head):
            raise _not_ifc(source.path, head)
        written = _schema_name(head)
        complete = b"END-ISO-10303-21" in text[-_TAIL_BYTES:].upper()
    schema = _EQUIVALENT.get(written.upper(), written.upper())
    if schema not in SCHEMAS:
        raise _unknown_schema(source.path, written)
    diagnostics: tuple[Diagnostic, ...] = ()
    if schema != written.upper() or head[:3] == b"\xef\xbb\xbf":
        path = _adapted(path, folder, schema)
    if schema != written.upper():
        diagnostics = (_read_as(written, schema),)
    return StepFile(path, schema, complete, diagnostics)


@contextmanager
def mapped(path: Path) -> Iterator[mmap.mmap]:
    """The bytes of a file that is not empty, without reading it into memory."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        yield text


def line_of(text: mmap.mmap, offset: int) -> int:
    """The line number, from 1, of a byte offset."""
    return 1 + sum(
        text[start : min(start + _CHUNK_BYTES, offset)].count(b"\n")
        for start in range(0, offset, _CHUNK_BYTES)
    )


def roughly_declared(text: mmap.mmap) -> int:
    """How many entities the text seems to declare; exact for files as tools write them, and fast."""
    count = 0
    for start in range(0, len(text), _CHUNK_BYTES):
        chunk = text[start : start + _CHUNK_BYTES + 4]
        for mark in (b"=IFC", b"= IFC"):
            # Up to where a mark that begins in this chunk may end: one on the border counts once.
            count += chunk.count(mark, 0, _CHUNK_BYTES + len(mark) - 1)
    return count


def declared(text: mmap.mmap) -> Declared:
    """How many entities the text declares, strings and comments told apart."""
    count = in_comments = comment_start = 0
    closed = True
    for token in _TOKENS.finditer(text):
        first = text[token.start()]
        if first == ord("#"):
            count += 1
        elif first == ord("/"):
            inside = len(_DECLARATION.findall(token.group()))
            if inside and not in_comments:
                comment_start = token.start()
            if inside:
                in_comments += inside
                closed = token.group().endswith(b"*/")
    return Declared(count, in_comments, line_of(text, comment_start) if in_comments else 0, closed)


def _starts_like_step(path: Path) -> bool:
    with path.open("rb") as file:
        return _is_step(file.read(_HEADER_BYTES))


def _is_step(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n\0").upper().startswith(b"ISO-10303-21") or bool(
        re.match(rb"(\xef\xbb\xbf)?\s*(/\*.*?\*/\s*)+ISO-10303-21", head, re.DOTALL | re.IGNORECASE)
    )


def _schema_name(head: bytes) -> str:
    found = _SCHEMA_RECORD.search(head)
    return found.group(1).decode("ascii", "replace").strip() if found else ""


def _not_ifc(path: Path, head: bytes) -> IfcError:
    start = head.lstrip()
    kind = next((kind for magic, kind in _KINDS if start.startswith(magic)), None)
    what = kind or Text(
        "no IFC file: it does not begin with ISO-10303-21", "非 IFC 文件：开头不是 ISO-10303-21"
    )
    gap = " " if what.zh[0].isascii() else ""
    verb = Text("This is {what}.", f"这是{gap}{{what}}。" if kind else "{what}。")
    return IfcError(
        "not-an-ifc-file",
        str(path),
        Text(verb.en.format(what=what.en), verb.zh.format(what=what.zh)),
        Text(
            "Export the model from the authoring tool as IFC (STEP, .ifc or .ifczip).",
            "请从建模软件将模型导出为 IFC（STEP 格式，.ifc 或 .ifczip）。",
        ),
    )


def _unknown_schema(path: Path, written: str) -> IfcError:
    named = written or "none"
    return IfcError(
        "unknown-schema",
        str(path),
        Text(
            f"The file's schema is {named}; read are {', '.join(SCHEMAS)}.",
            f"文件的 schema 为 {written or '（未声明）'}；可读取的是 {'、'.join(SCHEMAS)}。",
        ),
        Text(
            "Export it again as IFC4 (or IFC2X3, IFC4X3_ADD2).",
            "请重新导出为 IFC4（或 IFC2X3、IFC4X3_ADD2）。",
        ),
    )


def _read_as(written: str, schema: str) -> Diagnostic:
    return Diagnostic(
        "schema-name-adapted",
        Severity.NOTE,
        Text(
            f"The header names the schema {written}; it is read as {schema}.",
            f"文件头的 schema 为 {written}，按 {schema} 读取。",
        ),
        Text(f"Write {schema} in FILE_SCHEMA.", f"请在 FILE_SCHEMA 中写 {schema}。"),
    )


def _adapted(path: Path, folder: Path, schema: str) -> Path:
    """A copy without byte order mark and with a schema name that IfcOpenShell knows."""
    copy = folder / "adapted.ifc"
    with path.open("rb") as source, copy.open("wb") as target:
        head = source.read(_HEADER_BYTES).removeprefix(b"\xef\xbb\xbf")
        target.write(_SCHEMA_RECORD.sub(b"FILE_SCHEMA(('" + schema.encode() + b"'", head, count=1))
        while block := source.read(1 << 20):
            target.write(block)
    return copy


def _unzipped(source: SourceFile, folder: Path) -> Path:
    """The one IFC file of an archive, written to ``folder`` under a name of our own."""
    where = str(source.path)
    limit = min(_UNZIPPED_LIMIT_BYTES, _UNZIPPED_RATIO_LIMIT * source.size_bytes)
    target = folder / "unzipped.ifc"
    try:
        with zipfile.ZipFile(source.path) as archive:
            entries = [entry for entry in archive.infolist() if _is_ifc_entry(entry)]
            if len(entries) != 1:
                raise _not_one_entry(where, [entry.filename for entry in entries])
            if entries[0].flag_bits & 0x1:
                raise IfcError(
                    "encrypted-archive",
                    where,
                    Text("The archive is encrypted.", "压缩包已加密。"),
                    Text("Unpack it and read the .ifc file.", "请先解压，再读取其中的 .ifc 文件。"),
                )
            with archive.open(entries[0]) as packed, target.open("wb") as unpacked:
                written = 0
                while block := packed.read(1 << 20):
                    written += len(block)
                    if written > limit:
                        raise _too_large(where, limit)
                    unpacked.write(block)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise IfcError(
            "broken-archive",
            where,
            reason_of(error).within("The archive cannot be unpacked: {}.", "无法解压该压缩包：{}。"),
            Text("Pack the .ifc file again.", "请重新压缩 .ifc 文件。"),
        ) from None
    if not written:
        raise _not_one_entry(where, [])
    return target


def _is_ifc_entry(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename
    return not entry.is_dir() and name.lower().endswith(".ifc") and not name.startswith("__MACOSX/")


def _not_one_entry(where: str, names: list[str]) -> IfcError:
    listed = ", ".join(names[:5])
    if not names:
        message = Text("The archive holds no .ifc file.", "压缩包内没有 .ifc 文件。")
    else:
        message = Text(
            f"The archive holds {len(names)} .ifc files: {listed}.",
            f"压缩包内有 {len(names)} 个 .ifc 文件：{listed}。",
        )
    return IfcError(
        "archive-without-one-ifc",
        where,
        message,
        Text("Pack exactly one .ifc file per archive.", "每个压缩包内请只放一个 .ifc 文件。"),
    )


def _too_large(where: str, limit: int) -> IfcError:
    return IfcError(
        "archive-too-large",
        where,
        Text(
            f"The archive unpacks to more than {limit / 1e6:.0f} MB.",
            f"压缩包解压后超过 {limit / 1e6:.0f} MB。",
        ),
        Text(
            "Unpack it yourself and read the .ifc file, if you trust it.",
            "若确认来源可信，请自行解压后读取 .ifc 文件。",
        ),
    )
