"""What elements are made of: material properties, air gaps, U-values, glazing, defaults.

:func:`resolve_constructions` completes a model; :func:`default_construction` is what it assumes about
elements of which nothing is known; :mod:`.gb50176` has K, heat storage and thermal inertia, :mod:`.iso13370`
the ground.
"""

from ifc.constructions.defaults import climate_zones, default_construction
from ifc.constructions.resolve import resolve_constructions

__all__ = ["climate_zones", "default_construction", "resolve_constructions"]
