/** Geometry of the picture: corners of boxes, buffers of merged storeys. */

import { type Box3, BufferAttribute, BufferGeometry, Vector3 } from "three";
import type { Merged } from "./merge.ts";

/** The eight corners of a box. */
export function cornersOf(box: Box3): Vector3[] {
  return [0, 1, 2, 3, 4, 5, 6, 7].map(
    (corner) =>
      new Vector3(
        corner & 1 ? box.max.x : box.min.x,
        corner & 2 ? box.max.y : box.min.y,
        corner & 4 ? box.max.z : box.min.z,
      ),
  );
}

/** What a merged storey is drawn from. */
export function geometryOf(merged: Merged): BufferGeometry {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(merged.positions, 3));
  geometry.setAttribute("elementRow", new BufferAttribute(merged.rows, 1));
  geometry.setAttribute("baseColour", new BufferAttribute(merged.colours, 4, true));
  geometry.setIndex(new BufferAttribute(merged.indices, 1));
  geometry.computeBoundingBox();
  geometry.computeBoundingSphere();
  return geometry;
}

/** Arrays one behind the other. */
export function joined(parts: Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of parts) {
    all.set(one, at);
    at += one.length;
  }
  return all;
}
