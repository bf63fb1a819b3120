"""Window and door types: their parts, their properties and how their panels open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shapely.geometry import Polygon, box

from sample_models.constructions import Constructions
from sample_models.plan import carved
from sample_models.writer import Entity, IfcWriter, Point3

UP: Point3 = (0.0, -1.0, 0.0)  # sweep direction of profiles that stand in the wall's plane
ALONG: Point3 = (1.0, 0.0, 0.0)

FRAME_RGB = (0.35, 0.37, 0.40)
GLASS_RGB = (0.55, 0.75, 0.85)
WOOD_RGB = (0.62, 0.45, 0.30)
STEEL_RGB = (0.55, 0.58, 0.60)


@dataclass(frozen=True)
class WindowKind:
    """A window type. ``panels`` lists the widths as shares of the whole and how each opens, left to right."""

    name: str
    width: float
    height: float
    panels: tuple[tuple[float, str], ...]
    transom: float = 0.0  # height of a fixed light above the panels
    predefined: str = "WINDOW"
    common: dict[str, Any] = field(default_factory=dict)
    glazing: dict[str, Any] = field(default_factory=dict)
    green: dict[str, Any] = field(default_factory=dict)
    frame: float = 0.06  # m, seen width of the profiles
    depth: float = 0.07

    @property
    def openable_area(self) -> float:
        """m² of the panels that open; a sliding panel opens half of its pair."""
        area = 0.0
        for share, operation in self.panels:
            if operation != "FIXEDCASEMENT":
                part = share * self.width * (self.height - self.transom)
                area += part / 2 if operation == "SLIDINGHORIZONTAL" else part
        return area

    @property
    def glazed_area(self) -> float:
        """Area of the glass in m²."""
        return sum(pane.area for pane in self.panes())

    def panes(self) -> list[Polygon]:
        """The glass in the window's plane, x to the right and y up from the lower left corner."""
        result = []
        low, high = self.frame, self.height - self.frame
        if self.transom:
            bar = self.height - self.transom
            result.append(box(self.frame, bar + self.frame / 2, self.width - self.frame, high))
            high = bar - self.frame / 2
        left = 0.0
        for index, (share, _) in enumerate(self.panels):
            right = left + share * self.width
            inner_left = self.frame if index == 0 else left + self.frame / 2
            inner_right = self.width - self.frame if index == len(self.panels) - 1 else right - self.frame / 2
            result.append(box(inner_left, low, inner_right, high))
            left = right
        return result


@dataclass(frozen=True)
class DoorKind:
    """A door type."""

    name: str
    width: float
    height: float
    operation: str = "SINGLE_SWING_LEFT"
    material: str = "木门"
    common: dict[str, Any] = field(default_factory=dict)
    glazing: dict[str, Any] = field(default_factory=dict)
    green: dict[str, Any] = field(default_factory=dict)
    glazed: bool = False


_PARTITION = {1: "SINGLE_PANEL", 2: "DOUBLE_PANEL_VERTICAL", 3: "TRIPLE_PANEL_VERTICAL"}
_POSITIONS = ("LEFT", "MIDDLE", "RIGHT")


