"""A first look at an IDS file: refused before any XML library expands what it holds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from ifc.model import Text, reason_of
from twin.errors import TwinError
from twin.ids.write import NAMESPACE

_LIMIT_BYTES = 64 << 20
_ANOTHER_VERSION = re.compile(r"/IDS/(?!1\.0/)([\d.]+)/ids\.xsd|/IDS/(?!1\.0/)ids_?([\d.]+)\.xsd")


def read_ids_text(path: Path) -> bytes:
    """The bytes of an IDS 1.0 file that is safe to parse: well formed, no DTD, hence no entities.

    Raises:
        TwinError: the file is missing, too large, no XML, holds a DTD, is no IDS or one of another version.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_LIMIT_BYTES + 1)
    except FileNotFoundError:
        raise TwinError(
            "ids-missing",
            str(path),
            Text("The file does not exist.", "文件不存在。"),
            Text("Check the path, or write one with `twin ids`.", "请检查路径，或用 `twin ids` 生成。"),
        ) from None
    except OSError as error:
        raise _refused(
            path, "ids-unreadable", reason_of(error).en, f"无法读取（{reason_of(error).zh}）"
        ) from error
    if len(text) > _LIMIT_BYTES:
        raise _refused(path, "ids-too-large", "It is larger than 64 MB", "文件超过 64 MB")
    _FirstLook(path).take(text)
    return text


class _FirstLook:
    """Parses without building anything: what the root is, and that there is no DTD."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._depth = 0

    def take(self, text: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        try:
            parser.Parse(text, True)
        except expat.ExpatError as error:
            where = f"line {error.lineno}, column {error.offset + 1}"
            raise _refused(
                self._path,
                "ids-not-xml",
                f"Not well-formed XML ({where}: {expat.errors.messages[error.code]})",
                f"不是格式正确的 XML（第 {error.lineno} 行第 {error.offset + 1} 列）",
            ) from None

    def _doctype(self, *_: object) -> NoReturn:
        raise _refused(
            self._path,
            "ids-with-dtd",
            "It holds a document type declaration, which IDS does not know and which can be harmful",
            "文件含有 DTD 声明，IDS 不使用 DTD，且可能有害",
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 0:
            self._root(name, attributes)
        self._depth = 1

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        if name != f"{NAMESPACE} ids":
            raise _refused(self._path, "not-an-ids", "It is XML, but no IDS", "文件是 XML，但不是 IDS")
        location = " ".join(value for key, value in attributes.items() if key.endswith("schemaLocation"))
        if other := _ANOTHER_VERSION.search(location):
            version = other.group(1) or other.group(2)
            raise _refused(
                self._path,
                "ids-version",
                f"It is IDS {version}; only IDS 1.0 is read",
                f"文件为 IDS {version}，仅支持 IDS 1.0",
            )


def _refused(path: Path, code: str, en: str, zh: str) -> TwinError:
    return TwinError(
        code,
        str(path),
        Text(f"{en}.", f"{zh}。"),
        Text(
            "Give an IDS 1.0 file, such as `twin ids` writes.",
            "请提供 IDS 1.0 文件，例如由 `twin ids` 生成的文件。",
        ),
    )
