import json
import struct

import meshoptimizer
import numpy as np
import pytest

from tests.building_blocks import Blocks
from viewer.gltf import GlbWriter
from viewer.scene import to_glb


def parts(glb: bytes) -> tuple[dict, bytes]:
    magic, version, length = struct.unpack_from("<4sII", glb)
    assert (magic, version, length) == (b"glTF", 2, len(glb))
    size = struct.unpack_from("<I", glb, 12)[0]
    document = json.loads(glb[20 : 20 + size])
    return document, glb[28 + size :]


def read_accessor(document: dict, data: bytes, index: int) -> np.ndarray:
    accessor = document["accessors"][index]
    view = document["bufferViews"][accessor["bufferView"]]
    compression = view.get("extensions", {}).get("EXT_meshopt_compression")
    dtype = {5123: np.uint16, 5125: np.uint32}[accessor["componentType"]]
    if compression:
        packed = data[compression["byteOffset"] :][: compression["byteLength"]]
        count, stride = compression["count"], compression["byteStride"]
        if compression["mode"] == "TRIANGLES":
            return np.asarray(meshoptimizer.decode_index_buffer(count, 4, packed)).astype(dtype).ravel()
        raw = np.asarray(meshoptimizer.decode_vertex_buffer(count, stride, packed)).tobytes()
    else:
        raw = data[view["byteOffset"] :][: view["byteLength"]]
    values = np.frombuffer(raw, dtype)
    return values.reshape(-1, 4)[:, :3] if accessor["type"] == "VEC3" else values


def world_vertices(document: dict, data: bytes, name: str) -> np.ndarray:
    (node,) = [node for node in document["nodes"] if node["name"] == name]
    (parent,) = [n for n in document["nodes"] if document["nodes"].index(node) in n.get("children", ())]
    points = np.zeros((0, 3))
    for primitive in document["meshes"][node["mesh"]]["primitives"]:
        stored = read_accessor(document, data, primitive["attributes"]["POSITION"])
        points = np.vstack([points, stored])
    homogeneous = np.c_[points, np.ones(len(points))]
    for matrix in (node["matrix"], parent["matrix"]):
        homogeneous = homogeneous @ np.array(matrix).reshape(4, 4)
    return homogeneous[:, :3]


def house() -> Blocks:
    blocks = Blocks()
    blocks.storey("一层", 0.0)
    blocks.box("IfcWall", (0, -0.2, 0), (6, 0, 3), name="南墙")
    blocks.space((0, 0, 0), (6, 4, 3), name="101")
    return blocks


@pytest.mark.parametrize("compress", [False, True])
def test_an_element_is_found_by_its_global_id_where_the_model_has_it(compress) -> None:
    model = house().model()
    document, data = parts(to_glb(model, model.geometry, compress=compress))
    points = world_vertices(document, data, "element000000")
    as_z_up = np.c_[points[:, 0], -points[:, 2], points[:, 1]]
    step = 6 / 65535
    assert as_z_up.min(axis=0) == pytest.approx([0, -0.2, 0], abs=step)
    assert as_z_up.max(axis=0) == pytest.approx([6, 0, 3], abs=step)


@pytest.mark.parametrize("compress", [False, True])
def test_triangles_survive_up_to_the_order_of_corners(compress) -> None:
    triangles = np.array([[0, 1, 2], [2, 1, 3], [70_000, 5, 6]], np.int32)
    writer = GlbWriter(compress=compress)
    accessor = writer.add_triangles(triangles)
    document, data = parts(writer.to_bytes([], {}))
    stored = read_accessor(document, data, accessor).reshape(-1, 3)
    assert sorted(map(sorted, stored.tolist())) == sorted(map(sorted, triangles.tolist()))


def test_spaces_and_openings_are_not_shown_as_bodies() -> None:
    model = house().model()
    document, _ = parts(to_glb(model, model.geometry, compress=False))
    classes = [
        node["extras"]["ifc_class"] for node in document["nodes"] if "ifc_class" in node.get("extras", {})
    ]
    assert classes == ["IfcWall"]


def test_storeys_are_the_roots_with_name_and_elevation() -> None:
    model = house().model()
    document, _ = parts(to_glb(model, model.geometry))
    root = document["nodes"][document["scenes"][0]["nodes"][0]]
    assert root["extras"] == {"name": "一层", "elevation_m": 0.0}


def test_a_model_without_geometry_is_still_a_valid_file() -> None:
    model = Blocks().model()
    document, data = parts(to_glb(model, model.geometry))
    assert data == b""
    assert document["scenes"][0]["nodes"] == []


def test_equal_colours_share_a_material_and_glass_is_transparent() -> None:
    writer = GlbWriter()
    assert writer.add_material((1, 0, 0, 1)) == writer.add_material((1, 0, 0, 1))
    writer.add_material((0, 0, 1, 0.4))
    vertices = writer.add_vertices(np.eye(3))
    writer.add_mesh([(vertices.accessor, writer.add_triangles(np.array([[0, 1, 2]])), 0)])
    document, _ = parts(writer.to_bytes([], {}))
    assert [material.get("alphaMode") for material in document["materials"]] == [None, "BLEND"]


def test_colours_are_stored_as_linear_light() -> None:
    """IEC 61966-2-1: middle grey 0.5 in sRGB is 0.214 of the light; the opacity stays."""
    writer = GlbWriter()
    writer.add_material((0.5, 0.02, 1, 0.5))
    vertices = writer.add_vertices(np.eye(3))
    writer.add_mesh([(vertices.accessor, writer.add_triangles(np.array([[0, 1, 2]])), 0)])
    document, _ = parts(writer.to_bytes([], {}))
    colour = document["materials"][0]["pbrMetallicRoughness"]["baseColorFactor"]
    assert colour == pytest.approx([0.21404, 0.02 / 12.92, 1.0, 0.5], abs=1e-4)
