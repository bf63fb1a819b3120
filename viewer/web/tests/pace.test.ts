import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "../src/scene/pace.ts";

test("a device that is quick enough draws everything", () => {
  const pace = new Pace(() => undefined);
  pace.learn(50, 3_000_000);
  pace.learn(5, 3_000_000);
  pace.moving = true;
  assert.equal(pace.allowed, Infinity);
});

test("a slow frame sets the budget of a moving camera, and a resting one draws everything", () => {
  const pace = new Pace(() => undefined);
  pace.learn(600, 3_000_000);
  pace.moving = true;
  assert.ok(pace.allowed < 300_000 && pace.allowed > 150_000);
  pace.moving = false;
  assert.equal(pace.allowed, Infinity);
});

test("the budget never falls below what tells the building, and grows while frames are quick", () => {
  const pace = new Pace(() => undefined);
  pace.learn(60_000, 1_000_000);
  assert.equal(pace.budget, 50_000);
  pace.learn(10, 50_000);
  assert.equal(pace.budget, 75_000);
  pace.learn(10, 20_000); // a frame of little says nothing about more
  assert.equal(pace.budget, 75_000);
});
