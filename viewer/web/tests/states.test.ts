import assert from "node:assert/strict";
import { test } from "node:test";
import { COLOURED, HIDDEN, PLAIN, RowStates } from "../src/scene/states.ts";

test("states are handed over when one has changed, and only then", () => {
  const states = new RowStates(3);
  assert.equal(states.commit(), "shadows");
  assert.equal(states.commit(), "nothing");
  states.set(1, COLOURED, [10, 20, 30]);
  assert.equal(states.commit(), "colours");
  states.set(1, COLOURED, [10, 20, 30]);
  assert.equal(states.commit(), "nothing");
  states.select(1);
  assert.equal(states.commit(), "colours");
  states.set(1, PLAIN);
  assert.equal(states.commit(), "colours");
});

test("what is hidden, or gives way to the ground, casts no shadow any more", () => {
  const states = new RowStates(3);
  states.commit();
  states.set(0, COLOURED, [10, 20, 30]);
  states.set(2, HIDDEN);
  assert.equal(states.commit(), "shadows");
  states.yieldDepth(1);
  assert.equal(states.commit(), "shadows");
});
