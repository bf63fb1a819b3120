"""Generated series, kept between processes: the generator's libraries take seconds to load.

An entry is named by what produced it: the sources of this package, the data of the cities and the versions of
the libraries. It is read back only when its own digest fits; otherwise the series are made again.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ifc.kernel_cache import platform_cache_folder

Columns = Mapping[str, NDArray[np.float64]]

_LIBRARIES = ("numpy", "pandas", "pvlib", "scipy")


def kept(name: str, make: Callable[[], Columns]) -> Columns:
    """The columns of ``name`` from the user's cache, else from ``make``, which are kept then.

    A folder that cannot be read or written costs the time of ``make``, nothing else.
    """
    stated = os.environ.get("GREENTWIN_CACHE")
    base = Path(stated) if stated else platform_cache_folder()
    path = base / "climate" / f"{name}-{_producer()}.npz"
    found = _load(path)
    if found is None:
        found = make()
        _save(path, found)
    return found


def _load(path: Path) -> Columns | None:
    try:
        with np.load(path, allow_pickle=False) as entry:
            columns = {key: entry[key] for key in entry.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None
    digest = columns.pop("digest", None)
    return columns if digest is not None and str(digest) == _digest(columns) else None


def _save(path: Path, columns: Columns) -> None:
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".writing-", suffix=".npz", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        np.savez(temporary, digest=np.array(_digest(columns)), **columns)  # type: ignore[arg-type]
        temporary.replace(path)
    except OSError:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _digest(columns: Columns) -> str:
    digest = hashlib.sha256()
    for key in sorted(columns):
        digest.update(key.encode() + b"\0" + np.ascontiguousarray(columns[key]).tobytes())
    return digest.hexdigest()


@cache
def _producer() -> str:
    digest = hashlib.sha256(" ".join(version(library) for library in _LIBRARIES).encode())
    package = Path(__file__).parent
    for path in sorted([*package.rglob("*.py"), *package.parent.glob("data/climate_*.yaml")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
