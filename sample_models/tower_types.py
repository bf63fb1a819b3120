"""The residential tower's constructions, windows and doors. No U-value is stated: the layers must do."""

from __future__ import annotations

from typing import Any

from sample_models.constructions import LayerSet
from sample_models.openings import DoorKind, WindowKind
from sample_models.plan import WallKind

CONCRETE_WALL = WallKind("剪力墙外墙", 0.17, 0.12, 1, external=True)
FILLED_WALL = WallKind("填充外墙", 0.17, 0.12, 2, external=True)
CELLAR_WALL = WallKind("地下室外墙", 0.20, 0.12, 1, external=True)
SHEAR = WallKind("剪力墙内墙", 0.12, 0.12, 3)
MASONRY = WallKind("内墙200", 0.12, 0.12, 4)
THIN = WallKind("隔墙100", 0.065, 0.065, 5)
PARAPET = WallKind("女儿墙", 0.17, 0.12, 2, external=True)

WALL_LAYERS = {
    "剪力墙外墙": LayerSet(
        "外墙 200钢筋混凝土+50岩棉",
        (("聚合物抗裂砂浆", 0.02), ("岩棉板", 0.05), ("钢筋混凝土", 0.20), ("混合砂浆", 0.02)),
    ),
    "填充外墙": LayerSet(
        "外墙 200加气混凝土+50岩棉",
        (("聚合物抗裂砂浆", 0.02), ("岩棉板", 0.05), ("加气混凝土砌块B06", 0.20), ("混合砂浆", 0.02)),
    ),
    "地下室外墙": LayerSet(
        "地下室外墙 250钢筋混凝土+40挤塑聚苯板",
        (
            ("聚合物抗裂砂浆", 0.01),
            ("挤塑聚苯板", 0.04),
            ("SBS改性沥青防水卷材", 0.005),
            ("钢筋混凝土", 0.25),
            ("水泥砂浆", 0.015),
        ),
    ),
    "剪力墙内墙": LayerSet(
        "内墙 200钢筋混凝土", (("混合砂浆", 0.02), ("钢筋混凝土", 0.20), ("混合砂浆", 0.02))
    ),
    "内墙200": LayerSet(
        "内墙 200加气混凝土", (("混合砂浆", 0.02), ("加气混凝土砌块B06", 0.20), ("混合砂浆", 0.02))
    ),
    "隔墙100": LayerSet(
        "隔墙 100加气混凝土条板", (("混合砂浆", 0.015), ("蒸压加气混凝土条板", 0.10), ("混合砂浆", 0.015))
    ),
    "女儿墙": LayerSet(
        "女儿墙 200钢筋混凝土+50岩棉",
        (("聚合物抗裂砂浆", 0.02), ("岩棉板", 0.05), ("钢筋混凝土", 0.20), ("聚合物抗裂砂浆", 0.02)),
    ),
}
FLOOR = LayerSet(
    "分户楼面 20挤塑聚苯板",
    (("地砖", 0.01), ("水泥砂浆", 0.02), ("挤塑聚苯板", 0.02), ("钢筋混凝土", 0.12), ("混合砂浆", 0.01)),
)
CELLAR_CEILING = LayerSet(
    "地下室顶板 40挤塑聚苯板",
    (("地砖", 0.01), ("水泥砂浆", 0.03), ("挤塑聚苯板", 0.04), ("钢筋混凝土", 0.16), ("混合砂浆", 0.01)),
)
GARAGE_ROOF = LayerSet(
    "车库顶板", (("细石混凝土", 0.045), ("SBS改性沥青防水卷材", 0.005), ("钢筋混凝土", 0.25))
)
CELLAR_FLOOR = LayerSet("地下室底板", (("细石混凝土", 0.05), ("钢筋混凝土", 0.25)))
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

WALL_PREDEFINED = {
    "剪力墙外墙": "SHEAR",
    "填充外墙": "SOLIDWALL",
    "地下室外墙": "SHEAR",
    "剪力墙内墙": "SHEAR",
    "内墙200": "SOLIDWALL",
    "隔墙100": "PARTITIONING",
    "女儿墙": "PARAPET",
}
WALL_PROPERTIES: dict[str, dict[str, Any]] = {
    "剪力墙外墙": {
        "IsExternal": True,
        "LoadBearing": True,
        "FireRating": "3.00h",
        "AcousticRating": "Rw+Ctr 50 dB",
    },
    "填充外墙": {
        "IsExternal": True,
        "LoadBearing": False,
        "FireRating": "2.00h",
        "AcousticRating": "Rw+Ctr 46 dB",
    },
    "地下室外墙": {"IsExternal": True, "LoadBearing": True, "FireRating": "3.00h"},
    "剪力墙内墙": {
        "IsExternal": False,
        "LoadBearing": True,
        "FireRating": "3.00h",
        "AcousticRating": "Rw+C 53 dB",
    },
    "内墙200": {
        "IsExternal": False,
        "LoadBearing": False,
        "FireRating": "2.00h",
        "AcousticRating": "Rw+C 48 dB",
    },
    "隔墙100": {"IsExternal": False, "LoadBearing": False, "FireRating": "1.00h"},
    "女儿墙": {"IsExternal": True, "LoadBearing": False},
}
WALL_CONCRETE = {"StrengthClass": "C35", "ConcreteCover": 0.020}

