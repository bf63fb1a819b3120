"""What the commands share: options, exit codes, lists of names, the project."""

from __future__ import annotations

import errno
import json
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import typer

Language = Literal["zh", "en"]  # as ifc.model.Language, whose import would bring NumPy to `twin --help`
Format = TypeVar("Format", bound=StrEnum)
DONE, REQUIREMENT_NOT_MET, BAD_INPUT, FAULT = 0, 1, 2, 3
CLOSED_PIPE = 141  # as a shell says of a program that SIGPIPE ended


def default_language() -> Language:
    """The language of the locale."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return "zh" if locale.lower().startswith("zh") else "en"


ModelArgument = Annotated[Path, typer.Argument(help="The IFC file (.ifc or .ifczip).", metavar="MODEL.ifc")]


ProjectOption = Annotated[
    Path | None,
    typer.Option("--project", "-p", help="twin.toml: declared evidence, site, weather.", metavar="twin.toml"),
]


WeatherOption = Annotated[
    Path | None,
    typer.Option(
        "--weather", "-w", help="EPW file that replaces the built-in typical year.", metavar="X.epw"
    ),
]


LangOption = Annotated[
    Language,
    typer.Option("--lang", help="Language of messages and reports.", default_factory=default_language),
]


JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, and nothing else.")]


RequireOption = Annotated[
    int | None,
    typer.Option("--require", min=1, max=3, help="Exit with 1 unless this many stars are guaranteed."),
]


def parse_formats(known: type[Format], text: str, lang: Language) -> set[Format]:
    """The formats of a list separated by commas; a name that is unknown is bad usage."""
    names = parse_list(text)
    allowed = [format.value for format in known]
    if unknown := [name for name in names if name not in allowed]:
        raise typer.BadParameter(
            f"没有格式 {'、'.join(unknown)}；可用的有 {'、'.join(allowed)}"
            if lang == "zh"
            else f"there is no format {', '.join(unknown)}; known are {', '.join(allowed)}",
            param_hint="--format",
        )
    return {known(name) for name in names}


def parse_list(text: str) -> list[str]:
    """The names of a list separated by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def read_project_option(path: Path | None, weather: Path | None) -> Any:
    """The project of twin.toml, with the weather file of the command line in place of its own."""
    from twin.project import Project, read_project

    project = Project() if path is None else read_project(path)
    if weather is None:
        return project
    section = project.weather.model_copy(update={"epw": weather.absolute()})
    return project.model_copy(update={"weather": section})


def require_folder(folder: Path) -> None:
    """Refuse a folder for the results that cannot be made or written, before the work for them: OSError."""
    nearest = folder.absolute()
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        code = errno.EEXIST if nearest == folder.absolute() else errno.ENOTDIR
    elif not os.access(nearest, os.W_OK | os.X_OK):
        code = errno.EACCES
    else:
        return
    raise OSError(code, os.strerror(code), str(nearest))


def write_json(data: dict[str, Any], path: Path) -> Path:
    """Write JSON, folders included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1), "utf-8")
    return path
