"""Area of the site and ratios of its covers."""

from __future__ import annotations

from ifc.model import Provenance, Text
from twin.catchments.ground import ROOFS
from twin.metrics.result import Need, Quantity
from twin.metrics.sponge.covers import GREEN, PAVED, SiteCovers

AREA = "GB/T 50378-2019 (2024) 8.2.2"
GREEN_LAND = "GB/T 50378-2019 (2024) 8.2.3"
GREEN_INFRASTRUCTURE = "GB/T 50378-2019 (2024) 8.2.5"
ROOF = "Sponge City Construction Technical Guide (2014) 4.8"


def area_shares(covers: SiteCovers) -> dict[str, Quantity]:
    """Site area (m²) and shares (%); None with a need where the covers do not give one."""
    green, roofs = covers.area_of(*GREEN), covers.area_of(*ROOFS)
    storing = covers.area_of("sunken_green")
    storing += float(covers.area_m2[(covers.kind == "water") & (covers.storage_m3 > 0.0)].sum())
    site = _site_area(covers)
    return {
        "site_area_m2": site,
        "green_ratio_pct": _share(
            covers, green, site.value, Text("Green ratio", "绿地率"), "A_green / F × 100 %", GREEN_LAND
        ),
        "permeable_paving_share_pct": _share(
            covers,
            covers.area_of("permeable_paving"),
            covers.area_of(*PAVED),
            Text("Permeable paving over hard paving", "透水铺装面积占硬质铺装面积的比例"),
            "A_permeable / (A_road + A_paving + A_parking + A_permeable) × 100 %",
            GREEN_INFRASTRUCTURE,
            Text("Hard paving: the site shows none.", "硬质铺装：场地中没有。"),
        ),
        "sunken_green_share_pct": _share(
            covers,
            storing,
            green,
            Text("Green and water that store rain over green", "有调蓄雨水功能的绿地和水体占绿地面积的比例"),
            "(A_sunken + A_water with storage) / A_green × 100 %",
            GREEN_INFRASTRUCTURE,
            Text("Green: the site shows none.", "绿地：场地中没有。"),
        ),
        "green_roof_share_pct": _share(
            covers,
            covers.area_of("green_roof"),
            roofs,
            Text("Green roof over roof", "绿化屋面面积占屋面面积的比例"),
            "A_green,roof / A_roof × 100 %",
            ROOF,
            Text("Roofs: the model shows none.", "屋面：模型中没有。"),
            whole_site=False,
        ),
    }


def _site_area(covers: SiteCovers) -> Quantity:
    """The stated area, or the sum of covers that are complete."""
    label, area = Text("Area of the site", "用地面积"), covers.site_area_m2
    if area is None or (covers.needs and area.provenance is Provenance.DERIVED):
        return Quantity(None, "m²", label, "F", AREA, covers.needs)
    return Quantity(float(area.value), "m²", label, f"F = {area.source}", AREA)


def _share(
    covers: SiteCovers,
    part: float,
    total: float | None,
    label: Text,
    formula: str,
    source: str,
    absent: Text | None = None,
    *,
    whole_site: bool = True,
) -> Quantity:
    """Part / total in %; ``absent`` says what there is none of when the total is 0."""
    if whole_site and covers.needs:
        return Quantity(None, "%", label, formula, source, covers.needs)
    if total:
        return Quantity(100.0 * part / total, "%", label, formula, source)
    how = Text(
        "If there is some, model it or list it in [[site.covers]] of twin.toml.",
        "如实际存在，请在模型中建立，或在 twin.toml 的 [[site.covers]] 中填写。",
    )
    return Quantity(None, "%", label, formula, source, (Need(absent, how),) if absent else ())
