"""Rooms, surfaces, openings and constructions of a model as gbXML, with a report of what is lost.

Green Building XML, version 7.03 (gbxml.org). Coordinates are the model's, in metres; ids follow the rows of
the tables, GlobalIds stand in CADObjectId.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Construction, Diagnostic, Neighbour, Severity, Text, Traced

_NAMESPACE = "http://www.gbxml.org/schema"
_WALL_TILT = 45.0  # flatter surfaces are roofs, ceilings and floors


@dataclass(frozen=True)
class GbXml:
    """The document, and what of the model it does not hold."""

    root: ET.Element
    losses: tuple[Diagnostic, ...]

    def write(self, path: Path) -> Path:
        """Write the document and return its path."""
        path.parent.mkdir(parents=True, exist_ok=True)
        tree = ET.ElementTree(self.root)
        ET.indent(tree)
        tree.write(path, encoding="utf-8", xml_declaration=True)
        return path


def to_gbxml(model: BuildingModel) -> GbXml:
    """The model as gbXML. A wall between two rooms appears once, with both rooms as neighbours."""
    root = ET.Element(
        "gbXML",
        {
            "xmlns": _NAMESPACE, "version": "7.03", "useSIUnitsForResults": "true", "temperatureUnit": "C",
            "lengthUnit": "Meters", "areaUnit": "SquareMeters", "volumeUnit": "CubicMeters",
        },
    )  # fmt: skip
    campus = ET.SubElement(root, "Campus", {"id": "campus"})
    site = model.site
    if site.latitude_deg is not None and site.longitude_deg is not None:
        place = ET.SubElement(campus, "Location")
        _text(place, "ZipcodeOrPostalCode", "")  # asked for, and no model states it
        _text(place, "Latitude", site.latitude_deg)
        _text(place, "Longitude", site.longitude_deg)
        _text(place, "CADModelAzimuth", site.north_deg)
    spaces = np.flatnonzero(model.spaces.internal).tolist()
    _building(campus, model, spaces)
    holes, unused, paired = _surfaces(campus, model, set(spaces))
    _constructions(root, model)
    return GbXml(root, _losses(model, holes, unused, paired))


def _building(campus: ET.Element, model: BuildingModel, spaces: Sequence[int]) -> None:
    table = model.spaces
    building = ET.SubElement(campus, "Building", {"id": "building", "buildingType": "Unknown"})
    _text(building, "Area", float(np.nansum(table.area_m2[spaces])))
    for row in range(len(model.storeys)):
        storey = ET.SubElement(building, "BuildingStorey", {"id": f"storey-{row}"})
        _text(storey, "Name", model.storeys.name[row])
        _text(storey, "Level", float(model.storeys.elevation_m[row]))
    for row in spaces:
        attributes = {"id": f"space-{row}"}
        if table.storey[row] >= 0:
            attributes["buildingStoreyIdRef"] = f"storey-{table.storey[row]}"
        space = ET.SubElement(building, "Space", attributes)
        _text(space, "Name", f"{table.name[row]} {table.long_name[row]}".strip())
        _text(space, "Description", table.use[row])
        _text(space, "Area", float(table.area_m2[row]))
        _text(space, "Volume", float(table.volume_m3[row]))
        _text(space, "CADObjectId", table.global_id[row])


def _surfaces(campus: ET.Element, model: BuildingModel, spaces: set[int]) -> tuple[int, int, int]:
    """Write the surfaces; returns how many had holes, had no outline, stood for two."""
    table, openings = model.surfaces, model.surface_openings
    of_surface: dict[int, list[int]] = {}
    for row, surface in enumerate(openings.surface.tolist()):
        of_surface.setdefault(surface, []).append(row)
    holes = unused = paired = 0
    for row in range(len(table)):
        here, there = int(table.space[row]), int(table.neighbour_space[row])
        if here not in spaces:
            continue
        if 0 <= table.pair[row] < row:
            paired += 1
            continue
        rings = table.polygon.rings(row)
        if not rings or len(rings[0]) < 3:
            unused += 1
            continue
        holes += len(rings) > 1
        attributes = {"id": f"surface-{row}", "surfaceType": _surface_type(model, row)}
        if table.construction[row] >= 0:
            attributes["constructionIdRef"] = f"construction-{table.construction[row]}"
        surface = ET.SubElement(campus, "Surface", attributes)
        ET.SubElement(surface, "AdjacentSpaceId", {"spaceIdRef": f"space-{here}"})
        if table.neighbour[row] == Neighbour.SPACE and there in spaces:
            ET.SubElement(surface, "AdjacentSpaceId", {"spaceIdRef": f"space-{there}"})
        _loop(surface, rings[0])
        for opening in of_surface.get(row, []):
            outline = openings.polygon.rings(opening)
            if outline and len(outline[0]) >= 3:
                _opening(surface, model, opening, outline[0])
        if table.element[row] >= 0:
            _text(surface, "CADObjectId", model.elements.global_id[table.element[row]])
    return holes, unused, paired


def _surface_type(model: BuildingModel, row: int) -> str:
    table = model.surfaces
    tilt, neighbour = float(table.tilt_deg[row]), Neighbour(int(table.neighbour[row]))
    if neighbour is Neighbour.OUTDOORS:
        kinds = ("Roof", "ExteriorWall", "RaisedFloor")
    elif neighbour is Neighbour.GROUND:
        kinds = ("UndergroundCeiling", "UndergroundWall", "SlabOnGrade")
    else:
        kinds = ("Ceiling", "InteriorWall", "InteriorFloor")
    return kinds[0] if tilt < _WALL_TILT else kinds[2] if tilt > 180 - _WALL_TILT else kinds[1]


def _opening(surface: ET.Element, model: BuildingModel, row: int, ring: NDArray[np.float64]) -> None:
    table = model.surface_openings
    kind = {"window": "FixedWindow", "door": "NonSlidingDoor"}.get(str(table.kind[row]), "Air")
    attributes = {"id": f"opening-{row}", "openingType": kind}
    construction = int(table.construction[row])
    if kind != "Air" and construction >= 0:
        glazed = model.constructions[construction].shgc is not None
        key = "windowTypeIdRef" if glazed else "constructionIdRef"
        attributes[key] = f"{'window' if glazed else 'construction'}-{construction}"
    opening = ET.SubElement(surface, "Opening", attributes)
    _loop(opening, ring)
    _text(opening, "CADObjectId", model.elements.global_id[table.element[row]])


def _loop(parent: ET.Element, ring: NDArray[np.float64]) -> None:
    geometry = ET.SubElement(ET.SubElement(parent, "PlanarGeometry"), "PolyLoop")
    for point in ring.tolist():
        corner = ET.SubElement(geometry, "CartesianPoint")
        for value in point:
            _text(corner, "Coordinate", round(value, 6))


def _constructions(root: ET.Element, model: BuildingModel) -> None:
    """Constructions, then their layers, materials and window types, as the schema orders them."""
    layers: list[ET.Element] = []
    materials: list[ET.Element] = []
    windows: list[ET.Element] = []
    for row, construction in enumerate(model.constructions):
        if construction.shgc is not None:
            windows.append(_window(row, construction))
        element = ET.SubElement(root, "Construction", {"id": f"construction-{row}"})
        if construction.u_value_w_m2k is not None:
            _measure(element, "U-value", construction.u_value_w_m2k, "WPerSquareMeterK")
        if construction.layers:
            ET.SubElement(element, "LayerId", {"layerIdRef": f"layer-{row}"})
            layer = ET.Element("Layer", {"id": f"layer-{row}"})
            layers.append(layer)
        _text(element, "Name", construction.name)
        for number, own in enumerate(construction.layers):
            name = f"material-{row}-{number}"
            ET.SubElement(layer, "MaterialId", {"materialIdRef": name})
            material = ET.Element("Material", {"id": name})
            materials.append(material)
            _text(material, "Name", own.material)
            ET.SubElement(material, "Thickness", {"unit": "Meters"}).text = _decimal(own.thickness_m)
            for tag, value, unit in (
                ("Conductivity", own.conductivity_w_mk, "WPerMeterK"),
                ("Density", own.density_kg_m3, "KgPerCubicM"),
                ("SpecificHeat", own.specific_heat_j_kgk, "JPerKgK"),
            ):
                if value is not None:
                    _measure(material, tag, value, unit)
    root.extend([*layers, *materials, *windows])


def _window(row: int, construction: Construction) -> ET.Element:
    window = ET.Element("WindowType", {"id": f"window-{row}"})
    _text(window, "Name", construction.name)
    if construction.u_value_w_m2k is not None:
        _measure(window, "U-value", construction.u_value_w_m2k, "WPerSquareMeterK")
    if construction.shgc is not None:
        gain = ET.SubElement(window, "SolarHeatGainCoeff", {"unit": "Fraction", "solarIncidentAngle": "0"})
        gain.text = _decimal(float(construction.shgc.value))
    if construction.visible_transmittance is not None:
        kind = {"unit": "Fraction", "type": "Visible", "surfaceType": "Both"}
        light = ET.SubElement(window, "Transmittance", kind)
        light.text = _decimal(float(construction.visible_transmittance.value))
    return window


def _decimal(value: float) -> str:
    """Nine significant digits without an exponent, which the schema's decimals do not know."""
    return np.format_float_positional(value, precision=9, unique=False, fractional=False, trim="-")


