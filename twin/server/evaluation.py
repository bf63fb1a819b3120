"""The evaluation of the model behind a live twin, in a process of its own.

What was found is kept by a digest of the model, the project and the version, so that a restart does not
compute it again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ifc.cache import user_cache_folder
from ifc.model import Language
from twin.project import Project, read_project

log = logging.getLogger(__name__)

LANGUAGES: tuple[Language, ...] = ("en", "zh")
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
            language: json.loads((folder / f"evaluation.{language}.json").read_text("utf-8"))
            for language in LANGUAGES
        }
    except (OSError, ValueError):
        return None


async def compute(project: Project, folder: Path) -> bool:
    """Evaluate beside the running server; whether it came to its end."""
    assert project.live.model is not None
    arguments = [project.resolve(project.live.model), project.file, folder]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "twin.server.evaluation",
        *map(str, arguments),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        log.error("The evaluation failed: %s", said.decode("utf-8", "replace").strip()[-500:])
    return process.returncode == 0


def main(model: str, project: str, folder: str) -> None:
    """Evaluate and write the JSON of each language, complete or not at all."""
    from twin.evaluate import evaluate
    from twin.report.json_report import evaluation_to_dict

    if hasattr(os, "nice"):
        os.nice(NICENESS)
    evaluation = evaluate(model, read_project(project))
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        text = json.dumps(evaluation_to_dict(evaluation, language), ensure_ascii=False)
        draft = target / f"evaluation.{language}.part"
        draft.write_text(text, "utf-8")
        draft.replace(target / f"evaluation.{language}.json")


if __name__ == "__main__":
    main(*sys.argv[1:4])
