/** Where a camera must stand for a box to be seen. */

import { Box3, type PerspectiveCamera, Vector3 } from "three";
import { cornersOf } from "./geometry.ts";

/** Move camera and target sideways until the box is in the middle of the picture. */
export function centreOn(camera: PerspectiveCamera, box: Box3, target: Vector3): void {
  for (let turn = 0; turn < 3; turn++) {
    camera.lookAt(target);
    camera.updateMatrixWorld();
    const seen = new Box3();
    for (const corner of cornersOf(box)) seen.expandByPoint(corner.project(camera));
    const middle = seen.getCenter(new Vector3());
    const depth = target.clone().project(camera).z;
    const shift = new Vector3(middle.x, middle.y, depth).unproject(camera).sub(target);
    if (!Number.isFinite(shift.lengthSq())) return; // a corner lies in the plane of the eye
    target.add(shift);
    camera.position.add(shift);
  }
}

/** How far the camera must stand from the centre of a box, in the direction ``from``, for all its corners to be seen. */
export function distanceFor(camera: PerspectiveCamera, box: Box3, from: Vector3): number {
  const centre = box.getCenter(new Vector3());
  const tangent = Math.tan((camera.fov * Math.PI) / 360);
  const right = new Vector3().crossVectors(new Vector3(0, 1, 0), from);
  if (right.lengthSq() < 1e-6) right.set(1, 0, 0);
  right.normalize();
  const up = new Vector3().crossVectors(from, right);
  let distance = 1;
  for (const corner of cornersOf(box)) {
    const to = corner.sub(centre);
    const across = Math.max(Math.abs(to.dot(up)) / tangent, Math.abs(to.dot(right)) / (tangent * camera.aspect));
    distance = Math.max(distance, to.dot(from) + across * 1.08);
  }
  return distance;
}
