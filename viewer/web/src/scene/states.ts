/** How each scene row looks now, as a texture that every material reads. */

import { DataTexture, NearestFilter, RGBAFormat, UnsignedByteType } from "three";
import type { Rgb } from "../data/scale.ts";

export const HIDDEN = 0;
export const GHOST = 1; // x-ray: a veil, not pickable
export const PLAIN = 2; // the colour of its material
export const COLOURED = 3; // the colour of a value
export const UNKNOWN = 4; // no value: hatched grey
export const PALE = 5; // beside the subject of the layer
const SELECTED = 8;
const BEHIND = 16; // yields to what lies in the same plane: terrain under ground covers

const WIDTH = 1024;

export class RowStates {
  readonly texture: DataTexture;
  private readonly data: Uint8Array;
  private readonly shown: Uint8Array; // as of the last commit

  readonly count: number;

  constructor(count: number) {
    this.count = count;
    const height = Math.max(1, Math.ceil(count / WIDTH));
    this.data = new Uint8Array(WIDTH * height * 4);
    this.shown = new Uint8Array(this.data.length);
    this.texture = new DataTexture(this.data, WIDTH, height, RGBAFormat, UnsignedByteType);
    this.texture.magFilter = this.texture.minFilter = NearestFilter;
    this.fill(PLAIN);
  }

  fill(mode: number): void {
    for (let row = 0; row < this.count; row++) this.data[row * 4 + 3] = mode;
  }

  set(row: number, mode: number, colour?: Rgb): void {
    if (colour) this.data.set(colour, row * 4);
    this.data[row * 4 + 3] = (this.data[row * 4 + 3]! & BEHIND) | mode;
  }

  yieldDepth(row: number): void {
    this.data[row * 4 + 3]! |= BEHIND;
  }

  mode(row: number): number {
    return this.data[row * 4 + 3]! & 7;
  }

  colour(row: number): Rgb {
    return [this.data[row * 4]!, this.data[row * 4 + 1]!, this.data[row * 4 + 2]!];
  }

  select(row: number): void {
    this.data[row * 4 + 3]! |= SELECTED;
  }

  some(mode: number): boolean {
    for (let row = 0; row < this.count; row++) if (this.mode(row) === mode) return true;
    return false;
  }

  /** Hand the states to the materials; what has changed since the last time: nothing, colours, or what casts shadows. */
  commit(): "nothing" | "colours" | "shadows" {
    let change: "nothing" | "colours" | "shadows" = "nothing";
    for (let at = 0; at < this.data.length && change !== "shadows"; at++) {
      if (this.data[at] === this.shown[at]) continue;
      change = at % 4 === 3 && casts(this.data[at]!) !== casts(this.shown[at]!) ? "shadows" : "colours";
    }
    if (change === "nothing") return change;
    this.shown.set(this.data);
    this.texture.needsUpdate = true;
    return change;
  }
}

/** As the depth pass of the materials has it. */
function casts(state: number): boolean {
  return (state & 7) > GHOST && (state & BEHIND) === 0;
}
