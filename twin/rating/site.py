"""Facts about the site that several clauses share: area, ground covers, parking, climate zones."""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Provenance, Text
from twin.catchments.ground import site_ground
from twin.cities import city_zones
from twin.metrics.result import Need
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.reading import as_number, how_to_state

# GB 50176-2016: the first digit of a thermal zone such as "3A" names the zone, 5 splits by its letter.
_THERMAL_ZONES = {
    "1": "severe_cold", "2": "cold", "3": "hot_summer_cold_winter", "4": "hot_summer_warm_winter",
    "5A": "mild_A", "5B": "mild_B",
}  # fmt: skip


_WHOLE_SITE = 0.95  # share of the site that the covers must show before an absence counts


def site_area(case: Case) -> Fact:
    """Area of the site, ha: twin.toml, else a property or quantity of the IfcSite.

    The outline of the site's geometry is no legal boundary and is not taken.
    """
    stated = case.project.site.area_m2
    if stated is not None:
        return Fact(stated / 1e4, "ha", Provenance.DECLARED, "site.area_m2 in twin.toml", f"{stated:g} m²")
    for row in case.rows("IfcSite"):
        found = case.get(row, "site_area_m2")
        number = as_number(found.value) if found else None
        if found and number is not None and number > 0:
            return Fact(number / 1e4, "ha", Provenance.IFC, found.source, f"{found.source} = {number:g} m²")
    need = Need(
        Text("The area of the site.", "总用地面积。"),
        Text(
            f"Add {how_to_state('site_area_m2')} to the IfcSite, or site.area_m2 to twin.toml.",
            f"请在 IfcSite 中补充 {how_to_state('site_area_m2')}，或在 twin.toml 中填写 site.area_m2。",
        ),
        case.global_ids(case.rows("IfcSite")),
    )
    return unknown("ha", need)


def covers_m2(case: Case) -> dict[str, float]:
    """Area of the ground covers by kind: those of the model, of the file of catchments and of twin.toml."""
    areas: dict[str, float] = {}
    for cover in site_ground(case.model, case.project).covers:
        areas[cover.kind] = areas.get(cover.kind, 0.0) + cover.area_m2
    return areas


def ground_is_shown(case: Case) -> bool:
    """Whether the covers of model and twin.toml fill the site: only then does an absence mean something."""
    site = case.number("site_area")
    areas = covers_m2(case)
    shown = sum(area for kind, area in areas.items() if kind not in ("tree", "tank", "unknown"))
    return site is not None and shown >= _WHOLE_SITE * site * 1e4


def landscape_water_present(case: Case) -> Fact:
    """Whether the site has a water body; false only where its whole ground is shown."""
    water = covers_m2(case).get("water", 0.0)
    if water > 0 or ground_is_shown(case):
        formula = f"A(water) = {water:.0f} m² of the ground covers"
        return Fact(water > 0, "bool", Provenance.DERIVED, "ground covers", formula, confidence="medium")
    return unknown("bool")


def parking_present(case: Case) -> Fact:
    """Whether there is parking: garages, parking spaces or parking covers in the model or twin.toml."""
    garages = case.spaces("garage")
    bays = parking_elements(case)
    area = covers_m2(case).get("parking", 0.0)
    if garages or bays or area > 0:
        formula = f"{len(garages)} garages, {len(bays)} parking spaces, {area:.0f} m² of parking"
        return Fact(True, "bool", Provenance.DERIVED, "spaces and ground covers", formula)
    return unknown("bool")


def parking_elements(case: Case) -> list[int]:
    """Elements that state parking units or use (spaces and external spatial elements)."""
    rows = set(case.properties.column("parking_units")) | set(case.properties.column("parking_use"))
    return sorted(rows)


def surface_parking_area(case: Case) -> Fact:
    """Parking among the ground covers, m²; none only where the whole ground is shown."""
    area = covers_m2(case).get("parking", 0.0)
    if area == 0 and not ground_is_shown(case):
        return unknown("m²")
    formula = f"Σ A(parking) = {area:.0f} m²"
    return Fact(area, "m²", Provenance.DERIVED, "ground covers", formula, confidence="medium")


def structured_parking_used(case: Case) -> Fact:
    """Whether cars stand below ground or in a building, from the garages of the model."""
    garages = case.spaces("garage")
    if garages:
        ids = tuple(str(case.model.spaces.global_id[row]) for row in garages)
        return Fact(
            True, "bool", Provenance.DERIVED, "uses of the spaces", f"{len(garages)} garages", elements=ids,
            confidence="medium",
        )  # fmt: skip
    return unknown("bool")


def green_land_ratio(case: Case) -> Fact:
    """Green land over the site, %: from the sponge metric."""
    return case.quantity("sponge", "green_ratio_pct", "%", confidence="medium")


def thermal_zone_code(case: Case) -> str | None:
    """The zone of GB 50176-2016 such as "3A", None when neither twin.toml nor the city tells it."""
    stated = case.project.project.thermal_zone
    if stated:
        return stated.strip().upper()
    city = city_zones(case.project.project.city)
    return None if city is None or city.thermal_zone is None else str(city.thermal_zone.value)


def thermal_zone(case: Case) -> Fact:
    """Thermal design zone (GB 50176-2016): from project.thermal_zone, else from the city."""
    stated = case.project.project.thermal_zone
    if stated:
        code, source, provenance, confidence = (
            str(stated),
            "project.thermal_zone in twin.toml",
            Provenance.DECLARED,
            "high",
        )
    else:
        city = city_zones(case.project.project.city)
        if city is None or city.thermal_zone is None:
            return unknown("enum", _city_need(case))
        code, confidence = str(city.thermal_zone.value), city.thermal_zone.confidence
        source, provenance = f"{case.project.project.city}, GB 50176-2016", Provenance.DEFAULT
    key = code.strip().upper()
    word = _THERMAL_ZONES.get(key) or _THERMAL_ZONES.get(key[:1])
    if word is None:
        return unknown("enum", _city_need(case))
    return Fact(word, "enum", provenance, source, f"zone {code}", confidence=confidence)


def building_climate_zone(case: Case) -> Fact:
    """Building climate zone I to VII (GB 50178) of the city."""
    city = city_zones(case.project.project.city)
    if city is None or city.building_climate_zone is None:
        return unknown("enum", _city_need(case))
    zone = city.building_climate_zone
    return Fact(
        str(zone.value), "enum", Provenance.DEFAULT, f"{case.project.project.city}, GB 50178",
        confidence=zone.confidence,
    )  # fmt: skip


def _city_need(case: Case) -> Need:
    city = case.project.project.city
    return Need(
        Text(f"The climate zones of {city}.", f"{city} 的气候分区。"),
        Text(
            "Set project.thermal_zone (for instance 3A) and [facts.building_climate_zone] in twin.toml.",
            "请在 twin.toml 中填写 project.thermal_zone（如 3A）和 [facts.building_climate_zone]。",
        ),
    )


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function
    for function in (
        site_area, landscape_water_present, parking_present, surface_parking_area, structured_parking_used,
        green_land_ratio, thermal_zone, building_climate_zone,
    )
}  # fmt: skip
