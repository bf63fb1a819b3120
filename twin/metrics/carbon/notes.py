"""What a carbon result rests on, what is missing and what weighs most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ifc.model import BuildingModel, Diagnostic, Provenance, Severity, Text, Traced
from twin.calculation_sections import CarbonSection
from twin.metrics.carbon import factors
from twin.metrics.carbon.quantities import Bill
from twin.metrics.result import Assumption, Need
from twin.project import Project

GROUPS: Mapping[str, Text] = {
    "walls": Text("Walls", "墙体"),
    "slabs": Text("Floors and roofs", "楼板与屋面"),
    "frame": Text("Columns, beams and members", "梁柱与杆件"),
    "foundations": Text("Foundations", "基础"),
    "stairs": Text("Stairs and ramps", "楼梯与坡道"),
    "windows": Text("Windows", "窗"),
    "doors": Text("Doors", "门"),
    "panes": Text("Panes of curtain walls", "幕墙面板"),
    "finishes": Text("Coverings", "饰面"),
    "other": Text("Railings, shading and others", "栏杆、遮阳及其他"),
    "bars": Text("Reinforcement that is modelled", "已建模钢筋"),
}
_SHOWN = 5  # contributors that are named
_NEVER = Text(
    "pipes, ducts, cables and equipment, furniture, ground works, the site and the replacement of parts",
    "管道、风管、线缆与设备、家具、土方、室外工程及构件更换",
)


def need_of_materials(model: BuildingModel, bill: Bill) -> Need:
    """What the material stages lack, on which elements."""
    return Need(
        Text(
            "Materials with a known emission factor of these elements, and closed bodies.",
            "这些构件的材料（须有碳排放因子）及封闭实体。",
        ),
        Text(
            'Give them materials or material layers, or add [carbon.factors."NAME"] to twin.toml.',
            '请为其赋予材料或材料层，或在 twin.toml 中填写 [carbon.factors."材料名"]。',
        ),
        tuple(str(model.elements.global_id[row]) for row in bill.uncounted),
    )


def assumptions(
    model: BuildingModel, bill: Bill, project: Project, grid: Traced, *, told_operation: bool
) -> tuple[Assumption, ...]:
    """Every number that is not the model's, with the elements it was applied to."""
    section = project.carbon
    found: dict[tuple[Text, Traced], list[int]] = {}

    def note(what: Text, value: Traced, rows: Iterable[int] = ()) -> None:
        found.setdefault((what, value), []).extend(rows)

    for portion in bill.portions:
        is_steel = portion.material_id == "bars"
        name = Text("reinforcement", "钢筋") if is_steel else Text(portion.material, portion.material)
        note(
            name.within("Emission factor of {}", "“{}”的碳排放因子"), portion.factor.stated, [portion.element]
        )
        if portion.material_id == "bars" and not bill.has_bars:
            note(
                Text("Reinforcement in concrete, as the model shows no bars", "混凝土含钢量（模型未建钢筋）"),
                factors.reinforcement_kg_m3(portion.group, section),
                [portion.element],
            )
        note(
            Text("Transport distance of materials", "建材运输距离"),
            factors.transport_km(portion.material_id, section),
        )
    if bill.portions:
        value, source = factors.data()["transport"]["factor_kg_t_km"]
        note(Text("Lorries", "运输碳排放因子"), factors.default(value, "kgCO2e/(t·km)", source))
    note(Text("Life of the building", "建筑设计使用年限"), _life(section))
    for stage, own, what in (
        (
            "construction",
            section.construction_kg_m2,
            Text("Carbon of the construction stage", "建造阶段碳排放"),
        ),
        ("demolition", section.demolition_kg_m2, Text("Carbon of the demolition stage", "拆除阶段碳排放")),
    ):
        rule = factors.data()[stage]
        if own is not None:
            source = f"carbon.{stage}_kg_m2 in twin.toml"
            note(what, Traced(own, "kgCO2e/m²", Provenance.DECLARED, source))
        else:
            usual = factors.default(0, "", rule["source"])
            text = f"{rule['per_storey']:g} X + {rule['constant']:g}"
            note(what, Traced(text, "kgCO2e/m²", Provenance.DEFAULT, usual.source, usual.confidence))
    if told_operation:
        note(Text("Grid electricity", "电网碳排放因子"), grid)
    ids = model.elements.global_id
    return tuple(
        Assumption(what, value, tuple(str(ids[row]) for row in dict.fromkeys(rows)))
        for (what, value), rows in found.items()
    )


