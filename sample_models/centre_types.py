"""The community centre's constructions, windows and doors."""

from __future__ import annotations

from typing import Any

from sample_models.constructions import LayerSet
from sample_models.openings import DoorKind, WindowKind
from sample_models.plan import WallKind

WALL_LAYERS = {
    "外墙": LayerSet(
        "外墙 200加气混凝土+50岩棉",
        (("聚合物抗裂砂浆", 0.02), ("岩棉板", 0.05), ("加气混凝土砌块B06", 0.20), ("混合砂浆", 0.02)),
    ),
    "高侧墙": LayerSet(
        "高侧墙 200加气混凝土+50岩棉",
        (("聚合物抗裂砂浆", 0.02), ("岩棉板", 0.05), ("加气混凝土砌块B06", 0.20), ("混合砂浆", 0.02)),
    ),
    "女儿墙": LayerSet(
        "女儿墙 200加气混凝土+50岩棉",
        (("聚合物抗裂砂浆", 0.02), ("岩棉板", 0.05), ("加气混凝土砌块B06", 0.20), ("聚合物抗裂砂浆", 0.02)),
    ),
    "内墙200": LayerSet(
        "内墙 200加气混凝土", (("混合砂浆", 0.02), ("加气混凝土砌块B06", 0.20), ("混合砂浆", 0.02))
    ),
    "隔墙100": LayerSet(
        "隔墙 100加气混凝土条板",
        (("混合砂浆", 0.015), ("蒸压加气混凝土条板", 0.10), ("混合砂浆", 0.015)),
    ),
}
GROUND_FLOOR = LayerSet(
    "地面 40挤塑聚苯板",
    (
        ("地砖", 0.01),
        ("水泥砂浆", 0.03),
        ("细石混凝土", 0.06),
        ("挤塑聚苯板", 0.04),
        ("钢筋混凝土", 0.16),
    ),
)
FLOOR = LayerSet(
    "楼面 5隔声垫+120钢筋混凝土",
    (
        ("地砖", 0.01),
        ("细石混凝土", 0.035),
        ("隔声垫", 0.005),
        ("钢筋混凝土", 0.12),
        ("混合砂浆", 0.01),
    ),
)
FLAT_ROOF = LayerSet(
    "上人屋面 80挤塑聚苯板",
    (
        ("细石混凝土", 0.04),
        ("SBS改性沥青防水卷材", 0.005),
        ("挤塑聚苯板", 0.08),
        ("轻集料混凝土找坡", 0.035),
        ("钢筋混凝土", 0.12),
        ("混合砂浆", 0.01),
    ),
)
GREEN_ROOF = LayerSet(
    "种植屋面 200种植土+70挤塑聚苯板",
    (
        ("种植土", 0.20),
        ("SBS改性沥青防水卷材", 0.005),
        ("挤塑聚苯板", 0.07),
        ("钢筋混凝土", 0.12),
        ("混合砂浆", 0.01),
    ),
)
SHED_ROOF = LayerSet(
    "坡屋面 85挤塑聚苯板",
    (
        ("彩色水泥瓦", 0.02),
        ("SBS改性沥青防水卷材", 0.005),
        ("挤塑聚苯板", 0.085),
        ("钢筋混凝土", 0.12),
        ("混合砂浆", 0.01),
    ),
)

EXTERNAL = WallKind("外墙", 0.17, 0.12, 1, external=True)
CURTAIN = WallKind("幕墙", 0.03, 0.0, 0, external=True)
CLERESTORY = WallKind("高侧墙", 0.17, 0.12, 2)
PARTITION = WallKind("内墙200", 0.12, 0.12, 3)
THIN = WallKind("隔墙100", 0.065, 0.065, 4)
PARAPET = WallKind("女儿墙", 0.17, 0.12, 1, external=True)

WALL_PREDEFINED = {
    "外墙": "SOLIDWALL",
    "高侧墙": "SOLIDWALL",
    "女儿墙": "PARAPET",
    "内墙200": "SOLIDWALL",
    "隔墙100": "PARTITIONING",
}


def _u(layers: LayerSet, inside: float = 0.13, outside: float = 0.04) -> float:
    return round(layers.u_value(inside, outside), 2)


