/** Loads the scene into the picture and keeps the picture as the store says. */

import { effect, untracked } from "@preact/signals";
import { Box3, Color, Plane, Vector3 } from "three";
import { readGlb, type StoreyMeshes } from "./data/glb.ts";
import { LoadError, SceneFolder, sceneAddress } from "./data/load.ts";
import { parseHex, scaleRgb } from "./data/scale.ts";
import { sunDirection, sunPosition, type SunPosition } from "./data/sun.ts";
import type { Part, SceneInfo } from "./data/types.ts";
import { language } from "./i18n.ts";
import { VERDICT_COLOURS } from "./data/verdicts.ts";
import { type CellArrays, cellMesh } from "./scene/cells.ts";
import { srgb } from "./scene/materials.ts";
import { COLOURED, GHOST, HIDDEN, PALE, PLAIN, UNKNOWN } from "./scene/states.ts";
import { View } from "./scene/view.ts";
import * as store from "./store.ts";

export let view: View | null = null;
let cells: { id: string; mesh: ReturnType<typeof cellMesh> } | null = null;

/** Fetch the scene, show storey after storey, the one nearest to the camera first. */
export async function start(canvas: HTMLCanvasElement): Promise<void> {
  try {
    const loaded = await load();
    const { folder, info, elements } = loaded;
    view = new View(canvas, info.rows);
    const terrain = elements.classes.indexOf("IfcSite");
    elements.class.forEach((one, row) => {
      if (one === terrain) view!.states.yieldDepth(row);
    });
    follow(view);
    store.progress.value = { done: 0, all: info.parts.length };
    store.twin.value = loaded;
    document.title = `${info.name || info.file} · greentwin`;
    frame(view, info);
    await loadParts(view, folder, info);
  } catch (error) {
    store.failure.value = error instanceof LoadError ? error.message : String(error);
    throw error;
  }
}

async function load(): Promise<store.Twin> {
  const folder = new SceneFolder(sceneAddress(location.search, document.baseURI));
  const info = await folder.info();
  const elements = await folder.elements();
  const rowOf = new Map<string, number>();
  elements.global_id.forEach((id, row) => {
    if (id && !rowOf.has(id)) rowOf.set(id, row);
  });
  return { folder, info, elements, rowOf };
}

/** Take what the server has found since: layers, details, scores. The shapes stay as long as the rows do. */
export async function refresh(): Promise<void> {
  const found = await load();
  if (found.info.rows === store.twin.value?.info.rows) store.twin.value = found;
  else location.reload(); // rooms were found that the file does not state
}

function sceneBox(part: Part): Box3 {
  const [x, y, z] = part.low;
  const [x2, y2, z2] = part.high;
  return new Box3(new Vector3(x, z, -y2), new Vector3(x2, z2, -y));
}

/** The box of the building: what belongs to no storey may be far larger. */
export function buildingBox(info: SceneInfo): Box3 {
  const box = new Box3();
  const inStoreys = info.parts.filter((part) => part.storey >= 0);
  for (const part of inStoreys.length ? inStoreys : info.parts) box.union(sceneBox(part));
  return box;
}

function frame(shown: View, info: SceneInfo): void {
  for (const part of info.parts) shown.bounds.union(sceneBox(part));
  shown.fit(buildingBox(info), new Vector3(0.62, 0.5, 0.72).normalize());
  shown.moved = false;
  shown.lightFrom([0.55, 0.75, 0.4], false);
}

