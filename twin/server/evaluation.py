"""The model behind a live twin, read, drawn and evaluated in a process of its own.

The model is drawn as its file states it, within a second or two; surfaces and metrics, whose kernels may have
to be compiled first, come after. What was found is kept by a digest of the files that it is made of and the
version, so that a restart does not compute it again.
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
from collections.abc import Awaitable, Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ifc import container
from ifc.cache import user_cache_folder
from ifc.errors import IfcError
from ifc.model import BuildingModel, Language
from twin.errors import TwinError
from twin.server.beside import end_with_server

if TYPE_CHECKING:
    from twin.project import Project

log = logging.getLogger(__name__)

LANGUAGES: tuple[Language, ...] = ("en", "zh")
SCENE, STATED = "scene", "stated"  # folders: the evaluated model, the model as its file states it
_MODEL = "model.twin"
NICENESS = 10  # readings and alarms come first


def folder_for(project: Project) -> Path | None:
    """Where the evaluation of a project's model is kept: by all files that it is made of.

    None when there is no model that can be read.
    """
    if project.live.model is None or project.file is None:
        return None
    digest = hashlib.sha256(version("greentwin").encode())
    try:
        for path in (project.resolve(project.live.model), project.file):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    except OSError:
        return None
    for named in (project.weather.epw, project.weather.rain, project.site.catchments):
        text = b""
        if named is not None:
            with contextlib.suppress(OSError):  # what is wrong with it, evaluating says
                text = project.resolve(named).read_bytes()
        digest.update(hashlib.sha256(text).digest())
    return user_cache_folder() / "evaluations" / digest.hexdigest()[:32]


def load(folder: Path) -> dict[str, dict[str, Any]] | None:
    """The evaluation of each language, None when it has not been computed to its end."""
    if not (folder / _MODEL).is_file():
        return None
    try:
        return {
            language: json.loads((folder / SCENE / f"evaluation.{language}.json").read_text("utf-8"))
            for language in LANGUAGES
        }
    except (OSError, ValueError):
        return None


def load_model(folder: Path) -> BuildingModel | None:
    """The model as far as it has come, None when it has not been read."""
    try:
        model = container.load(folder / _MODEL)
    except (OSError, container.ContainerError):
        return None
    return model if isinstance(model, BuildingModel) else None


async def compute(project: Project, folder: Path, drawn: Callable[[Path], Awaitable[None]]) -> bool:
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
        stdin=asyncio.subprocess.PIPE,  # nothing is written to it: it ends with this process
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        if (await process.stdout.readline()).strip() == STATED.encode():
            await drawn(folder / STATED)
        # Not ``communicate``, which closes stdin.
        _, said = await asyncio.gather(process.stdout.read(), process.stderr.read())
        await process.wait()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        log.error("The evaluation failed: %s", said.decode("utf-8", "replace").strip()[-500:])
    return process.returncode == 0


def draw(model: Path, folder: Path) -> None:
    """Keep the model as its file states it, and its scene.

    Nothing of this needs a kernel: where none is compiled yet, the picture would wait for the compiler.
    """
    from ifc.reader import read_file
    from ifc.room_use import recognise_room_uses
    from ifc.step_file import find_source
    from twin.view import write_stated_scene

    folder.mkdir(parents=True, exist_ok=True)
    stated = recognise_room_uses(read_file(find_source(model), lambda stage, fraction: None))
    _keep_model(folder, stated)
    with _draft(folder / STATED) as draft:
        write_stated_scene(stated, draft)


def main(model: str, project: str, folder: str) -> None:
    """Draw the model and say so; then evaluate it, and write the scene with what was found."""
    end_with_server()
    target = Path(folder)
    draw(Path(model), target)
    print(STATED, flush=True)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    from twin.evaluate import evaluate
    from twin.project import read_project
    from twin.view import write_scene

    evaluation = evaluate(model, read_project(project))
    _keep_model(target, evaluation.model)
    with _draft(target / SCENE) as draft:
        write_scene(evaluation.model, evaluation, draft)


def _keep_model(folder: Path, model: BuildingModel) -> None:
    written = folder / f"{_MODEL}.{os.getpid()}"
    container.save(written, model)
    written.replace(folder / _MODEL)  # whoever reads sees a whole one


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
    try:
        main(*sys.argv[1:4])
    except (IfcError, TwinError) as error:
        sys.exit(str(error))
