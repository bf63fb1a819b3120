import assert from "node:assert/strict";
import { test } from "node:test";
import { COLOURED, PLAIN, RowStates } from "../src/scene/states.ts";

test("states are handed over when one has changed, and only then", () => {
  const states = new RowStates(3);
  assert.equal(states.commit(), true);
  assert.equal(states.commit(), false);
  states.set(1, COLOURED, [10, 20, 30]);
  assert.equal(states.commit(), true);
  states.set(1, COLOURED, [10, 20, 30]);
  assert.equal(states.commit(), false);
  states.select(1);
  assert.equal(states.commit(), true);
  states.set(1, PLAIN);
  assert.equal(states.commit(), true);
});
