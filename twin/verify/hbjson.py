"""Rooms, faces, windows and constructions of a model as HBJSON, with a report of what is lost.

The JSON of Honeybee models (schema 2.3, of the Ladybug Tools; from there OpenStudio and EnergyPlus).
Metres and the model's axes; identifiers follow the rows of the tables.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Construction, Diagnostic, Neighbour, Severity, Text
from twin.kernels.thermal.conduction import Layer
from twin.metrics.energy.fabric import layer_resistance, layers_of

Json = dict[str, Any]

_WALL_TILT = 45.0  # flatter faces are floors and ceilings
_SAME_AREA = 0.01  # two faces of one wall whose areas differ by more than this share are not joined
_REVERSE = "-reverse"


@dataclass(frozen=True)
class HbJson:
    """The document, and what of the model it does not hold."""

    document: Json
    losses: tuple[Diagnostic, ...]

    def write(self, path: Path) -> Path:
        """Write the document and return its path."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.document, ensure_ascii=False, indent=1), "utf-8")
        return path


def to_hbjson(model: BuildingModel) -> HbJson:
    """The model as HBJSON. Each room brings its own faces; both of a wall between rooms name each other."""
    writer = _Writer(model)
    rooms = [room for row in np.flatnonzero(model.spaces.internal).tolist() if (room := writer.room(row))]
    constructions, materials = writer.constructions()
    document = {
        "type": "Model",
        "identifier": "greentwin",
        "display_name": Path(model.source.path).stem,
        "units": "Meters",
        "tolerance": 0.01,
        "angle_tolerance": 1.0,
        "rooms": rooms,
        "properties": {
            "type": "ModelProperties",
            "energy": {
                "type": "ModelEnergyProperties",
                "constructions": constructions,
                "materials": materials,
            },
        },
    }
    return HbJson(document, writer.losses())


