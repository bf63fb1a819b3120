/** Reads the GLB of one storey: quantised, meshopt-compressed meshes and nodes with a scene row each. */

import { MeshoptDecoder } from "meshoptimizer/decoder";

export interface Primitive {
  /** Quantised coordinates, four numbers per vertex, the last one padding. */
  positions: Uint16Array;
  indices: Uint16Array | Uint32Array;
  /** Linear light and opacity, 0..1. */
  rgba: [number, number, number, number];
}

export interface PlacedMesh {
  row: number;
  mesh: number;
  /** Column-major 4 x 4, root included. */
  matrix: Float64Array;
}

export interface StoreyMeshes {
  meshes: Primitive[][];
  placed: PlacedMesh[];
}

interface View {
  buffer: number;
  byteOffset?: number;
  byteLength: number;
  extensions?: { EXT_meshopt_compression?: Compression };
}

interface Compression {
  byteOffset?: number;
  byteLength: number;
  byteStride: number;
  count: number;
  mode: "ATTRIBUTES" | "TRIANGLES";
}

interface Document {
  nodes?: { mesh?: number; matrix?: number[]; children?: number[]; extras?: { row?: number } }[];
  scenes: { nodes: number[] }[];
  meshes?: { primitives: { attributes: { POSITION: number }; indices: number; material: number }[] }[];
  materials?: { pbrMetallicRoughness: { baseColorFactor: [number, number, number, number] } }[];
  accessors?: { bufferView: number; componentType: number; count: number }[];
  bufferViews?: View[];
}

const MAGIC = 0x46546c67;

export async function readGlb(data: ArrayBuffer): Promise<StoreyMeshes> {
  await MeshoptDecoder.ready;
  const header = new DataView(data);
  if (header.getUint32(0, true) !== MAGIC) throw new Error("not a GLB file");
  const jsonLength = header.getUint32(12, true);
  const document = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 20, jsonLength))) as Document;
  const start = 28 + jsonLength;
  const binary = start < data.byteLength ? new Uint8Array(data, start) : new Uint8Array();
  const bytesOf = viewReader(document, binary);
  const accessors = document.accessors ?? [];
  const meshes = (document.meshes ?? []).map((mesh) =>
    mesh.primitives.map((primitive): Primitive => {
      const vertices = accessors[primitive.attributes.POSITION]!;
      const index = accessors[primitive.indices]!;
      const rgba = document.materials![primitive.material]!.pbrMetallicRoughness.baseColorFactor;
      const raw = bytesOf(index.bufferView);
      return {
        positions: asArray(Uint16Array, bytesOf(vertices.bufferView), vertices.count * 4),
        indices:
          index.componentType === 5125 ? asArray(Uint32Array, raw, index.count) : asArray(Uint16Array, raw, index.count),
        rgba,
      };
    }),
  );
  return { meshes, placed: placedMeshes(document) };
}

/** Bytes of a buffer view, unpacked once. */
function viewReader(document: Document, binary: Uint8Array): (view: number) => Uint8Array {
  const unpacked = new Map<number, Uint8Array>();
  return (index) => {
    const known = unpacked.get(index);
    if (known) return known;
    const view = document.bufferViews![index]!;
    const packed = view.extensions?.EXT_meshopt_compression;
    let bytes: Uint8Array;
    if (packed) {
      bytes = new Uint8Array(packed.count * packed.byteStride);
      const source = binary.subarray(packed.byteOffset ?? 0, (packed.byteOffset ?? 0) + packed.byteLength);
      MeshoptDecoder.decodeGltfBuffer(bytes, packed.count, packed.byteStride, source, packed.mode);
    } else {
      bytes = binary.slice(view.byteOffset ?? 0, (view.byteOffset ?? 0) + view.byteLength);
    }
    unpacked.set(index, bytes);
    return bytes;
  };
}

function asArray<T>(kind: new (buffer: ArrayBufferLike, offset: number, length: number) => T, bytes: Uint8Array, length: number): T {
  return new kind(bytes.buffer, bytes.byteOffset, length);
}

function placedMeshes(document: Document): PlacedMesh[] {
  const found: PlacedMesh[] = [];
  const visit = (index: number, parent: Float64Array) => {
    const node = document.nodes![index]!;
    const matrix = node.matrix ? multiply(parent, Float64Array.from(node.matrix)) : parent;
    if (node.mesh !== undefined && node.extras?.row !== undefined) {
      found.push({ row: node.extras.row, mesh: node.mesh, matrix });
    }
    for (const child of node.children ?? []) visit(child, matrix);
  };
  const identity = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
  for (const root of document.scenes[0]!.nodes) visit(root, identity);
  return found;
}

/** Product of two column-major 4 x 4 matrices. */
export function multiply(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(16);
  for (let column = 0; column < 4; column++)
    for (let row = 0; row < 4; row++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += a[k * 4 + row]! * b[column * 4 + k]!;
      out[column * 4 + row] = sum;
    }
  return out;
}
