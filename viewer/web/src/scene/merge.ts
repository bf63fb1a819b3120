/** One storey as few large buffers: all opaque triangles, all transparent ones, and the edges of both. */

import type { PlacedMesh, Primitive, StoreyMeshes } from "../data/glb.ts";

export interface Merged {
  positions: Float32Array;
  /** Scene row of each vertex. */
  rows: Float32Array;
  /** sRGB and opacity of each vertex, 0..255. */
  colours: Uint8Array;
  indices: Uint32Array;
  /** Its shapes in the order of the indices, by worth. */
  shapes: Shape[];
  /** Scene row -> [first index, number of indices], ... */
  ranges: Map<number, [number, number][]>;
}

export interface Shape {
  row: number;
  /** First index, and number of indices. */
  start: number;
  count: number;
  /** Square of its diagonal over its triangles, m²: what a picture of few triangles shows first. */
  worth: number;
}

export interface Edges {
  positions: Float32Array;
  rows: Float32Array;
}

const OPAQUE = 0.98;
const SMOOTH = Math.cos((25 * Math.PI) / 180); // faces that meet at less are one surface

export function mergeStorey(storey: StoreyMeshes): { opaque: Merged; transparent: Merged } {
  return {
    opaque: merge(storey, (primitive) => primitive.rgba[3] >= OPAQUE),
    transparent: merge(storey, (primitive) => primitive.rgba[3] < OPAQUE),
  };
}

function merge(storey: StoreyMeshes, wanted: (primitive: Primitive) => boolean): Merged {
  const compact = storey.meshes.map((mesh) => mesh.filter(wanted).map(compacted));
  const placedParts = storey.placed.flatMap((placed) =>
    compact[placed.mesh]!.map((part) => ({
      placed, part, worth: (3 * diagonal(part, placed.matrix) ** 2) / Math.max(part.indices.length, 1),
    })),
  );
  placedParts.sort((a, b) => b.worth - a.worth);
  let vertexCount = 0;
  let indexCount = 0;
  for (const { part } of placedParts) {
    vertexCount += part.used.length;
    indexCount += part.indices.length;
  }
  const merged: Merged = {
    positions: new Float32Array(vertexCount * 3),
    rows: new Float32Array(vertexCount),
    colours: new Uint8Array(vertexCount * 4),
    indices: new Uint32Array(indexCount),
    shapes: [],
    ranges: new Map(),
  };
  let vertex = 0;
  let index = 0;
  for (const { placed, part, worth } of placedParts) {
    const m = placed.matrix;
    const [red, green, blue, alpha] = part.srgb;
    for (let i = 0; i < part.used.length; i++) {
      const at = part.used[i]! * 4;
      const x = part.positions[at]!;
      const y = part.positions[at + 1]!;
      const z = part.positions[at + 2]!;
      const to = vertex + i;
      merged.positions[to * 3] = m[0]! * x + m[4]! * y + m[8]! * z + m[12]!;
      merged.positions[to * 3 + 1] = m[1]! * x + m[5]! * y + m[9]! * z + m[13]!;
      merged.positions[to * 3 + 2] = m[2]! * x + m[6]! * y + m[10]! * z + m[14]!;
      merged.rows[to] = placed.row;
      merged.colours[to * 4] = red;
      merged.colours[to * 4 + 1] = green;
      merged.colours[to * 4 + 2] = blue;
      merged.colours[to * 4 + 3] = alpha;
    }
    addShape(merged, { row: placed.row, start: index, count: part.indices.length, worth });
    // The corners of a mirrored shape would show its inside.
    const mirrored = determinant(m) < 0;
    for (let i = 0; i < part.indices.length; i++)
      merged.indices[index + i] = vertex + part.indices[mirrored ? i + 2 - 2 * (i % 3) : i]!;
    vertex += part.used.length;
    index += part.indices.length;
  }
  return merged;
}

