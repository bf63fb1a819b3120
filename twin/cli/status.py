"""The progress of a command, and its errors as one message with an exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from twin.cli.common import BAD_INPUT, CLOSED_PIPE, FAULT, Language, default_language

if TYPE_CHECKING:
    from ifc.errors import IfcError
    from sensors.errors import SensorError
    from twin.errors import TwinError


@contextmanager
def status(lang: Language, as_json: bool) -> Iterator[Any]:
    """A progress line on a terminal, and errors as one message with an exit code."""
    from ifc.errors import IfcError
    from sensors.errors import SensorError
    from twin.errors import TwinError
    from twin.report.progress import progress_line

    try:
        with progress_line(lang) as progress:
            yield progress
    except (IfcError, SensorError, TwinError) as error:
        _refuse(error, lang, as_json)
    except OSError as error:
        _refuse_system(error, lang, as_json)
    except KeyboardInterrupt:
        print("已中断" if lang == "zh" else "interrupted", file=sys.stderr)
        raise typer.Exit(130) from None
    except (typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except Exception as error:  # noqa: BLE001 - the last door: a user never sees a traceback
        _report_fault(error, lang, as_json)


def _refuse(error: IfcError | SensorError | TwinError, lang: Language, as_json: bool) -> NoReturn:
    message, remedy = (text.in_language(lang) for text in (error.message, error.remedy))
    _print_error(error.code, error.where, message, remedy, lang, as_json)
    raise typer.Exit(BAD_INPUT)


def refuse_file(error: OSError) -> NoReturn:
    """End after a file, which the error names, could not be used."""
    _refuse_system(error, default_language(), as_json=False)


def refuse_print(error: OSError) -> NoReturn:
    """End after stdout could not be written: quietly where its reader has gone (``| head -1``)."""
    if isinstance(error, BrokenPipeError):
        raise typer.Exit(CLOSED_PIPE)
    error.filename = "stdout"
    _refuse_system(error, default_language(), as_json=False)


def _refuse_system(error: OSError, lang: Language, as_json: bool) -> NoReturn:
    from ifc.model import Text, reason_of

    message = reason_of(error).within("The file cannot be used: {}.", "无法使用该文件：{}。")
    remedy = Text("Check the path, its permissions and the disk.", "请检查路径、权限与磁盘。")
    where = str(error.filename or "twin")
    _print_error("system", where, message.in_language(lang), remedy.in_language(lang), lang, as_json)
    raise typer.Exit(BAD_INPUT)


def _report_fault(error: Exception, lang: Language, as_json: bool) -> NoReturn:
    """Keep the traceback in a file and say where it is."""
    import tempfile
    import traceback

    from ifc.model import Text

    with tempfile.NamedTemporaryFile(
        "w", prefix="greentwin-fault-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exception(error, file=file)
    said = f"{type(error).__name__}: {error}"
    message = Text(
        f"A fault of greentwin, not of your input: {said}.", f"这是 greentwin 的缺陷，与输入无关：{said}。"
    )
    remedy = Text(f"Please report it with {file.name}.", f"请附上 {file.name} 反馈。")
    _print_error("fault", "twin", message.in_language(lang), remedy.in_language(lang), lang, as_json)
    raise typer.Exit(FAULT)


def _print_error(code: str, where: str, message: str, remedy: str, lang: Language, as_json: bool) -> None:
    """One line on stderr; with ``--json`` the same as data on stdout."""
    if as_json:
        found = {"code": code, "where": where, "message": message, "remedy": remedy}
        print(json.dumps({"schema_version": "1.0", "error": found}, ensure_ascii=False))
    print(f"{where}：{message}{remedy}" if lang == "zh" else f"{where}: {message} {remedy}", file=sys.stderr)
