"""6.2.8 Remote metering of water, and on-line monitoring of its quality."""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.metering import remote
from twin.rating.needs import fact_missing, not_modelled


def water_remote_metering(case: Case) -> Fact:
    """Whether two water meters or more exist and all read out remotely.

    Classes and levels need more than one.
    """
    name = "water_remote_metering"
    meters = [point for point in case.points if point.kind == "water" and point.meter]
    if len(meters) < 2:
        return unknown("bool", not_modelled(Text("water meters by use", "分类分级水表"), name))
    return remote(case, meters, name, "water meters")


def water_quality_online_monitoring(case: Case) -> Fact:
    """Which waters the sensors watch is not in the model; it says how many there are."""
    name = "water_quality_online_monitoring"
    sensors = [point for point in case.points if point.kind == "water_quality"]
    if not sensors:
        return unknown("bool", not_modelled(Text("water-quality sensors", "水质在线监测传感器"), name))
    reason = Text(
        f"The model shows {len(sensors)} water-quality sensors.", f"模型中有 {len(sensors)} 个水质传感器。"
    )
    what = Text("Which waters they monitor, and that users can see the data.", "监测的水种类及数据可查询性。")
    return unknown("bool", fact_missing(what, name), reason=reason)


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function for function in (water_remote_metering, water_quality_online_monitoring)
}
