"""The scene on a plotter of PyVista: colours, storey cut, selection, and what lies under a pixel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pyvista
from numpy.typing import NDArray
from vtkmodules.vtkCommonDataModel import vtkPlane
from vtkmodules.vtkRenderingCore import vtkActor2D, vtkCellPicker, vtkImageMapper, vtkMapper

from ifc.model import Language
from viewer.desktop.cards import legend_card
from viewer.desktop.mesh import cell_corners, sharp_edges
from viewer.desktop.paint import PALE_RGB, Mode, paint_of, value_rgb

if TYPE_CHECKING:
    from viewer.desktop.scene import Scene
    from viewer.layers import Layer

CUT_HEIGHT_M = 1.4  # above the floor of the storey, as on the page
EDGE_TRIANGLES = 600_000  # more than this is shown without edges
_EDGE_DEG = 25.0  # faces that meet at less are one surface
_OPAQUE = 250  # of 255
_FOV_DEG = 42.0
_FROM = np.array([0.62, -0.72, 0.5])  # where the camera stands: as the page begins
_FROM_ABOVE = np.array([0.28, -0.5, 0.86])  # and looks into a cut storey
_SUN = (0.55, -0.4, 0.75)
_SKY = ("#f7f8f6", "#dfe7ea")  # below, above
_PICK_RGB = (255, 138, 0)
_GAP_PX = 12
# Like the page, in coordinates of the window: a stripe of 4 px every 9.
_HATCHED = """//VTK::Color::Impl
  float along = mod(gl_FragCoord.x + gl_FragCoord.y, 9.0);
  float stripe = smoothstep(0.0, 1.0, along) - smoothstep(3.5, 4.5, along);
  vec3 grey = vec3(mix(0.81, 0.60, stripe));
  ambientColor = 0.75 * grey;
  diffuseColor = 0.25 * grey;
"""
# Whoever looks into a body that was cut sees the colour of a section.
_CAPPED = """//VTK::Light::Impl
  if (!gl_FrontFacing) gl_FragData[0] = vec4(0.224, 0.263, 0.290, 1.0);
