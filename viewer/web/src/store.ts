/** What the page shows: the loaded twin and the choices of its user. */

import { computed, signal } from "@preact/signals";
import type { SceneFolder } from "./data/load.ts";
import type { Elements, Evaluation, LayerInfo, SceneInfo } from "./data/types.ts";

export type Theme = "light" | "dark";
export type Panel = "model" | "colour" | "score" | "compare" | "topics" | "live";
export type Tool = "select" | "measure" | "walk";

export interface Twin {
  folder: SceneFolder;
  info: SceneInfo;
  elements: Elements;
  rowOf: Map<string, number>;
}

/** A layer with its arrays. */
export interface LoadedLayer {
  info: LayerInfo;
  value: Map<number, number>;
  limit: Map<number, number>;
}

/** Rows that a clause, a need or a search is about. */
export interface Highlight {
  title: string;
  rows: Set<number>;
  verdict: string;
}

export const twin = signal<Twin | null>(null);
export const failure = signal<string | null>(null);
export const progress = signal<{ done: number; all: number }>({ done: 0, all: 1 });
export const evaluation = signal<Evaluation | null>(null);

const storedTheme = (): Theme => {
  const asked = new URLSearchParams(location.search).get("theme") ?? localStorage.getItem("greentwin.theme");
  if (asked === "dark" || asked === "light") return asked;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
};
export const theme = signal<Theme>(storedTheme());
export const panel = signal<Panel | null>(matchMedia("(max-width: 720px)").matches ? null : "model");
export const tool = signal<Tool>("select");

export const selection = signal<number | null>(null);
export const hidden = signal<ReadonlySet<number>>(new Set());
export const isolated = signal<ReadonlySet<number> | null>(null);
export const xray = signal(false);
export const layer = signal<LoadedLayer | null>(null);
export const highlight = signal<Highlight | null>(null);
export const storeyCut = signal<number | null>(null);
export const cutHeight = signal(1.4);
export const plan = signal(false);
/** Shares of the model's box that stay, [x0, x1, y0, y1, z0, z1] in scene axes; null: no section box. */
export const sectionBox = signal<number[] | null>(null);

export interface SunTime {
  /** Day of the year as MM-DD, hour of local time. */
  day: string;
  hour: number;
}
export const sunTime = signal<SunTime | null>(null);

export const isCut = computed(() => storeyCut.value !== null || sectionBox.value !== null);

export function className(elements: Elements, row: number): string {
  return elements.classes[elements.class[row]!]!;
}

/** "Name, or class and number of a nameless element". */
export function labelOf(elements: Elements, row: number): string {
  return elements.name[row] || elements.type[row] || className(elements, row).replace(/^Ifc/, "");
}

export function showAll(): void {
  hidden.value = new Set();
  isolated.value = null;
  xray.value = false;
}