async function loadParts(shown: View, folder: SceneFolder, info: SceneInfo): Promise<void> {
  const eye = shown.camera.position;
  const nearest = [...info.parts].sort((a, b) => sceneBox(a).distanceToPoint(eye) - sceneBox(b).distanceToPoint(eye));
  const storeys: StoreyMeshes[] = [];
  await inParallel(nearest, 4, async (part) => {
    const meshes = await readGlb(await folder.glb(part.glb));
    shown.add(meshes);
    storeys.push(meshes);
    store.progress.value = { ...store.progress.value, done: storeys.length };
  });
  // Whoever chose a storey meanwhile looks at that.
  if (store.storeyCut.value !== null) cutAt(store.storeyCut.value);
  else if (!shown.moved) frame(shown, info);
  shown.joinTransparent();
  heights = outsideHeights(shown);
  applyStates();
  const triangles = info.parts.reduce((sum, part) => sum + part.triangles, 0);
  const idle = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 50));
  idle(() => shown.addEdges(storeys, triangles));
}

async function inParallel<T>(items: T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const run = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, run));
}

/** Redraw whatever the store's signals change. */
function follow(shown: View): void {
  effect(() => {
    const dark = store.theme.value === "dark";
    shown.shared.pale.value.copy(srgb(dark ? 0x4a545b : 0xdfe2e2));
    shown.shared.cut.value.copy(srgb(dark ? 0xb4bec4 : 0x39434a));
    shown.materials.line.color = new Color(dark ? 0x0a0d0f : 0x1d2830);
    shown.materials.ghost.color = new Color(dark ? 0xb8c8d4 : 0x6f8494);
    shown.frames.invalidate();
  });
  effect(() => {
    void [
      store.selection.value, store.hidden.value, store.isolated.value, store.xray.value, store.layer.value,
      store.highlight.value, store.twin.value, store.storeyCut.value, store.cutHeight.value,
    ];
    untracked(applyStates);
  });
  effect(() => {
    void [store.storeyCut.value, store.cutHeight.value, store.sectionBox.value];
    untracked(applyCuts);
  });
  effect(() => {
    void store.sunTime.value;
    untracked(applySun);
  });
  effect(() => {
    const { value } = language;
    const loaded = store.twin.value;
    if (loaded?.info.evaluated) void loaded.folder.evaluation(value).then((found) => (store.evaluation.value = found));
  });
}

/** The mode and colour of each row, from what is hidden, isolated, coloured, highlighted and selected. */
export function applyStates(): void {
  const loaded = store.twin.value;
  if (!loaded || !view) return;
  const { states } = view;
  const { elements, info } = loaded;
  const only = store.isolated.value;
  const hidden = store.hidden.value;
  const shownLayer = store.layer.value;
  const subject = store.highlight.value;
  const outside = store.xray.value ? GHOST : HIDDEN;
  const spaceClass = elements.classes.indexOf("IfcSpace");
  const cut = cutLevel();
  for (let row = 0; row < info.rows; row++) {
    if (hidden.has(row) || (cut !== null && (heights.get(row) ?? -Infinity) > cut)) states.set(row, HIDDEN);
    else if (only && !only.has(row)) states.set(row, outside);
    else if (subject) {
      if (subject.rows.has(row)) states.set(row, COLOURED, parseHex(VERDICT_COLOURS[subject.verdict] ?? "#0072b2"));
      else states.set(row, store.xray.value ? GHOST : PALE);
    } else if (shownLayer) colourRow(row, shownLayer, elements.class[row] === spaceClass);
    else states.set(row, store.xray.value && elements.class[row] !== spaceClass ? GHOST : PLAIN);
  }
  if (store.selection.value !== null && states.mode(store.selection.value) !== HIDDEN) {
    const row = store.selection.value;
    if (states.mode(row) === GHOST) states.set(row, PLAIN);
    states.select(row);
  }
  view.commitStates();
}

function colourRow(row: number, shown: store.LoadedLayer, isSpace: boolean): void {
  const { states } = view!;
  const { info } = shown;
  if (!shown.value.has(row)) {
    states.set(row, store.xray.value && !isSpace ? GHOST : PALE);
    return;
  }
  const value = shown.value.get(row)!;
  if (!Number.isFinite(value)) states.set(row, UNKNOWN);
  else if (info.cells) states.set(row, PALE); // the squares carry the colours
  else if (info.categories.length) states.set(row, COLOURED, parseHex(info.categories[value]!.colour));
  else states.set(row, COLOURED, scaleRgb(value, info.low, info.high));
}

