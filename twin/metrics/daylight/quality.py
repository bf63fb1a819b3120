"""The figures of a whole model about glare and the view out."""

from __future__ import annotations

import numpy as np

from ifc.model import Text
from twin.metrics.daylight.glare import Glare
from twin.metrics.daylight.rules import DaylightRules, LightClimate
from twin.metrics.daylight.summary import (
    Findings,
    Share,
    no_main_rooms,
    share_of_known,
    unknown_light_climate,
)
from twin.metrics.daylight.view import Outlook
from twin.metrics.result import Need, Quantity

_FIGURES = {
    "glare_index_area_share_pct": (
        Text(
            "Area of main rooms with a window glare index (DGI) within the limit",
            "主要功能房间窗不舒适眩光指数（DGI）达标面积比例",
        ),
        "Σ A(DGI ≤ DGI_max) / Σ A × 100 %",
        "GB 50033-2013 5.0.3, annex B",
    ),
    "disturbing_glare_hours_pct": (
        Text(
            "Share of the hours from 8 to 18 with disturbing glare (DGP > 0.40), main rooms",
            "主要功能房间 8～18 时出现干扰性眩光（DGP > 0.40）的时数比例",
        ),
        "Σ A h(DGP > 0.40) / (Σ A · 3650 h) × 100 %",
        "Wienold & Christoffersen 2006, EN 17037:2018 annex E",
    ),
    "view_out_area_share_pct": (
        Text("Area of main rooms with a view to the outdoors", "主要功能房间可看到室外的面积比例"),
        "Σ A(angle of view > 0) / Σ A × 100 %",
        "view at 1.5 m through the windows of the room",
    ),
    "dwelling_view_distance_share_pct": (
        Text(
            "Area of main rooms of dwellings with 18 m of free view",
            "住宅主要功能房间视野距离不小于 18 m 的面积比例",
        ),
        "Σ A(view distance ≥ 18 m) / Σ A × 100 %",
        "GB/T 50378-2014 8.2.5",
    ),
}  # fmt: skip
_NO_SIDE_WINDOWS = Need(
    Text("No main room has a window in a wall to look at.", "主要功能房间均无侧窗。"),
    Text("Nothing to supply if the rooms are lit from above.", "如为顶部采光，无需补充。"),
)
_NO_DWELLINGS = Need(
    Text("The model has no main rooms of dwellings.", "模型中没有住宅主要功能房间。"),
    Text("Nothing to supply for other buildings.", "其他建筑无需补充。"),
)


def quality_summary(
    found: Findings,
    glare: Glare,
    view: Outlook,
    climate: LightClimate | None,
    city: str,
    rules: DaylightRules,
) -> dict[str, Quantity]:
    """Shares of the main rooms by area: glare index, hours with glare, view out, free distance."""
    if not found.main.any():
        return untold_quality(no_main_rooms(found.model))
    looked_at = found.main & np.isfinite(glare.dgp_95)
    index = Share(None, (_NO_SIDE_WINDOWS,))
    hours: float | None = None
    if looked_at.any():
        within = np.where(np.isfinite(glare.dgi), glare.dgi <= glare.most_dgi, np.nan)
        index = share_of_known(found, looked_at, within, rules)
        if climate is None:
            index = Share(None, (unknown_light_climate(city),))
        area = np.nan_to_num(found.area[looked_at])
        if area.sum() > 0.0:
            hours = 100.0 * float(np.average(glare.disturbing_share[looked_at], weights=area))
    home = found.main & np.array([room.use.category == "dwelling" for room in found.rooms], np.bool_)
    far = Share(None, (_NO_DWELLINGS,))
    if home.any():
        seen = np.where(np.isnan(view.share), np.nan, np.nan_to_num(view.distance_m))
        least = float(rules.dwelling_view_distance_m.value)
        far = share_of_known(found, home, np.where(np.isnan(seen), np.nan, seen >= least), rules)
    out = share_of_known(found, found.main, view.share, rules)
    return {
        name: _quantity(name, share)
        for name, share in zip(
            _FIGURES,
            (index, Share(hours, () if hours is not None else (_NO_SIDE_WINDOWS,)), out, far),
            strict=True,
        )
    }


def untold_quality(need: Need) -> dict[str, Quantity]:
    """The figures of a model that lacks what all of them need."""
    return {name: _quantity(name, Share(None, (need,))) for name in _FIGURES}


def _quantity(name: str, share: Share) -> Quantity:
    label, formula, source = _FIGURES[name]
    return Quantity(share.value, "%", label, formula, source, share.needs)