_WINDOW_COMMON: dict[str, Any] = {
    "IsExternal": True,
    "WindLoadRating": "GB/T 7106 5级",
    "WaterTightnessRating": "GB/T 7106 4级",
    "AcousticRating": "Rw+Ctr 30 dB",
}
_GLAZING: dict[str, Any] = {
    "GlassLayers": 2,
    "GlassThickness1": 0.006,
    "GlassThickness2": 0.006,
    "FillGas": "空气",
    "IsTempered": True,
    "IsLaminated": False,
    "IsCoated": True,
    "VisibleLightTransmittance": 0.65,
    "SolarHeatGainTransmittance": 0.38,
}
_LEFT, _RIGHT, _FIXED, _TOP, _SLIDE = (
    "SIDEHUNGLEFTHAND",
    "SIDEHUNGRIGHTHAND",
    "FIXEDCASEMENT",
    "TOPHUNG",
    "SLIDINGHORIZONTAL",
)


def _window(name: str, width: float, height: float, *panels: tuple[float, str]) -> WindowKind:
    return WindowKind(name, width, height, panels, common=_WINDOW_COMMON, glazing=_GLAZING)


WINDOW_KINDS = {
    kind.name: kind
    for kind in (
        _window("C1817", 1.8, 1.7, (0.3, _LEFT), (0.4, _FIXED), (0.3, _RIGHT)),
        _window("C1517", 1.5, 1.7, (0.5, _LEFT), (0.5, _FIXED)),
        _window("C1215", 1.2, 1.5, (0.5, _FIXED), (0.5, _RIGHT)),
        _window("C0914", 0.9, 1.4, (1.0, _LEFT)),
        _window("C0917", 0.9, 1.7, (1.0, _LEFT)),
        _window("C0612", 0.6, 1.2, (1.0, _TOP)),
        _window("C1209", 1.2, 0.9, (0.5, _SLIDE), (0.5, _SLIDE)),
        _window("C1515", 1.5, 1.5, (0.5, _SLIDE), (0.5, _SLIDE)),
    )
}

_INSIDE: dict[str, Any] = {"IsExternal": False, "FireExit": False}
_FIRE: dict[str, Any] = {
    "IsExternal": False,
    "FireExit": True,
    "FireRating": "乙级 1.00h",
    "SelfClosing": True,
    "HandicapAccessible": True,
}


def _door(name: str, width: float, height: float, **more: Any) -> DoorKind:
    return DoorKind(name, width, height, **{"common": _INSIDE, **more})


DOOR_KINDS = {
    kind.name: kind
    for kind in (
        _door("M0921", 0.9, 2.1),
        _door("M0821", 0.8, 2.1),
        _door("M0721", 0.7, 2.1),
        _door("TM1221", 1.2, 2.1, operation="SLIDING_TO_LEFT", glazed=True, glazing={"IsTempered": True}),
        _door("TM1021", 1.0, 2.1, operation="SLIDING_TO_LEFT", material="不锈钢"),
        _door(
            "FDM1021",
            1.0,
            2.1,
            material="钢质防火门",
            common={**_FIRE, "AcousticRating": "Rw 30 dB", "SecurityRating": "防盗乙级"},
        ),
        _door("FM1021乙", 1.0, 2.1, material="钢质防火门", common=_FIRE),
        _door(
            "FM1221乙",
            1.2,
            2.1,
            operation="DOUBLE_DOOR_SINGLE_SWING",
            material="钢质防火门",
            common=_FIRE,
        ),
        _door(
            "FM1521甲",
            1.5,
            2.1,
            operation="DOUBLE_DOOR_SINGLE_SWING",
            material="钢质防火门",
            common={**_FIRE, "FireRating": "甲级 1.50h"},
        ),
        _door(
            "FM1021甲",
            1.0,
            2.1,
            material="钢质防火门",
            common={**_FIRE, "FireRating": "甲级 1.50h"},
        ),
        _door(
            "FM0618丙",
            0.6,
            1.8,
            material="钢质防火门",
            common={"IsExternal": False, "FireRating": "丙级 0.50h"},
        ),
        _door(
            "JM6024",
            6.0,
            2.4,
            operation="ROLLINGUP",
            material="不锈钢",
            common={"IsExternal": True, "FireRating": "特级 3.00h"},
        ),
        _door("M1524", 1.5, 2.4, operation="DOUBLE_DOOR_SINGLE_SWING", glazed=True, glazing=_GLAZING),
        *(
            _door(
                name,
                width,
                2.4,
                operation="DOUBLE_DOOR_SLIDING",
                material="断桥铝合金",
                common={"IsExternal": True},
                glazing=_GLAZING,
                glazed=True,
            )
            for name, width in (("TLM3024", 3.0), ("TLM2424", 2.4))
        ),
        _door(
            "LM1824",
            1.8,
            2.4,
            operation="DOUBLE_DOOR_SINGLE_SWING",
            material="断桥铝合金",
            common={"IsExternal": True, "FireExit": True, "HandicapAccessible": True},
            glazing=_GLAZING,
            glazed=True,
        ),
    )
}
