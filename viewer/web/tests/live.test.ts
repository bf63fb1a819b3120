import assert from "node:assert/strict";
import { test } from "node:test";
import { backOff, rowsOf } from "../src/live/types.ts";

test("columns become rows", () => {
  assert.deepEqual(rowsOf({ now_ms: 5, key: [1, 2], value: [null, 3] }), [{ key: 1, value: null }, { key: 2, value: 3 }]);
});

test("the wait grows from half a second to half a minute", () => {
  assert.equal(backOff(0, 0.5), 0.5);
  assert.equal(backOff(3, 0.5), 4);
  assert.equal(backOff(20, 0.5), 30);
  assert.ok(backOff(20, 1) <= 37.5);
});
