/** What scripts may ask of the page: ``window.greentwin``. */

import { Vector3 } from "three";
import { view } from "./controller.ts";
import { points } from "./live/client.ts";
import * as store from "./store.ts";

declare global {
  interface Window {
    greentwin: typeof api;
  }
}

const api = {
  /** Window coordinates of a point of the model (z up), metres. */
  project(x: number, y: number, z: number): [number, number] {
    const shown = view!;
    const point = new Vector3(x, z, -y).project(shown.camera);
    const box = shown.canvas.getBoundingClientRect();
    return [box.left + ((point.x + 1) / 2) * box.width, box.top + ((1 - point.y) / 2) * box.height];
  },

  /** Where the eye is, model coordinates (z up), metres. */
  eye(): [number, number, number] {
    const { x, y, z } = view!.camera.position;
    return [x, -z, y];
  },

  /**
   * Milliseconds of each of some frames, drawn to the last pixel, while the camera goes once round the model:
   * of everything, or of what the page draws while the camera moves.
   */
  frames(
    count: number,
    whole: boolean,
  ): { milliseconds: number[]; triangles: number; calls: number; eye: number[]; target: number[]; fov: number; near: number; far: number } {
    const shown = view!;
    const { perspective, controls } = shown;
    const eye = perspective.position.clone();
    const { target } = controls;
    const milliseconds: number[] = [];
    for (let frame = 0; frame < count; frame++) {
      const offset = eye.clone().sub(target).applyAxisAngle(new Vector3(0, 1, 0), (frame / count) * 2 * Math.PI);
      perspective.position.copy(target).add(offset);
      perspective.lookAt(target);
      milliseconds.push(shown.frames.timed(whole));
    }
    perspective.position.copy(eye);
    controls.update();
    const { fov, near, far } = perspective;
    const { triangles, calls } = shown.renderer.info.render;
    return { milliseconds, triangles, calls, eye: eye.toArray(), target: target.toArray(), fov, near, far };
  },

  /** What the graphics hold: buffers, textures, programs. */
  held(): { geometries: number; textures: number; programs: number } {
    const { memory, programs } = view!.renderer.info;
    return { geometries: memory.geometries, textures: memory.textures, programs: programs?.length ?? 0 };
  },

  /** The ids of the live points that this account is told of. */
  points(): string[] {
    return [...points.value.values()].map((point) => point.id);
  },

  /** Select an element by its GlobalId or the beginning of its name. */
  select(name: string): boolean {
    const { elements, rowOf } = store.twin.value!;
    const row = rowOf.get(name) ?? elements.name.findIndex((one) => one.startsWith(name));
    if (row < 0) return false;
    store.selection.value = row;
    return true;
  },

  /** Hide all elements of some IFC classes. */
  hide(...classes: string[]): void {
    const { elements } = store.twin.value!;
    const next = new Set(store.hidden.value);
    elements.class.forEach((one, row) => {
      if (classes.includes(elements.classes[one]!)) next.add(row);
    });
    store.hidden.value = next;
  },
};

window.greentwin = api;
