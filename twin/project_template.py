"""The commented twin.toml that ``twin init`` writes."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from ifc.model.text import Language


def write_template(path: Path, language: Language) -> None:
    """Write a twin.toml with every key, its unit and its default, commented in ``language``.

    Raises:
        OSError: the file cannot be written.
    """
    path.write_text(template(language), "utf-8")


def template(language: Language) -> str:
    """The text of the template."""
    return resources.files("twin").joinpath("data", f"twin_template.{language}.toml").read_text("utf-8")
