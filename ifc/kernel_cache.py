"""Where Numba keeps compiled kernels: a folder named by a digest of their sources.

Numba compiles a function anew when the file of that very function changes. It does not see a change in a
function that is called from another file, or in the fields of a record type, and would run old machine code.
Kernels of changed sources therefore get a folder of their own, in the platform's folder for caches or below
``NUMBA_CACHE_DIR`` where that is set, so an installation that cannot be written to is served too. Where no
such folder can be written, kernels are compiled for this process and its children only.

Nothing here imports Numba: the folder must be named before Numba is, or is told to it if it is there already.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_PREFIX = "greentwin-"
_UNUSED_DAYS = 30.0


def platform_cache_folder() -> Path:
    """The platform's folder for what greentwin can make again."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "greentwin" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "greentwin"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "greentwin"


def use_kernel_cache(sources: Iterable[Path]) -> Path:
    """Make Numba keep kernels in the folder of this state of ``sources`` (folders of Python files).

    Sets ``NUMBA_CACHE_DIR``, for this process and its children. Returns the folder.
    """
    stated = os.environ.get("NUMBA_CACHE_DIR")
    base = Path(stated) if stated else platform_cache_folder() / "kernels"
    if base.name.startswith(_PREFIX):  # set by this function, here or in the parent process
        base = base.parent
    name = _PREFIX + _digest(sources)
    folder = _made(base / name) or _temporary(name)
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    if "numba" in sys.modules:
        sys.modules["numba"].config.CACHE_DIR = str(folder)
    return folder


def _digest(sources: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for source in sources:
        for path in sorted(source.rglob("*.py")):
            digest.update(path.relative_to(source).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _made(folder: Path) -> Path | None:
    """The folder, made if need be, its older siblings cleared; None where it cannot be written to."""
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, mode=0o700)
            _clear_unused(folder)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _clear_unused(folder: Path) -> None:
    import shutil

    oldest = time.time() - _UNUSED_DAYS * 86400.0
    for other in folder.parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if other != folder and other.stat().st_mtime < oldest:
                shutil.rmtree(other)


def _temporary(name: str) -> Path:
    # A folder of our own, never a shared one: what lies there is loaded as machine code.
    import atexit
    import shutil
    import tempfile

    base = tempfile.mkdtemp(prefix="greentwin-kernels-")
    atexit.register(shutil.rmtree, base, ignore_errors=True)
    folder = Path(base) / name
    folder.mkdir()
    return folder
