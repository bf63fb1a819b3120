"""What keeps the energy from being told, of the whole model and of single rooms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Diagnostic, Severity, Text
from twin.metrics.result import Need

NOT_DIMMED = Diagnostic(
    "energy-lights-not-dimmed",
    Severity.WARNING,
    Text(
        "twin.toml says that daylight dims the lights, but no room's daylight is known: nothing is dimmed.",
        "twin.toml 声明照明随天然光调光，但没有房间的采光结果：按不调光计算。",
    ),
    Text(
        "Give the rooms uses with a required illuminance, and windows.",
        "请使房间具有规定照度的用途并建立外窗。",
    ),
)


def room_findings(model: BuildingModel, rooms: NDArray[np.intp]) -> tuple[Diagnostic, ...]:
    """Rooms that take no part, and those whose use is not known."""
    found = []
    left_out = np.flatnonzero(model.spaces.internal)
    left_out = left_out[~np.isin(left_out, rooms)]
    if len(left_out):
        found.append(
            Diagnostic(
                "energy-room-left-out",
                Severity.WARNING,
                Text(
                    f"{len(left_out)} rooms without volume or surfaces take no part.",
                    f"{len(left_out)} 个房间没有体积或围护面，未参与能耗计算。",
                ),
                Text("Give the rooms a closed solid in the model.", "请在模型中为这些房间建立封闭实体。"),
                str(model.spaces.global_id[left_out[0]]),
                len(left_out),
            )
        )
    unknown = [row for row in rooms if model.spaces.use[row] == "unknown"]
    if unknown:
        share = model.spaces.area_m2[unknown].sum() / model.spaces.area_m2[rooms].sum()
        found.append(
            Diagnostic(
                "energy-room-use-unknown",
                Severity.WARNING,
                Text(
                    f"{len(unknown)} rooms of unknown use ({share:.0%} of the area) count as not heated.",
                    f"{len(unknown)} 个房间用途不明（占面积 {share:.0%}），按不供暖空调计算。",
                ),
                Text(
                    "Name the rooms by their use, e.g. 卧室, office.",
                    "请按用途命名房间，例如“卧室”“办公室”。",
                ),
                str(model.spaces.global_id[unknown[0]]),
                len(unknown),
            )
        )
    return tuple(found)


def no_rooms(model: BuildingModel) -> Need:
    """What a model without usable rooms lacks."""
    rows = np.flatnonzero(model.spaces.internal)
    return Need(
        Text("Rooms with a volume and the surfaces around them.", "具有体积和围护面的房间。"),
        Text(
            "Model the rooms as IfcSpace with a solid body between walls, floor and ceiling.",
            "请以 IfcSpace 建立房间实体，使其位于墙体、楼板与顶棚之间。",
        ),
        tuple(str(model.spaces.global_id[row]) for row in rows),
    )


def no_conditioned_room(model: BuildingModel, rooms: NDArray[np.intp]) -> Need:
    """What a model lacks none of whose rooms is heated or cooled."""
    return Need(
        Text(
            "Which rooms are heated and cooled: no room's use says so.",
            "供暖空调房间：没有房间的用途表明需要供暖空调。",
        ),
        Text(
            "Name the rooms by their use, e.g. 卧室, office; or set Pset_SpaceCommon and IfcSpace.LongName.",
            "请按用途命名房间，例如“卧室”“办公室”，或填写 IfcSpace 的 LongName。",
        ),
        tuple(str(model.spaces.global_id[row]) for row in rooms),
    )
