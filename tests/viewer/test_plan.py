import base64
import re
import struct
import zlib

import numpy as np
import pytest

from tests.building_blocks import Blocks, box_mesh
from viewer.colours import UNKNOWN_RGB, scale_rgb
from viewer.plan import HeatMap, _inner_point, _png, legend, section_segments, storey_plan


def one_room() -> Blocks:
    blocks = Blocks()
    blocks.box("IfcWall", (0, -0.2, 0), (4, 0, 3))
    blocks.space((0, 0, 0), (4, 3, 3), name="A")
    return blocks


def test_a_box_is_cut_along_its_outline() -> None:
    segments = section_segments(*box_mesh((0, 0, 0), (4, 0.2, 3)), height=1.2)
    lengths = np.linalg.norm(segments[:, 1] - segments[:, 0], axis=1)
    assert lengths.sum() == pytest.approx(2 * (4 + 0.2))


def test_a_plane_through_the_faces_of_a_solid_gives_its_outline_once() -> None:
    box = box_mesh((0, 0, 0), (1, 1, 1))
    at_top, at_bottom = (section_segments(*box, height=height) for height in (1.0, 0.0))
    assert np.linalg.norm(at_top[:, 1] - at_top[:, 0], axis=1).sum() == pytest.approx(4, abs=1e-4)
    assert len(at_bottom) == 0


def test_a_plane_beside_the_solid_cuts_nothing() -> None:
    assert section_segments(*box_mesh((0, 0, 0), (1, 1, 1)), height=2.0).shape == (0, 2, 2)


def test_a_storey_without_rooms_has_no_plan() -> None:
    model = Blocks().model()
    assert storey_plan(model, model.geometry, 0) is None


def test_up_in_the_picture_is_the_models_y() -> None:
    model = one_room().model()
    svg = storey_plan(model, model.geometry, 0, width_px=700)
    room = re.search(r'class="room" d="([^"]+)"', svg)[1]
    wall = re.search(r'class="cut" d="([^"]+)"', svg)[1]

    def lowest(path):
        return max(float(y) for y in re.findall(r"[\d.]+ ([\d.]+)", path))

    assert lowest(wall) > lowest(room)  # the wall lies south of the room


def test_the_heat_map_has_a_pixel_per_point_and_north_on_top() -> None:
    model = one_room().model()
    x, y = np.meshgrid([1.0, 2.0, 3.0], [1.0, 2.0])
    points = np.c_[x.ravel(), y.ravel(), np.zeros(6)]
    heat_map = HeatMap(points, np.array([0.0, 0, 0, 10, 10, 10]), np.zeros(6, np.int32), 1.0, 0.0, 10.0)
    svg = storey_plan(model, model.geometry, 0, heat_map)
    data = base64.b64decode(re.search(r"base64,([^\"]+)", svg)[1])
    width, height = struct.unpack(">II", data[16:24])
    assert (width, height) == (3, 2)
    length = struct.unpack(">I", data[33:37])[0]
    rows = zlib.decompress(data[41 : 41 + length])
    top_pixel = tuple(rows[1:4])
    assert top_pixel == tuple(scale_rgb(np.array([10.0]), 0, 10)[0])


def test_a_picture_is_a_valid_png() -> None:
    data = base64.b64decode(_png(np.zeros((2, 3, 4), np.uint8)))
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert data.endswith(b"IEND" + struct.pack(">I", zlib.crc32(b"IEND")))


def test_the_label_of_an_l_shaped_room_lies_inside_it() -> None:
    x, y = _inner_point(np.array([(0, 0), (10, 0), (10, 1), (1, 1), (1, 10), (0, 10)], float))
    assert 0 < x < 10
    assert y < 1 or x < 1


def test_unknown_values_are_grey_and_known_ones_never_are() -> None:
    colours = scale_rgb(np.array([np.nan, 0.0, 5.0, 10.0, 99.0]), 0, 10)
    assert tuple(colours[0]) == UNKNOWN_RGB
    assert not (colours[1:] == UNKNOWN_RGB).all(axis=1).any()
    assert (colours[3] == colours[4]).all()


def test_the_legend_names_its_unit() -> None:
    assert ">%</text>" in legend(0, 5, "%")
