"""What the result rests on that the model does not hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ifc.constructions.assumptions import construction_label
from ifc.model import BuildingModel, Construction, Provenance, Text, Traced
from twin.metrics.energy.data import data, default, source_text
from twin.metrics.energy.parts import Envelope
from twin.metrics.energy.thermal_model import ThermalModel
from twin.metrics.result import Assumption
from twin.project import EnergySection
from twin.use_types import use_type

_OF_USE = {
    "floor_area_per_person_m2": Text("Floor area per person, {en}", "人均使用面积（{zh}）"),
    "lighting_w_m2": Text("Lighting power density, {en}", "照明功率密度（{zh}）"),
    "equipment_w_m2": Text("Equipment power density, {en}", "设备功率密度（{zh}）"),
    "fresh_air_m3_h_person": Text("Fresh air per person, {en}", "人均新风量（{zh}）"),
    "air_changes_per_h": Text("Air changes, {en}", "换气次数（{zh}）"),
}
_ALWAYS = {
    "ground_reflectance": Text("Solar reflectance of the ground", "地面太阳辐射反射比"),
    "furniture_capacity": Text("Heat capacity of air and furniture", "室内空气与家具热容"),
    "person_sensible_heat": Text("Sensible heat per person", "人体显热散热量"),
    "background_air_changes": Text("Least air change of rooms with fresh air", "设新风房间的最小换气次数"),
    "wind_exponent": Text("Exponent of the wind profile", "风速廓线指数"),
}


def assumptions(
    model: BuildingModel, thermal: ThermalModel, energy: EnergySection, seasonal: bool
) -> tuple[Assumption, ...]:
    """Every default and declared value that was used, once, with the elements it was used on."""
    found: dict[tuple[Text, Traced], list[str]] = {}
    for assumption in (
        *_method(model, thermal),
        *_uses(model, thermal, energy, seasonal),
        *_constructions(model, thermal.envelope),
        *_gaps(model, thermal.envelope),
        *(Assumption(what, default(name)) for name, what in _ALWAYS.items()),
    ):
        found.setdefault((assumption.what, assumption.value), []).extend(assumption.global_ids)
    return tuple(
        Assumption(what, value, tuple(dict.fromkeys(global_ids)))
        for (what, value), global_ids in found.items()
    )


def _method(model: BuildingModel, thermal: ThermalModel) -> Iterable[Assumption]:
    calculation = data()["calculation"]
    rooms = sum(len(zone.spaces) for zone in thermal.zones)
    if rooms > len(thermal.zones):
        yield Assumption(
            Text(
                f"{rooms} rooms are {len(thermal.zones)} thermal zones: rooms of one use that are open to "
                "each other; in models of more rooms than this also rooms of one use and orientation, on one "
                "storey or on equal storeys between equal storeys.",
                f"{rooms} 个房间合并为 {len(thermal.zones)} 个热区：彼此敞开的同用途房间合并；"
                "房间数超过该值时，同层（或上下均为相同标准层的各标准层）同用途、同朝向的房间也合并。",
            ),
            Traced(
                int(calculation["merge_above_spaces"]),
                "",
                Provenance.DEFAULT,
                "greentwin, rooms up to which every room is a zone",
                "medium",
            ),
        )
    yield Assumption(
        Text("Steps per hour of the simulation", "每小时计算步数"),
        Traced(int(calculation["steps_per_hour"]), "1/h", Provenance.DEFAULT, "greentwin", "high"),
    )
    if thermal.shading.buried.any():
        parts = [
            thermal.envelope.parts[row]
            for row, buried in zip(thermal.exposed, thermal.shading.buried, strict=True)
            if buried
        ]
        yield Assumption(
            Text(
                "Taken as unshaded: the outer face could not be found, it lies inside another element.",
                "按无遮挡计算：未能定位其外表面（位于其他构件内部）。",
            ),
            Traced(1.0, "1", Provenance.DEFAULT, "greentwin", "low"),
            _elements(model, [part.element for part in parts]),
        )


def _uses(
    model: BuildingModel, thermal: ThermalModel, energy: EnergySection, seasonal: bool
) -> Iterable[Assumption]:
    rooms: dict[str, list[int]] = {}
    for zone in thermal.zones:
        rooms.setdefault(zone.use, []).extend(zone.spaces)
    dwellings: list[int] = []
    for use_id, rows in rooms.items():
        kind = use_type(use_id)
        global_ids = _spaces(model, rows)
        for name, what in _OF_USE.items():
            traced: Traced | None = getattr(kind, name)
            replaced = energy.air_changes_per_hour is not None and "air" in name
            if traced is not None and not replaced:
                yield Assumption(what.format(en=kind.label.en, zh=kind.label.zh), traced, global_ids)
        yield Assumption(
            Text(
                f"Hours of use and set-points, {kind.label.en}"
                + ("" if kind.conditioned else " (not heated or cooled)"),
                f"使用时间与室内设定温度（{kind.label.zh}）" + ("" if kind.conditioned else "，不供暖空调"),
            ),
            Traced(
                kind.schedule.name, "", Provenance.DEFAULT, kind.schedule.source, kind.schedule.confidence
            ),
            global_ids,
        )
        if kind.fresh_air_m3_h_person is None and kind.air_changes_per_h is None:
            yield Assumption(
                Text(f"Air changes, {kind.label.en}", f"换气次数（{kind.label.zh}）"),
                default("unknown_air_changes"),
                global_ids,
            )
        if kind.category == "dwelling":
            dwellings += rows
    if seasonal and dwellings:
        seasons = data()["dwelling_seasons"]
        for name, what in (
            ("heating", Text("Heating season of dwellings", "住宅供暖期")),
            ("cooling", Text("Cooling season of dwellings", "住宅空调期")),
        ):
            yield Assumption(
                what,
                Traced(
                    " – ".join(seasons[name]),
                    "",
                    Provenance.DEFAULT,
                    source_text(seasons["source"]),
                    seasons["confidence"],
                ),
                _spaces(model, dwellings),
            )
    for value, what, unit in (
        (energy.heating_setpoint_c, Text("Heating set-point", "供暖设定温度"), "°C"),
        (energy.cooling_setpoint_c, Text("Cooling set-point", "空调设定温度"), "°C"),
        (energy.air_changes_per_hour, Text("Air changes", "换气次数"), "1/h"),
    ):
        if value is not None:
            yield Assumption(what, Traced(value, unit, Provenance.DECLARED, "[energy] in twin.toml"))


def _constructions(model: BuildingModel, envelope: Envelope) -> Iterable[Assumption]:
    """Defaults inside the constructions that were met."""
    users: dict[int, list[int]] = {}
    for part in envelope.parts:
        if part.construction >= 0:
            users.setdefault(part.construction, []).append(part.element)
    for row, elements in sorted(users.items()):
        construction = model.constructions[row]
        label = construction_label(construction)
        global_ids = _elements(model, elements)
        for traced, what in (
            (construction.u_value_w_m2k, Text("U-value of {name}", "“{name}”的传热系数")),
            (construction.shgc, Text("SHGC of the glass of {name}", "“{name}”玻璃的太阳得热系数")),
            (construction.frame_ratio, Text("Frame share of {name}", "“{name}”的窗框比")),
        ):
            if traced is not None and traced.provenance is Provenance.DEFAULT:
                yield Assumption(_named(what, label), traced, global_ids)
        weakest = _weakest_layer(construction)
        if weakest is not None:
            yield Assumption(
                _named(Text("Properties of the layers of {name}", "“{name}”各层材料的热物性"), label),
                weakest,
                global_ids,
            )


def _named(what: Text, name: Text) -> Text:
    return Text(what.en.format(name=name.en), what.zh.format(name=name.zh))


def _weakest_layer(construction: Construction) -> Traced | None:
    """The least trusted conductivity among the layers that rest on a library."""
    library = [
        layer.conductivity_w_mk
        for layer in construction.layers
        if layer.conductivity_w_mk is not None and layer.conductivity_w_mk.provenance is Provenance.DEFAULT
    ]
    return max(
        library, key=lambda traced: ("high", "medium", "low").index(traced.confidence or "low"), default=None
    )


def _gaps(model: BuildingModel, envelope: Envelope) -> Iterable[Assumption]:
    """What stands in for things that the geometry does not tell."""
    if envelope.unknown_neighbour:
        yield Assumption(
            Text("No heat flow through surfaces whose far side is unknown", "背面不明的围护面按绝热处理"),
            Traced(0.0, "W/(m²K)", Provenance.DEFAULT, "greentwin", "low"),
            _spaces(model, envelope.unknown_neighbour),
        )
    if envelope.shaft:
        yield Assumption(
            Text(
                "No heat flow into enclosed voids beside or below rooms", "房间侧面或下方的封闭空腔按绝热处理"
            ),
            Traced(0.0, "W/(m²K)", Provenance.DEFAULT, "greentwin", "low"),
            _spaces(model, envelope.shaft),
        )
    if envelope.attic:
        yield Assumption(
            Text(
                "Voids above rooms are roof spaces: outdoor air behind this resistance",
                "房间上方的空腔按坡屋顶空间处理：室外空气外加该热阻",
            ),
            default("attic_resistance"),
            _spaces(model, envelope.attic),
        )
    if envelope.no_construction:
        yield Assumption(
            Text("Construction of surfaces behind which no element was found", "未找到对应构件的围护面构造"),
            Traced("default build-up", "", Provenance.DEFAULT, "GB 55015-2021, limits of zone 3A", "low"),
            _spaces(model, envelope.no_construction),
        )
    if envelope.passages:
        yield Assumption(
            Text("Air exchanged through open passages between rooms", "房间之间敞开处的空气交换速度"),
            default("open_passage_velocity"),
            _spaces(model, envelope.passages),
        )
    if envelope.outer_holes:
        yield Assumption(
            Text(
                "Unfilled openings to outdoors are counted as closed by the wall around them",
                "通向室外的空洞口按其所在墙体封闭计算",
            ),
            Traced("closed", "", Provenance.DEFAULT, "greentwin", "low"),
            _elements(model, envelope.outer_holes),
        )
    for row in sorted(set(envelope.layers_without_conductivity)):
        rows = [part.element for part in envelope.parts if part.construction == row]
        label = construction_label(model.constructions[row])
        yield Assumption(
            Text(
                f"Conductivity of layers of {label.en} that state none",
                f"“{label.zh}”中未注明材料层的导热系数",
            ),
            default("layer_conductivity"),
            _elements(model, rows),
        )
    if any(part.flow.name == "GROUND" for part in envelope.parts):
        yield Assumption(
            Text("Conductivity of the soil", "土壤导热系数"),
            default("soil_conductivity"),
            _elements(model, [part.element for part in envelope.parts if part.flow.name == "GROUND"]),
        )
    unknown_depth = [
        part.surface
        for part in envelope.parts
        if part.outdoors and np.isnan(model.surfaces.thickness_m[part.surface])
    ]
    if unknown_depth:
        yield Assumption(
            Text("Thickness of outer walls that the geometry does not tell", "几何中未能确定的外墙厚度"),
            default("wall_thickness"),
            _spaces(model, model.surfaces.space[unknown_depth].tolist()),
        )


def _elements(model: BuildingModel, rows: Sequence[int]) -> tuple[str, ...]:
    return tuple(str(model.elements.global_id[row]) for row in dict.fromkeys(rows) if row >= 0)


def _spaces(model: BuildingModel, rows: Sequence[int]) -> tuple[str, ...]:
    return tuple(str(model.spaces.global_id[row]) for row in dict.fromkeys(rows) if row >= 0)
