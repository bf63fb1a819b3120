/** Where the triangles of a scene row are. */

import { Box3, type Plane, type Ray, Vector3 } from "three";
import type { Merged } from "./merge.ts";

export interface Hit {
  row: number;
  point: Vector3;
  /** Corners of the triangle that was hit. */
  corners: [Vector3, Vector3, Vector3];
}

/** The box about some rows, as drawn. */
export function boxOfRows(parts: Merged[], rows: Iterable<number>): Box3 {
  const box = new Box3();
  const point = new Vector3();
  for (const row of rows)
    for (const part of parts)
      for (const [start, count] of part.ranges.get(row) ?? [])
        for (let i = start; i < start + count; i++) box.expandByPoint(point.fromArray(part.positions, part.indices[i]! * 3));
  return box;
}

/** Where a ray meets a row first, in front of the planes that cut the picture. */
export function hitOf(parts: Merged[], row: number, ray: Ray, planes: Plane[]): Hit | null {
  let best: Hit | null = null;
  let nearest = Infinity;
  const point = new Vector3();
  for (const part of parts)
    for (const [start, count] of part.ranges.get(row) ?? [])
      for (let i = start; i < start + count; i += 3) {
        const corners = [0, 1, 2].map((k) => new Vector3().fromArray(part.positions, part.indices[i + k]! * 3)) as Hit["corners"];
        if (!ray.intersectTriangle(...corners, false, point)) continue;
        if (planes.some((plane) => plane.distanceToPoint(point) < 0)) continue;
        const distance = point.distanceTo(ray.origin);
        if (distance < nearest) {
          nearest = distance;
          best = { row, point: point.clone(), corners };
        }
      }
  return best;
}
