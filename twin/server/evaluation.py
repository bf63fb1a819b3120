"""The evaluation of the model behind a live twin, in a process of its own.

What was found is kept by a digest of the model, the project and the version, so that a restart does not
compute it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ifc.cache import user_cache_folder
from ifc.model import Language
from twin.project import Project, read_project

log = logging.getLogger(__name__)

LANGUAGES: tuple[Language, ...] = ("en", "zh")
SCENE, PLAIN = "scene", "plain"  # folders: the evaluated model, the model alone
NICENESS = 10  # readings and alarms come first


def folder_for(project: Project) -> Path | None:
    """Where the evaluation of a project's model is kept; None when there is no model that can be read."""
    if project.live.model is None or project.file is None:
        return None
    digest = hashlib.sha256(version("greentwin").encode())
    try:
        for path in (project.resolve(project.live.model), project.file):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    except OSError:
        return None
    return user_cache_folder() / "evaluations" / digest.hexdigest()[:32]


def load(folder: Path) -> dict[str, dict[str, Any]] | None:
    """The evaluation of each language, None when it has not been computed."""
    try:
        return {
            language: json.loads((folder / SCENE / f"evaluation.{language}.json").read_text("utf-8"))
            for language in LANGUAGES
        }
    except (OSError, ValueError):
        return None


async def compute(project: Project, folder: Path, drawn: Callable[[Path], None]) -> bool:
    """Evaluate beside the running server; whether it came to its end.

    ``drawn`` is called with the folder of the scene as soon as the model alone can be shown.
    """
    assert project.live.model is not None
    arguments = [project.resolve(project.live.model), project.file, folder]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "twin.server.evaluation",
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        if (await process.stdout.readline()).strip() == PLAIN.encode():
            drawn(folder / PLAIN)
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        log.error("The evaluation failed: %s", said.decode("utf-8", "replace").strip()[-500:])
    return process.returncode == 0


def main(model: str, project: str, folder: str) -> None:
    """Write the scene of the model and say so; then evaluate, and write the scene with what was found."""
    import ifc
    from twin.evaluate import evaluate
    from twin.view import write_scene

    if hasattr(os, "nice"):
        os.nice(NICENESS)
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with _draft(target / PLAIN) as draft:
        write_scene(ifc.read(model), None, draft)
    print(PLAIN, flush=True)
    evaluation = evaluate(model, read_project(project))
    with _draft(target / SCENE) as draft:
        write_scene(evaluation.model, evaluation, draft)


@contextlib.contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A folder that takes its name once it is complete; one that is there already stays."""
    draft = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        yield draft
        with contextlib.suppress(OSError):
            draft.replace(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:4])
