"""The carbon metric: the stages of a building's life, kgCO2e per floor area."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Text, Traced
from twin.climate import Climate
from twin.metrics.carbon import factors
from twin.metrics.carbon.notes import GROUPS, assumptions, diagnostics, need_of_materials
from twin.metrics.carbon.quantities import Bill, Portion, bill_of_materials
from twin.metrics.result import MetricResult, Need, Quantity
from twin.project import Project
from twin.rating.reading import PropertyReader
from twin.rating.storeys import read_storeys

NAME = "carbon"
VERSION = "1"
METHOD = "GB/T 51366-2019"

_STAGES: Mapping[str, tuple[Text, str]] = {
    "materials_kg_m2": (Text("Materials, production", "建材生产碳排放"), "Σ M_i F_i / A"),
    "transport_kg_m2": (Text("Materials, transport", "建材运输碳排放"), "Σ M_i D_i T_i / A"),
    "construction_kg_m2": (Text("Construction", "建造阶段碳排放"), "a X + b"),
    "operation_kg_m2": (Text("Operation over the life", "运行阶段碳排放"), "Σ E_i EF_i y / A"),
    "demolition_kg_m2": (Text("Demolition", "拆除阶段碳排放"), "a X + b"),
}
_ENERGY = {"electricity_kwh": "grid", "gas_kwh": "gas"}  # summary of the energy metric -> carrier


@dataclass(frozen=True, slots=True)
class _Building:
    """What the stages are divided by; None where the model does not tell."""

    area_m2: float | None
    storeys_above: int


def compute(
    model: BuildingModel, climate: Climate, project: Project, energy: MetricResult | None = None
) -> MetricResult:
    """Carbon over the life of a building, kgCO2e/m² of gross floor area.

    ``table`` has one row per counted element with mass and carbon of its materials (production and
    transport). The material stages are told when at least 95 % of the volume of the elements, and of the area
    of the windows, has a material with a factor; ``counted_materials_kg_m2`` is always what was counted.
    Operation is told when the energy metric gives the energy that the building takes in.
    """
    bill = bill_of_materials(model, project.carbon)
    building = _building(model)
    grid = factors.grid_factor(project)
    stages = _stages(model, bill, building, project, energy, grid)
    return MetricResult(
        name=NAME,
        version=VERSION,
        summary=_summary(bill, building, stages, project),
        table=_table(model, bill),
        table_units={"mass_t": "t", "carbon_t": "tCO2e"},
        assumptions=assumptions(
            model, bill, project, grid, told_operation=stages["operation_kg_m2"][0] is not None
        ),
        diagnostics=diagnostics(model, bill, project.carbon),
        input_sha256=_input_sha256(model, climate, project, energy),
    )


def _building(model: BuildingModel) -> _Building:
    storeys = read_storeys(model, PropertyReader(model))
    known = np.isfinite(storeys.area_m2)
    area = float(storeys.area_m2[known].sum())
    above = int((known & ~np.array(storeys.below, bool)).sum())
    return _Building(area if area > 0 else None, above)


Stage = tuple[float | None, tuple[Need, ...]]


def _stages(
    model: BuildingModel,
    bill: Bill,
    building: _Building,
    project: Project,
    energy: MetricResult | None,
    grid: Traced,
) -> dict[str, Stage]:
    """Each stage in kgCO2e/m², or what is missing."""
    section = project.carbon
    area = building.area_m2
    if area is None:
        need = Need(
            Text(
                "The floor area: the model has no rooms and no storey states one.",
                "建筑面积：模型没有房间，楼层也未注明。",
            ),
            Text(
                "Model the rooms, or give the storeys GrossFloorArea.",
                "请建立房间，或为楼层补充 GrossFloorArea。",
            ),
        )
        return dict.fromkeys(_STAGES, (None, (need,)))
    lorry = float(factors.data()["transport"]["factor_kg_t_km"][0])
    production = sum(portion.production_kg for portion in bill.portions)
    carried = sum(portion.mass_kg / 1e3 * portion.transport_km * lorry for portion in bill.portions)
    least = float(factors.data()["counted_share"])
    enough = counted_share(bill) >= least and bill.uncounted_window_m2 <= (1 - least) * bill.window_m2
    needs = () if enough else (need_of_materials(model, bill),)
    stages: dict[str, Stage] = {
        "materials_kg_m2": (production / area if enough else None, needs),
        "transport_kg_m2": (carried / area if enough else None, needs),
        "operation_kg_m2": _operation(energy, area, section.life_years or _life(), grid),
    }
    for name, own in (
        ("construction", section.construction_kg_m2),
        ("demolition", section.demolition_kg_m2),
    ):
        rule = factors.data()[name]
        usual = rule["per_storey"] * building.storeys_above + rule["constant"]
        stages[f"{name}_kg_m2"] = (float(usual if own is None else own), ())
    return {name: stages[name] for name in _STAGES}


def _operation(energy: MetricResult | None, area: float, years: float, grid: Traced) -> Stage:
    total = 0.0
    told = energy.summary if energy is not None else {}
    if "electricity_kwh" not in told or any(told[key].value is None for key in _ENERGY if key in told):
        needs = tuple(dict.fromkeys(need for key in _ENERGY if key in told for need in told[key].needs)) or (
            Need(
                Text("The energy that the building takes in each year.", "建筑全年能源消耗量。"),
                Text("See what the energy metric lacks.", "请查看能耗指标缺少的数据。"),
            ),
        )
        return None, needs
    for key, carrier in _ENERGY.items():
        if key in told:
            factor = float(grid.value) if carrier == "grid" else float(factors.data()["gas"]["factor_kg_kwh"])
            total += float(told[key].value or 0.0) * factor
    return total * years / area, ()


def _life() -> float:
    return float(factors.data()["life_years"][0])


def counted_share(bill: Bill) -> float:
    """Share of the volume of the elements that has a material with a factor; 0 without elements."""
    lost = float(np.nansum(list(bill.uncounted.values()))) if bill.uncounted else 0.0
    whole = bill.counted_m3 + lost
    return bill.counted_m3 / whole if whole > 0 else 0.0


def _summary(
    bill: Bill, building: _Building, stages: Mapping[str, Stage], project: Project
) -> dict[str, Quantity]:
    unit, parts = "kgCO2e/m²", "Σ (M_i F_i + M_i D_i T_i) / A"
    values = [stage[0] for stage in stages.values()]
    told = [value for value in values if value is not None]
    total = sum(told) if len(told) == len(values) else None
    years = project.carbon.life_years or _life()
    open_needs = tuple(dict.fromkeys(need for value, own in stages.values() if value is None for need in own))
    area, by_group = building.area_m2, _by_group(bill)
    area_needs = stages["construction_kg_m2"][1]

    def per_area(kg: float) -> float | None:
        return None if area is None else kg / area

    rows: list[tuple[str, float | None, str, Text, str, tuple[Need, ...]]] = [
        (name, stages[name][0], unit, label, formula, stages[name][1])
        for name, (label, formula) in _STAGES.items()
    ]
    whole = Text("Carbon over the life", "全寿命期碳排放强度")
    yearly = None if total is None else total / years
    rows += [
        ("whole_life_carbon_kg_m2", total, unit, whole, "C_JC + C_JZ + C_M + C_CC", open_needs),
        (
            "whole_life_carbon_kg_m2_a", yearly, "kgCO2e/(m²a)",
            whole.within("{}, per year", "{}（年均）"), "C / y", open_needs,
        ),
    ]  # fmt: skip
    rows += [
        (
            f"{group}_kg_m2", per_area(by_group[group]), unit,
            Text(f"Carbon of {label.en.lower()}", f"碳排放：{label.zh}"), parts, area_needs,
        )
        for group, label in GROUPS.items()
        if by_group.get(group)
    ]  # fmt: skip
    counted = Text("Materials that were counted, with transport", "已计入建材（生产与运输）")
    share = Text("Volume of the elements with a material and a factor", "有材料与碳排放因子的构件体积占比")
    rows += [
        ("counted_materials_kg_m2", per_area(sum(by_group.values())), unit, counted, parts, area_needs),
        ("counted_volume_share", 100 * counted_share(bill), "%", share, "V(counted) / V(all) × 100 %", ()),
        ("floor_area_m2", area, "m²", Text("Gross floor area", "建筑面积"), "Σ A(storey)", area_needs),
    ]
    return {
        name: Quantity(
            value, its_unit, label, formula, _source(name, project), needs if value is None else ()
        )
        for name, value, its_unit, label, formula, needs in rows
    }


def _source(name: str, project: Project) -> str:
    """The method behind a row; no code tells what the work on the site emits."""
    stage = name.removesuffix("_kg_m2")
    if stage not in ("construction", "demolition"):
        return METHOD
    if getattr(project.carbon, name) is not None:
        return f"carbon.{name} in twin.toml"
    return str(factors.data()["sources"][factors.data()[stage]["source"]]["text"])


def _carbon_kg(portion: Portion) -> float:
    lorry = float(factors.data()["transport"]["factor_kg_t_km"][0])
    return portion.production_kg + portion.mass_kg / 1e3 * portion.transport_km * lorry


def _by_group(bill: Bill) -> dict[str, float]:
    found: dict[str, float] = {}
    for portion in bill.portions:
        found[portion.group] = found.get(portion.group, 0.0) + _carbon_kg(portion)
    return found


def _table(model: BuildingModel, bill: Bill) -> dict[str, NDArray[np.generic]]:
    """Counted elements, the heaviest in carbon first."""
    carbon: dict[int, float] = {}
    mass: dict[int, float] = {}
    main: dict[int, tuple[float, str]] = {}
    for portion in bill.portions:
        row, kg = portion.element, _carbon_kg(portion)
        carbon[row] = carbon.get(row, 0.0) + kg
        mass[row] = mass.get(row, 0.0) + portion.mass_kg
        main[row] = max(main.get(row, (-1.0, "")), (kg, portion.material))
    rows = sorted(carbon, key=lambda row: (-carbon[row], row))
    elements = model.elements
    storey = elements.storey[rows] if rows else np.zeros(0, np.int32)
    names = np.append(model.storeys.name, "")

    def column(values: Iterable[object]) -> NDArray[np.generic]:
        return np.array(list(values), object)

    return {
        "global_id": elements.global_id[rows] if rows else column(()),
        "name": elements.name[rows] if rows else column(()),
        "ifc_class": elements.ifc_class[rows] if rows else column(()),
        "storey": names[np.where(storey >= 0, storey, len(names) - 1)],
        "material": column(main[row][1] for row in rows),
        "mass_t": np.array([mass[row] / 1e3 for row in rows]),
        "carbon_t": np.array([carbon[row] / 1e3 for row in rows]),
    }


def _input_sha256(
    model: BuildingModel, climate: Climate, project: Project, energy: MetricResult | None
) -> str:
    """Of what this metric reads: elements, shapes, materials, quantities, [carbon], the energy result."""
    own = energy.input_sha256 if energy is not None else ""
    digest = hashlib.sha256(f"{NAME} {VERSION} {own} {project.carbon!r} {project.project!r}".encode())
    digest.update(repr(factors.data()).encode())
    digest.update(repr(model.constructions).encode())
    for table, columns in (
        (model.elements, ("ifc_class", "parent", "storey", "construction", "name", "type_name")),
        (model.openings, ("opening", "host", "filling")),
        (model.storeys, ("element", "name", "elevation_m")),
        (model.spaces, ("storey", "internal", "area_m2")),
        (model.properties, ("element", "name", "value")),
        (model.geometry, ("vertices", "triangles", "instance_element", "instance_shape", "transform")),
    ):  # fmt: skip
        for column in columns:
            values = getattr(table, column)
            is_text = values.dtype == object
            digest.update(
                repr(values.tolist()).encode() if is_text else np.ascontiguousarray(values).tobytes()
            )
    return digest.hexdigest()
