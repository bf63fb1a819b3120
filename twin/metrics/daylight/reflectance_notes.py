"""What a reader should know of the reflectances: whose word each is, and what is left to defaults."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ifc.model import BuildingModel, Diagnostic, Provenance, Severity, Text, Traced
from twin.metrics.daylight.reflectance import names_material, outer_reflectance, surface_reflectance
from twin.metrics.daylight.rules import DaylightRules
from twin.metrics.daylight.windows import open_boundaries
from twin.metrics.result import Assumption

_KINDS = {
    "floor": Text("Reflectance of floors that nothing tells", "未能确定的地面反射比"),
    "wall": Text("Reflectance of inner walls that nothing tells", "未能确定的内墙面反射比"),
    "ceiling": Text("Reflectance of ceilings that nothing tells", "未能确定的顶棚反射比"),
    "outside": Text("Reflectance of facades and other buildings", "外立面及周边建筑的反射比"),
    "ground": Text("Reflectance of the ground outdoors", "室外地面反射比"),
}
_INSIDE = Text("Reflectance of the rooms' surfaces by material", "按材料确定的室内表面反射比")
_OUTSIDE = Text("Reflectance of outer faces by material", "按材料确定的室外表面反射比")


def reflectance_assumptions(model: BuildingModel, rules: DaylightRules) -> list[Assumption]:
    """The defaults by kind of face, then each value by material with the elements that show it."""
    rows = np.flatnonzero(~open_boundaries(model)).tolist()
    return [
        *(Assumption(text, rules.reflectance[kind]) for kind, text in _KINDS.items()),
        *_grouped(model, _INSIDE, ((row, surface_reflectance(model, row, rules)) for row in rows)),
        *_grouped(model, _OUTSIDE, ((row, outer_reflectance(model, row, rules)) for row in rows)),
    ]


def _grouped(
    model: BuildingModel, what: Text, values: Iterable[tuple[int, Traced | None]]
) -> list[Assumption]:
    """One assumption per value by material: neither a property of the file nor the default of a kind."""
    elements: dict[Traced, dict[str, None]] = {}
    for row, value in values:
        element = int(model.surfaces.element[row])
        by_material = value is not None and value.provenance in (Provenance.DERIVED, Provenance.DECLARED)
        if value is not None and by_material and element >= 0:
            elements.setdefault(value, {})[str(model.elements.global_id[element])] = None
    return [Assumption(what, value, tuple(ids)) for value, ids in elements.items()]


def reflectance_diagnostics(model: BuildingModel, rules: DaylightRules) -> tuple[Diagnostic, ...]:
    """By whose word the rooms' surfaces have their reflectance, and entries of twin.toml without effect."""
    stated = [one.stated or one for one in model.constructions]
    materials = {layer.material for one in stated for layer in (*one.layers, *one.coats) if layer is not None}
    unused = tuple(
        _without_material(number, finish.material)
        for number, finish in enumerate(rules.declared_finishes)
        if not any(names_material(finish.material, material) for material in materials)
    )
    return (*_shares(model, rules), *unused)


def _shares(model: BuildingModel, rules: DaylightRules) -> tuple[Diagnostic, ...]:
    """The shares of the surfaces' area, openings included, by whose word its reflectance is."""
    area = dict.fromkeys(Provenance, 0.0)
    for row in np.flatnonzero(~open_boundaries(model)).tolist():
        value = surface_reflectance(model, row, rules)
        area[value.provenance] += float(model.surfaces.area_m2[row])
    total = sum(area.values())
    if total == 0.0:
        return ()
    name, file, toml, default = (
        f"{100.0 * area[who] / total:.0f}"
        for who in (Provenance.DERIVED, Provenance.IFC, Provenance.DECLARED, Provenance.DEFAULT)
    )
    return (
        Diagnostic(
            "daylight-reflectances",
            Severity.NOTE,
            Text(
                f"Reflectances of the rooms' surfaces: {name} % of the area by the name of the material, "
                f"{file} % as the model states, {toml} % as twin.toml declares, {default} % by default.",
                f"室内表面反射比来源（按面积）：材料名称 {name}%，模型属性 {file}%，twin.toml {toml}%，"
                f"默认值 {default}%。",
            ),
            Text(
                "Name the finish and its colour as the outermost layer, state "
                "Pset_MaterialOptical.VisibleReflectanceFront, or declare [[daylight.finishes]] or "
                "[daylight.reflectance] in twin.toml.",
                "请在最外层材料名称中写明饰面及颜色，或填写 Pset_MaterialOptical.VisibleReflectanceFront，"
                "或在 twin.toml 中填写 [[daylight.finishes]]、[daylight.reflectance]。",
            ),
        ),
    )


def _without_material(number: int, pattern: str) -> Diagnostic:
    return Diagnostic(
        "daylight-finish-without-material",
        Severity.WARNING,
        Text(
            f"No material of the model is called {pattern!r} (daylight.finishes.{number} in twin.toml).",
            f"模型中没有名为 {pattern!r} 的材料（twin.toml 的 daylight.finishes.{number}）。",
        ),
        Text(
            "Correct the name; * stands for anything.",
            "请改正材料名称；* 代表任意字符。",
        ),
    )
