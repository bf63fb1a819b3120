"""Facts about the building that several clauses share: type, storeys, floor areas, structure, equipment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from ifc.model import BuildingModel, Neighbour, Provenance, Text
from twin.metrics.result import Need
from twin.rating.case import Case, Evaluator
from twin.rating.facts import NOTHING, Fact, Value, unknown
from twin.rating.reading import (
    BEAMS,
    COLUMNS,
    LIFTS,
    MEMBERS,
    WALLS,
    as_bool,
    as_number,
    how_to_state,
    material_text,
    mesh_volume_m3,
    says,
)
from twin.use_types import use_types

# 绿色建筑评价标准 7.2.1: group 2 is education, culture, sport, health care and welfare.
GROUP_2_USES = (
    "classroom", "nursery", "library", "reading_room", "laboratory", "clinic", "ward", "waiting_room",
    "elderly_day_care", "activity_room", "fitness", "gymnasium", "exhibition",
)  # fmt: skip
GROUP_1_USES = ("office", "meeting_room", "shop", "restaurant", "guest_room")

_BELOW = re.compile(
    r"地下|负[一二三四五1-5]|(?<![a-z0-9])(?:-\s*\d|b\s*[1-9](?![a-z0-9])|basement|underground|cellar|keller|ug)",
    re.I,
)
_GROUND_FLOOR = re.compile(
    r"首层|底层|一层|一楼|"
    r"(?<![a-z0-9-])(?:1f|f1|f01|1st floor|level 1|ground ?floor|eg|erdgeschoss|rez)(?![a-z0-9])",
    re.I,
)

CONCRETE_WORDS = ("混凝土", "砼", "concrete", "beton", "stahlbeton", "cast-in-place", "precast", "rc")
STEEL_WORDS = ("钢", "steel", "stahl", "hea", "heb", "ipe", "hss", "uc", "ub")
_STEEL_GRADE = re.compile(r"(?<![a-z0-9])[qs]\d{3}[a-z]{0,3}(?![a-z0-9])", re.I)
TIMBER_WORDS = ("木", "timber", "wood", "holz", "glulam", "clt", "lvl")
MASONRY_WORDS = (
    "砖",
    "砌块",
    "砌体",
    "brick",
    "masonry",
    "block",
    "mauerwerk",
    "kalksandstein",
    "ziegel",
    "cmu",
)


def material_family(text: str) -> str:
    """The family of a material by its name: concrete, steel, timber, masonry, "" for none of these.

    钢筋混凝土 (reinforced concrete) is concrete, 混凝土砌块 (concrete blocks) is masonry.
    """
    if says(text, MASONRY_WORDS):
        return "masonry"
    if says(text, CONCRETE_WORDS) or re.search(r"(?<![a-z0-9])C\d{2,3}(?![a-z0-9])", text, re.I):
        return "concrete"
    if says(text, TIMBER_WORDS):
        return "timber"
    return "steel" if says(text, STEEL_WORDS) or _STEEL_GRADE.search(text) else ""


# --- type of building --------------------------------------------------------------------------------------


def building_type(case: Case) -> Fact:
    """Residential or public: from twin.toml, else from the areas of dwelling and public rooms."""
    stated = case.project.project.building_type
    if stated is not None:
        return _stated(stated, "project.building_type")
    dwelling, public = _areas_by_category(case)
    total = dwelling + public
    if total <= 0:
        return unknown(
            "enum",
            Need(
                Text("The building type: no room shows its use.", "建筑类型：没有房间能表明用途。"),
                Text(
                    "Name the spaces by their use, or set project.building_type in twin.toml.",
                    "请按用途命名房间，或在 twin.toml 中填写 project.building_type。",
                ),
            ),
        )
    share = dwelling / total
    ratio = f"{dwelling:.1f} / {total:.1f} m² = {100 * share:.0f} %"
    formula = f"A(dwelling rooms) / A(dwelling + public rooms) = {ratio}"
    confidence = "high" if max(share, 1 - share) >= 0.9 else "medium"
    return Fact(
        "residential" if share > 0.5 else "public", "enum", Provenance.DERIVED, "uses of the spaces", formula,
        Text("From the uses of the rooms.", "按房间用途判断。"), confidence=confidence,
    )  # fmt: skip


def _areas_by_category(case: Case) -> tuple[float, float]:
    spaces, categories = case.model.spaces, use_types()
    area = np.nan_to_num(spaces.area_m2)
    kinds = np.array([categories[use].category if use in categories else "" for use in spaces.use], object)
    return float(area[kinds == "dwelling"].sum()), float(area[kinds == "public"].sum())


def public_group(case: Case) -> Fact:
    """Group 1 (offices, commerce, hotels, transport) or 2 (education, culture, sport, health, welfare)."""
    spaces = case.model.spaces
    area = np.nan_to_num(spaces.area_m2)
    first = float(area[np.isin(spaces.use, GROUP_1_USES)].sum())
    second = float(area[np.isin(spaces.use, GROUP_2_USES)].sum())
    if first + second <= 0:
        return unknown("enum")
    formula = f"A(group 1 rooms) = {first:.1f} m², A(group 2 rooms) = {second:.1f} m²"
    confidence = "high" if max(first, second) >= 0.9 * (first + second) else "medium"
    return Fact(
        "2" if second > first else "1", "enum", Provenance.DERIVED, "uses of the spaces", formula,
        Text("From the uses of the rooms.", "按房间用途判断。"), confidence=confidence,
    )  # fmt: skip


def stage(case: Case) -> Fact:
    """The stage of the rating."""
    return _stated(case.project.project.stage, "project.stage")


def full_fitout(case: Case) -> Fact:
    """Full fit-out as twin.toml states it."""
    stated = case.project.project.full_fit_out
    if stated is None:
        need = Need(
            Text("Full fit-out.", "全装修。"),
            Text("Set project.full_fit_out in twin.toml.", "在 twin.toml 中填写 project.full_fit_out。"),
        )
        return unknown("bool", need)
    return Fact(stated, "bool", Provenance.DECLARED, "project.full_fit_out in twin.toml")


def _stated(value: Value, key: str) -> Fact:
    return Fact(value, "enum", Provenance.DECLARED, f"{key} in twin.toml")


# --- storeys and floor areas -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Levels:
    """Which storeys lie below ground, and how that was decided."""

    below: tuple[bool, ...]  # per row of the StoreyTable
    source: str
    confidence: str


def levels(model: BuildingModel, case: Case) -> Levels:
    """Storeys below ground: by AboveGround, else by name, else by the earth at their walls or elevation."""
    below: list[bool] = []
    sources: dict[str, None] = {}
    ground = _ground_floor_elevation(model)
    for row in range(len(model.storeys)):
        stated = (
            case.get(int(model.storeys.element[row]), "storey_above_ground")
            if model.storeys.element[row] >= 0
            else None
        )
        above = as_bool(stated.value) if stated else None
        name = str(model.storeys.name[row])
        if stated and above is not None:
            below.append(not above)
            sources[stated.source] = None
        elif _BELOW.search(name):
            below.append(True)
            sources["names of the storeys"] = None
        elif _GROUND_FLOOR.search(name):
            below.append(False)
            sources["names of the storeys"] = None
        else:
            below.append(_in_the_earth(model, row, ground))
            sources["elevations and ground contact"] = None
    confidence = "medium" if "elevations and ground contact" in sources else "high"
    return Levels(tuple(below), ", ".join(sources), confidence)


def _ground_floor_elevation(model: BuildingModel) -> float | None:
    for row in range(len(model.storeys)):
        name = str(model.storeys.name[row])
        if _GROUND_FLOOR.search(name) and not _BELOW.search(name):
            return float(model.storeys.elevation_m[row])
    return None


def _in_the_earth(model: BuildingModel, storey: int, ground: float | None) -> bool:
    """Whether most of the outer wall area is against earth; without walls, 1.5 m below the ground floor."""
    surfaces = model.surfaces
    if len(surfaces):
        walls = np.abs(surfaces.tilt_deg - 90) < 30
        own = model.spaces.storey[surfaces.space] == storey
        earth = float(surfaces.area_m2[own & walls & (surfaces.neighbour == Neighbour.GROUND)].sum())
        air = float(surfaces.area_m2[own & walls & (surfaces.neighbour == Neighbour.OUTDOORS)].sum())
        if earth + air > 0:
            return earth > air
    elevation = float(model.storeys.elevation_m[storey])
    reference = ground if ground is not None else -float(model.offset_m[2])  # project zero
    return elevation < reference - 1.5


def storey_areas(case: Case) -> tuple[np.ndarray, str, Provenance, str]:
    """Gross floor area per storey (S,) in m², NaN where it cannot be told; source, provenance, confidence.

    A storey's own quantity counts; else the outline of its rooms and walls seen from above, shafts included.
    """
    model = case.model
    areas = np.full(len(model.storeys), np.nan)
    stated = derived = 0
    for row in range(len(areas)):
        element = int(model.storeys.element[row])
        found = case.get(element, "gross_floor_area") if element >= 0 else None
        number = as_number(found.value) if found else None
        if number is not None and number > 0:
            areas[row] = number
            stated += 1
            continue
        outline = _outline_area(model, row)
        if outline > 0:
            areas[row] = outline
            derived += 1
    if derived:
        return areas, "outlines of rooms and walls", Provenance.DERIVED, "medium"
    return areas, "GrossFloorArea of the storeys", Provenance.IFC, "high"


def _outline_area(model: BuildingModel, storey: int) -> float:
    spaces = model.spaces
    shapes = []
    for row in np.flatnonzero((spaces.storey == storey) & spaces.internal):
        rings = spaces.footprint.rings(int(row))
        if rings and len(rings[0]) >= 3:
            shapes.append(shapely.make_valid(shapely.Polygon(rings[0], rings[1:])))
    if not shapes:
        return 0.0
    for row in np.flatnonzero(np.isin(model.elements.ifc_class, WALLS) & (model.elements.storey == storey)):
        vertices, _ = model.geometry.mesh(int(row))
        if len(vertices) >= 3:
            shapes.append(shapely.MultiPoint(vertices[:, :2]).convex_hull)
    # 0.1 m closes the joints between rooms and walls; a hull of a wall beyond the rooms stays a thin strip.
    merged = shapely.buffer(shapely.union_all(shapely.buffer(shapes, 0.1)), -0.1)
    return float(sum(shapely.Polygon(part.exterior).area for part in _polygons(merged)))


def _polygons(shape: shapely.Geometry) -> list[shapely.Polygon]:
    parts = shapely.get_parts(shape)
    return [part for part in parts if part.geom_type == "Polygon"]


def _sum_of_storeys(case: Case, key: str, below: bool) -> Fact:
    areas, source, provenance, confidence = storey_areas(case)
    info = levels(case.model, case)
    wanted = [row for row, is_below in enumerate(info.below) if is_below == below and np.isfinite(areas[row])]
    if not np.isfinite(areas).any():
        return unknown("m²", _area_need(key))
    total = float(areas[wanted].sum()) if wanted else 0.0
    parts = " + ".join(f"{areas[row]:.1f}" for row in wanted[:6]) + (" + …" if len(wanted) > 6 else "")
    formula = f"Σ A(storey) = {parts or '0'} = {total:.1f} m²"
    lower = "medium" if "medium" in (confidence, info.confidence) else "high"
    reason = Text(f"Storeys sorted by {info.source}.", f"楼层地上地下划分依据：{info.source}。")
    return Fact(total, "m²", provenance, source, formula, reason, confidence=lower)


def _area_need(key: str) -> Need:
    return Need(
        Text(
            "Floor areas: the model has no rooms and states none.", "建筑面积：模型没有房间，也未给出面积。"
        ),
        Text(
            f"Add {how_to_state(key)} to the IfcBuilding, or [facts.{key}] to twin.toml.",
            f"请在 IfcBuilding 中补充 {how_to_state(key)}，或在 twin.toml 中填写 [facts.{key}]。",
        ),
    )


def floor_area_above_ground(case: Case) -> Fact:
    """Gross floor area of the storeys above ground, m²."""
    return _sum_of_storeys(case, "floor_area_above_ground", below=False)


def floor_area_below_ground(case: Case) -> Fact:
    """Gross floor area of the storeys below ground, m²; 0 when all storeys with rooms stand above it."""
    return _sum_of_storeys(case, "floor_area_below_ground", below=True)


def first_basement_area(case: Case) -> Fact:
    """Gross floor area of the highest storey below ground, m²."""
    areas, source, provenance, confidence = storey_areas(case)
    if not np.isfinite(areas).any():
        return unknown("m²", _area_need("first_basement_area"))
    info = levels(case.model, case)
    below = [row for row, is_below in enumerate(info.below) if is_below and np.isfinite(areas[row])]
    if not below:
        return Fact(0.0, "m²", provenance, source, "no storey with rooms below ground", confidence=confidence)
    top = max(below, key=lambda row: case.model.storeys.elevation_m[row])
    name = case.model.storeys.name[top]
    return Fact(
        float(areas[top]), "m²", provenance, source, f"A({name}) = {areas[top]:.1f} m²", confidence=confidence
    )


def mean_storeys(case: Case) -> Fact:
    """Storeys with dwelling rooms above ground; the mean over the buildings, weighted by dwelling area."""
    model, categories = case.model, use_types()
    info = levels(model, case)
    dwelling = np.array(
        [use in categories and categories[use].category == "dwelling" for use in model.spaces.use], bool
    )
    storeys = {
        int(storey) for storey in model.spaces.storey[dwelling] if storey >= 0 and not info.below[int(storey)]
    }
    if not storeys:
        return unknown("-")
    buildings: dict[int, set[int]] = {}
    for storey in storeys:
        buildings.setdefault(int(model.storeys.building[storey]), set()).add(storey)
    area = np.nan_to_num(model.spaces.area_m2)
    weights, counts = [], []
    for own in buildings.values():
        levels_of = {round(float(model.storeys.elevation_m[storey]), 1) for storey in own}
        counts.append(len(levels_of))
        weights.append(float(area[dwelling & np.isin(model.spaces.storey, list(own))].sum()) or 1.0)
    value = float(np.average(counts, weights=weights))
    return Fact(
        value, "-", Provenance.DERIVED, "storeys with dwelling rooms",
        f"Σ A·n / Σ A over {len(counts)} buildings = {value:.1f}", confidence="medium",
    )  # fmt: skip


def dwelling_count(case: Case) -> Fact:
    """Number of dwellings: zones that hold a kitchen or bedroom, else dwelling kitchens."""
    model = case.model
    use_of = dict(zip(model.spaces.element.tolist(), model.spaces.use, strict=True))
    zones: dict[str, set[str]] = {}
    groups = model.groups
    for kind, global_id, element in zip(
        groups.group_class, groups.group_global_id, groups.element.tolist(), strict=True
    ):
        if kind == "IfcZone" and element in use_of:
            zones.setdefault(str(global_id), set()).add(str(use_of[element]))
    homes = [uses for uses in zones.values() if uses & {"kitchen", "bedroom"}]
    if homes:
        return Fact(
            float(len(homes)),
            "count",
            Provenance.IFC,
            "IfcZone",
            f"zones with a kitchen or bedroom: {len(homes)}",
        )
    kitchens = case.spaces("kitchen")
    if kitchens:
        return Fact(
            float(len(kitchens)), "count", Provenance.DERIVED, "uses of the spaces",
            f"one dwelling per kitchen: {len(kitchens)}", confidence="medium",
        )  # fmt: skip
    return unknown("count")


def persons_per_dwelling(case: Case) -> Fact:
    """3.2 persons per dwelling, the figure implied by GB 50180-2018."""
    return Fact(
        3.2, "person", Provenance.DEFAULT, "GB 50180-2018, population bands", "3.2 persons per dwelling",
        Text("Default; local planning rules may set another figure.", "默认值，当地规划规定可能不同。"),
        confidence="medium",
    )  # fmt: skip


# --- structure and equipment -------------------------------------------------------------------------------


def structural_elements(case: Case) -> list[int]:
    """Columns, beams, members and walls that bear load."""
    rows = case.rows(*COLUMNS, *BEAMS, *MEMBERS)
    for wall in case.rows(*WALLS):
        found = case.get(wall, "load_bearing")
        if found is not None and as_bool(found.value):
            rows.append(wall)
    return rows


def volume_m3(case: Case, element: int) -> float | None:
    """Volume of an element: its quantity, else its mesh; None for neither."""
    found = case.get(element, "net_volume")
    number = as_number(found.value) if found else None
    if number is not None and number > 0:
        return number
    vertices, triangles = case.model.geometry.mesh(element)
    volume = mesh_volume_m3(vertices, triangles)
    return volume if volume > 0 else None


def structure_type(case: Case) -> Fact:
    """The main structure, from the materials of columns, beams and load-bearing walls by their volume."""
    volumes: dict[str, float] = {}
    elements = structural_elements(case)
    for element in elements:
        family = material_family(material_text(case.model, element))
        volumes[family] = volumes.get(family, 0.0) + (volume_m3(case, element) or 0.0)
    total = sum(volumes.values())
    if total <= 0 or volumes.get("", 0.0) > 0.2 * total:
        silent = [e for e in elements if not material_family(material_text(case.model, e))]
        return unknown(
            "enum",
            Need(
                Text("The material of the main structure.", "主体结构材料。"),
                Text(
                    "Give columns, beams and load-bearing walls a material, or state [facts.structure_type].",
                    "请为柱、梁、承重墙赋予材料，或填写 [facts.structure_type]。",
                ),
                case.global_ids(silent),
            ),
        )
    named = {family: volume / total for family, volume in volumes.items() if family}
    main = max(named, key=lambda family: named[family])
    # Steel frames weigh little by volume: a fifth of it beside concrete is a mixed structure.
    mixed = {"concrete", "steel"} <= named.keys() and named["steel"] > 0.05 and main != "steel"
    formula = ", ".join(f"{family} {100 * share:.0f} %" for family, share in sorted(named.items()))
    return Fact(
        "mixed" if mixed else main, "enum", Provenance.DERIVED, "materials of the structural elements",
        f"by volume: {formula}", confidence="medium",
    )  # fmt: skip


def underground_garage_present(case: Case) -> Fact:
    """Whether a garage lies on a storey below ground."""
    info = levels(case.model, case)
    garages = case.spaces("garage")
    below = [
        row
        for row in garages
        if case.model.spaces.storey[row] >= 0 and info.below[int(case.model.spaces.storey[row])]
    ]
    if below:
        ids = tuple(str(case.model.spaces.global_id[row]) for row in below)
        return Fact(
            True,
            "bool",
            Provenance.DERIVED,
            "uses of the spaces",
            f"{len(below)} garages below ground",
            elements=ids,
        )
    if len(case.model.spaces) and not any(
        info.below[int(storey)] for storey in set(case.model.spaces.storey.tolist()) if storey >= 0
    ):
        return Fact(
            False,
            "bool",
            Provenance.DERIVED,
            info.source,
            "no rooms below ground",
            confidence=info.confidence,
        )
    return unknown("bool")


def lift_present(case: Case) -> Fact:
    """Whether the building has a lift; false only for one storey or where the model shows other transport."""
    lifts = _transport(case, "ELEVATOR", ("电梯", "elevator", "lift"))
    shafts = case.spaces("elevator")
    if lifts or shafts:
        ids = case.global_ids(lifts) + tuple(str(case.model.spaces.global_id[row]) for row in shafts)
        return Fact(
            True,
            "bool",
            Provenance.IFC,
            "IfcTransportElement, uses of the spaces",
            f"{len(ids)} lifts",
            elements=ids,
        )
    occupied = {int(storey) for storey in case.model.spaces.storey[case.model.spaces.internal] if storey >= 0}
    if len(occupied) == 1:
        return Fact(False, "bool", Provenance.DERIVED, "storeys with rooms", "one storey")
    return unknown("bool")


def escalator_present(case: Case) -> Fact:
    """Whether the building has escalators; false where the model shows lifts only, or one storey."""
    words = ("扶梯", "人行道", "escalator", "moving walkway")
    escalators = _transport(case, "ESCALATOR", words) + _transport(case, "MOVINGWALKWAY", words)
    if escalators:
        ids = case.global_ids(escalators)
        return Fact(
            True, "bool", Provenance.IFC, "IfcTransportElement", f"{len(ids)} escalators", elements=ids
        )
    if case.rows(*LIFTS):
        return Fact(
            False, "bool", Provenance.IFC, "IfcTransportElement", "the model shows lifts and no escalator"
        )
    lift = case.fact("lift_present")
    if lift.value is False:
        return Fact(False, "bool", Provenance.DERIVED, lift.source, lift.formula)
    return unknown("bool")


def _transport(case: Case, predefined_type: str, words: tuple[str, ...]) -> list[int]:
    found = []
    for row in case.rows(*LIFTS):
        stated = str(case.model.elements.predefined_type[row])
        if stated == predefined_type or (stated in ("", "NOTDEFINED") and says(case.text(row), words)):
            found.append(row)
    return found


def hvac_kind(case: Case) -> Fact:
    """Central, decentral or mixed heating and cooling, from the equipment in the model."""
    central = case.rows("IfcChiller", "IfcBoiler", "IfcCoolingTower", "IfcAirToAirHeatRecovery")
    decentral = []
    for row in case.rows("IfcUnitaryEquipment"):
        kind = str(case.model.elements.predefined_type[row])
        if kind in ("AIRHANDLER", "ROOFTOPUNIT", "DEHUMIDIFIER"):
            central.append(row)
        elif kind in ("SPLITSYSTEM", "AIRCONDITIONINGUNIT"):
            decentral.append(row)
    if not central and not decentral:
        return unknown("enum")
    value = "mixed" if central and decentral else "central" if central else "decentral"
    return Fact(
        value,
        "enum",
        Provenance.IFC,
        "IfcEnergyConversionDevice",
        f"{len(central)} central, {len(decentral)} decentral units",
    )


def air_conditioning_present(case: Case) -> Fact:
    """True where the model shows cooling equipment; a model without equipment does not tell."""
    rows = case.rows("IfcChiller", "IfcUnitaryEquipment", "IfcCoolingTower", "IfcEvaporator", "IfcCooledBeam")
    if rows:
        return Fact(True, "bool", Provenance.IFC, "IfcEnergyConversionDevice", f"{len(rows)} units")
    return unknown("bool")


def central_electric_cooling_present(case: Case) -> Fact:
    """True with a chiller in the model, false where all equipment is split units."""
    chillers = case.rows("IfcChiller")
    if chillers:
        return Fact(True, "bool", Provenance.IFC, "IfcChiller", f"{len(chillers)} chillers")
    kind = case.fact("hvac_kind")
    if kind.value == "decentral":
        return Fact(False, "bool", kind.provenance, kind.source, kind.formula, evidence=kind.evidence)
    return unknown("bool")


def hvac_is_split_or_vrf(case: Case) -> Fact:
    """True where all heating and cooling is split units or VRF."""
    kind = case.fact("hvac_kind")
    if kind.known:
        return Fact(
            kind.value == "decentral",
            "bool",
            kind.provenance,
            kind.source,
            kind.formula,
            NOTHING,
            evidence=kind.evidence,
        )
    return unknown("bool", *kind.needs)


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function
    for function in (
        building_type, public_group, stage, full_fitout, floor_area_above_ground, floor_area_below_ground,
        first_basement_area, mean_storeys, dwelling_count, persons_per_dwelling, structure_type,
        underground_garage_present, lift_present, escalator_present, hvac_kind, air_conditioning_present,
        central_electric_cooling_present, hvac_is_split_or_vrf,
    )
}  # fmt: skip
