from dataclasses import replace

import numpy as np
import pytest

from ifc.constructions import resolve_constructions
from ifc.constructions.windows import frame_ratio_of_mesh
from ifc.model import Provenance
from tests.building_blocks import Blocks, box_mesh


def window_with_pane(*, glass_name="Glass", alpha=1.0):
    """A 2 m × 1.5 m window whose frame is four bars of 0.1 m around a pane of 1.8 m × 1.3 m."""
    bars = [
        ((0, 0, 0), (2, 0.1, 0.1)),
        ((0, 0, 1.4), (2, 0.1, 1.5)),
        ((0, 0, 0.1), (0.1, 0.1, 1.4)),
        ((1.9, 0, 0.1), (2, 0.1, 1.4)),
    ]
    meshes = [box_mesh(*bar) for bar in bars] + [box_mesh((0.1, 0.04, 0.1), (1.9, 0.06, 1.4))]
    vertices = np.concatenate([mesh[0] for mesh in meshes])
    starts = np.cumsum([0, *(len(mesh[0]) for mesh in meshes)])
    triangles = np.concatenate([mesh[1] + start for mesh, start in zip(meshes, starts[:-1], strict=True)])
    styles = np.repeat([0, 1], [sum(len(mesh[1]) for mesh in meshes[:4]), len(meshes[4][1])])
    blocks = Blocks()
    blocks.add("IfcWindow", (vertices, triangles.astype(np.int32)))
    model = blocks.model()
    return replace(
        model,
        geometry=replace(
            model.geometry,
            triangle_style=styles.astype(np.int32),
            style_rgba=np.array([[1, 1, 1, 1], [1, 1, 1, alpha]], np.float32),
            style_name=np.array(["Frame", glass_name], object),
        ),
    )


@pytest.mark.parametrize(("glass_name", "alpha"), [("Glass", 1.0), ("玻璃", 1.0), ("style 7", 0.3)])
def test_the_frame_share_is_seen_in_the_mesh(glass_name, alpha):
    found = frame_ratio_of_mesh(window_with_pane(glass_name=glass_name, alpha=alpha), 0)
    assert found.value == pytest.approx(1 - 1.8 * 1.3 / 3.0, abs=1e-3)
    assert found.provenance is Provenance.DERIVED


def test_styles_that_do_not_tell_glass_give_nothing():
    assert frame_ratio_of_mesh(window_with_pane(glass_name="style 7"), 0) is None


def test_a_resolved_window_uses_it():
    model = resolve_constructions(window_with_pane())
    assert model.constructions[0].frame_ratio.provenance is Provenance.DERIVED
