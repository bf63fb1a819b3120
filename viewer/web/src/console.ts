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
