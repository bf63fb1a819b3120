/** A picture at rest in slices, one a frame, where the graphics need too long for all of it: the page stays usable. */

import type { BufferGeometry, Object3D } from "three";

const WHOLE_MS = 80; // a picture that takes longer is drawn in slices
const SLICE_MS = 35;
const LEAST = 1_000;

/** What is drawn in one call: a run of the corners of an object, in threes (triangles) or twos (lines). */
export interface Run {
  object: Object3D & { geometry: BufferGeometry };
  start: number;
  count: number;
}

/** Objects with the corners of each, in the order in which they are drawn, cut into slices of at most so many corners. */
export function slicesOf(drawn: { object: Run["object"]; corners: number; step: number }[], most: number): Run[][] {
  const slices: Run[][] = [[]];
  let left = most;
  for (const { object, corners, step } of drawn) {
    for (let start = 0; start < corners; ) {
      const count = Math.min(Math.floor(left / step) * step, corners - start);
      // Two objects may share a geometry, which has one range at a time.
      const isTaken = slices.at(-1)!.some((run) => run.object.geometry === object.geometry && (run.start !== start || run.count !== count));
      if (count <= 0 || isTaken) {
        slices.push([]);
        left = most;
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
  /** Corners that this device draws in good time; infinite until a picture was slow. */
  most = Infinity;
  private left: Run[][] = [];
  private first = true;

  /** A picture of so many corners, drawn at once, took so long. */
  learnWhole(milliseconds: number, corners: number): void {
    this.most = milliseconds > WHOLE_MS ? Math.max(LEAST, (corners * SLICE_MS) / milliseconds) : Infinity;
  }

  /** A slice took so long: the next picture has smaller ones, or larger. */
  learnSlice(milliseconds: number): void {
    if (milliseconds > SLICE_MS) this.most = Math.max(LEAST, this.most * Math.max(0.7, SLICE_MS / milliseconds));
    else if (milliseconds < SLICE_MS / 2) this.most *= 1.1;
  }

  /** Slices are left to be drawn. */
  get isUnderWay(): boolean {
    return this.left.length > 0;
  }

  begin(slices: Run[][]): void {
    this.left = [...slices];
    this.first = true;
  }

  abandon(): void {
    this.left = [];
  }

  /** The slice that is next, and whether it is the first of its picture. */
  next(): { runs: Run[]; first: boolean } {
    const { first } = this;
    this.first = false;
    return { runs: this.left.shift() ?? [], first };
  }
}