def _measure(parent: ET.Element, tag: str, value: Traced, unit: str) -> None:
    ET.SubElement(parent, tag, {"unit": unit}).text = _decimal(float(value.value))


def _text(parent: ET.Element, tag: str, value: object) -> None:
    shown = _decimal(value) if isinstance(value, float) else str(value)
    # XML 1.0 takes no control characters, which names of files may hold.
    ET.SubElement(parent, tag).text = "".join(one for one in shown if one >= " " or one in "\t\n")


_BLIND = (Neighbour.VOID, Neighbour.UNKNOWN, Neighbour.ADIABATIC)
_LOSSES = {
    "gbxml-holes": Text(
        "{n} surfaces with holes are written without them.", "{n} 个带孔洞的围护面按无孔写出。"
    ),
    "gbxml-no-outline": Text("{n} surfaces without an outline are left out.", "{n} 个无轮廓的围护面未写出。"),
    "gbxml-unknown-side": Text(
        "{n} surfaces against voids or unknown neighbours are written as inner ones.",
        "{n} 个背面为空腔或未知的围护面按内围护面写出。",
    ),
    "gbxml-outdoor-spaces": Text("{n} outdoor spaces are left out.", "{n} 个室外空间未写出。"),
    "gbxml-twice": Text(
        "{n} inner surfaces stand once for both rooms, without the other room's own outline.",
        "{n} 个内围护面两侧合写一次，另一侧轮廓略去。",
    ),
    "gbxml-operation": Text(
        "Set-points, gains, air, shading elements, soil and the origin of values are not in the file.",
        "设定温度、内部得热、换气、遮阳构件、土壤及数据来源不在文件中。",
    ),
}


def _losses(model: BuildingModel, holes: int, unused: int, paired: int) -> tuple[Diagnostic, ...]:
    """What the document does not hold, or holds otherwise than the model."""
    counts = {
        "gbxml-holes": holes,
        "gbxml-no-outline": unused,
        "gbxml-unknown-side": int(np.isin(model.surfaces.neighbour, _BLIND).sum()),
        "gbxml-outdoor-spaces": int((~model.spaces.internal).sum()),
        "gbxml-twice": paired,
        "gbxml-operation": 1,
    }
    remedy = Text("Use the IFC file beside it where this matters.", "如有影响，请同时使用 IFC 文件。")
    return tuple(
        Diagnostic(code, Severity.NOTE, _LOSSES[code].format(n=count), remedy, count=count)
        for code, count in counts.items()
        if count
    )
