/** A picture at rest in slices, one a frame, where the graphics need too long for all of it: the page stays usable. */

import type { BufferGeometry, Object3D } from "three";

const WHOLE_MS = 80; // a picture that takes longer is drawn in slices
const SLICE_MS = 15;
const MOST_SLICES = 60; // each waits for a frame of its own

/** What is drawn in one call: a run of the corners of an object, in threes (triangles) or twos (lines). */
export interface Run {
  object: Object3D & { geometry: BufferGeometry };
  start: number;
  count: number;
}

/** Objects with the corners of each, in the order in which they are drawn, cut into slices of at most so many corners. */
export function slicesOf(drawn: { object: Run["object"]; corners: number; step: number }[], most: number): Run[][] {
  const slices: Run[][] = [[]];
  let left = Math.max(most, 3);
  for (const { object, corners, step } of drawn) {
    for (let start = 0; start < corners; ) {
      const count = Math.min(Math.floor(left / step) * step, corners - start);
      // Two objects may share a geometry, which has one range at a time.
      const isTaken = slices.at(-1)!.some((run) => run.object.geometry === object.geometry && (run.start !== start || run.count !== count));
      if (count <= 0 || isTaken) {
        slices.push([]);
        left = Math.max(most, 3);
        continue;
      }
      slices.at(-1)!.push({ object, start, count });
      left -= count;
      start += count;
    }
  }
  return slices;
}

export class Slices {
  /** Corners of a slice; infinite until a picture was slow. */
  most = Infinity;
  /** Slices of the picture under way. */
  count = 0;
  private left: Run[][] = [];
  private corners = 0; // of the picture under way
  private spentMs = 0; // on its slices so far

  /** A picture of so many corners took so long, at once or in slices. */
  learn(milliseconds: number, corners: number): void {
    if (corners === 0) return; // what took long was the first frame of all, of nothing
    const slices = Math.min(MOST_SLICES, milliseconds / SLICE_MS);
    this.most = milliseconds > WHOLE_MS ? corners / slices : Infinity;
  }

  /** What is drawn, in slices; a model that has grown since the last picture has no more of them. */
  cut(drawn: Parameters<typeof slicesOf>[0]): Run[][] {
    const corners = drawn.reduce((sum, one) => sum + one.corners, 0);
    return slicesOf(drawn, Math.max(this.most, corners / MOST_SLICES));
  }

  /** Slices are left to be drawn. */
  get isUnderWay(): boolean {
    return this.left.length > 0;
  }

  begin(slices: Run[][]): void {
    this.left = [...slices];
    this.count = slices.length;
    this.corners = slices.flat().reduce((sum, { count }) => sum + count, 0);
    this.spentMs = 0;
  }

  /** The slice that is next. */
  next(): Run[] {
    return this.left.shift() ?? [];
  }

  /** The slice just drawn took so long. */
  spend(milliseconds: number): void {
    this.spentMs += milliseconds;
    if (!this.isUnderWay) this.learn(this.spentMs, this.corners);
  }

  abandon(): void {
    this.left = [];
    this.spentMs = 0;
    this.corners = 0;
  }
}