function addShape(merged: Merged, shape: Shape): void {
  merged.shapes.push(shape);
  const ranges = merged.ranges.get(shape.row);
  if (ranges) ranges.push([shape.start, shape.count]);
  else merged.ranges.set(shape.row, [[shape.start, shape.count]]);
}

/**
 * How many indices of each of some buffers to draw so that the shapes of most worth come first and no more than
 * ``triangles`` in all.
 */
export function worthMost(parts: Merged[], triangles: number): number[] {
  const all = parts.flatMap((part, at) => part.shapes.map(({ worth, count }) => ({ worth, count, at })));
  all.sort((a, b) => b.worth - a.worth);
  const ends = parts.map(() => 0);
  let left = triangles * 3;
  for (const { count, at } of all) {
    left -= count;
    if (left < 0) break;
    ends[at]! += count;
  }
  return ends;
}

/** Several buffers as one. */
export function joinedParts(parts: Merged[]): Merged {
  const vertices = parts.reduce((sum, part) => sum + part.rows.length, 0);
  const all: Merged = {
    positions: new Float32Array(vertices * 3),
    rows: new Float32Array(vertices),
    colours: new Uint8Array(vertices * 4),
    indices: new Uint32Array(parts.reduce((sum, part) => sum + part.indices.length, 0)),
    shapes: [],
    ranges: new Map(),
  };
  let vertex = 0;
  const moved = parts.flatMap((part) => {
    const first = vertex;
    all.positions.set(part.positions, first * 3);
    all.rows.set(part.rows, first);
    all.colours.set(part.colours, first * 4);
    vertex += part.rows.length;
    return part.shapes.map((shape) => ({ shape, part, first }));
  });
  moved.sort((a, b) => b.shape.worth - a.shape.worth);
  let index = 0;
  for (const { shape, part, first } of moved) {
    for (let i = 0; i < shape.count; i++) all.indices[index + i] = part.indices[shape.start + i]! + first;
    addShape(all, { ...shape, start: index });
    index += shape.count;
  }
  return all;
}

interface Compact {
  positions: Uint16Array;
  /** Lengths of its box, in the primitive's own grid. */
  extent: [number, number, number];
  used: Uint32Array;
  indices: Uint32Array;
  srgb: [number, number, number, number];
}

/** A primitive with the vertices that it uses only: primitives of one mesh share their vertices. */
function compacted(primitive: Primitive): Compact {
  const place = new Int32Array(primitive.positions.length / 4).fill(-1);
  const used: number[] = [];
  const indices = new Uint32Array(primitive.indices.length);
  for (let i = 0; i < indices.length; i++) {
    const vertex = primitive.indices[i]!;
    if (place[vertex] === -1) {
      place[vertex] = used.length;
      used.push(vertex);
    }
    indices[i] = place[vertex]!;
  }
  const [red, green, blue, alpha] = primitive.rgba;
  return {
    positions: primitive.positions,
    extent: extentOf(primitive.positions, used),
    used: Uint32Array.from(used),
    indices,
    srgb: [toSrgb(red), toSrgb(green), toSrgb(blue), Math.round(alpha * 255)],
  };
}

function extentOf(positions: Uint16Array, used: number[]): [number, number, number] {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (const vertex of used)
    for (let axis = 0; axis < 3; axis++) {
      const at = positions[vertex * 4 + axis]!;
      if (at < low[axis]!) low[axis] = at;
      if (at > high[axis]!) high[axis] = at;
    }
  return [high[0]! - low[0]!, high[1]! - low[1]!, high[2]! - low[2]!];
}

/** Of the placed box of a shape, metres. */
function diagonal({ extent }: Compact, m: Float64Array): number {
  const side = (axis: number) => extent[axis]! * Math.hypot(m[axis * 4]!, m[axis * 4 + 1]!, m[axis * 4 + 2]!);
  return Math.hypot(side(0), side(1), side(2));
}

function toSrgb(linear: number): number {
  const value = linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.round(Math.min(Math.max(value, 0), 1) * 255);
}

