"""The live twin as entities of SensorThings: rooms and homes are Things, points are Datastreams.

An Observation is a reading; its id is ``datastream-time`` with the time in microseconds. Only what the
account may read is there at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sensors.points import Point
from sensors.quantities import kind_of_name, quantity_kinds
from twin.server.context import Context
from twin.server.rights import Principal

# Entity set -> {navigation property: entity set}; a name in the plural leads to a collection.
NAVIGATION: Mapping[str, Mapping[str, str]] = {
    "Things": {
        "Locations": "Locations", "Datastreams": "Datastreams", "HistoricalLocations": "HistoricalLocations",
    },
    "Locations": {"Things": "Things", "HistoricalLocations": "HistoricalLocations"},
    "HistoricalLocations": {"Thing": "Things", "Locations": "Locations"},
    "Datastreams": {
        "Thing": "Things", "Sensor": "Sensors", "ObservedProperty": "ObservedProperties",
        "Observations": "Observations",
    },
    "Sensors": {"Datastreams": "Datastreams"},
    "ObservedProperties": {"Datastreams": "Datastreams"},
    "Observations": {"Datastream": "Datastreams", "FeatureOfInterest": "FeaturesOfInterest"},
    "FeaturesOfInterest": {"Observations": "Observations"},
}  # fmt: skip
_OBSERVATION = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"

Entity = dict[str, Any]


@dataclass(frozen=True)
class Catalogue:
    """Everything but the Observations, by set and id; ``links`` has the ids behind navigation properties."""

    entities: Mapping[str, Mapping[int, Entity]]
    links: Mapping[tuple[str, int, str], tuple[int, ...]]
    row_of: Mapping[int, int]  # Datastream -> row of the point

    def linked(self, entity_set: str, entity: int, name: str) -> tuple[int, ...]:
        """Ids behind a navigation property."""
        return self.links.get((entity_set, entity, name), ())


def catalogue_for(context: Context, caller: Principal) -> Catalogue:
    """The entities that an account may read."""
    live = context.live
    sets: dict[str, dict[int, Entity]] = {name: {} for name in NAVIGATION}
    links: dict[tuple[str, int, str], list[int]] = {}
    things: dict[str, int] = {}
    properties = _property_numbers(context)
    row_of = {}
    numbers = _numbers(context)

    def link(one: str, one_id: int, there: str, other: str, other_id: int, back: str) -> None:
        for key, value in (((one, one_id, there), other_id), ((other, other_id, back), one_id)):
            found = links.setdefault(key, [])
            if value not in found:
                found.append(value)

    for row, point in enumerate(live.points):
        if not caller.reads(point):
            continue
        stream = row + 1
        row_of[stream] = row
        name, about = _thing_of(context, point)
        thing = things.setdefault(name, numbers[name])
        if thing not in sets["Things"]:
            sets["Things"][thing] = {"name": name, "description": about["description"], "properties": about}
            sets["Locations"][thing] = _location(context, name, about)
            sets["FeaturesOfInterest"][thing] = {
                "name": name,
                "description": about["description"],
                "encodingType": "application/geo+json",
                "feature": sets["Locations"][thing]["location"],
            }
            link("Things", thing, "Locations", "Locations", thing, "Things")
        kind = _kind(point)
        observed = properties[_property_key(point)]
        if observed not in sets["ObservedProperties"]:
            sets["ObservedProperties"][observed] = _property(kind, point)
        sets["Sensors"][stream] = {
            "name": point.name or point.id,
            "description": point.tag or point.id,
            "encodingType": "text/plain",
            "metadata": point.tag or point.id,
            "properties": {} if point.interval_s is None else {"interval_s": point.interval_s},
        }
        sets["Datastreams"][stream] = {
            "name": point.id,
            "description": point.name or point.id,
            "observationType": _OBSERVATION,
            "unitOfMeasurement": {"name": point.unit, "symbol": point.unit, "definition": point.unit},
            "properties": {"privacy": point.privacy.value, "element": _element(context, point)},
        }
        link("Datastreams", stream, "Thing", "Things", thing, "Datastreams")
        link("Datastreams", stream, "Sensor", "Sensors", stream, "Datastreams")
        link("Datastreams", stream, "ObservedProperty", "ObservedProperties", observed, "Datastreams")
        link("Datastreams", stream, "_feature", "FeaturesOfInterest", thing, "_streams")
    return Catalogue(sets, {key: tuple(ids) for key, ids in links.items()}, row_of)


def _kind(point: Point) -> str:
    return point.quantity if point.quantity in quantity_kinds() else kind_of_name(point.name)


def _property_key(point: Point) -> tuple[str, str]:
    return (_kind(point) or point.quantity or point.id, point.unit)


def _property_numbers(context: Context) -> dict[tuple[str, str], int]:
    """The id of every ObservedProperty, the same for every account."""
    keys = dict.fromkeys(_property_key(point) for point in context.live.points)
    return {key: number for number, key in enumerate(keys, 1)}


def _numbers(context: Context) -> dict[str, int]:
    """The id of every Thing, the same for every account."""
    names = dict.fromkeys(_thing_of(context, point)[0] for point in context.live.points)
    return {name: number for number, name in enumerate(names, 1)}


def _thing_of(context: Context, point: Point) -> tuple[str, dict[str, Any]]:
    """What a point belongs to: the room it stands in, else a home, else its location, else the site."""
    place = context.place(point.id)
    if place is not None and (place.room_name or place.storey_name):
        name = " · ".join(filter(None, (place.storey_name, place.room_name)))
        about = {"description": name, "storey": place.storey_name, "globalId": place.room or place.storey}
        return name, about
    name = point.household or point.location or context.live.project.project.name or "site"
    return name, {"description": point.location or name}


def _location(context: Context, name: str, about: dict[str, Any]) -> Entity:
    site = context.live.project.site
    geometry = None
    if site.latitude_deg is not None and site.longitude_deg is not None:
        geometry = {"type": "Point", "coordinates": [site.longitude_deg, site.latitude_deg]}
    return {
        "name": name,
        "description": about["description"],
        "encodingType": "application/geo+json",
        "location": {"type": "Feature", "geometry": geometry, "properties": about},
    }


def _property(kind: str, point: Point) -> Entity:
    found = quantity_kinds().get(kind)
    name = found.en if found is not None else point.quantity or point.id
    return {
        "name": name,
        "description": found.zh if found is not None else name,
        "definition": kind or name,
        "properties": {"unit": point.unit},
    }


def _element(context: Context, point: Point) -> str | None:
    place = context.place(point.id)
    return None if place is None else place.element