/** Choose what to colour by; null for the colours of the materials. */
export async function showLayer(id: string | null): Promise<void> {
  const loaded = store.twin.value;
  if (!loaded || !view) return;
  if (cells) {
    view.scene.remove(cells.mesh);
    cells.mesh.geometry.dispose();
    cells = null;
    view.frames.invalidate();
  }
  store.highlight.value = null;
  const info = loaded.info.layers.find((one) => one.id === id);
  if (!info) {
    store.layer.value = null;
    return;
  }
  const { folder } = loaded;
  const [row, values, limits] = await Promise.all([
    folder.array(info.row),
    folder.array(info.values),
    info.limit ? folder.array(info.limit) : Promise.resolve(null),
  ]);
  const value = new Map<number, number>();
  const limit = new Map<number, number>();
  row.forEach((one, index) => {
    if (one < 0) return;
    value.set(one, values[index]!);
    if (limits && Number.isFinite(limits[index]!)) limit.set(one, limits[index]!);
  });
  if (info.cells) {
    const places = info.cells;
    const [centre, frames, frame, cellRow, cellValues] = await Promise.all(
      [places.centre, places.frames, places.frame, places.row, places.values].map((place) => folder.array(place)),
    );
    const arrays = { centre, frames, frame, row: cellRow, values: cellValues } as CellArrays;
    cells = { id: info.id, mesh: cellMesh(arrays, info.low, info.high, 0.01, view.materials) };
    view.scene.add(cells.mesh);
    view.frames.invalidate();
  }
  store.layer.value = { info, value, limit };
  if (isAboutRooms(store.layer.value) && store.storeyCut.value === null && store.tool.value !== "walk") cutAt(firstStorey());
}

/** Highest point of what stands outside the building, as trees and lamps do: the storey cut leaves it out. */
let heights: ReadonlyMap<number, number> = new Map();

function outsideHeights(shown: View): Map<number, number> {
  const { elements } = store.twin.value!;
  const terrain = elements.classes.indexOf("IfcSite");
  const found = new Map<number, number>();
  elements.storey.forEach((storey, row) => {
    if (storey < 0 && elements.class[row] !== terrain && shown.has(row)) found.set(row, shown.boxOf([row]).max.y);
  });
  return found;
}

/** Height of the storey cut; null for none. */
function cutLevel(): number | null {
  const storey = store.storeyCut.value;
  return storey === null ? null : store.twin.value!.info.storeys[storey]!.elevation_m + store.cutHeight.value;
}

/** The planes of the storey cut and the section box. */
function applyCuts(): void {
  const loaded = store.twin.value;
  if (!loaded || !view) return;
  const planes: Plane[] = [];
  const level = cutLevel();
  if (level !== null) planes.push(new Plane(new Vector3(0, -1, 0), level));
  const shares = store.sectionBox.value;
  if (shares) {
    const { min, max } = view.bounds;
    const at = (axis: "x" | "y" | "z", share: number) => min[axis] + (max[axis] - min[axis]) * share;
    (["x", "y", "z"] as const).forEach((axis, index) => {
      const normal = new Vector3();
      normal[axis] = 1;
      planes.push(new Plane(normal.clone(), -at(axis, shares[index * 2]!) + 1e-3));
      planes.push(new Plane(normal.clone().negate(), at(axis, shares[index * 2 + 1]!) + 1e-3));
    });
  }
  view.setPlanes(planes);
}

/** The lowest storey with rooms, or the lowest of all. */
export function firstStorey(): number | null {
  const { elements, info } = store.twin.value!;
  const withRooms = elements.spaces.row.map((row) => elements.storey[row]!).filter((storey) => storey >= 0);
  if (withRooms.length) return Math.min(...withRooms);
  return info.storeys.length ? 0 : null;
}

