"""One construction with a U-value for every element of the envelope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ifc.constructions.assumptions import Assumptions
from ifc.constructions.composite import layers_of_parts
from ifc.constructions.defaults import default_construction, library_layer, usual_layers
from ifc.constructions.iso6946 import u_value
from ifc.constructions.kinds import Part, element_thickness, envelope_parts, is_glass
from ifc.constructions.layers import agree_with_u_value, complete_layers, unknown_materials
from ifc.constructions.materials_library import match_material, material, outside_first
from ifc.constructions.stated_u_value import as_k_value, without_surfaces
from ifc.constructions.surface_resistances import SurfaceResistances, gb50176_surfaces
from ifc.constructions.windows import complete_window
from ifc.model import BuildingModel, Construction, Layer, Neighbour, Provenance, Traced
from ifc.model.elements import Index

_OPAQUE_U = (0.03, 7.0)  # W/(m²·K) that an element can have; above, not even surface resistances are left
_WINDOW_U = (0.3, 8.0)
_DISAGREEMENT = 0.2
_LINING_M = 0.0125
_SHAPES_OF_FRAMES = frozenset(
    ["IfcSlab", "IfcPlate", "IfcMember", "IfcWall", "IfcWallStandardCase", "IfcWindow"]
)
_RESISTANCE_NAMES = ("Thermal Resistance (R)", "热阻(R)", "热阻 (R)")


def resolve_constructions(
    model: BuildingModel, *, zone: str = "3A", building_category: str = "residential"
) -> BuildingModel:
    """Give every wall, slab, roof, curtain wall, window and door a construction with a U-value.

    What the file states stays. Missing material properties come from the material library by name, U-values
    from the layers as K of GB 50176, glazing from its description, and what nothing is known about from the
    code's limits (:func:`ifc.constructions.defaults.default_construction`). Where the stated U-value and the
    layers disagree, the U-value wins and the layers are made to agree. One diagnostic per kind of assumption.

    Works before and after the surfaces are derived; after, it knows which elements are external and sets
    the surfaces' constructions too. Applied again, with the same or another zone, it starts from the file's
    values again.

    Args:
        model: a model as read.
        zone: thermal zone of GB 50176-2016, e.g. "3A".
        building_category: "residential" or "public".

    Raises:
        KeyError: an unknown zone or category.
    """
    stated = replace(model, constructions=tuple(one.stated or one for one in model.constructions))
    resolver = _Resolver(stated, zone, building_category, Assumptions())
    parts = envelope_parts(stated)
    needed = set(model.surfaces.element.tolist()) | set(model.surface_openings.element.tolist())
    rows: dict[Construction, int] = {}
    construction_of = np.full(len(model.elements), -1, np.int32)
    for row, part in parts.items():
        resolved = resolver.resolve(row, part, needed=row in needed)
        if resolved is not None:
            construction_of[row] = rows.setdefault(resolved, len(rows))
    for row in np.flatnonzero((construction_of < 0) & (model.elements.construction >= 0)).tolist():
        kept = stated.constructions[model.elements.construction[row]]
        construction_of[row] = rows.setdefault(kept, len(rows))
    for row in parts:  # the parts of a composite wall are that wall
        parent = int(model.elements.parent[row])
        if model.elements.ifc_class[row] == "IfcBuildingElementPart" and parent in parts:
            construction_of[row] = construction_of[parent]
    of_surfaces = _of_surfaces(model, construction_of, rows, resolver)
    openings = model.surface_openings
    return replace(
        model,
        elements=replace(model.elements, construction=construction_of),
        surfaces=replace(model.surfaces, construction=of_surfaces),
        surface_openings=replace(openings, construction=_of_elements(openings.element, construction_of)),
        constructions=tuple(rows),
        diagnostics=(
            *(one for one in model.diagnostics if one.code not in Assumptions.codes),
            *resolver.assumptions.diagnostics(stated),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Resolver:
    model: BuildingModel  # with the constructions that the file states
    zone: str
    category: str
    assumptions: Assumptions

    def resolve(self, row: int, part: Part, *, needed: bool) -> Construction | None:
        """The construction of one element; None where nothing asks for it: it separates no rooms."""
        is_frame = self._is_frame(row)
        if not needed and (part.kind == "other" or is_frame):
            return None
        if part.kind == "curtain_wall" and is_frame:
            row = self._main_panel(row)
        raw = self._raw(row, part.kind)
        if part.kind in ("window", "curtain_wall") or (part.kind == "door" and self._glazed(row, raw)):
            resolved = self._window(row, part, raw)
        else:
            resolved = self._opaque(row, part, raw)
        return replace(resolved, stated=raw, coats=(None, None))  # they follow the order of the file

    def default(self, kind: str, external: bool | None) -> Construction:
        """The code's default; walls count as external, floors as internal, when it is not known."""
        if external is None:
            external = kind != "floor"
        return default_construction(kind, self.zone, self.category, external=external)

    def _is_frame(self, row: int) -> bool:
        """Whether an element is only the sum of others that have the shape, as a roof of slabs."""
        parts = self.model.elements.parts_of(row)
        own = self.model.geometry.has(row)
        return not own and any(
            self.model.elements.ifc_class[part] in _SHAPES_OF_FRAMES and self.model.geometry.has(part)
            for part in parts
        )

    def _main_panel(self, row: int) -> int:
        """The panel of a curtain wall that stands for it: its first one of glass, else the wall itself."""
        parts = self.model.elements.parts_of(row)
        panels = [part for part in parts if self.model.elements.ifc_class[part].startswith("IfcPlate")]
        return next((panel for panel in panels if is_glass(self.model, panel)), row)

    def _raw(self, row: int, kind: str) -> Construction:
        """What the file states about an element: its own, else that of the element it is part of."""
        elements = self.model.elements
        parent = int(elements.parent[row])
        for one in (row, parent):
            raw = int(elements.construction[one]) if one >= 0 else -1
            if raw >= 0 and (one == row or self.model.constructions[raw].kind == kind):
                return replace(self.model.constructions[raw], kind=kind)
        return Construction(str(elements.type_name[row] or elements.name[row]), kind)

    def _glazed(self, row: int, raw: Construction) -> bool:
        return raw.shgc is not None or raw.visible_transmittance is not None or is_glass(self.model, row)

    def _window(self, row: int, part: Part, raw: Construction) -> Construction:
        if raw.u_value_w_m2k is not None and not _within(raw.u_value_w_m2k, _WINDOW_U):
            self.assumptions.implausible_u_value(row, raw.u_value_w_m2k)
            raw = replace(raw, u_value_w_m2k=None)
        default = self.default("curtain_wall" if part.kind == "curtain_wall" else "window", True)
        done, glazing = complete_window(self.model, row, raw, default)
        self.assumptions.window(row, raw, done, default, glazing)
        return done

    def _opaque(self, row: int, part: Part, raw: Construction) -> Construction:
        inside = part.external is False or (part.external is None and part.kind == "floor")
        surfaces = gb50176_surfaces(part.kind, both_inside=inside)
        default = self.default(part.kind, part.external)
        layers = self._layers(row, part.kind, raw)
        u_stated = self._stated_u(row, part.kind, raw, layers, both_inside=inside)
        name = raw.name or default.name
        if layers and u_stated is None:
            return replace(raw, name=name, layers=layers, u_value_w_m2k=_u_of_layers(layers, surfaces))
        if u_stated is None:
            self.assumptions.default(row, default)
            return default if part.kind == default.kind else replace(default, kind=part.kind)
        if layers:
            own = u_value(layers, surfaces)
            if abs(own / float(u_stated.value) - 1.0) > _DISAGREEMENT:
                self.assumptions.disagreement(row, own, float(u_stated.value))
        else:
            self.assumptions.default_layers(row, default)
            layers = usual_layers(part.kind, float(u_stated.value), surfaces, external=not inside)
        agreed = agree_with_u_value(layers, float(u_stated.value), surfaces)
        return replace(raw, name=name, layers=agreed, u_value_w_m2k=u_stated)

    def _layers(self, row: int, kind: str, raw: Construction) -> tuple[Layer, ...]:
        """Complete layers from the outside to the inside, () when the file tells too little."""
        layers = layers_of_parts(self.model, row) or raw.layers
        if len(layers) == 1 and layers[0].thickness_m <= 0:
            thickness = element_thickness(self.model, row, kind)
            layers = (replace(layers[0], thickness_m=thickness),) if thickness is not None else ()
        if layers and all(layer.thickness_m <= 0 for layer in layers):
            self.assumptions.no_thickness(row, [layer.material for layer in layers])
            return ()
        if kind == "door" and all(_is_sheet(layer) for layer in layers):
            return ()  # a leaf of metal or glass is hollow: its usual build-up says more than a solid block
        if self.model.elements.ifc_class[row] == "IfcCovering":
            layers = self._lining(row, kind, layers)
        completed = complete_layers(layers, kind)
        if completed is None:
            self.assumptions.unknown_materials(row, unknown_materials(layers))
            return ()
        self.assumptions.completed(row, completed)
        names = [layer.material for layer in completed.layers]
        return completed.layers if outside_first(names, kind) else completed.layers[::-1]

    def _lining(self, row: int, kind: str, layers: Sequence[Layer]) -> tuple[Layer, ...]:
        """The layers of a ceiling or cladding that are known, else a gypsum board: it is no floor or wall."""
        unknown = unknown_materials(layers)
        if unknown:
            self.assumptions.unknown_materials(row, unknown)
        known = tuple(layer for layer in layers if layer.material not in unknown)
        if known:
            return known
        board = material("gypsum_board")
        thickness = min(element_thickness(self.model, row, kind) or _LINING_M, 2.0 * _LINING_M)
        return (library_layer(board.label.en, board, thickness, "usual lining", "low"),)

    def _stated_u(
        self, row: int, kind: str, raw: Construction, layers: Sequence[Layer], *, both_inside: bool
    ) -> Traced | None:
        stated = raw.u_value_w_m2k
        if stated is None:
            return None
        found = self.model.properties.find(row, *_RESISTANCE_NAMES) if kind != "door" else None
        resistance = found[1] if found is not None and isinstance(found[1], (int, float)) else 0.0
        if abs(float(resistance) * float(stated.value) - 1.0) < 0.01:
            # Revit writes 1 / (sum of the layers' resistances) for walls, floors and roofs, without surfaces.
            self.assumptions.without_surfaces(row)
            return without_surfaces(stated, gb50176_surfaces(kind, both_inside=both_inside))
        if not _within(stated, _OPAQUE_U):
            self.assumptions.implausible_u_value(row, stated)
            return None
        k_value = as_k_value(stated, layers, kind, both_inside=both_inside)
        if k_value.value != stated.value:
            self.assumptions.of_iso6946(row, float(stated.value), float(k_value.value))
        return k_value


