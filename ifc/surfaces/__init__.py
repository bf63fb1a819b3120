"""Closed rooms: the surfaces that enclose every space, derived from geometry, with a quality grade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ifc.surfaces.boundary_check import check_boundaries
    from ifc.surfaces.derive import derive_surfaces

__all__ = ["check_boundaries", "derive_surfaces"]


def __getattr__(name: str) -> Any:
    if name == "derive_surfaces":
        from ifc.surfaces.derive import derive_surfaces

        return derive_surfaces
    if name == "check_boundaries":
        from ifc.surfaces.boundary_check import check_boundaries

        return check_boundaries
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
