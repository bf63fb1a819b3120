"""What had to be assumed about constructions: one diagnostic per cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ifc.constructions.glazing import Glazing
from ifc.constructions.layers import CompletedLayers
from ifc.model import BuildingModel, Construction, Diagnostic, Provenance, Severity, Text, Traced

_LISTED = 8


class _Cause(NamedTuple):
    severity: Severity
    message: Text  # with {count} and {details}
    remedy: Text


_SET_U_VALUE = Text(
    "Give these elements an IfcMaterialLayerSet or the ThermalTransmittance of their Pset_*Common.",
    "请为这些构件设置材料层（IfcMaterialLayerSet），或在 Pset_*Common 中填写传热系数 ThermalTransmittance。",
)
_NAME_MATERIALS = Text(
    "Name the materials as they are (XPS board, reinforced concrete), or give them a ThermalConductivity.",
    "请按实际材料命名（如挤塑聚苯板、钢筋混凝土），或填写材料的导热系数 ThermalConductivity。",
)
_CHECK_U_VALUE = Text(
    "Check the value and its unit, W/(m²·K).",
    "请核对该数值及其单位 W/(m²·K)。",
)
_CAUSES = {
    "construction-default": _Cause(
        Severity.WARNING,
        Text(
            "{count} elements state neither usable layers nor a U-value; assumed: {details}.",
            "{count} 个构件既无可用的材料层、也无传热系数，采用默认构造：{details}。",
        ),
        _SET_U_VALUE,
    ),
    "construction-default-layers": _Cause(
        Severity.NOTE,
        Text(
            "{count} elements state a U-value but no usable layers; a usual build-up was set to that "
            "U-value: {details}.",
            "{count} 个构件有传热系数但无可用材料层，按常用构造并使其满足该传热系数：{details}。",
        ),
        _SET_U_VALUE,
    ),
    "surface-default-construction": _Cause(
        Severity.WARNING,
        Text(
            "{count} room surfaces have no element behind them; assumed: {details}.",
            "{count} 个房间表面背后没有构件，采用默认构造：{details}。",
        ),
        Text("Model the missing walls, slabs and roofs.", "请补建缺失的墙、楼板和屋面。"),
    ),
    "layers-without-thickness": _Cause(
        Severity.NOTE,
        Text(
            "{count} elements list materials without their thickness, which does not make layers: {details}.",
            "{count} 个构件只列出材料而无厚度，无法形成材料层：{details}。",
        ),
        _SET_U_VALUE,
    ),
    "material-from-library": _Cause(
        Severity.NOTE,
        Text(
            "The file states no properties of materials in {count} layers; taken from the library by name: "
            "{details}.",
            "{count} 个材料层未给出热工参数，按名称取自材料库：{details}。",
        ),
        _NAME_MATERIALS,
    ),
    "material-not-recognised": _Cause(
        Severity.WARNING,
        Text(
            "Materials in {count} elements say nothing about their properties: {details}.",
            "{count} 个构件的材料名称无法判断其热工参数：{details}。",
        ),
        _NAME_MATERIALS,
    ),
    "material-value-implausible": _Cause(
        Severity.WARNING,
        Text(
            "{count} material values cannot be right and were not used: {details}.",
            "{count} 个材料参数不合理，未予采用：{details}。",
        ),
        Text(
            "Check the values and their units: W/(m·K), kg/m³, J/(kg·K).",
            "请核对数值及单位：W/(m·K)、kg/m³、J/(kg·K)。",
        ),
    ),
    "u-value-implausible": _Cause(
        Severity.WARNING,
        Text(
            "{count} elements state a U-value that cannot be right; it was not used: {details}.",
            "{count} 个构件的传热系数不合理，未予采用：{details}。",
        ),
        _CHECK_U_VALUE,
    ),
    "u-value-disagrees": _Cause(
        Severity.NOTE,
        Text(
            "The stated U-value of {count} elements is more than 20 % off that of their layers; the stated "
            "one was used and the layers set to it: {details}.",
            "{count} 个构件所填传热系数与按材料层计算的结果相差 20% 以上，以所填值为准并调整材料层："
            "{details}。",
        ),
        Text(
            "Check the layers or the U-value.",
            "请核对材料层或传热系数。",
        ),
    ),
    "u-value-of-iso6946": _Cause(
        Severity.NOTE,
        Text(
            "{count} elements state a U-value that their layers give with surface resistances of ISO 6946 "
            "and was turned into K of GB 50176, which the code's limits mean: {details}.",
            "{count} 个构件所填传热系数与其材料层按 ISO 6946 表面换热阻计算的结果一致，"
            "已换算为规范限值所依据的 GB 50176 传热系数 K：{details}。",
        ),
        Text(
            "State K of GB 50176 (0.11 inside, 0.04 outside), or leave it to the layers.",
            "请按 GB 50176 填写传热系数 K（内表面 0.11、外表面 0.04），或由材料层计算。",
        ),
    ),
    "u-value-without-surfaces": _Cause(
        Severity.NOTE,
        Text(
            "The U-value of {count} elements is that of the layers alone, as Revit writes it; surface "
            "resistances were added.",
            "{count} 个构件的传热系数为 Revit 写出的材料层热导（不含表面换热阻），已计入内外表面换热阻。",
        ),
        Text("Nothing to do.", "无需处理。"),
    ),
    "glazing-from-description": _Cause(
        Severity.NOTE,
        Text(
            "Values of {count} windows were worked out from the description of their glazing: {details}.",
            "{count} 樘窗的热工光学参数由玻璃描述推算：{details}。",
        ),
        Text(
            "State ThermalTransmittance, SolarHeatGainTransmittance and VisibleLightTransmittance.",
            "请填写传热系数、太阳得热系数和可见光透射比。",
        ),
    ),
    "window-default": _Cause(
        Severity.WARNING,
        Text(
            "{count} windows and glass panels lack values; assumed: {details}.",
            "{count} 樘窗（玻璃板块）缺少参数，采用默认值：{details}。",
        ),
        Text(
            "Set Pset_WindowCommon.ThermalTransmittance and, in Pset_DoorWindowGlazingType, "
            "SolarHeatGainTransmittance and VisibleLightTransmittance; or write the glazing in the type's "
            "name, e.g. 6Low-E+12A+6.",
            "请填写 Pset_WindowCommon 的传热系数和 Pset_DoorWindowGlazingType 的太阳得热系数、可见光透射比；"
            "或在窗类型名称中写明玻璃配置，如 6Low-E+12A+6。",
        ),
    ),
}


@dataclass(slots=True)
class _Found:
    rows: list[int] = field(default_factory=list)
    details: Counter[Text] = field(default_factory=Counter)


class Assumptions:
    """Collects assumptions while constructions are resolved."""

    codes = frozenset(_CAUSES)

    def __init__(self) -> None:
        self._found: dict[str, _Found] = {}

    def _add(self, code: str, row: int, details: Iterable[Text] = ()) -> None:
        found = self._found.setdefault(code, _Found())
        found.rows.append(row)
        found.details.update(details)

    def default(self, row: int, construction: Construction) -> None:
        """An element of which nothing is known got a default construction."""
        self._add("construction-default", row, [_described(construction)])

    def default_layers(self, row: int, construction: Construction) -> None:
        """An element with a U-value got the default's layers."""
        self._add("construction-default-layers", row, [_kind(construction)])

    def surface_default(self, row: int, construction: Construction) -> None:
        """A surface without element got a default construction."""
        self._add("surface-default-construction", -1, [_described(construction)])

    def no_thickness(self, row: int, materials: Sequence[str]) -> None:
        """Materials without a thickness."""
        self._add("layers-without-thickness", row, [_same(" + ".join(materials))])

    def unknown_materials(self, row: int, materials: Sequence[str]) -> None:
        """Layers whose materials are not recognised for the most part."""
        if materials:
            self._add(
                "material-not-recognised", row, [_same(name or "—") for name in dict.fromkeys(materials)]
            )

    def completed(self, row: int, done: CompletedLayers) -> None:
        """Layers that were completed."""
        for name, match in done.from_library:
            assert match.material is not None
            low = match.confidence == "low"
            text = Text(
                f"{name} → {match.material.label.en}{' (uncertain)' if low else ''}",
                f"{name} → {match.material.label.zh}{'（不确定）' if low else ''}",
            )
            self._add("material-from-library", row, [text])
        if done.not_recognised:
            self.unknown_materials(row, done.not_recognised)
        for text_of_value in done.implausible:
            self._add("material-value-implausible", row, [_same(text_of_value)])

    def implausible_u_value(self, row: int, stated: Traced) -> None:
        """A U-value that no such element can have."""
        self._add("u-value-implausible", row, [_same(f"{stated.source} = {float(stated.value):g}")])

    def disagreement(self, row: int, of_layers: float, stated: float) -> None:
        """A stated U-value that the layers do not give."""
        text = Text(
            f"{stated:.2f} stated, {of_layers:.2f} from layers",
            f"所填 {stated:.2f}，按材料层 {of_layers:.2f}",
        )
        self._add("u-value-disagrees", row, [text])

    def of_iso6946(self, row: int, stated: float, k_value: float) -> None:
        """A stated U-value that the layers give by ISO 6946."""
        text = Text(f"{stated:.3g} stated, K {k_value:.3g}", f"所填 {stated:.3g}，K {k_value:.3g}")
        self._add("u-value-of-iso6946", row, [text])

    def without_surfaces(self, row: int) -> None:
        """A stated U-value without surface resistances."""
        self._add("u-value-without-surfaces", row)

    def window(
        self,
        row: int,
        raw: Construction,
        done: Construction,
        default: Construction,
        glazing: Glazing | None,
    ) -> None:
        """A window with some values from elsewhere than the file."""
        if glazing is not None:
            if raw.u_value_w_m2k is None or raw.shgc is None or raw.visible_transmittance is None:
                read_as = glazing.description
                said = Text(f"{glazing.text} → {read_as.en}", f"{glazing.text} → {read_as.zh}")
                self._add("glazing-from-description", row, [said])
            return
        missing = [
            f"{name} {float(value.value):.2f}"
            for name, value, usual in (
                ("U", done.u_value_w_m2k, default.u_value_w_m2k),
                ("SHGC", done.shgc, default.shgc),
                ("Tvis", done.visible_transmittance, default.visible_transmittance),
            )
            if value is not None and value == usual
        ]
        if missing:
            self._add("window-default", row, [_same(", ".join(missing))])

    def diagnostics(self, model: BuildingModel) -> tuple[Diagnostic, ...]:
        """One diagnostic per cause, in a fixed order."""
        return tuple(
            _diagnostic(code, cause, self._found[code], model)
            for code, cause in _CAUSES.items()
            if code in self._found
        )


