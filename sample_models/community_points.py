"""The points of the pilot community: the sensors and meters of the centre's model, and homes beside it.

Written by ``python -m sample_models.community_points`` from ``community_centre.ifc``.
"""

from __future__ import annotations

import csv
from pathlib import Path

import ifc
from sensors.points import device_types
from sensors.quantities import quantity_kinds
from twin.binding.anchor import AnchorIndex
from twin.binding.model_points import bind
from twin.binding.table import Binding, write_bindings

HERE = Path(__file__).parent
COLUMNS = (
    "id", "name", "quantity", "unit", "interval_s", "privacy", "household", "counter", "urgent", "location",
)  # fmt: skip
HOMES = 12
# What a home reports: device type, quantity, name; intervals are short, for a lively demonstration.
HOME = [
    ("home_temp_humidity", "temp", "室温", 10),
    ("home_temp_humidity", "rh", "湿度", 10),
    ("en_household_elec", "", "电表", 15),
    ("home_motion", "", "人体移动", None),
    ("he_emergency_call", "", "紧急呼叫", None),
]

# What watches the site's rain: id, name, quantity, location, counter, class of the element it is bound to.
SITE = [
    ("site/rain", "雨量计", "rain", "屋面气象站", "yes", ""),
    ("site/tank/water_level", "雨水调蓄池液位", "water_level", "雨水调蓄池", "", "IfcTank"),
    ("site/tank/flow", "雨水回用流量计", "flow", "雨水调蓄池", "", ""),
]


def main() -> None:
    model = ifc.read(HERE / "community_centre.ifc")
    index = AnchorIndex(model)
    lines, bindings = [], []
    for found in bind(model):
        kind = quantity_kinds()[found.kind]
        room = str(model.spaces.long_name[found.space]) if found.space >= 0 else ""
        storey = str(model.storeys.name[found.storey]) if found.storey >= 0 else ""
        place = str(model.spaces.name[found.space]) if found.space >= 0 else storey
        point = f"centre/{place} {found.name}/{found.kind}"
        lines.append(
            [point, found.name, found.kind, kind.unit, 15 if found.meter else 5, "public", "",
             "yes" if found.meter else "", "", room or storey]
        )  # fmt: skip
        bindings.append(Binding(point, index.anchor_of(found.element), reason="the model's own sensor"))
    for number in range(1, HOMES + 1):
        home = f"home-{number}"
        for device, quantity, name, interval in HOME:
            kind = device_types()[device]
            quantity = quantity or next(iter(kind.quantities))
            lines.append(
                [f"{home}/{quantity}", f"{number}号住户{name}", quantity, kind.quantities[quantity],
                 interval or "", kind.privacy.value, home,
                 "yes" if "elec" in device else "", "yes" if kind.urgent else "",
                 "1号住宅楼"]
            )  # fmt: skip
    for point, name, quantity, location, counter, ifc_class in SITE:
        unit = quantity_kinds()[quantity].unit
        lines.append([point, name, quantity, unit, 300, "public", "", counter, "", location])
        if ifc_class:
            tank = model.elements.ifc_class.tolist().index(ifc_class)
            bindings.append(Binding(point, index.anchor_of(tank), reason="the rain tank"))
    with (HERE / "community_points.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(lines)
    write_bindings(bindings, HERE / "community_bindings.csv")


if __name__ == "__main__":
    main()
