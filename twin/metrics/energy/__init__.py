"""Heating and cooling need of a building: hourly multi-zone heat balance with ideal loads.

``compute(model, climate, project)`` builds the thermal model of a BuildingModel, runs the year, and runs it
again for the reference building of GB 55015-2021.
"""

from twin.metrics.energy.compute import compute

__all__ = ["compute"]