def _life(section: CarbonSection) -> Traced:
    if section.life_years is None:
        value, source = factors.data()["life_years"]
        return factors.default(value, "a", source)
    return Traced(section.life_years, "a", Provenance.DECLARED, "carbon.life_years in twin.toml")


def diagnostics(model: BuildingModel, bill: Bill, section: CarbonSection) -> tuple[Diagnostic, ...]:
    """The biggest contributors, elements and materials that were not counted, and factors without use."""
    ids = model.elements.global_id
    found = [_not_in_the_model(bill)]
    if bill.portions:
        found.insert(0, _contributors(bill))
    silent = [
        row for row in bill.uncounted if not any(row in rows for rows in bill.unknown_materials.values())
    ]
    if silent:
        found.append(
            Diagnostic(
                "carbon-element-without-material",
                Severity.WARNING,
                Text(
                    f"{len(silent)} elements without a material or a closed body are not counted.",
                    f"{len(silent)} 个构件未注明材料或不是封闭实体，未计入碳排放。",
                ),
                Text("Give them materials and closed bodies.", "请补充材料并建成封闭实体。"),
                str(ids[silent[0]]),
                len(silent),
            )
        )
    for name, rows in sorted(bill.unknown_materials.items()):
        found.append(
            Diagnostic(
                "carbon-material-without-factor",
                Severity.WARNING,
                Text(
                    f"There is no emission factor for the material {name} ({len(rows)} elements).",
                    f"材料“{name}”没有碳排放因子（{len(rows)} 个构件）。",
                ),
                Text(
                    f'Add [carbon.factors."{name}"] to twin.toml.',
                    f'请在 twin.toml 中填写 [carbon.factors."{name}"]。',
                ),
                str(ids[rows[0]]),
                len(rows),
            )
        )
    names = {portion.material for portion in bill.portions} | set(bill.unknown_materials)
    for key, nearest in factors.unused_factors(names, section):
        hint = Text(f" Did you mean {nearest}?", f"是否为“{nearest}”？") if nearest else Text("", "")
        found.append(
            Diagnostic(
                "carbon-factor-unused",
                Severity.WARNING,
                Text(f'No material is called "{key}".' + hint.en, f"模型中没有名为“{key}”的材料。" + hint.zh),
                Text(f'Correct [carbon.factors."{key}"].', f'请改正 [carbon.factors."{key}"]。'),
            )
        )
    return tuple(found)


def _contributors(bill: Bill) -> Diagnostic:
    by_material: dict[str, float] = {}
    for portion in bill.portions:
        by_material[portion.material] = by_material.get(portion.material, 0.0) + portion.production_kg
    whole = sum(by_material.values()) or 1.0
    ranked = sorted(by_material.items(), key=lambda pair: -pair[1])[:_SHOWN]
    en = ", ".join(f"{name} {kg / whole:.0%}" for name, kg in ranked)
    zh = "、".join(f"{'钢筋' if name == 'reinforcement' else name} {kg / whole:.0%}" for name, kg in ranked)
    return Diagnostic(
        "carbon-contributors",
        Severity.NOTE,
        Text(f"Biggest contributors to the carbon of materials: {en}.", f"建材碳排放主要来源：{zh}。"),
        Text("Begin here when you look for savings.", "减碳可由此入手。"),
        count=len(by_material),
    )


def _not_in_the_model(bill: Bill) -> Diagnostic:
    groups = {portion.group for portion in bill.portions}
    absent = [
        text for group, text in GROUPS.items() if group not in groups and group not in ("panes", "other")
    ]
    en = ", ".join(text.en.lower() for text in absent)
    zh = "、".join(text.zh for text in absent)
    return Diagnostic(
        "carbon-not-in-model",
        Severity.NOTE,
        Text(
            f"Not in this carbon figure: {_NEVER.en}" + (f"; and the model shows no {en}." if en else "."),
            f"未计入：{_NEVER.zh}" + (f"；模型中没有：{zh}。" if zh else "。"),
        ),
        Text("Model them, or add their carbon by hand.", "请补充建模，或另行计入。"),
    )
