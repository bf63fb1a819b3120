"""Closed rooms: the surfaces that enclose every space, derived from geometry, with a quality grade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ifc.surfaces.derive import derive_surfaces

__all__ = ["derive_surfaces"]


def __getattr__(name: str) -> Any:
    if name == "derive_surfaces":
        from ifc.surfaces.derive import derive_surfaces

        return derive_surfaces
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