WALL_PROPERTIES: dict[str, dict[str, Any]] = {
    "外墙": {
        "IsExternal": True,
        "LoadBearing": False,
        "ThermalTransmittance": _u(WALL_LAYERS["外墙"]),
        "AcousticRating": "Rw+Ctr 46 dB",
        "FireRating": "2.00h",
        "Combustible": False,
    },
    "高侧墙": {
        "IsExternal": True,
        "LoadBearing": False,
        "ThermalTransmittance": _u(WALL_LAYERS["高侧墙"]),
        "AcousticRating": "Rw+Ctr 46 dB",
        "FireRating": "2.00h",
    },
    "女儿墙": {"IsExternal": True, "LoadBearing": False},
    "内墙200": {
        "IsExternal": False,
        "LoadBearing": False,
        "ThermalTransmittance": _u(WALL_LAYERS["内墙200"], 0.13, 0.13),
        "AcousticRating": "Rw+C 48 dB",
        "FireRating": "2.00h",
    },
    "隔墙100": {
        "IsExternal": False,
        "LoadBearing": False,
        "ThermalTransmittance": _u(WALL_LAYERS["隔墙100"], 0.13, 0.13),
        "FireRating": "1.00h",
    },
}
# what GB/T 50378 asks of walls, slabs and columns beyond the standard property sets
WALL_GREEN: dict[str, dict[str, Any]] = {
    "外墙": {"GreenMaterialCertified": True},
    "高侧墙": {"GreenMaterialCertified": True},
    "女儿墙": {"GreenMaterialCertified": True},
    "内墙200": {"GreenMaterialCertified": True, "IsIndustrialised": False},
    "隔墙100": {"GreenMaterialCertified": True, "IsIndustrialised": True},
}
SLAB_GREEN: dict[str, Any] = {"GreenMaterialCertified": True, "CoverRaised": True}
SLAB_PROPERTIES: dict[str, dict[str, Any]] = {
    "地面": {"IsExternal": False, "ThermalTransmittance": _u(GROUND_FLOOR, 0.17, 0.0)},
    "楼面": {
        "IsExternal": False,
        "LoadBearing": True,
        "ThermalTransmittance": _u(FLOOR, 0.17, 0.17),
        "AcousticRating": "Rw+C 50 dB; Ln,w 62 dB",
        "FireRating": "1.50h",
    },
    "屋面": {
        "IsExternal": True,
        "LoadBearing": True,
        "ThermalTransmittance": _u(FLAT_ROOF, 0.10, 0.04),
        "FireRating": "1.50h",
    },
    "种植屋面": {
        "IsExternal": True,
        "LoadBearing": True,
        "ThermalTransmittance": _u(GREEN_ROOF, 0.10, 0.04),
        "FireRating": "1.50h",
    },
    "坡屋面": {
        "IsExternal": True,
        "LoadBearing": True,
        "ThermalTransmittance": _u(SHED_ROOF, 0.10, 0.04),
        "FireRating": "1.50h",
    },
}

_WINDOW_COMMON = {
    "IsExternal": True,
    "ThermalTransmittance": 2.0,
    "AcousticRating": "Rw+Ctr 33 dB",
    "WindLoadRating": "GB/T 7106 4级",
    "WaterTightnessRating": "GB/T 7106 4级",
    "MechanicalLoadRating": "GB/T 9158 合格",
    "SmokeStop": False,
}
_WINDOW_GREEN = {"AirTightnessGrade": 7, "GreenMaterialCertified": True}
_GLAZING = {
    "GlassLayers": 2,
    "GlassThickness1": 0.006,
    "GlassThickness2": 0.006,
    "FillGas": "氩气",
    "IsTempered": True,
    "IsLaminated": False,
    "IsCoated": True,
    "VisibleLightTransmittance": 0.62,
    "SolarHeatGainTransmittance": 0.36,
}
_LEFT, _RIGHT, _FIXED, _TOP = "SIDEHUNGLEFTHAND", "SIDEHUNGRIGHTHAND", "FIXEDCASEMENT", "TOPHUNG"


def _window(name: str, width: float, height: float, *panels: tuple[float, str], **more: Any) -> WindowKind:
    return WindowKind(
        name, width, height, panels, common=_WINDOW_COMMON, glazing=_GLAZING, green=_WINDOW_GREEN, **more
    )


CURTAIN_PROPERTIES = {
    "IsExternal": True,
    "ThermalTransmittance": 2.0,
    "AcousticRating": "Rw+Ctr 33 dB",
    "FireRating": "1.00h",
}
CURTAIN_PLATE = {
    "IsExternal": True,
    "LoadBearing": False,
    "ThermalTransmittance": 2.0,
    "AcousticRating": "Rw+Ctr 33 dB",
}
CURTAIN_GLAZING = {**_GLAZING, "IsLaminated": True, "SolarHeatGainTransmittance": 0.30}