class _Writer:
    """Walks over the tables once and counts what is lost."""

    def __init__(self, model: BuildingModel) -> None:
        self.model = model
        self.used: set[tuple[int, bool]] = set()  # rows of constructions, and whether seen from inside
        self.lost = dict.fromkeys(_LOSSES, 0)
        self.lost["hbjson-operation"] = 1
        self.lost["hbjson-outdoor-spaces"] = int((~model.spaces.internal).sum())
        self.faces: dict[int, list[int]] = {}
        for row, space in enumerate(model.surfaces.space.tolist()):
            self.faces.setdefault(space, []).append(row)
        self.openings: dict[int, list[int]] = {}
        for row, surface in enumerate(model.surface_openings.surface.tolist()):
            self.openings.setdefault(surface, []).append(row)

    def room(self, row: int) -> Json | None:
        """A room with its faces; None for one without an outline."""
        spaces = self.model.spaces
        faces = [face for surface in self.faces.get(row, []) if (face := self._face(surface))]
        if not faces:
            return None
        storey = int(spaces.storey[row])
        room: Json = {
            "type": "Room",
            "identifier": f"space-{row}",
            "display_name": f"{spaces.name[row]} {spaces.long_name[row]}".strip(),
            "faces": faces,
            "user_data": {"global_id": str(spaces.global_id[row]), "use": str(spaces.use[row])},
            "properties": {
                "type": "RoomPropertiesAbridged",
                "energy": {"type": "RoomEnergyPropertiesAbridged"},
            },
        }
        if storey >= 0:
            room["story"] = str(self.model.storeys.name[storey])
        return room

    def _face(self, row: int) -> Json | None:
        table = self.model.surfaces
        rings = table.polygon.rings(row)
        if not rings or len(rings[0]) < 3:
            self.lost["hbjson-no-outline"] += 1
            return None
        normal = table.normal[row]
        geometry: Json = {"type": "Face3D", "boundary": _ring(rings[0], normal)}
        holes = [_ring(ring, normal) for ring in rings[1:] if len(ring) >= 3]
        if holes:
            geometry["holes"] = holes
        tilt = float(table.tilt_deg[row])
        kind = "RoofCeiling" if tilt < _WALL_TILT else "Floor" if tilt > 180 - _WALL_TILT else "Wall"
        boundary = self._boundary(row)
        face: Json = {
            "type": "Face",
            "identifier": f"surface-{row}",
            "display_name": self._name(int(table.element[row]), f"surface {row}"),
            "geometry": geometry,
            "face_type": kind,
            "boundary_condition": boundary,
            "properties": {
                "type": "FacePropertiesAbridged",
                "energy": self._face_energy(row, boundary["type"]),
            },
        }
        self._add_openings(face, row, boundary["type"])
        return face

    def _boundary(self, row: int) -> Json:
        table = self.model.surfaces
        neighbour = Neighbour(int(table.neighbour[row]))
        if neighbour is Neighbour.OUTDOORS:
            return {"type": "Outdoors"}
        if neighbour is Neighbour.GROUND:
            return {"type": "Ground"}
        pair, there = int(table.pair[row]), int(table.neighbour_space[row])
        if neighbour is Neighbour.SPACE and there >= 0 and not self.model.spaces.internal[there]:
            return {"type": "Outdoors"}  # a balcony
        if neighbour is Neighbour.SPACE and pair >= 0 and self._same(row, pair):
            names = [f"surface-{pair}", f"space-{there}"]
            return {"type": "Surface", "boundary_condition_objects": names}
        self.lost["hbjson-adiabatic"] += 1
        return {"type": "Adiabatic"}

    def _same(self, row: int, pair: int) -> bool:
        table = self.model.surfaces
        one, other = float(table.area_m2[row]), float(table.area_m2[pair])
        outline = table.polygon.rings(pair)
        return abs(one - other) <= _SAME_AREA * max(one, other) and bool(outline) and len(outline[0]) >= 3

    def _add_openings(self, face: Json, row: int, boundary: str) -> None:
        """Windows and doors to outdoors; those inside and holes are lost."""
        table, normal = self.model.surface_openings, self.model.surfaces.normal[row]
        for opening in self.openings.get(row, []):
            rings, kind = table.polygon.rings(opening), str(table.kind[opening])
            if boundary != "Outdoors" or kind not in ("window", "door") or not rings or len(rings[0]) < 3:
                self.lost["hbjson-inner-openings"] += 1
                continue
            construction = int(table.construction[opening])
            glass = construction >= 0 and self.model.constructions[construction].shgc is not None
            kind = "Aperture" if kind == "window" else "Door"
            one: Json = {
                "type": kind,
                "identifier": f"opening-{opening}",
                "display_name": self._name(int(table.element[opening]), f"opening {opening}"),
                "geometry": {"type": "Face3D", "boundary": _ring(rings[0], normal)},
                "boundary_condition": {"type": "Outdoors"},
                "properties": {
                    "type": f"{kind}PropertiesAbridged",
                    "energy": self._energy(kind, construction, glass=glass or kind == "Aperture"),
                },
            }
            if kind == "Door":
                one["is_glass"] = glass
            face.setdefault(f"{kind.lower()}s", []).append(one)

    def _face_energy(self, row: int, boundary: str) -> Json:
        """Both faces of a wall between rooms have the layers of the first one, the second one reversed."""
        table = self.model.surfaces
        pair = int(table.pair[row])
        second = boundary == "Surface" and pair < row
        return self._energy("Face", int(table.construction[pair if second else row]), reverse=second)

    def _energy(self, kind: str, row: int, *, glass: bool = False, reverse: bool = False) -> Json:
        """The energy properties, with the construction of that row where it is of the right sort."""
        energy: Json = {"type": f"{kind}EnergyPropertiesAbridged"}
        if row >= 0 and glass == (self.model.constructions[row].shgc is not None) and self._written(row):
            self.used.add((row, reverse))
            energy["construction"] = f"construction-{row}{_REVERSE * reverse}"
        return energy

    def _written(self, row: int) -> bool:
        construction = self.model.constructions[row]
        if construction.shgc is not None:
            return construction.u_value_w_m2k is not None
        return bool(construction.layers) or construction.u_value_w_m2k is not None

    def _name(self, element: int, other: str) -> str:
        return str(self.model.elements.name[element]) or other if element >= 0 else other

    def constructions(self) -> tuple[list[Json], list[Json]]:
        """Those that a face or an opening uses, and their materials."""
        constructions: list[Json] = []
        materials: dict[str, Json] = {}
        for row, reverse in sorted(self.used):
            construction = self.model.constructions[row]
            glass = construction.shgc is not None
            own = [_glass(row, construction)] if glass else _opaque(row, construction)
            materials |= {str(material["identifier"]): material for material in own}
            names = [material["identifier"] for material in own]
            constructions.append(
                {
                    "type": "WindowConstructionAbridged" if glass else "OpaqueConstructionAbridged",
                    "identifier": f"construction-{row}{_REVERSE * reverse}",
                    "display_name": construction.name,
                    "materials": names[::-1] if reverse else names,
                }
            )
        return constructions, list(materials.values())

    def losses(self) -> tuple[Diagnostic, ...]:
        """What the document does not hold, or holds otherwise than the model."""
        remedy = Text("Use the IFC file beside it where this matters.", "如有影响，请同时使用 IFC 文件。")
        return tuple(
            Diagnostic(code, Severity.NOTE, _LOSSES[code].format(n=count), remedy, count=count)
            for code, count in self.lost.items()
            if count
        )