def _diagnostic(code: str, cause: _Cause, found: _Found, model: BuildingModel) -> Diagnostic:
    common = sorted(found.details.items(), key=lambda item: (-item[1], item[0]))
    more = len(common) - _LISTED
    shown = common[:_LISTED]

    def joined(texts: Iterable[tuple[str, int]], separator: str, rest: str) -> str:
        listed = separator.join(f"{text} ×{number}" if number > 1 else text for text, number in texts)
        return listed + (rest.format(more=more) if more > 0 else "")

    count = len(found.rows)
    return Diagnostic(
        code=code,
        severity=cause.severity,
        message=Text(
            cause.message.en.format(
                count=count, details=joined([(text.en, n) for text, n in shown], "; ", " and {more} more")
            ),
            cause.message.zh.format(
                count=count, details=joined([(text.zh, n) for text, n in shown], "；", " 等另 {more} 项")
            ),
        ),
        remedy=cause.remedy,
        global_id=str(model.elements.global_id[found.rows[0]]) if count == 1 and found.rows[0] >= 0 else "",
        count=count,
    )


_KIND_ZH = {
    "wall": "外墙", "wall inside": "内墙", "roof": "屋面", "floor": "架空楼板",
    "floor inside": "层间楼板", "ground floor": "地面", "door": "外门", "door inside": "内门",
    "window": "外窗", "curtain wall": "玻璃幕墙",
}  # fmt: skip


