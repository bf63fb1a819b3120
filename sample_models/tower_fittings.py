"""What the tower has besides its shell: balconies, dwelling units, the garage's bays, the way in."""

from __future__ import annotations

import itertools

import ifcopenshell.api.spatial
from shapely.geometry import Polygon, box

from sample_models import tower_plans as plans
from sample_models.building import Building, Room, Storey
from sample_models.plan import carved
from sample_models.solids import Prism
from sample_models.stairs import add_ramp

RAIL_HEIGHT = 1.2  # m, 10 % above the 1.10 m that high-rise flats need
SLAB = 0.12
STEEL_RGB = (0.55, 0.58, 0.60)
CONCRETE_RGB = (0.75, 0.75, 0.73)


def add_balconies(building: Building, storey: Storey, number: int) -> None:
    """Open balconies before the living rooms: slab, guard rails, and the outdoor space on them."""
    writer, level = building.writer, storey.level
    west = [(f"{number}01", *plans.BALCONIES["A"]), (f"{number}02", *plans.BALCONIES["B"])]
    east = [(flat, plans.WIDTH - right, plans.WIDTH - left) for flat, left, right in west]
    east = [(f"{number}{4 if flat.endswith('1') else 3:02}", left, right) for flat, left, right in east]
    front, back = -plans.BALCONY_DEPTH, -0.17
    for flat, left, right in (*west, *east):
        slab = writer.entity("IfcSlab", f"{storey.key}/阳台板{flat}", f"{flat}阳台板", "FLOOR")
        outline = box(left - 0.1, front, right + 0.1, back)
        solid = Prism.upright(outline, level - SLAB, level)
        writer.represent(slab, building.prism_body(solid, (0.0, 0.0, level), ("混凝土", CONCRETE_RGB)))
        writer.place(slab, writer.placement(storey.placement))
        writer.contain(storey.entity, slab)
        writer.properties(slab, "Pset_SlabCommon", {"IsExternal": True, "LoadBearing": True})
        building.make_of("钢筋混凝土", slab)
        rail = writer.entity("IfcRailing", f"{storey.key}/阳台栏杆{flat}", f"{flat}阳台栏杆", "GUARDRAIL")
        ring = carved(outline, box(left - 0.05, front + 0.05, right + 0.05, back))
        solid = Prism.upright(ring, level + 0.05, level + RAIL_HEIGHT)
        writer.represent(rail, building.prism_body(solid, (0.0, 0.0, level), ("栏杆", STEEL_RGB)))
        writer.place(rail, writer.placement(storey.placement))
        writer.contain(storey.entity, rail)
        writer.properties(rail, "Pset_RailingCommon", {"Height": RAIL_HEIGHT, "IsExternal": True})
        building.add_room(
            storey,
            f"{flat}-9",
            "阳台",
            Prism.upright(
                box(left - 0.05, front + 0.05, right + 0.05, back),
                level,
                round(level + plans.STOREY_HEIGHT - SLAB, 4),
            ),
            {"Pset_SpaceCommon": {"IsExternal": True, "PubliclyAccessible": False}},
            "EXTERNAL",
        )


def add_dwellings(building: Building, number: int) -> None:
    """Every flat as a zone of its rooms and as a spatial zone that says which type it is."""
    writer = building.writer
    for flat, kind in enumerate("ABBA", 1):
        name = f"{number}{flat:02}"
        rooms = [room.entity for key, room in building.rooms.items() if key.startswith(f"{name}-")]
        zone = writer.group("IfcZone", name, f"{name}户", rooms)
        zone.LongName = f"{kind}户型"
        zone.ObjectType = "住宅套型"
        unit = writer.entity("IfcSpatialZone", name, f"{name}户", "OCCUPANCY")
        unit.LongName = f"{kind}户型"
        writer.place(unit, writer.placement(building.storeys[f"F{number}"].placement))
        writer.properties(unit, "GBT50378", {"DwellingUnit": f"{kind}户型"})
        writer.aggregate(building.storeys[f"F{number}"].entity, unit)
        for room in rooms:
            ifcopenshell.api.spatial.reference_structure(
                writer.file, products=[room], relating_structure=unit
            )


