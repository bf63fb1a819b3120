"""What the energy metric reads, as a digest: equal inputs, equal result."""

from __future__ import annotations

import hashlib

import numpy as np

from ifc.model import BuildingModel, PolygonTable
from twin.climate import Climate
from twin.metrics.daylight.rules import daylight_rules
from twin.metrics.energy.comfort import comfort_data
from twin.metrics.energy.data import data
from twin.metrics.energy.systems import systems_data
from twin.metrics.result import MetricResult
from twin.metrics.solar_modules import solar_data
from twin.metrics.trees import tree_rules
from twin.project import Project


def input_sha256(
    version: str, model: BuildingModel, climate: Climate, project: Project, daylight: MetricResult | None
) -> str:
    """Of rooms, surfaces, constructions, what casts shadows, climate, twin.toml and the library's data.

    ``version`` is that of the metric.
    """
    digest = hashlib.sha256(f"energy {version} {climate.sha256}".encode())
    if project.energy.daylight_dimming and daylight is not None:
        digest.update(daylight.input_sha256.encode())
    site = f"{model.site.north_deg} {project.site.north_deg}"
    if project.site.trees_shade:
        site += f" {model.source.sha256} {tree_rules()!r}"
    digest.update(f"{site} {project.project!r} {project.energy!r} {project.systems!r}".encode())
    digest.update(f"{data()!r} {systems_data()!r} {comfort_data()!r} {solar_data()!r}".encode())
    digest.update(repr(daylight_rules().curtain_closed_above).encode())
    digest.update(repr(model.constructions).encode())
    for table, columns in (
        (
            model.spaces,
            ("use", "storey", "area_m2", "volume_m3", "height_m", "floor_z_m", "internal", "name"),
        ),
        (
            model.surfaces,
            ("space", "polygon", "normal", "area_m2", "tilt_deg", "azimuth_deg", "neighbour",
             "neighbour_space", "pair", "element", "construction", "thickness_m"),
        ),
        (model.surface_openings, ("surface", "element", "kind", "polygon", "area_m2", "construction")),
        (model.geometry, ("vertices", "triangles", "instance_element", "instance_shape", "transform")),
        (model.elements, ("ifc_class", "predefined_type")),
        (model.properties, ("element", "name", "value")),
    ):  # fmt: skip
        for column in columns:
            values = getattr(table, column)
            arrays = (
                (values.vertices, values.ring_start, values.polygon_start)
                if isinstance(values, PolygonTable)
                else (values,)
            )
            for array in arrays:
                raw = (
                    repr(array.tolist()).encode()
                    if array.dtype == object
                    else np.ascontiguousarray(array).tobytes()
                )
                digest.update(raw)
    return digest.hexdigest()
