"""Catchments of a site from a GeoJSON or CSV file: what covers the ground where no model shows it."""

from twin.catchments.catchment import Catchment, Catchments
from twin.catchments.reading import read_catchments, site_catchments

__all__ = ["Catchment", "Catchments", "read_catchments", "site_catchments"]