def add_parking(building: Building, storey: Storey, garage: Room) -> None:
    """Bays, chargers at a third of them, carbon monoxide sensors and exhaust fans of the garage."""
    writer = building.writer
    bays = _bays()
    writer.properties(
        garage.entity, "Pset_SpaceParking", {"ParkingUse": "CAR", "ParkingUnits": len(bays), "IsAisle": False}
    )
    for number, bay in enumerate(bays, 1):
        marking = writer.entity("IfcCovering", f"车位{number:02}", f"车位{number:02}", "FLOORING")
        line = carved(bay, bay.buffer(-0.1, join_style="mitre"))
        item = writer.extrusion(line, 0.002)
        writer.style([item], "车位标线", (0.95, 0.95, 0.95))
        writer.represent(marking, writer.body_of([item]))
        writer.place(marking, writer.placement(storey.placement))
        writer.contain(garage.entity, marking)
        if number % 3 == 1:
            charger = writer.entity("IfcElectricAppliance", f"充电桩{number:02}", f"充电桩{number:02}")
            charger.PredefinedType, charger.ObjectType = "USERDEFINED", "充电桩"
            x, south, _, north = bay.bounds
            y = north - 0.35 if north > -1 else south + 0.1
            item = writer.extrusion(box(x + 1.0, y, x + 1.3, y + 0.2), 1.4)
            writer.represent(charger, writer.body_of([item]))
            writer.place(charger, writer.placement(storey.placement))
            writer.contain(garage.entity, charger)
    fans = []
    for number, x in enumerate((9.6, 19.2, 28.8), 1):
        sensor = writer.entity("IfcSensor", f"CO{number}", f"一氧化碳传感器{number}", "COSENSOR")
        item = writer.extrusion(box(x - 0.06, -5.76, x + 0.06, -5.70), 0.12, (0.0, 0.0, 1.5))
        writer.represent(sensor, writer.body_of([item]))
        writer.place(sensor, writer.placement(storey.placement))
        writer.contain(garage.entity, sensor)
        fan = writer.entity("IfcFan", f"排风机{number}", f"车库排风机{number}", "TUBEAXIAL")
        item = writer.extrusion(box(x - 0.4, -8.9, x + 0.4, -7.9), 0.6, (0.0, 0.0, 2.3))
        writer.represent(fan, writer.body_of([item]))
        writer.place(fan, writer.placement(storey.placement))
        writer.contain(garage.entity, fan)
        fans += [sensor, fan]
    writer.group("IfcDistributionSystem", "车库通风", "车库排风与一氧化碳联动系统", fans)


def _bays() -> list[Polygon]:
    """Bays of 2.4 × 5.3 m on both sides of the lane, three between two columns, doors kept clear."""
    bays = []
    columns = (0.0, 7.8, 15.4, 23.0, 30.6, plans.WIDTH)
    for low, high in itertools.pairwise(columns):
        start = (low + high) / 2 - 3.6
        for bay in range(3):
            x = start + 2.4 * bay
            bays.append(box(x, -16.6, x + 2.4, -11.3))
            clear_of_doors = all(not x - 1.0 < door < x + 3.4 for door in (6.0, plans.MIDDLE))
            if clear_of_doors:
                bays.append(box(x, -5.5, x + 2.4, -0.2))
    return bays


def add_outdoor_platform(building: Building, storey: Storey) -> None:
    """The platform, ramp and canopy before the entrance hall on the north side."""
    writer = building.writer
    for key, outline, low, high in (
        ("入口平台", box(8.4, 13.4, 12.4, 15.2), plans.TERRAIN, -0.015),
        ("入口雨篷", box(8.2, 13.4, 12.4, 15.2), 2.75, 2.9),
    ):
        slab = writer.entity("IfcSlab", f"{storey.key}/{key}", key, "FLOOR")
        item = writer.extrusion(outline, high - low, (0.0, 0.0, low))
        writer.style([item], "混凝土", CONCRETE_RGB)
        writer.represent(slab, writer.body_of([item]))
        writer.place(slab, writer.placement(storey.placement))
        writer.contain(storey.entity, slab)
        writer.properties(slab, "Pset_SlabCommon", {"IsExternal": True})
    add_ramp(building, storey, "无障碍坡道", "无障碍坡道", (4.8, 13.9, 8.4, 15.1), -plans.TERRAIN)
