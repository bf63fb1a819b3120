/** The squares of a heat map as one mesh in the exact colours of the legend. */

import { BufferAttribute, BufferGeometry, Color, Mesh } from "three";
import { type Rgb, scaleRgb } from "../data/scale.ts";
import type { Materials } from "./materials.ts";

export interface CellArrays {
  centre: Float32Array;
  frames: Float32Array;
  frame: Int32Array;
  row: Int32Array;
  values: Float32Array;
}

export function cellMesh(cells: CellArrays, low: number, high: number, lift: number, materials: Materials): Mesh {
  const known = [...cells.values.keys()].filter((i) => Number.isFinite(cells.values[i]!) && cells.row[i]! >= 0);
  const positions = new Float32Array(known.length * 12);
  const rows = new Float32Array(known.length * 4);
  const colours = new Float32Array(known.length * 12);
  const indices = new Uint32Array(known.length * 6);
  const cache = new Map<string, [number, number, number]>();
  known.forEach((cell, at) => {
    const frame = cells.frame[cell]! * 6;
    const [ax, ay, az, bx, by, bz] = cells.frames.subarray(frame, frame + 6) as unknown as number[];
    const [x, y, z] = [cells.centre[cell * 3]!, cells.centre[cell * 3 + 1]!, cells.centre[cell * 3 + 2]! + lift];
    [[-1, -1], [1, -1], [1, 1], [-1, 1]].forEach(([u, v], corner) => {
      const px = x + u! * ax! + v! * bx!;
      const py = y + u! * ay! + v! * by!;
      const pz = z + u! * az! + v! * bz!;
      positions.set([px, pz, -py], (at * 4 + corner) * 3); // z up to y up
      rows[at * 4 + corner] = cells.row[cell]!;
    });
    const colour = linear(scaleRgb(cells.values[cell]!, low, high), cache);
    for (let corner = 0; corner < 4; corner++) colours.set(colour, (at * 4 + corner) * 3);
    indices.set([0, 1, 2, 0, 2, 3].map((i) => at * 4 + i), at * 6);
  });
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(positions, 3));
  geometry.setAttribute("elementRow", new BufferAttribute(rows, 1));
  geometry.setAttribute("color", new BufferAttribute(colours, 3));
  geometry.setIndex(new BufferAttribute(indices, 1));
  const mesh = new Mesh(geometry, materials.cells);
  mesh.renderOrder = 1;
  mesh.frustumCulled = false;
  return mesh;
}

function linear(rgb: Rgb, cache: Map<string, [number, number, number]>): [number, number, number] {
  const key = rgb.join();
  let found = cache.get(key);
  if (!found) {
    found = new Color(`rgb(${key})`).toArray() as [number, number, number];
    cache.set(key, found);
  }
  return found;
}
