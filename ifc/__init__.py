"""IFC file in, neutral building model out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ifc.errors import IfcError

if TYPE_CHECKING:
    from ifc.reader import read as read

__all__ = ["IfcError", "read"]


def __getattr__(name: str) -> Any:
    # ifc.reader brings in Shapely and the surface derivation: only who reads pays for it.
    if name == "read":
        from importlib import import_module

        return import_module("ifc.reader").read
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