/** Of the upper left 3 x 3 of a column-major 4 x 4 matrix. */
function determinant(m: Float64Array): number {
  return (
    m[0]! * (m[5]! * m[10]! - m[9]! * m[6]!) - m[4]! * (m[1]! * m[10]! - m[9]! * m[2]!) + m[8]! * (m[1]! * m[6]! - m[5]! * m[2]!)
  );
}

/** Edges of a storey: borders of shapes, and where two faces meet at an angle. */
export function edgesOf(storey: StoreyMeshes): Edges {
  const local = storey.meshes.map((mesh) => mesh.flatMap(sharpEdges));
  let count = 0;
  for (const { mesh } of storey.placed) count += local[mesh]!.length / 3;
  const edges: Edges = { positions: new Float32Array(count * 3), rows: new Float32Array(count) };
  let vertex = 0;
  for (const placed of storey.placed) {
    const points = local[placed.mesh]!;
    transform(points, placed, edges.positions, vertex);
    edges.rows.fill(placed.row, vertex, vertex + points.length / 3);
    vertex += points.length / 3;
  }
  return edges;
}

function transform(points: number[], { matrix: m }: PlacedMesh, out: Float32Array, at: number): void {
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = [points[i]!, points[i + 1]!, points[i + 2]!];
    out[at * 3 + i] = m[0]! * x + m[4]! * y + m[8]! * z + m[12]!;
    out[at * 3 + i + 1] = m[1]! * x + m[5]! * y + m[9]! * z + m[13]!;
    out[at * 3 + i + 2] = m[2]! * x + m[6]! * y + m[10]! * z + m[14]!;
  }
}

/** Pairs of end points, in the primitive's own grid. Vertices at one place count as one. */
function sharpEdges({ positions, indices }: Primitive): number[] {
  const places = new Map<number, number>();
  const weld = new Uint32Array(positions.length / 4);
  for (let i = 0; i < weld.length; i++) {
    const key = positions[i * 4]! + positions[i * 4 + 1]! * 65536 + positions[i * 4 + 2]! * 4294967296;
    const known = places.get(key);
    if (known === undefined) places.set(key, i);
    weld[i] = known ?? i;
  }
  const size = weld.length;
  const open = new Map<number, [number, number, number]>();
  const found: number[] = [];
  const emit = (a: number, b: number) => {
    for (const i of [a, b]) found.push(positions[i * 4]!, positions[i * 4 + 1]!, positions[i * 4 + 2]!);
  };
  for (let i = 0; i < indices.length; i += 3) {
    const corner = [weld[indices[i]!]!, weld[indices[i + 1]!]!, weld[indices[i + 2]!]!] as const;
    const normal = normalOf(positions, corner);
    if (!normal) continue;
    for (let side = 0; side < 3; side++) {
      const a = corner[side]!;
      const b = corner[(side + 1) % 3]!;
      const key = Math.min(a, b) * size + Math.max(a, b);
      const other = open.get(key);
      if (other === undefined) {
        open.set(key, normal);
        continue;
      }
      open.delete(key);
      const cosine = other[0] * normal[0] + other[1] * normal[1] + other[2] * normal[2];
      if (cosine < SMOOTH) emit(a, b);
    }
  }
  for (const key of open.keys()) emit(Math.floor(key / size), key % size);
  return found;
}

function normalOf(p: Uint16Array, [a, b, c]: readonly [number, number, number]): [number, number, number] | null {
  const ux = p[b * 4]! - p[a * 4]!;
  const uy = p[b * 4 + 1]! - p[a * 4 + 1]!;
  const uz = p[b * 4 + 2]! - p[a * 4 + 2]!;
  const vx = p[c * 4]! - p[a * 4]!;
  const vy = p[c * 4 + 1]! - p[a * 4 + 1]!;
  const vz = p[c * 4 + 2]! - p[a * 4 + 2]!;
  const [x, y, z] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
  const length = Math.hypot(x, y, z);
  return length > 0 ? [x / length, y / length, z / length] : null;
}