"""


class Stage:
    """What one plotter shows of a scene; ``layer``, ``storey`` and ``selected`` are what was chosen."""

    def __init__(self, scene: Scene, plotter: pyvista.Plotter, language: Language = "en") -> None:
        self.scene = scene
        self.plotter = plotter
        self.language: Language = language
        self.layer: Layer | None = None
        self.storey: int | None = None
        self.selected: int | None = None
        self.hidden: set[int] = set()
        self._rows_of: dict[Any, NDArray[np.int32]] = {}  # actor -> scene row of each of its cells
        self._actors: list[Any] = []
        self._marked: Any = None
        self._cards: dict[str, Any] = {}
        plotter.set_background(_SKY[0], top=_SKY[1])
        plotter.remove_all_lights()
        plotter.add_light(pyvista.Light(position=_SUN, light_type="scene light", intensity=0.75))
        plotter.add_light(pyvista.Light(light_type="headlight", intensity=0.45))
        plotter.camera.view_angle = _FOV_DEG

    def show(self, layer: Layer | None, storey: int | None) -> None:
        """Colour by a layer (None: the colours of the materials), cut above a storey's floor or nowhere."""
        self.layer, self.storey = layer, storey
        self.redraw()
        self.card("legend", None if layer is None else legend_card(layer, self.language))

    def redraw(self) -> None:
        """Draw again after what is shown has changed."""
        for actor in self._actors:
            self.plotter.remove_actor(actor, render=False)
        self._actors, self._rows_of = [], {}
        mesh = self.scene.mesh
        paint = paint_of(self.scene.row_count, self.layer)
        mode = paint.mode[mesh.row]
        rgba = mesh.rgba.copy()
        rgba[mode == Mode.PALE, :3] = PALE_RGB
        coloured = mode == Mode.COLOURED
        rgba[coloured, :3] = paint.rgb[mesh.row[coloured]]
        clear = rgba[:, 3] < _OPAQUE
        rgba[clear & coloured, 3] = 217
        hidden = self.hidden | self._cut_through()
        seen = ~np.isin(mesh.row, list(hidden))
        unknown = mode == Mode.UNKNOWN
        plain = seen & ~clear & ~coloured & ~unknown
        terrain = np.isin(mesh.row, self.scene.terrain_rows)
        self._add(plain & ~terrain, rgba, ambient=0.3)
        ground = self._add(plain & terrain, rgba, ambient=0.3)
        if ground is not None:
            _push(ground, 2)  # ground covers lie in the same plane
        self._add(seen & ~clear & coloured, rgba, ambient=0.75)
        self._add(seen & clear & ~unknown, rgba, ambient=0.4, transparent=True)
        self._add(seen & unknown, rgba, ambient=0.75, shader=("//VTK::Color::Impl", _HATCHED))
        self._add_edges(seen)
        if self.layer is not None and self.layer.cells is not None:
            self._add_cells(self.layer)
        self._clip()
        self.select(self.selected)

    def select(self, row: int | None) -> None:
        """Mark a scene row; None marks nothing."""
        self.selected = row
        if self._marked is not None:
            self.plotter.remove_actor(self._marked, render=False)
            self._rows_of.pop(self._marked, None)
            self._marked = None
        mesh = self.scene.mesh
        chosen = np.zeros(len(mesh.row), np.bool_) if row is None else mesh.row == row
        if not chosen.any():
            return
        rgba = np.tile(np.array([*_PICK_RGB, 255], np.uint8), (len(mesh.row), 1))
        self._marked = self._add(chosen, rgba, ambient=0.55)
        self._actors.remove(self._marked)
        self._clip()
        _push(self._marked, -2)

    def look_at(self, low: NDArray[np.floating], high: NDArray[np.floating], *, above: bool) -> None:
        """Stand where the whole box fits into the picture."""
        way = _FROM_ABOVE if above else _FROM
        way = way / np.linalg.norm(way)
        centre = (low + high) / 2.0
        right = np.cross((0.0, 0.0, 1.0), way)
        right /= np.linalg.norm(right)
        up = np.cross(way, right)
        offset = np.array(np.meshgrid(*zip(low, high, strict=True))).reshape(3, -1).T - centre
        tangent = np.tan(np.radians(_FOV_DEG / 2.0))
        width, height = self.plotter.window_size
        across = np.maximum(np.abs(offset @ up), np.abs(offset @ right) * height / width) / tangent
        distance = max(1.0, float((offset @ way + 1.08 * across).max()))
        eye = centre + way * distance
        for _ in range(3):  # sideways, until the box is in the middle of the picture
            seen = offset + centre - eye
            depth = -(seen @ way)
            if (depth <= 0).any():
                break
            for axis in (right, up):
                place = seen @ axis / depth
                eye = eye + axis * (place.min() + place.max()) / 2.0 * distance
        self.plotter.camera_position = [eye, eye - way * distance, (0.0, 0.0, 1.0)]
        self.plotter.renderer.SetNearClippingPlaneTolerance(0.01)
        self.plotter.reset_camera_clipping_range()

    def pick(self, x: float, y: float) -> int | None:
        """The scene row under a pixel (from the upper left corner); None for the background."""
        picker = vtkCellPicker()
        picker.SetTolerance(0.0)
        picker.PickFromListOn()
        for actor in self._rows_of:
            picker.AddPickList(actor)
        picker.Pick(x, self.plotter.window_size[1] - 1 - y, 0.0, self.plotter.renderer)
        actor, cell = picker.GetActor(), picker.GetCellId()
        if actor is None or cell < 0:
            return None
        return int(self._rows_of[actor][cell])

    def card(self, name: str, pixels: NDArray[np.uint8] | None) -> None:
        """Lay a card on the picture: ``legend`` below, ``about`` above, both on the left; None removes it."""
        old = self._cards.pop(name, None)
        if old is not None:
            self.plotter.renderer.RemoveViewProp(old)
        if pixels is None:
            return
        image = pyvista.ImageData(dimensions=(pixels.shape[1], pixels.shape[0], 1))
        image.point_data["rgb"] = pixels[::-1].reshape(-1, 3)
        mapper = vtkImageMapper()
        mapper.SetInputData(image)
        mapper.SetColorWindow(255.0)
        mapper.SetColorLevel(127.5)
        actor = vtkActor2D()
        actor.SetMapper(mapper)
        self._cards[name] = actor
        self.place_cards()
        self.plotter.renderer.AddViewProp(actor)

    def place_cards(self) -> None:
        """Put the cards into their corners, also after the window has changed its size."""
        for name, actor in self._cards.items():
            height = actor.GetMapper().GetInput().GetDimensions()[1]
            top = self.plotter.window_size[1] - _GAP_PX - height
            actor.SetPosition(_GAP_PX, _GAP_PX if name == "legend" else max(top, 0))

    def _add(
        self,
        chosen: NDArray[np.bool_],
        rgba: NDArray[np.uint8],
        *,
        ambient: float,
        transparent: bool = False,
        shader: tuple[str, str] | None = None,
    ) -> Any:
        if not chosen.any():
            return None
        mesh = self.scene.mesh
        used, corners = np.unique(mesh.triangles[chosen], return_inverse=True)
        data = pyvista.PolyData.from_regular_faces(mesh.points[used], corners.reshape(-1, 3))
        data.cell_data["rgba"] = rgba[chosen] if transparent else rgba[chosen, :3]
        actor = self.plotter.add_mesh(
            data, scalars="rgba", rgb=True, preference="cell", ambient=ambient, diffuse=1.0 - ambient,
            specular=0.0, interpolation="Flat", show_scalar_bar=False, reset_camera=False, render=False,
            copy_mesh=False,
        )  # fmt: skip
        if shader is not None:
            actor.GetShaderProperty().AddFragmentShaderReplacement(shader[0], True, shader[1], False)
        if self.storey is not None and not transparent:
            actor.GetShaderProperty().AddFragmentShaderReplacement("//VTK::Light::Impl", True, _CAPPED, False)
        self._actors.append(actor)
        self._rows_of[actor] = mesh.row[chosen]
        return actor

    def _add_cells(self, layer: Layer) -> None:
        """The heat map in the exact colours of the legend."""
        cells = layer.cells
        assert cells is not None
        corners, known = cell_corners(cells)
        seen = ~np.isin(cells.row[known], list(self.hidden))
        corners, known = corners.reshape(-1, 4, 3)[seen].reshape(-1, 3), known[seen]
        if not len(known):
            return
        data = pyvista.PolyData.from_regular_faces(corners, np.arange(len(corners)).reshape(-1, 4))
        data.cell_data["rgb"] = value_rgb(layer, cells.values[known])
        actor = self.plotter.add_mesh(
            data, scalars="rgb", rgb=True, preference="cell", lighting=False, show_scalar_bar=False,
            reset_camera=False, render=False, copy_mesh=False,
        )  # fmt: skip
        _push(actor, -0.25)
        self._actors.append(actor)
        self._rows_of[actor] = cells.row[known]

    def _add_edges(self, seen: NDArray[np.bool_]) -> None:
        if not 0 < seen.sum() <= EDGE_TRIANGLES:
            return
        ends = sharp_edges(self.scene.mesh, seen, _EDGE_DEG)
        lines = np.column_stack([np.full(len(ends) // 2, 2), np.arange(len(ends)).reshape(-1, 2)])
        edges = self.plotter.add_mesh(
            pyvista.PolyData(ends, lines=lines.ravel()), color="#1d2830", opacity=0.34, line_width=1,
            lighting=False, pickable=False, reset_camera=False, render=False, copy_mesh=False,
        )  # fmt: skip
        self._actors.append(edges)

    def _cut_through(self) -> set[int]:
        """What stands outside the building, as trees and lamps do, and would be cut: it is left out."""
        height = self._cut_height()
        if height is None:
            return set()
        mesh = self.scene.mesh
        above = (mesh.points[mesh.triangles, 2] > height).any(axis=1) & (mesh.storey < 0)
        return set(np.setdiff1d(mesh.row[above], self.scene.terrain_rows).tolist())

    def _cut_height(self) -> float | None:
        if self.storey is None:
            return None
        return float(self.scene.storey_elevations[self.storey]) + CUT_HEIGHT_M

    def _clip(self) -> None:
        """Take away what lies above the cut of the storey."""
        height = self._cut_height()
        plane = None
        if height is not None:
            plane = vtkPlane()
            plane.SetNormal(0.0, 0.0, -1.0)
            plane.SetOrigin(0.0, 0.0, height)
        for actor in [*self._actors, *([self._marked] if self._marked is not None else [])]:
            mapper = actor.GetMapper()
            mapper.RemoveAllClippingPlanes()
            if plane is not None:
                mapper.AddClippingPlane(plane)


def _push(actor: Any, steps: float) -> None:
    """Draw the faces of an actor as if they lay a little farther away than others, or nearer (negative)."""
    actor.GetMapper().SetRelativeCoincidentTopologyPolygonOffsetParameters(2.0 * steps, 2.0 * steps)


@contextmanager
def coincident_faces() -> Iterator[None]:
    """Faces in one plane are told apart while the block runs: the switch is VTK's, for all of a process."""
    before = vtkMapper.GetResolveCoincidentTopology()
    vtkMapper.SetResolveCoincidentTopologyToPolygonOffset()
    try:
        yield
    finally:
        vtkMapper.SetResolveCoincidentTopology(before)
