"""The page of the viewer as files, built from viewer/web."""

from __future__ import annotations

import shutil
from pathlib import Path

from viewer.build import BUILT, STAMP

FOLDER = BUILT


def page_folder() -> Path | None:
    """The folder of the built page (index.html, assets/); None where it has not been built."""
    return FOLDER if (FOLDER / "index.html").is_file() else None


def mark_static(index: Path) -> None:
    """Say in a copy of the page that no server of the live twin stands behind it: it then asks for none."""
    text = index.read_text("utf-8")
    index.write_text(
        text.replace("<head>", '<head>\n    <meta name="greentwin" content="static" />', 1), "utf-8"
    )


def copy_page(target: Path) -> bool:
    """Copy the built page into ``target``; False where it has not been built.

    The scripts of an earlier copy go; a folder ``assets`` that came from elsewhere is kept.
    """
    source = page_folder()
    if source is None:
        return False
    if (target / STAMP).is_file():
        shutil.rmtree(target / "assets", ignore_errors=True)
    shutil.copytree(source, target, dirs_exist_ok=True)
    return True