def _of_surfaces(
    model: BuildingModel, construction_of: Index, rows: dict[Construction, int], resolver: _Resolver
) -> Index:
    """Construction row per surface: that of its element, else the default for what lies behind it."""
    surfaces = model.surfaces
    result = _of_elements(surfaces.element, construction_of)
    # terrain and furniture behind a face keep what the file states, which need not be a U-value
    complete = np.array([one.u_value_w_m2k is not None for one in rows] + [False])
    for row in np.flatnonzero(~complete[result]).tolist():
        tilt, neighbour = float(surfaces.tilt_deg[row]), int(surfaces.neighbour[row])
        kind = "roof" if tilt < 45.0 else "wall" if tilt <= 135.0 else "floor"
        if kind == "floor" and neighbour == Neighbour.GROUND:
            kind = "ground_floor"
        external = neighbour in (Neighbour.OUTDOORS, Neighbour.GROUND)
        if kind == "roof" and not external:
            kind = "floor"
        default = resolver.default(kind, external)
        resolver.assumptions.surface_default(row, default)
        result[row] = rows.setdefault(default, len(rows))
    return result


def _is_sheet(layer: Layer) -> bool:
    """Whether a layer's material comes in sheets: metal and glass."""
    match = match_material(layer.material)
    return match is not None and match.material is not None and match.material.sheet


def _of_elements(elements: Index, construction_of: Index) -> Index:
    """Construction row of each element row; -1 for no element or an element without one."""
    return np.append(construction_of, np.int32(-1))[elements]  # row -1 is the appended one


def _u_of_layers(layers: Sequence[Layer], surfaces: SurfaceResistances) -> Traced:
    assumed = [
        layer.conductivity_w_mk
        for layer in layers
        if layer.conductivity_w_mk is not None and layer.conductivity_w_mk.provenance is Provenance.DEFAULT
    ]
    source = "K of GB 50176-2016 from the layers"
    if assumed:
        source += f"; {len(assumed)} of {len(layers)} conductivities from the material library"
    confidence = min((one.confidence for one in assumed), key=("low", "medium", "high", "").index, default="")
    return Traced(u_value(layers, surfaces), "W/(m²·K)", Provenance.DERIVED, source, confidence)


def _within(traced: Traced, limits: tuple[float, float]) -> bool:
    return limits[0] <= float(traced.value) <= limits[1]