WINDOW_KINDS = {
    kind.name: kind
    for kind in (
        _window("C2421", 2.4, 2.1, (0.25, _LEFT), (0.5, _FIXED), (0.25, _RIGHT), transom=0.6),
        _window("C1821", 1.8, 2.1, (0.5, _LEFT), (0.5, _RIGHT), transom=0.6),
        _window("C1521", 1.5, 2.1, (0.5, _LEFT), (0.5, _RIGHT), transom=0.6),
        _window("C1221", 1.2, 2.1, (0.5, _FIXED), (0.5, _RIGHT), transom=0.6),
        _window("C0912", 0.9, 1.2, (1.0, _TOP)),
        _window("C2430", 2.4, 3.0, (0.25, _LEFT), (0.5, _FIXED), (0.25, _RIGHT), transom=0.9),
        _window("C1830", 1.8, 3.0, (0.5, _LEFT), (0.5, _RIGHT), transom=0.9),
        _window("C2415", 2.4, 1.5, (0.5, _TOP), (0.5, _TOP)),
        _window("C1815", 1.8, 1.5, (0.5, _TOP), (0.5, _TOP)),
        _window("C2718", 2.7, 1.8, (0.3, _LEFT), (0.4, _FIXED), (0.3, _RIGHT)),
        _window("C3008", 3.0, 0.8, (0.5, _TOP), (0.5, _TOP)),
        WindowKind(
            "TC1515",
            1.5,
            1.5,
            ((1.0, _TOP),),
            predefined="SKYLIGHT",
            common={**_WINDOW_COMMON, "ThermalTransmittance": 2.0},
            glazing={**_GLAZING, "IsLaminated": True, "SolarHeatGainTransmittance": 0.28},
            green=_WINDOW_GREEN,
        ),
    )
}

_DOOR_GREEN = {"AntiPinch": True}
_SAFE = {"IsTempered": True, "IsLaminated": False}
_INSIDE: dict[str, Any] = {"IsExternal": False, "FireExit": False, "HandicapAccessible": True}
_OUTSIDE: dict[str, Any] = {
    "IsExternal": True,
    "FireExit": True,
    "HandicapAccessible": True,
    "ThermalTransmittance": 2.2,
}
DOOR_KINDS = {
    kind.name: kind
    for kind in (
        DoorKind("M0921", 0.9, 2.1, common=_INSIDE, green=_DOOR_GREEN),
        DoorKind("M1021", 1.0, 2.1, common=_INSIDE, green=_DOOR_GREEN),
        DoorKind("M1221", 1.2, 2.1, "DOUBLE_DOOR_SINGLE_SWING", common=_INSIDE, green=_DOOR_GREEN),
        DoorKind(
            "M1521",
            1.5,
            2.1,
            "DOUBLE_DOOR_SINGLE_SWING",
            common={**_INSIDE, "FireExit": True, "AcousticRating": "Rw 30 dB"},
            glazing=_SAFE,
            glazed=True,
            green=_DOOR_GREEN,
        ),
        DoorKind(
            "M1824",
            1.8,
            2.4,
            "DOUBLE_DOOR_SINGLE_SWING",
            "钢质防火门",
            common={**_INSIDE, "FireExit": True, "AcousticRating": "Rw 33 dB"},
            green=_DOOR_GREEN,
        ),
        DoorKind(
            "LM1824",
            1.8,
            2.4,
            "DOUBLE_DOOR_SINGLE_SWING",
            "断桥铝合金",
            common=_OUTSIDE,
            glazing=_GLAZING,
            glazed=True,
            green=_DOOR_GREEN,
        ),
        DoorKind(
            "LM1524",
            1.5,
            2.4,
            "DOUBLE_DOOR_SINGLE_SWING",
            "断桥铝合金",
            common=_OUTSIDE,
            glazing=_GLAZING,
            glazed=True,
            green=_DOOR_GREEN,
        ),
        DoorKind(
            "FM1521乙",
            1.5,
            2.1,
            "DOUBLE_DOOR_SINGLE_SWING",
            "钢质防火门",
            common={**_INSIDE, "FireExit": True, "FireRating": "乙级 1.00h", "SelfClosing": True},
            green=_DOOR_GREEN,
        ),
        DoorKind(
            "FM1021乙",
            1.0,
            2.1,
            "SINGLE_SWING_LEFT",
            "钢质防火门",
            common={**_INSIDE, "FireRating": "乙级 1.00h", "SelfClosing": True},
            green=_DOOR_GREEN,
        ),
        DoorKind(
            "FM0618丙",
            0.6,
            1.8,
            "SINGLE_SWING_LEFT",
            "钢质防火门",
            common={"IsExternal": False, "FireRating": "丙级 0.50h"},
            green=_DOOR_GREEN,
        ),
        DoorKind(
            "DM1021",
            1.0,
            2.1,
            "SLIDING_TO_LEFT",
            "不锈钢",
            common={**_INSIDE, "FireRating": "乙级 1.00h"},
            green=_DOOR_GREEN,
        ),
        DoorKind(
            "TM1021",
            1.0,
            2.1,
            "SLIDING_TO_LEFT",
            common={**_INSIDE},
            green=_DOOR_GREEN,
        ),
    )
}
