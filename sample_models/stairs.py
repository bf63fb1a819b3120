"""Half-turn stairs, ramps, railings and lifts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shapely.geometry import Polygon, box

from sample_models.building import Building, Storey
from sample_models.plan import carved
from sample_models.writer import Entity, Point3

EAST: Point3 = (1.0, 0.0, 0.0)
NORTH: Point3 = (0.0, 1.0, 0.0)
WEST: Point3 = (-1.0, 0.0, 0.0)
GUARD_HEIGHT = 1.1  # m above the nosings, 10 % above the 1.05 m that the codes ask for
WAIST = 0.12
NON_SKID = {"AntiSlipStrips": True, "SlipGradeDry": "Ad", "SlipGradeWet": "Aw"}
STAIR_RGB = (0.78, 0.76, 0.72)
STEEL_RGB = (0.55, 0.58, 0.60)


@dataclass(frozen=True)
class HalfTurn:
    """A half-turn stair in plan. It starts at ``start`` along y, turns at the landing and comes back.

    ``first`` and ``second`` are the x ranges of the two flights; ``sense`` is +1 when the first flight runs
    north, -1 when it runs south; ``landing_end`` is the y where the half landing ends at the wall.
    """

    first: tuple[float, float]
    second: tuple[float, float]
    start: float
    sense: int
    landing_end: float
    risers: int  # per flight
    tread: float = 0.28

    @property
    def run(self) -> float:
        """Length of a flight in plan, in m."""
        return (self.risers - 1) * self.tread


def add_half_turn(
    building: Building, storey: Storey, key: str, name: str, stair: HalfTurn, rise: float
) -> Entity:
    """An IfcStair of two flights and a half landing, with guards, from a storey's floor to the next."""
    writer = building.writer
    riser = rise / (2 * stair.risers)
    entity = writer.entity("IfcStair", f"{storey.key}/{key}", name, "HALF_TURN_STAIR")
    placement = writer.placement(storey.placement)
    writer.place(entity, placement)
    writer.contain(storey.entity, entity)
    writer.properties(
        entity,
        "Pset_StairCommon",
        {
            "NumberOfRiser": 2 * stair.risers,
            "NumberOfTreads": 2 * (stair.risers - 1),
            "RiserHeight": round(riser, 4),
            "TreadLength": stair.tread,
            "HasNonSkidSurface": True,
            "FireExit": True,
            "HandicapAccessible": False,
        },
    )
    parts = []
    half = riser * stair.risers
    turn = stair.start + stair.sense * stair.run
    for number, (low_x, high_x), base, start, sense in (
        (1, stair.first, 0.0, stair.start, stair.sense),
        (2, stair.second, half, turn, -stair.sense),
    ):
        flight = writer.entity(
            "IfcStairFlight", f"{storey.key}/{key}/梯段{number}", f"{name} 梯段{number}", "STRAIGHT"
        )
        flight.NumberOfRisers, flight.NumberOfTreads = stair.risers, stair.risers - 1
        flight.RiserHeight, flight.TreadLength = round(riser, 4), stair.tread
        section = _flight_section(stair, riser)
        item = _sweep(building, section, (low_x, start, base), sense, high_x - low_x)
        writer.style([item], "楼梯", STAIR_RGB)
        _part(building, storey, flight, [item])
        writer.quantities(flight, "Qto_StairFlightBaseQuantities", {"Length": stair.run})
        writer.properties(flight, "GBT50378", NON_SKID)
        parts.append(flight)

        inner = high_x if number == 1 else low_x - 0.03
        inner = inner if stair.first[0] < stair.second[0] else (low_x - 0.03 if number == 1 else high_x)
        guard = writer.entity(
            "IfcRailing", f"{storey.key}/{key}/栏杆{number}", f"{name} 栏杆扶手{number}", "GUARDRAIL"
        )
        plate = Polygon(
            [
                (0.0, riser),
                (stair.run, half),
                (stair.run, half + GUARD_HEIGHT),
                (0.0, riser + GUARD_HEIGHT),
            ]
        )
        rail = _sweep(building, plate, (inner, start, base), sense, 0.03)
        writer.style([rail], "栏杆", STEEL_RGB)
        _part(building, storey, guard, [rail])
        writer.properties(guard, "Pset_RailingCommon", {"Height": GUARD_HEIGHT, "IsExternal": False})
        parts.append(guard)
    landing = writer.entity("IfcSlab", f"{storey.key}/{key}/休息平台", f"{name} 休息平台", "LANDING")
    low_x = min(stair.first[0], stair.second[0])
    high_x = max(stair.first[1], stair.second[1])
    ends = sorted((turn, stair.landing_end))
    item = writer.extrusion(box(low_x, ends[0], high_x, ends[1]), WAIST, (0.0, 0.0, half - WAIST))
    writer.style([item], "楼梯", STAIR_RGB)
    _part(building, storey, landing, [item])
    parts.append(landing)
    writer.aggregate(entity, *parts)
    concrete = [part for part in parts if not part.is_a("IfcRailing")]
    building.make_of("钢筋混凝土", entity, *concrete)
    return entity


