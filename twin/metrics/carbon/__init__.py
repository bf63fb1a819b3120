"""Carbon of a building over its life after GB/T 51366-2019.

``compute(model, climate, project, energy)`` multiplies the material quantities of a BuildingModel and the
energy that the building uses by emission factors.
"""

from twin.metrics.carbon.compute import compute

__all__ = ["compute"]
