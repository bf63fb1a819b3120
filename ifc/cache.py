"""Models that were read before, kept beside the digest of their source.

An entry is named by the source's SHA-256 and by what produced it: the code of this package and the version of
IfcOpenShell. A changed file, a changed reader or a new engine therefore never meets an old entry. Entries are
written to a temporary file and renamed, so that readers see a whole one or none; a damaged one is ignored and
written again.
"""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from ifc import container
from ifc.kernel_cache import platform_cache_folder
from ifc.model import BuildingModel

_SUFFIX = ".twin"
_FOLDER_LIMIT_BYTES = 4 << 30


def user_cache_folder() -> Path:
    """Where this user's models are kept: GREENTWIN_CACHE, else the platform's folder for caches."""
    stated = os.environ.get("GREENTWIN_CACHE")
    if stated:
        return Path(stated)
    return platform_cache_folder()


def load_cached(folder: Path, sha256: str) -> BuildingModel | None:
    """The model of a source with this digest, None where there is none that is whole."""
    path = _entry(folder, sha256)
    try:
        model = container.load(path)
        os.utime(path)  # the least recently used entries go first
    except (OSError, container.ContainerError):
        return None
    return model if isinstance(model, BuildingModel) and model.source.sha256 == sha256 else None


def save_cached(folder: Path, model: BuildingModel) -> None:
    """Keep a model. A folder that cannot be written to costs the next read time, nothing else."""
    path = _entry(folder, model.source.sha256)
    temporary: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".writing-", suffix=_SUFFIX, dir=folder)
        os.close(handle)
        temporary = Path(name)
        container.save(temporary, replace(model, seconds={}))
        temporary.replace(path)
        _prune(folder, path)
    except OSError:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _entry(folder: Path, sha256: str) -> Path:
    return folder / f"{sha256[:32]}-{_producer()}{_SUFFIX}"


@functools.cache
def _producer() -> str:
    """A digest of the code that turns a file into a model."""
    digest = hashlib.sha256(version("ifcopenshell").encode())
    package = Path(__file__).parent
    for path in sorted(package.rglob("*")):
        if path.suffix in (".py", ".yaml"):
            digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _prune(folder: Path, keep: Path) -> None:
    """Delete the least recently used entries beyond the folder's limit."""
    entries = []
    for path in folder.glob(f"*{_SUFFIX}"):
        try:
            state = path.stat()
        except OSError:
            continue  # another process has just removed it
        entries.append((state.st_mtime, state.st_size, path))
    total = 0
    for _, size, path in sorted(entries, reverse=True):
        total += size
        if total > _FOLDER_LIMIT_BYTES and path != keep:
            path.unlink(missing_ok=True)
