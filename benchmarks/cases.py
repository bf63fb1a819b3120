"""The models that benchmarks run on: the pilots, and the shared real files where they are present."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]


def shared_data() -> Path | None:
    """Folder of the shared data (``GREENTWIN_SHARED`` or ``../shared`` beside the checkout), or None."""
    folder = Path(os.environ.get("GREENTWIN_SHARED", ROOT.parent / "shared"))
    return folder if folder.is_dir() else None


def pilot_models() -> list[Path]:
    """The committed pilot models."""
    return sorted((ROOT / "sample_models").glob("*.ifc"))


def real_models(minimum_bytes: int = 0) -> list[Path]:
    """The sound shared models of at least ``minimum_bytes``."""
    shared = shared_data()
    if shared is None:
        return []
    models = sorted((shared / "models").glob("*.ifc"))
    return [
        path
        for path in models
        if not path.name.startswith(("broken_", "unsupported_")) and path.stat().st_size >= minimum_bytes
    ]
