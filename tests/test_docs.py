"""What the docs show is what happens: their console and Python examples run."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from twin.cli import app

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.M | re.S)


def examples() -> list:
    found = []
    for page in PAGES:
        for number, (kind, text) in enumerate(BLOCK.findall(page.read_text("utf-8")), 1):
            marks = [pytest.mark.desktop] if "off_screen" in text else []
            found.append(pytest.param(kind, text, id=f"{page.stem}-{number}-{kind}", marks=marks))
    return found


def test_the_table_of_faults_names_every_test_of_a_fault_and_no_other() -> None:
    named = set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", (ROOT / "docs" / "live.md").read_text("utf-8")))
    marked = {
        (path.relative_to(ROOT / "tests").as_posix(), name)
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(
            r"^@pytest\.mark\.fault\n(?:@.+\n)*def (test_\w+)\(", path.read_text("utf-8"), re.M
        )
    }
    assert len(marked) > 10
    assert named == marked


@pytest.fixture(scope="module")
def workplace(tmp_path_factory) -> Path:
    """A copy of what the examples name, so that they leave nothing in the checkout."""
    folder = tmp_path_factory.mktemp("docs")
    shutil.copytree(ROOT / "sample_models", folder / "sample_models")
    return folder


@pytest.mark.parametrize(("kind", "text"), examples())
def test_an_example_of_the_docs_runs(kind: str, text: str, workplace: Path) -> None:
    if kind == "python":
        commands = [[sys.executable, "-c", text]]
    else:
        lines = re.findall(r"^\$ (.+)$", text, re.M)
        assert lines, "a console example shows its commands after $"
        commands = [
            ["bash", "-c", f'twin() {{ "{sys.executable}" -m twin.cli "$@"; }}; {line}'] for line in lines
        ]
    for command in commands:
        done = subprocess.run(
            command, cwd=workplace, capture_output=True, text=True, check=False, timeout=280
        )
        assert done.returncode == 0, done.stderr


def commands_of_the_docs() -> set[str]:
    """All lines of the docs that call twin, those included that no test can run."""
    blocks = [
        block
        for page in PAGES
        for block in re.findall(r"^```\w*\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    ]
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return {part for line in lines for part in line.split(" && ") if part.startswith("twin ")}


@pytest.mark.parametrize("line", sorted(commands_of_the_docs()))
def test_a_command_of_the_docs_has_its_options_and_its_arguments_in_order(line: str) -> None:
    command: Any = typer.main.get_command(app)
    _, *words = shlex.split(line, comments=True)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    given = command.make_context(line, words).params  # a usage error names what is wrong
    for name, suffix in (("project", ".toml"), ("model", ".ifc")):
        if given.get(name) is not None:
            assert Path(given[name]).suffix == suffix, f"{name} = {given[name]}"


def test_every_page_of_the_docs_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [
        page.name for page in PAGES if page.parent.name == "docs" and f"docs/{page.name}" not in readme
    ] == []
