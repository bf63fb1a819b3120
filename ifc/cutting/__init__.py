"""Solids with their openings cut out of them.

:attr:`ifc.model.BuildingModel.geometry` keeps walls whole, so that rooms and surfaces can be derived from
them. Light, pictures and exports want the holes.
"""

from ifc.cutting.hosts import Cut, cut_hosts, cut_openings

__all__ = ["Cut", "cut_hosts", "cut_openings"]
