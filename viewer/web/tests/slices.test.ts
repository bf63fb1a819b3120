import assert from "node:assert/strict";
import { test } from "node:test";
import { BufferGeometry, LineSegments, Mesh } from "three";
import { type Run, Slices, slicesOf } from "../src/scene/slices.ts";

const walls = new Mesh(new BufferGeometry());
const glass = new Mesh(new BufferGeometry());
const veil = new Mesh(glass.geometry);
const edges = new LineSegments(new BufferGeometry());

function told(slices: Run[][]): [unknown, number, number][][] {
  return slices.map((runs) => runs.map(({ object, start, count }) => [object, start, count]));
}

test("objects are cut between triangles and between lines, in the order in which they are drawn", () => {
  const slices = slicesOf(
    [{ object: walls, corners: 15, step: 3 }, { object: edges, corners: 4, step: 2 }, { object: glass, corners: 3, step: 3 }], 10,
  );
  assert.deepEqual(told(slices), [[[walls, 0, 9]], [[walls, 9, 6], [edges, 0, 4]], [[glass, 0, 3]]]);
});

test("two objects with one geometry share a slice only over the same range", () => {
  const both = (most: number) => slicesOf([{ object: glass, corners: 6, step: 3 }, { object: veil, corners: 6, step: 3 }], most);
  assert.deepEqual(told(both(12)), [[[glass, 0, 6], [veil, 0, 6]]]);
  assert.deepEqual(told(both(9)), [[[glass, 0, 6]], [[veil, 0, 6]]]);
});

test("a picture that is quick is drawn at once, a slow one in slices that are", () => {
  const slices = new Slices();
  slices.learn(60, 400_000);
  assert.equal(slices.most, Infinity);
  slices.learn(300, 400_000);
  assert.equal(slices.most, 20_000);
  slices.learn(60_000, 600_000);
  assert.equal(slices.most, 10_000); // no more slices than one waits for
});

test("slices come one after the other, and how long they take together cuts the next picture", () => {
  const slices = new Slices();
  const cut = slicesOf([{ object: walls, corners: 9, step: 3 }], 3);
  slices.begin(cut);
  for (const runs of cut) {
    assert.deepEqual(slices.next(), runs);
    slices.spend(75);
  }
  assert.equal(slices.isUnderWay, false);
  assert.equal(slices.most, 9 / 15);
});

test("a picture that is abandoned is learnt nothing from", () => {
  const slices = new Slices();
  slices.begin(slicesOf([{ object: walls, corners: 9, step: 3 }], 3));
  slices.next();
  slices.abandon();
  assert.equal(slices.isUnderWay, false);
  slices.spend(75);
  assert.equal(slices.most, Infinity);
});

test("a slow first frame of nothing, or of little, does not cut what comes later to shreds", () => {
  const slices = new Slices();
  slices.learn(150, 0);
  assert.equal(slices.most, Infinity);
  slices.learn(500, 300);
  assert.ok(slices.cut([{ object: walls, corners: 900_000, step: 3 }]).length <= 61);
});
