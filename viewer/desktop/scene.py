"""A model with its layers, as something to plot: a window, or a picture for a notebook or a report."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, GeometryTable, Language
from viewer.desktop.display import drawing, require_display, require_shown
from viewer.desktop.mesh import SceneMesh, scene_mesh
from viewer.layers import Layer
from viewer.scene_tables import element_columns, row_count
from viewer.shown import space_rows


@dataclass(frozen=True)
class Picture:
    """A finished picture; notebooks show it by themselves."""

    pixels: NDArray[np.uint8]  # (height, width, 3)

    def save(self, path: str | Path) -> None:
        """Write it as a file; the ending says which kind (.png, .jpg, .webp)."""
        from PIL import Image

        Image.fromarray(self.pixels).save(path)

    def _repr_png_(self) -> bytes:
        from PIL import Image

        data = io.BytesIO()
        Image.fromarray(self.pixels).save(data, "PNG")
        return data.getvalue()


class Scene:
    """What the page shows of a model, for PyVista.

    Args:
        model: the building.
        geometry: its shapes, best with openings cut.
        layers: what it can be coloured by.
    """

    def __init__(self, model: BuildingModel, geometry: GeometryTable, layers: Sequence[Layer] = ()) -> None:
        self.model = model
        self.geometry = geometry
        self.layers = tuple(layers)
        self.row_count = row_count(model)
        self.columns = element_columns(model)
        self.room_rows = space_rows(model)
        self.terrain_rows = model.elements.rows_of_class("IfcSite")
        self.storey_elevations = model.storeys.elevation_m

    @cached_property
    def mesh(self) -> SceneMesh:
        """The drawn triangles of the whole model."""
        return scene_mesh(self.model, self.geometry)

    def layer(self, id: str) -> Layer:
        """The layer of an id.

        Raises:
            KeyError: there is none; the message lists those there are.
        """
        for layer in self.layers:
            if layer.id == id:
                return layer
        raise KeyError(
            f"no layer {id!r}; there are: {', '.join(layer.id for layer in self.layers) or 'none'}"
        )

    def plot(
        self,
        color_by: str | None = None,
        *,
        off_screen: bool = False,
        storey: int | Literal["auto"] | None = "auto",
        selected: str | None = None,
        language: Language = "en",
        size_px: tuple[int, int] = (1200, 800),
    ) -> Picture | None:
        """Show the scene in a window until it is closed, or draw a picture of it without one.

        Args:
            color_by: id of a layer, None for the colours of the materials.
            off_screen: draw a picture; needs no display.
            storey: row of the storey above whose floor everything is cut away; None to cut nothing;
                "auto" for the lowest one with rooms when the layer is about rooms.
            selected: GlobalId of an element to mark.
            language: of the legend.
            size_px: width and height.

        Returns:
            The picture; None after a window.

        Raises:
            KeyError: there is no such layer, storey or element.
            DisplayError: this machine cannot draw; the message says what to install.
        """
        require_display(off_screen=off_screen)
        import pyvista

        from viewer.desktop.stage import Stage, coincident_faces
        from viewer.desktop.window import open_window

        layer = None if color_by is None else self.layer(color_by)
        cut = self.storey_to_cut(layer) if storey == "auto" else storey
        if cut is not None and not 0 <= cut < len(self.storey_elevations):
            raise KeyError(f"no storey {cut}; there are 0 to {len(self.storey_elevations) - 1}")
        row = None if selected is None else self.row_of(selected)
        with drawing(off_screen=off_screen):
            plotter = pyvista.Plotter(off_screen=off_screen, window_size=list(size_px), title="greentwin")
        try:
            if not off_screen:
                require_shown(plotter.render_window)
            with coincident_faces():
                stage = Stage(self, plotter, language)
                stage.selected = row
                stage.show(layer, cut)
                stage.look_at(*self.box_of_interest(cut), above=cut is not None)
                if not off_screen:
                    open_window(stage)
                    return None
                plotter.enable_anti_aliasing("msaa", multi_samples=8)
                pixels = plotter.screenshot(return_img=True)
            return Picture(np.ascontiguousarray(pixels[..., :3]))
        finally:
            plotter.close()

    def row_of(self, global_id: str) -> int:
        """The scene row of a GlobalId.

        Raises:
            KeyError: the model has no such element.
        """
        try:
            return int(self.columns["global_id"].index(global_id))
        except ValueError:
            raise KeyError(f"no element {global_id!r} in the model") from None

    def is_about_rooms(self, layer: Layer) -> bool:
        """Whether a layer is about rooms only, which are seen from above."""
        return bool(np.isin(layer.row[layer.row >= 0], self.room_rows).all())

    def storey_to_cut(self, layer: Layer | None) -> int | None:
        """The lowest storey with rooms, for a layer about rooms; else None."""
        if layer is None or not self.is_about_rooms(layer) or not len(self.storey_elevations):
            return None
        with_rooms = self.model.spaces.storey[self.model.spaces.storey >= 0]
        return int(with_rooms.min()) if len(with_rooms) else 0

    def box_of_interest(self, storey: int | None) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The rooms of a storey, else the storey; for None the building: a site may be far larger."""
        mesh = self.mesh
        if storey is None:
            inside = mesh.storey >= 0
            return mesh.box_of(inside if inside.any() else np.ones_like(inside))
        own = mesh.storey == storey
        rooms = own & np.isin(mesh.row, self.room_rows)
        low, high = mesh.box_of(rooms if rooms.any() else own)
        return low - 1.0, high + 1.0
