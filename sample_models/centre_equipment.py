"""Kinds of equipment in the community centre."""

from __future__ import annotations

from typing import Any

from sample_models.equipment import Box, EquipmentKind

LIGHT_W = 36.0
LIGHT_LUMENS = 4300.0


def _box(width: float, depth: float, low: float, high: float) -> Box:
    """A box about the origin in plan."""
    return (-width / 2, -depth / 2, low, width / 2, depth / 2, high)


def _sensor(name: str, predefined: str, object_type: str = "", **properties: Any) -> EquipmentKind:
    return EquipmentKind(
        name,
        "IfcSensor",
        predefined,
        ((-0.04, -0.02, 0.0, 0.04, 0.02, 0.12),),
        (0.95, 0.95, 0.95),
        properties,
        object_type,
    )


LIGHT = EquipmentKind(
    "LED平板灯36W",
    "IfcLightFixture",
    "DIRECTIONSOURCE",
    (_box(1.2, 0.3, -0.06, 0.0),),
    (0.98, 0.98, 0.95),
    {
        "Pset_LightFixtureTypeCommon": {"NumberOfSources": 1, "TotalWattage": LIGHT_W},
        "GBT50378": {
            "ColourRenderingIndex": 85.0,
            "SVM": 0.8,
            "EfficiencyGrade": 1,
            "LightingControl": "分区感应控制",
            "GreenMaterialCertified": True,
        },
    },
)
INDOOR_UNIT = EquipmentKind(
    "多联机室内机",
    "IfcEvaporator",
    "DIRECTEXPANSION",
    (_box(0.84, 0.84, -0.25, 0.0),),
    (0.93, 0.93, 0.93),
)
OUTDOOR_UNIT = EquipmentKind(
    "多联机室外机",
    "IfcUnitaryEquipment",
    "AIRCONDITIONINGUNIT",
    (_box(1.4, 0.8, 0.1, 1.7),),
    (0.85, 0.85, 0.85),
    {
        "Pset_UnitaryEquipmentTypeAirConditioningUnit": {
            "SensibleCoolingCapacity": 38000.0,
            "HeatingCapacity": 45000.0,
            "CoolingEfficiency": 3.9,
        },
        "GBT50378": {"UnitType": "vrf_air", "APF": 5.2, "EfficiencyGain": 17.0},
    },
)
THERMOSTAT = EquipmentKind(
    "温控面板",
    "IfcUnitaryControlElement",
    "THERMOSTAT",
    ((-0.045, -0.01, 0.0, 0.045, 0.01, 0.09),),
)
SENSORS = {
    "温度": _sensor("室内温度传感器", "TEMPERATURESENSOR"),
    "湿度": _sensor("室内湿度传感器", "HUMIDITYSENSOR"),
    "二氧化碳": _sensor("二氧化碳传感器", "CO2SENSOR"),
    "PM2.5": _sensor("PM2.5传感器", "USERDEFINED", "PM2.5SENSOR"),
    "PM10": _sensor("PM10传感器", "USERDEFINED", "PM10SENSOR"),
}
LIGHT_SENSOR = _sensor("照度传感器", "LIGHTSENSOR")
METER_TYPES = {
    "电能表": ("ENERGYMETER", {"Pset_FlowMeterTypeCommon": {"RemoteReading": True}}),
    "水表": (
        "WATERMETER",
        {"Pset_FlowMeterTypeCommon": {"RemoteReading": True}},
    ),
    "燃气表": ("GASMETER", {"Pset_FlowMeterTypeCommon": {"RemoteReading": True}}),
}
METERS = {
    name: EquipmentKind(
        name, "IfcFlowMeter", predefined, ((-0.1, -0.06, 0.0, 0.1, 0.06, 0.25),), (0.8, 0.85, 0.9), properties
    )
    for name, (predefined, properties) in METER_TYPES.items()
}


def _ware(name: str, predefined: str, boxes: tuple[Box, ...], grade: int, seal: bool) -> EquipmentKind:
    green: dict[str, Any] = {"WaterEfficiencyGrade": grade, "GreenMaterialCertified": True}
    if seal:
        green["WaterSealDepth"] = 0.05
    return EquipmentKind(
        name,
        "IfcSanitaryTerminal",
        predefined,
        boxes,
        (0.98, 0.98, 0.98),
        {"GBT50378": green},
        material="陶瓷",
    )


PAN = _ware(
    "节水型坐便器", "TOILETPAN", (_box(0.38, 0.65, 0.0, 0.42), (-0.2, 0.2, 0.42, 0.2, 0.35, 0.8)), 1, True
)
SQUAT = _ware("节水型蹲便器", "WCSEAT", (_box(0.45, 0.6, 0.0, 0.02),), 1, True)
URINAL = _ware("感应小便器", "URINAL", (_box(0.35, 0.3, 0.4, 1.0),), 1, True)
BASIN = _ware("感应洗手盆", "WASHHANDBASIN", (_box(0.55, 0.45, 0.7, 0.85),), 1, False)
SINK = _ware("洗涤池", "SINK", (_box(0.8, 0.6, 0.0, 0.85),), 2, False)
