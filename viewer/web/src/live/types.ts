/** What the server of the live twin answers (docs/serve.md). */

import type { Both } from "../data/types.ts";

export interface Me {
  name: string;
  role: string;
  household: string;
  rights: string[];
}

export interface TwinAnswer {
  name: string;
  epoch?: string;
  demo: boolean;
  now_ms?: number;
  scene?: string | null;
  evaluation?: "none" | "running" | "ready" | "failed";
}

export interface Point {
  key: number;
  id: string;
  name: string;
  quantity: string;
  kind: string;
  unit: string;
  interval_s: number | null;
  privacy: string;
  household: string;
  readable: boolean;
  counter: boolean;
  element: string | null;
  storey: string | null;
  room: string | null;
  place: string;
}

export const FRESH = 0;
export const STALE = 1;

/** The columns of a batch of readings. */
export interface Columns {
  key: number[];
  value: (number | string | boolean | null)[];
  time_ms: (number | null)[];
  age_s: (number | null)[];
  state: number[];
}

export interface Reading {
  value: number | null;
  time_ms: number | null;
  state: number;
}

export interface Alarm {
  id: string;
  rule: string;
  message: Both;
  severity: number;
  point: string;
  element: string | null;
  value: number | null;
  state: "raised" | "acknowledged" | "cleared_unseen" | "cleared";
  raised_ms: number;
  acknowledged_by: string | null;
  shelved: boolean;
}

export interface Shelf {
  rule: string;
  point: string;
  until_ms: number;
  by: string;
  reason: string;
}

/** Rows of columns as objects. */
export function rowsOf<T>(columns: Record<string, unknown>): T[] {
  const lists = Object.entries(columns).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]));
  const length = lists[0]?.[1].length ?? 0;
  return Array.from({ length }, (_, index) => Object.fromEntries(lists.map(([name, list]) => [name, list[index]])) as T);
}

/** How long to wait before the next attempt to connect, seconds: 0.5 to 30, spread so that clients part. */
export function backOff(attempt: number, random: number): number {
  return Math.min(30, 0.5 * 2 ** attempt) * (0.75 + 0.5 * random);
}
