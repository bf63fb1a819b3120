"""Facts about the building that several clauses share: type, floor areas, dwellings, structure."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from ifc.model import Provenance, Text
from twin.metrics.result import Need
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, Value, lowest, unknown
from twin.rating.reading import (
    BEAMS,
    COLUMNS,
    MEMBERS,
    WALLS,
    as_bool,
    as_number,
    how_to_state,
    material_text,
    mesh_volume_m3,
    says,
)
from twin.thermal_zone import category_areas
from twin.use_types import use_types

# 绿色建筑评价标准 7.2.1: group 2 is education, culture, sport, health care and welfare.
GROUP_2_USES = (
    "classroom", "nursery", "library", "reading_room", "laboratory", "clinic", "ward", "waiting_room",
    "elderly_day_care", "activity_room", "fitness", "gymnasium", "exhibition",
)  # fmt: skip
GROUP_1_USES = ("office", "meeting_room", "shop", "restaurant", "guest_room")

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
    dwelling, public = category_areas(case.model)
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


def _sum_of_storeys(case: Case, key: str, below: bool) -> Fact:
    storeys = case.storeys
    areas = storeys.area_m2
    if not np.isfinite(areas).any():
        return unknown("m²", _area_need(key))
    wanted = [row for row, down in enumerate(storeys.below) if down == below and np.isfinite(areas[row])]
    total = float(areas[wanted].sum()) if wanted else 0.0
    parts = " + ".join(f"{areas[row]:.1f}" for row in wanted[:6]) + (" + …" if len(wanted) > 6 else "")
    formula = f"Σ A(storey) = {parts or '0'} = {total:.1f} m²"
    reason = Text(f"Storeys sorted by {storeys.source.en}.", f"楼层地上地下划分依据：{storeys.source.zh}。")
    return Fact(
        total,
        "m²",
        storeys.area_provenance,
        storeys.area_source,
        formula,
        reason,
        confidence=lowest([storeys.confidence, storeys.area_confidence]),
    )


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
    storeys = case.storeys
    areas = storeys.area_m2
    if not np.isfinite(areas).any():
        return unknown("m²", _area_need("first_basement_area"))
    below = [row for row, down in enumerate(storeys.below) if down and np.isfinite(areas[row])]
    if not below:
        formula = "no storey with rooms below ground"
        provenance, confidence = storeys.area_provenance, storeys.confidence
        return Fact(0.0, "m²", provenance, storeys.source.en, formula, confidence=confidence)
    top = max(below, key=lambda row: case.model.storeys.elevation_m[row])
    return Fact(
        float(areas[top]),
        "m²",
        storeys.area_provenance,
        storeys.area_source,
        f"A({case.model.storeys.name[top]}) = {areas[top]:.1f} m²",
        confidence=lowest([storeys.confidence, storeys.area_confidence]),
    )


def mean_storeys(case: Case) -> Fact:
    """Storeys with dwelling rooms above ground; the mean over the buildings, weighted by dwelling area."""
    model, categories = case.model, use_types()
    below = case.storeys.below
    dwelling = np.array(
        [use in categories and categories[use].category == "dwelling" for use in model.spaces.use], bool
    )
    storeys = {
        int(storey) for storey in model.spaces.storey[dwelling] if storey >= 0 and not below[int(storey)]
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


# --- structure ---------------------------------------------------------------------------------------------


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
    storeys = case.storeys
    garages = case.spaces("garage")
    below = [
        row
        for row in garages
        if case.model.spaces.storey[row] >= 0 and storeys.below[int(case.model.spaces.storey[row])]
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
        storeys.below[int(storey)] for storey in set(case.model.spaces.storey.tolist()) if storey >= 0
    ):
        return Fact(
            False,
            "bool",
            Provenance.DERIVED,
            storeys.source.en,
            "no rooms below ground",
            confidence=storeys.confidence,
        )
    return unknown("bool")


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function
    for function in (
        building_type, public_group, stage, full_fitout, floor_area_above_ground, floor_area_below_ground,
        first_basement_area, mean_storeys, dwelling_count, persons_per_dwelling, structure_type,
        underground_garage_present,
    )
}  # fmt: skip