def _flight_section(stair: HalfTurn, riser: float) -> Polygon:
    """Steps and waist, run along x from 0, z up."""
    points = [(0.0, 0.0)]
    for step in range(stair.risers - 1):
        points.append((step * stair.tread, (step + 1) * riser))
        points.append(((step + 1) * stair.tread, (step + 1) * riser))
    points.append((stair.run, stair.risers * riser - riser - WAIST - 0.06))
    points.append((stair.tread * 0.9, 0.0))
    return Polygon(points)


def _sweep(building: Building, section: Polygon, origin: Point3, sense: int, width: float) -> Entity:
    """A section whose x runs north (``sense`` 1) or south (-1), swept ``width`` to the east."""
    if sense > 0:
        return building.writer.extrusion(section, width, origin, EAST, NORTH)
    start = (origin[0] + width, origin[1], origin[2])
    return building.writer.extrusion(section, width, start, WEST, (0.0, -1.0, 0.0))


def _part(building: Building, storey: Storey, part: Entity, items: list[Entity]) -> None:
    writer = building.writer
    writer.place(part, writer.placement(storey.placement))
    writer.represent(part, writer.body_of(items))


def add_lift(
    building: Building,
    storey: Storey,
    key: str,
    name: str,
    cabin: Polygon,
    properties: dict[str, dict[str, Any]],
) -> Entity:
    """A lift cabin at its lowest stop."""
    writer = building.writer
    lift = writer.entity("IfcTransportElement", key, name, "ELEVATOR")
    writer.place(lift, writer.placement(storey.placement))
    shell = carved(cabin, cabin.buffer(-0.05, join_style="mitre"))
    items = [writer.extrusion(shell, 2.3), writer.extrusion(cabin, 0.05, (0.0, 0.0, 2.3))]
    writer.style(items, "电梯轿厢", STEEL_RGB)
    writer.represent(lift, writer.body_of(items))
    writer.contain(storey.entity, lift)
    for set_name, values in properties.items():
        writer.properties(lift, set_name, values)
    return lift


def add_ramp(
    building: Building,
    storey: Storey,
    key: str,
    name: str,
    outline: tuple[float, float, float, float],
    rise: float,
) -> Entity:
    """A straight ramp that climbs eastwards over ``outline`` (x0, y0, x1, y1) up to the storey's floor."""
    writer = building.writer
    x0, y0, x1, y1 = outline
    ramp = writer.entity("IfcRamp", f"{storey.key}/{key}", name, "STRAIGHT_RUN_RAMP")
    writer.place(ramp, writer.placement(storey.placement))
    writer.contain(storey.entity, ramp)
    slope = rise / (x1 - x0)
    writer.properties(
        ramp,
        "Pset_RampCommon",
        {"HandicapAccessible": True, "HasNonSkidSurface": True, "IsExternal": True, "FireExit": True},
    )
    writer.properties(ramp, "GBT50378", {"SlopeRatio": round(slope, 4), "ClearWidth": round(y1 - y0, 3)})
    flight = writer.entity("IfcRampFlight", f"{storey.key}/{key}/坡段", f"{name} 坡段", "STRAIGHT")
    section = Polygon([(0.0, -rise), (x1 - x0, -rise), (x1 - x0, 0.0)])
    # the section's x runs east, its y up; swept from the north side to the south
    item = writer.extrusion(section, y1 - y0, (x0, y1, 0.0), (0.0, -1.0, 0.0), EAST)
    writer.style([item], "混凝土", (0.75, 0.75, 0.73))
    _part(building, storey, flight, [item])
    writer.properties(flight, "GBT50378", NON_SKID)
    rails = []
    for side, y in (("北", y1 - 0.04), ("南", y0)):
        rail = writer.entity("IfcRailing", f"{storey.key}/{key}/{side}", f"{name} {side}侧扶手", "HANDRAIL")
        plate = Polygon([(0.0, -rise), (x1 - x0, 0.0), (x1 - x0, 0.9), (0.0, 0.9 - rise)])
        item = writer.extrusion(plate, 0.04, (x0, y + 0.04, 0.0), (0.0, -1.0, 0.0), EAST)
        writer.style([item], "栏杆", STEEL_RGB)
        _part(building, storey, rail, [item])
        writer.properties(rail, "Pset_RailingCommon", {"Height": 0.9, "IsExternal": True})
        rails.append(rail)
    writer.aggregate(ramp, flight, *rails)
    return ramp
