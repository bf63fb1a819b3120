import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoreyMeshes } from "../src/data/glb.ts";
import { edgesOf, joinedParts, worthMost, mergeStorey } from "../src/scene/merge.ts";

/** Two squares of one mesh, the second of glass, placed twice, one metre apart in x. */
function storey(): StoreyMeshes {
  const positions = Uint16Array.from([0, 0, 0, 0, 10, 0, 0, 0, 10, 10, 0, 0, 0, 10, 0, 0, 20, 0, 0, 0, 20, 10, 0, 0]);
  const at = (x: number) => Float64Array.of(0.1, 0, 0, 0, 0, 0.1, 0, 0, 0, 0, 0.1, 0, x, 0, 0, 1);
  return {
    meshes: [
      [
        { positions, indices: Uint16Array.of(0, 1, 2, 0, 2, 3), rgba: [1, 1, 1, 1] },
        { positions, indices: Uint16Array.of(1, 4, 5, 1, 5, 2), rgba: [0, 0, 1, 0.4] },
      ],
    ],
    placed: [
      { row: 7, mesh: 0, matrix: at(0) },
      { row: 9, mesh: 0, matrix: at(1) },
    ],
  };
}

test("opaque and transparent triangles part, with the vertices that each uses", () => {
  const { opaque, transparent } = mergeStorey(storey());
  assert.equal(opaque.rows.length, 8);
  assert.equal(transparent.rows.length, 8);
  assert.deepEqual([...opaque.colours.subarray(0, 4)], [255, 255, 255, 255]);
  assert.deepEqual([...transparent.colours.subarray(0, 4)], [0, 0, 255, 102]);
});

test("an element is found in the buffers where it was placed", () => {
  const { opaque } = mergeStorey(storey());
  const [[start, count]] = opaque.ranges.get(9)!;
  const x = [...opaque.indices.subarray(start, start + count)].map((vertex) => opaque.positions[vertex * 3]!);
  assert.equal(count, 6);
  assert.ok(Math.abs(Math.min(...x) - 1) < 1e-6);
  assert.ok(Math.abs(Math.max(...x) - 2) < 1e-6);
});

test("edges are the outline, not the diagonal of a flat square", () => {
  const edges = edgesOf({ ...storey(), placed: storey().placed.slice(0, 1) });
  assert.equal(edges.positions.length / 6, 8); // two squares of a mesh, four sides each
});

test("joined buffers hold each element where it was", () => {
  const { transparent } = mergeStorey(storey());
  const all = joinedParts([transparent, transparent]);
  assert.equal(all.rows.length, 16);
  assert.deepEqual(all.ranges.get(9), [[6, 6], [18, 6]]);
  const corners = (part: typeof all, start: number) =>
    [...part.indices.subarray(start, start + 6)].flatMap((vertex) => [...part.positions.subarray(vertex * 3, vertex * 3 + 3)]);
  assert.deepEqual(corners(all, 18), corners(transparent, 6));
});

test("a mirrored shape keeps its outside", () => {
  const one = storey();
  one.placed[1]!.matrix[0] = -0.1;
  const { opaque } = mergeStorey(one);
  const up = (row: number) => {
    const [[start]] = opaque.ranges.get(row)!;
    const [a, b, c] = [0, 1, 2].map((k) => opaque.positions.subarray(opaque.indices[start! + k]! * 3).subarray(0, 2));
    return (b![0]! - a![0]!) * (c![1]! - a![1]!) - (b![1]! - a![1]!) * (c![0]! - a![0]!);
  };
  assert.ok(up(7) > 0 && up(9) > 0);
});

test("large and simple shapes come first, and a budget leaves out the least of all buffers", () => {
  const one = storey();
  one.placed[1]!.matrix = Float64Array.of(0.3, 0, 0, 0, 0, 0.3, 0, 0, 0, 0, 0.3, 0, 1, 0, 0, 1);
  const { opaque, transparent } = mergeStorey(one);
  assert.deepEqual(opaque.shapes.map(({ row, start, count }) => [row, start, count]), [[9, 0, 6], [7, 6, 6]]);
  assert.ok(Math.abs(opaque.shapes[0]!.worth - (9 * 2) / 2) < 1e-9); // 3 m by 3 m in two triangles
  assert.deepEqual(worthMost([opaque, transparent], Infinity), [12, 12]);
  assert.deepEqual(worthMost([opaque, transparent], 4), [6, 6]);
  assert.deepEqual(worthMost([opaque, transparent], 7), [12, 6]);
  assert.deepEqual(worthMost([opaque, transparent], 1), [0, 0]);
  const all = joinedParts([opaque, transparent]);
  assert.deepEqual(all.shapes.map(({ row }) => row), [9, 9, 7, 7]);
});
