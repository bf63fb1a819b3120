"""IFC file in, neutral building model out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ifc.kernel_cache import use_kernel_cache

if TYPE_CHECKING:
    from ifc.errors import IfcError as IfcError
    from ifc.reader import read as read

__all__ = ["IfcError", "read"]

use_kernel_cache([Path(__file__).parent / "surfaces"])

_HOMES = {"IfcError": "ifc.errors", "read": "ifc.reader"}


def __getattr__(name: str) -> Any:
    # Reading brings in NumPy, Shapely and the surface derivation: only who reads pays for it.
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
