/** Walking through the building at the height of the eyes. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Vector3 } from "three";
import { buildingBox, firstStorey, showPlan, view } from "../controller.ts";
import { t } from "../i18n.ts";
import * as store from "../store.ts";
import { Card } from "./cuts.tsx";

const EYE_M = 1.6;
const SPEED_M_S = 2.2;
const TURN_RAD_PX = 0.0035;
const STEPS: Record<string, [number, number]> = {
  w: [1, 0], ArrowUp: [1, 0], s: [-1, 0], ArrowDown: [-1, 0], a: [0, -1], ArrowLeft: [0, -1], d: [0, 1], ArrowRight: [0, 1],
};

let yaw = 0;
let pitch = 0;
const pressed = new Set<string>();

/** Stand on a point. */
export function walkTo(point: Vector3): void {
  view!.perspective.position.copy(point).add(new Vector3(0, EYE_M, 0));
  look();
}

function look(): void {
  const camera = view!.perspective;
  const ahead = new Vector3(Math.sin(yaw) * Math.cos(pitch), Math.sin(pitch), -Math.cos(yaw) * Math.cos(pitch));
  view!.controls.target.copy(camera.position).add(ahead);
  camera.lookAt(view!.controls.target);
  view!.frames.invalidate();
}

/** The middle of the largest room of the storey that is cut, or of the lowest. */
function entrance(): Vector3 {
  const { elements, info } = store.twin.value!;
  const { spaces } = elements;
  const storey = store.storeyCut.value ?? firstStorey();
  let best = -1;
  spaces.row.forEach((row, space) => {
    if (elements.storey[row] === storey && spaces.outline[space]!.length && (best < 0 || (spaces.area_m2[space] ?? 0) > (spaces.area_m2[best] ?? 0))) best = space;
  });
  const selected = store.selection.value === null ? -1 : spaces.row.indexOf(store.selection.value);
  if (selected >= 0 && spaces.outline[selected]!.length) best = selected;
  if (best < 0) return buildingBox(info).getCenter(new Vector3());
  const box = view!.boxOf([spaces.row[best]!]);
  const centre = box.getCenter(new Vector3());
  return new Vector3(centre.x, box.min.y, centre.z);
}

function move(seconds: number): void {
  let [ahead, side] = [0, 0];
  for (const key of pressed) {
    ahead += STEPS[key]?.[0] ?? 0;
    side += STEPS[key]?.[1] ?? 0;
  }
  if (!ahead && !side) return;
  const camera = view!.perspective;
  const length = (SPEED_M_S * seconds) / Math.hypot(ahead, side);
  camera.position.x += (Math.sin(yaw) * ahead + Math.cos(yaw) * side) * length;
  camera.position.z += (-Math.cos(yaw) * ahead + Math.sin(yaw) * side) * length;
  look();
}

export function WalkCard(): JSX.Element | null {
  const on = store.tool.value === "walk";
  useEffect(() => {
    if (!on || !view) return undefined;
    const shown = view;
    const cut = store.storeyCut.value;
    if (store.plan.value) showPlan(false);
    const start = entrance();
    store.storeyCut.value = null;
    shown.controls.enabled = false;
    [yaw, pitch] = [0, -0.05];
    shown.perspective.near = 0.05;
    shown.perspective.fov = 68;
    shown.perspective.updateProjectionMatrix();
    walkTo(start);
    shown.frames.onFrame = move;
    const press = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (key === "Escape") store.tool.value = "select";
      if (!STEPS[key]) return;
      event.preventDefault();
      event.stopPropagation();
      pressed.add(key);
      shown.frames.animate(true);
    };
    const release = (event: KeyboardEvent) => {
      pressed.delete(event.key.length === 1 ? event.key.toLowerCase() : event.key);
      if (!pressed.size) shown.frames.animate(false);
    };
    const drag = (event: PointerEvent) => {
      if (!event.buttons) return;
      yaw += event.movementX * TURN_RAD_PX;
      pitch = Math.min(Math.max(pitch - event.movementY * TURN_RAD_PX, -1.4), 1.4);
      look();
    };
    window.addEventListener("keydown", press, true);
    window.addEventListener("keyup", release, true);
    shown.canvas.addEventListener("pointermove", drag);
    return () => {
      window.removeEventListener("keydown", press, true);
      window.removeEventListener("keyup", release, true);
      shown.canvas.removeEventListener("pointermove", drag);
      pressed.clear();
      shown.frames.animate(false);
      shown.frames.onFrame = null;
      shown.controls.enabled = true;
      shown.perspective.fov = 42;
      store.storeyCut.value = cut;
      shown.fit(buildingBox(store.twin.value!.info), new Vector3(0.62, 0.5, 0.72).normalize());
    };
  }, [on]);
  if (!on) return null;
  const hold = (key: string) => ({
    onPointerDown: () => {
      pressed.add(key);
      view?.frames.animate(true);
    },
    onPointerUp: () => {
      pressed.delete(key);
      if (!pressed.size) view?.frames.animate(false);
    },
  });
  return (
    <Card title={t("walk")} id="walk-card" onClose={() => (store.tool.value = "select")}>
      <p class="note">{t("walkHint")}</p>
      <div class="pair">
        <button type="button" class="button" {...hold("w")}>
          ↑
        </button>
        <button type="button" class="button" {...hold("s")}>
          ↓
        </button>
      </div>
    </Card>
  );
}