def _ring(ring: NDArray[np.float64], normal: NDArray[np.float64]) -> list[list[float]]:
    """Corners counter-clockwise seen from outside the room."""
    crossed = np.cross(ring, np.roll(ring, -1, axis=0)).sum(axis=0)
    turned = ring[::-1] if crossed @ normal < 0 else ring
    return [[round(value, 6) for value in point] for point in turned.tolist()]


def _glass(row: int, construction: Construction) -> Json:
    """U of the whole window and the SHGC of glass and frame together."""
    assert construction.u_value_w_m2k is not None
    assert construction.shgc is not None
    frame = 0.0 if construction.frame_ratio is None else float(construction.frame_ratio.value)
    glass: Json = {
        "type": "EnergyWindowMaterialSimpleGlazSys",
        "identifier": f"glass-{row}",
        "u_factor": float(construction.u_value_w_m2k.value),
        "shgc": max(float(construction.shgc.value) * (1 - frame), 1e-3),
    }
    if construction.visible_transmittance is not None:
        glass["vt"] = float(construction.visible_transmittance.value) * (1 - frame)
    return glass


def _opaque(row: int, construction: Construction) -> list[Json]:
    """The layers from the outside to the inside, or one resistance behind a U-value."""
    layers = layers_of(construction)
    if layers:
        names = [layer.material for layer in construction.layers if layer.thickness_m > 0]
        return [
            _material(f"material-{row}-{n}", name, layer)
            for n, (name, layer) in enumerate(zip(names, layers, strict=True))
        ]
    assert construction.u_value_w_m2k is not None
    resistance = layer_resistance(float(construction.u_value_w_m2k.value))
    return [_resistance(f"material-{row}", construction.name, resistance)]


def _resistance(identifier: str, name: str, value_m2k_w: float) -> Json:
    return {
        "type": "EnergyMaterialNoMass",
        "identifier": identifier,
        "display_name": name,
        "r_value": value_m2k_w,
    }


def _material(identifier: str, name: str, layer: Layer) -> Json:
    if layer.density_kg_m3 <= 0:
        return _resistance(identifier, name, layer.resistance_m2k_w)
    return {
        "type": "EnergyMaterial",
        "identifier": identifier,
        "display_name": name,
        "thickness": layer.thickness_m,
        "conductivity": layer.conductivity_w_mk,
        "density": layer.density_kg_m3,
        "specific_heat": layer.specific_heat_j_kgk,
    }


_LOSSES = {
    "hbjson-no-outline": Text(
        "{n} surfaces without an outline are left out.", "{n} 个无轮廓的围护面未写出。"
    ),
    "hbjson-adiabatic": Text(
        "{n} surfaces against voids, unknown neighbours or a face of another size are adiabatic.",
        "{n} 个背面为空腔、未知或两侧面积不一致的围护面按绝热写出。",
    ),
    "hbjson-inner-openings": Text(
        "{n} openings inside the building or without an outline are left out.",
        "{n} 个室内或无轮廓的洞口未写出。",
    ),
    "hbjson-outdoor-spaces": Text("{n} outdoor spaces are left out.", "{n} 个室外空间未写出。"),
    "hbjson-operation": Text(
        "Set-points, gains, air, shading elements, soil and the origin of values are not in the file.",
        "设定温度、内部得热、换气、遮阳构件、土壤及数据来源不在文件中。",
    ),
}
