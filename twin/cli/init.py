"""``twin init``: a commented twin.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from twin.cli.common import LangOption
from twin.cli.status import status


def init(
    lang: LangOption,
    path: Annotated[Path, typer.Argument(help="The file to write.")] = Path("twin.toml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Write a commented twin.toml."""
    with status(lang, as_json=False):
        from ifc.model import Text
        from twin.errors import TwinError
        from twin.project_template import write_template

        if path.exists() and not force:
            raise TwinError(
                "file-exists",
                str(path),
                Text("The file exists already.", "文件已存在。"),
                Text(
                    "Choose another name, or overwrite it with --force.",
                    "请换一个文件名，或用 --force 覆盖。",
                ),
            )
        write_template(path, lang)
    print(path.resolve())
