"""6.2.6 Remote metering of energy by class and level, from the meters of the model."""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.metering import END_USES, end_uses_metered, remote
from twin.rating.needs import not_modelled

ENERGY = ("electricity", "heat", "gas", "power")


def energy_remote_submetering(case: Case) -> Fact:
    """Whether energy meters exist for two end uses or more, and all of them read out remotely."""
    name = "energy_remote_submetering"
    meters = [point for point in case.points if point.kind in ENERGY]
    if not meters:
        return unknown("bool", not_modelled(Text("energy meters", "能耗计量表具"), name))
    uses = end_uses_metered(meters)
    if len(uses) < 2:
        what = Text("sub-meters of two end uses or more", "两类及以上用能的分项计量表")
        names_zh = "、".join(END_USES[use][0] for use in uses) or "无"
        reason = Text(
            f"{len(meters)} energy meters; end uses known by name: {', '.join(uses) or 'none'}.",
            f"共 {len(meters)} 块能耗表；名称可识别的分项：{names_zh}。",
        )
        return unknown("bool", not_modelled(what, name), reason=reason)
    return remote(case, meters, name, f"energy meters of {', '.join(uses)}")


FACTS: Mapping[str, Evaluator] = {"energy_remote_submetering": energy_remote_submetering}
