import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHex, scaleRgb } from "../src/data/scale.ts";

test("the ends of the scale are its first and last colour, and values beyond stay there", () => {
  assert.deepEqual(scaleRgb(0, 0, 5), [68, 1, 84]);
  assert.deepEqual(scaleRgb(5, 0, 5), [253, 231, 37]);
  assert.deepEqual(scaleRgb(99, 0, 5), [253, 231, 37]);
  assert.deepEqual(scaleRgb(-1, 0, 5), [68, 1, 84]);
});

test("the middle of the scale", () => {
  assert.deepEqual(scaleRgb(2.5, 0, 5), [33, 144, 141]);
});

test("hexadecimal colours", () => {
  assert.deepEqual(parseHex("#0072b2"), [0, 114, 178]);
});