/** Cut the building above a storey's floor, and look into it from high up; null: the whole building. */
export function cutAt(storey: number | null): void {
  store.storeyCut.value = storey;
  if (storey === null) {
    if (store.plan.value) showPlan(false);
    return;
  }
  if (!view || store.progress.value.done < store.progress.value.all) return; // rooms are found once loaded
  if (store.plan.value) view.fit(storeyBox(storey));
  else if (!view.moved) {
    view.fit(storeyBox(storey), new Vector3(0.28, 0.86, 0.5).normalize());
    view.moved = false;
  }
}

/** The rooms of a storey, or whatever it has. */
function storeyBox(storey: number): Box3 {
  const { elements } = store.twin.value!;
  const rooms = elements.spaces.row.filter((row) => elements.storey[row] === storey);
  const box = view!.boxOf(rooms.length ? rooms : rowsOfStorey(storey));
  return box.isEmpty() ? buildingBox(store.twin.value!.info) : box.expandByScalar(1);
}

/** A storey from above, without perspective. */
export function showPlan(on: boolean): void {
  if (!view) return;
  store.plan.value = on;
  view.setPlan(on);
  if (on) cutAt(store.storeyCut.value ?? firstStorey());
  else view.fit(buildingBox(store.twin.value!.info), new Vector3(0.62, 0.5, 0.72).normalize());
}

/** Whether a layer is about rooms, which are seen from above only. */
function isAboutRooms(shown: store.LoadedLayer): boolean {
  const { elements } = store.twin.value!;
  const rooms = new Set(elements.spaces.row);
  return [...shown.value.keys()].every((row) => rooms.has(row));
}

/** Where the sun stands at the chosen time, or null where the place is not known. */
export function sunNow(): SunPosition | null {
  const loaded = store.twin.value;
  const time = store.sunTime.value;
  const place = loaded && placeOf(loaded.info);
  if (!place || !time) return null;
  const year = new Date().getFullYear();
  const noon = Date.parse(`${year}-${time.day}T00:00:00Z`);
  return sunPosition(noon + (time.hour - place.utcOffset) * 3600000, place.latitude, place.longitude);
}

export interface Place {
  latitude: number;
  longitude: number;
  utcOffset: number;
  name: string;
}

export function placeOf(info: SceneInfo): Place | null {
  const { site, place } = info;
  const latitude = site.latitude_deg ?? place?.latitude_deg;
  const longitude = site.longitude_deg ?? place?.longitude_deg;
  if (latitude === undefined || longitude === undefined || latitude === null || longitude === null) return null;
  const utcOffset = info.utc_offset_h ?? Math.round(longitude / 15);
  return { latitude, longitude, utcOffset, name: site.address || place?.name || site.name };
}

function applySun(): void {
  if (!view) return;
  const sun = sunNow();
  if (!sun) {
    view.lightFrom([0.55, 0.75, 0.4], false);
    return;
  }
  const direction = sunDirection(sun, store.twin.value!.info.site.north_deg);
  view.lightFrom(direction, true, sun.altitude_deg > 0 ? 2.6 : 0);
}

/** Look at some rows. */
export function zoomTo(rows: Iterable<number>): void {
  const box = view?.boxOf(rows);
  if (!box || box.isEmpty()) return;
  box.expandByScalar(Math.max(1, box.getSize(new Vector3()).length() * 0.25));
  view!.fit(box);
}

/** Select a row and look at it; a storey cut follows to its storey. */
export function goTo(row: number): void {
  const storey = store.twin.value!.elements.storey[row]!;
  if (store.storeyCut.value !== null && storey >= 0) store.storeyCut.value = storey;
  store.selection.value = row;
  zoomTo([row]);
}

/** All rows of a storey; with ``building`` those of the storeys below as well. */
export function rowsOfStorey(storey: number): Set<number> {
  const { elements } = store.twin.value!;
  const rows = new Set<number>();
  elements.storey.forEach((one, row) => {
    if (one === storey) rows.add(row);
  });
  return rows;
}
