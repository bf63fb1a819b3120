import assert from "node:assert/strict";
import { test } from "node:test";
import { innerPoint } from "../src/data/inner-point.ts";

test("the point of a rectangle is its middle", () => {
  assert.deepEqual(innerPoint([0, 0, 4, 0, 4, 2, 0, 2]), [2, 1]);
});

test("the point of an L-shaped room lies inside it, whichever way round it is drawn", () => {
  const ring = [[0, 0], [10, 0], [10, 1], [1, 1], [1, 10], [0, 10]];
  for (const one of [ring, [...ring].reverse()]) {
    const [x, y] = innerPoint(one.flat());
    assert.ok(x > 0 && x < 10 && y > 0 && y < 10);
    assert.ok(y < 1 || x < 1);
  }
});

test("a ring without area has a point, too", () => {
  assert.deepEqual(innerPoint([1, 2, 1, 2, 1, 2]), [1, 2]);
});