# The words of the sources in data/default_constructions.yaml, the longer first.
_SOURCE_ZH = (
    ("no limit in the code, usual build-up", "规范无限值，按常用构造"),
    ("limit for this zone from memory", "该分区限值未核对原文"),
    ("greentwin default", "本软件默认值"),
    (" table ", " 表 "),
    (" and ", "、"),
    (", zone ", "，热工分区 "),
    (", residential", "，居住建筑"),
    (", public", "，公共建筑"),
    (": K ", "：K 限值 "),
)


def _kind(construction: Construction) -> Text:
    kind = construction.name.removeprefix("default ")
    return Text(kind, _KIND_ZH.get(kind, kind))


def construction_label(construction: Construction) -> Text:
    """The name of a construction: that of the file, or what was assumed in words."""
    if not construction.name.startswith("default "):
        return Text(construction.name, construction.name)
    return Text(construction.name, f"默认{_kind(construction).zh}")


def _described(construction: Construction) -> Text:
    u_value = construction.u_value_w_m2k
    assert u_value is not None
    assert u_value.provenance is Provenance.DEFAULT
    kind = _kind(construction)
    value = f"U {float(u_value.value):.2f} W/(m²·K)"
    source = u_value.source
    for english, chinese in _SOURCE_ZH:
        source = source.replace(english, chinese)
    return Text(f"{kind.en} {value} ({u_value.source})", f"{kind.zh} {value}（{source}）")


def _same(text: str) -> Text:
    return Text(text, text)