class Catalogue:
    """Writes each window and door type once, with its shape, and hands it out."""

    def __init__(self, writer: IfcWriter, constructions: Constructions) -> None:
        self.writer = writer
        self.constructions = constructions
        self._types: dict[str, Entity] = {}

    def window_type(self, kind: WindowKind) -> Entity:
        """The IfcWindowType of a kind."""
        if kind.name in self._types:
            return self._types[kind.name]
        writer = self.writer
        window_type = writer.entity("IfcWindowType", kind.name, kind.name, kind.predefined)
        panels = len(kind.panels)
        window_type.PartitioningType = "USERDEFINED" if kind.transom or panels > 3 else _PARTITION[panels]
        if window_type.PartitioningType == "USERDEFINED":
            window_type.UserDefinedPartitioningType = f"{panels}扇" + ("带上亮" if kind.transom else "")
        window_type.ParameterTakesPrecedence = False
        properties = []
        for index, (_, operation) in enumerate(kind.panels):
            position = (
                "MIDDLE"
                if panels == 1
                else ("LEFT", "RIGHT")[index]
                if panels == 2
                else (_POSITIONS[min(index, 2)])
            )
            panel = writer.file.create_entity(
                "IfcWindowPanelProperties",
                GlobalId="",
                Name=f"窗扇{index + 1}",
                OperationType=operation,
                PanelPosition=position,
                FrameDepth=kind.depth,
                FrameThickness=kind.frame,
            )
            writer.remember(panel, f"panel{index}:{kind.name}")
            properties.append(panel)
        lining = writer.file.create_entity(
            "IfcWindowLiningProperties",
            GlobalId="",
            Name="窗框",
            LiningDepth=kind.depth,
            LiningThickness=kind.frame,
        )
        writer.remember(lining, f"lining:{kind.name}")
        window_type.HasPropertySets = [lining, *properties]
        for set_name, values in (
            ("Pset_WindowCommon", {**kind.common, "GlazingAreaFraction": self._fraction(kind)}),
            ("Pset_DoorWindowGlazingType", kind.glazing),
            ("GBT50378", {**kind.green, "OpenableArea": round(kind.openable_area, 4)}),
        ):
            if values:
                writer.properties(window_type, set_name, values)
        writer.shared_map(kind.name, writer.body_of(self._window_parts(kind)))
        window_type.RepresentationMaps = [writer.shared_map(kind.name)]
        self.constructions.apply_material([window_type], "断桥铝合金")
        self._types[kind.name] = window_type
        return window_type

    def door_type(self, kind: DoorKind) -> Entity:
        """The IfcDoorType of a kind."""
        if kind.name in self._types:
            return self._types[kind.name]
        writer = self.writer
        door_type = writer.entity("IfcDoorType", kind.name, kind.name, "DOOR")
        door_type.OperationType = kind.operation
        door_type.ParameterTakesPrecedence = False
        for set_name, values in (
            ("Pset_DoorCommon", kind.common),
            ("Pset_DoorWindowGlazingType", kind.glazing),
            ("GBT50378", kind.green),
        ):
            if values:
                writer.properties(door_type, set_name, values)
        writer.shared_map(kind.name, writer.body_of(self._door_parts(kind)))
        door_type.RepresentationMaps = [writer.shared_map(kind.name)]
        self.constructions.apply_material([door_type], kind.material)
        self._types[kind.name] = door_type
        return door_type

    @staticmethod
    def _fraction(kind: WindowKind) -> float:
        return round(kind.glazed_area / (kind.width * kind.height), 4)

    def _upright(self, polygon: Polygon, thickness: float, middle: float = 0.0) -> Entity:
        """A plate in the wall's plane: x along the wall, the profile's y upwards."""
        return self.writer.extrusion(polygon, thickness, (0.0, middle + thickness / 2, 0.0), UP, ALONG)

    def _window_parts(self, kind: WindowKind) -> list[Entity]:
        panes = kind.panes()
        frame = box(0, 0, kind.width, kind.height)
        frame = carved(frame, *panes)
        frame_item = self._upright(frame, kind.depth)
        glass = [self._upright(pane, 0.024) for pane in panes]
        self.writer.style([frame_item], "窗框", FRAME_RGB)
        self.writer.style(glass, "玻璃", GLASS_RGB, 0.6)
        return [frame_item, *glass]

    def _door_parts(self, kind: DoorKind) -> list[Entity]:
        lining, width, height = 0.05, kind.width, kind.height
        frame = carved(box(0, 0, width, height), box(lining, -1, width - lining, height - lining))
        items = [self._upright(frame, 0.10)]
        leaves = [(lining, width - lining)]
        if kind.operation.startswith("DOUBLE"):
            leaves = [(lining, width / 2), (width / 2, width - lining)]
        rgb = WOOD_RGB if kind.material == "木门" else STEEL_RGB
        glass = []
        for left, right in leaves:
            leaf = box(left, 0.005, right, height - lining)
            if kind.glazed:
                pane = box(left + 0.1, 0.15, right - 0.1, height - lining - 0.1)
                leaf = carved(leaf, pane)
                glass.append(self._upright(pane, 0.02))
            items.append(self._upright(leaf, 0.045))
        self.writer.style(items, kind.material, rgb)
        if glass:
            self.writer.style(glass, "玻璃", GLASS_RGB, 0.6)
        return [*items, *glass]
