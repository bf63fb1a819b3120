/** The connection to the server: who I am, points, values as they come, alarms. */

import { computed, signal } from "@preact/signals";
import { type Alarm, backOff, type Columns, FRESH, type Me, type Point, type Reading, rowsOf, type Shelf, STALE, type TwinAnswer } from "./types.ts";

export type Connection = "none" | "sign-in" | "connecting" | "online" | "lost";

export const connection = signal<Connection>("none");
export const me = signal<Me | null>(null);
export const server = signal<TwinAnswer | null>(null);
export const points = signal<ReadonlyMap<number, Point>>(new Map());
export const alarms = signal<Alarm[]>([]);
export const shelves = signal<Shelf[]>([]);
/** Grows with every batch that was taken in; ``readings`` is read after it. */
export const version = signal(0);
export const readings = new Map<number, Reading>();
/** The moment that is shown instead of now; null: live. */
export const playback = signal<number | null>(null);
/** Points that the stream has told of since now was asked for: what the answer says of them is older. */
const streamed = new Set<number>();
export const openAlarms = computed(() => alarms.value.filter((one) => one.state !== "cleared"));

const NOTHING: Columns = { key: [], value: [], time_ms: [], age_s: [], state: [] };
const SILENCE_MS = 30_000;
let socket: WebSocket | null = null;
let attempt = 0;
let silence = 0;
let clock = 0; // the server's clock less ours, ms

export function serverNow(): number {
  return Date.now() + clock;
}

/** The moment that the values belong to. */
export function shownMoment(): number {
  return playback.value ?? serverNow();
}

export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A request below /api/v1; a token that ran out is renewed once. */
export async function api<T>(path: string, method = "GET", body?: unknown, renew = true): Promise<T> {
  const response = await fetch(new URL(`api/v1${path}`, document.baseURI), {
    method,
    credentials: "same-origin",
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
  });
  if (response.status === 401 && renew && path !== "/session") {
    if (await api("/session/refresh", "POST", undefined, false).then(() => true, () => false)) return api(path, method, body, false);
    connection.value = "sign-in";
  }
  if (!response.ok) throw new ApiError(response.status, `${path}: ${response.status}`);
  return (response.status === 204 ? null : await response.json()) as T;
}

let connected: Promise<void> | null = null;

/** Ask, once, whether there is a server behind the page, and connect to it: until then nobody knows. */
export function connect(): Promise<void> {
  connected ??= reach();
  return connected;
}

async function reach(): Promise<void> {
  if (document.querySelector('meta[name="greentwin"][content="static"]')) return;
  try {
    server.value = await api<TwinAnswer>("/twin", "GET", undefined, false);
    if (typeof server.value?.name !== "string") return;
  } catch {
    return; // a static export
  }
  try {
    me.value = await api<Me>("/me");
    await openStream();
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) reconnect();
  }
}

export async function signIn(name: string, password: string): Promise<void> {
  await api("/session", "POST", { name, password });
  location.reload(); // the scene needs the session, too
}

export async function signOut(): Promise<void> {
  await api("/session", "DELETE").catch(() => null);
  location.reload();
}

async function openStream(): Promise<void> {
  if (connection.value !== "lost") connection.value = "connecting";
  await loadPoints();
  await loadShelves();
  const address = new URL("api/v1/live", document.baseURI);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const opened = new WebSocket(address);
  socket = opened;
  awaitSilence(); // also of a server that never answers
  opened.onmessage = (event) => {
    awaitSilence();
    take(JSON.parse(event.data as string) as Message);
  };
  opened.onclose = (event) => {
    if (socket !== opened) return;
    clearTimeout(silence);
    if (event.code === 4401) void api<Me>("/me").then(reconnect, reconnect);
    else reconnect();
  };
}

/** The points and their places, which are known once the model has been read. */
export async function loadPoints(): Promise<void> {
  const found = rowsOf<Point>(await api<Record<string, unknown>>("/points"));
  points.value = new Map(found.map((point) => [point.key, point]));
}

function awaitSilence(): void {
  clearTimeout(silence);
  silence = window.setTimeout(() => socket?.close(), SILENCE_MS);
}

function reconnect(): void {
  if (connection.value === "sign-in") return;
  connection.value = "lost";
  // What was fresh is so no longer: nobody tells us.
  if (playback.value === null) for (const reading of readings.values()) if (reading.state === FRESH) reading.state = STALE;
  version.value += 1;
  setTimeout(() => void openStream().catch(reconnect), 1000 * backOff(attempt++, Math.random()));
}

type Message =
  | { type: "hello"; epoch: string; now_ms: number }
  | ({ type: "readings"; full: boolean; now_ms: number } & Columns)
  | { type: "alarm"; alarm: Alarm }
  | { type: "alarms"; alarms: Alarm[] }
  | { type: "subscribed" | "heartbeat" | "error" };

function take(message: Message): void {
  if (message.type === "hello") {
    attempt = 0;
    connection.value = "online";
    clock = message.now_ms - Date.now();
    socket!.send(JSON.stringify({ type: "subscribe", id: "page" }));
    const known = server.value;
    if (known?.epoch && known.epoch !== message.epoch) {
      server.value = { ...known, epoch: message.epoch };
      readings.clear();
      streamed.clear();
      void loadPoints();
    }
  } else if (message.type === "readings") {
    clock = message.now_ms - Date.now();
    if (playback.value !== null) return;
    store(message);
    for (const key of message.key) streamed.add(key);
  } else if (message.type === "alarms") alarms.value = message.alarms;
  else if (message.type === "alarm") {
    const others = alarms.value.filter((one) => one.id !== message.alarm.id);
    alarms.value = message.alarm.state === "cleared" ? others : [message.alarm, ...others];
  }
}

function store({ key, value, time_ms, state }: Columns, known?: ReadonlySet<number>): void {
  key.forEach((one, index) => {
    if (known?.has(one)) return;
    const given = value[index];
    const number = typeof given === "number" ? given : typeof given === "boolean" ? Number(given) : null;
    readings.set(one, { value: number, time_ms: time_ms[index] ?? null, state: state[index]! });
  });
  version.value += 1;
}

/** Show the values of a past moment; null: those of now. Those that the server does not give are unknown. */
export async function showMoment(time_ms: number | null): Promise<void> {
  playback.value = time_ms;
  streamed.clear();
  const path = time_ms === null ? "/latest" : `/snapshot?at=${Math.round(time_ms)}`;
  const found = await api<Columns>(path).catch(() => NOTHING);
  if (playback.value !== time_ms) return;
  for (const key of [...readings.keys()]) if (!streamed.has(key)) readings.delete(key);
  store(found, streamed);
}

export async function acknowledge(alarm: Alarm): Promise<void> {
  const changed = await api<Alarm>(`/alarms/${encodeURIComponent(alarm.id)}/acknowledge`, "POST", { note: "" });
  alarms.value = alarms.value.map((one) => (one.id === changed.id ? changed : one));
}

/** Alarms that were raised between two moments, newest first. */
export async function alarmsBetween(begin: number, end: number): Promise<Alarm[]> {
  return (await api<{ alarms: Alarm[] }>(`/alarms/history?begin=${Math.round(begin)}&end=${Math.round(end)}`)).alarms;
}

async function loadShelves(): Promise<void> {
  if (me.value?.rights.includes("shelve")) shelves.value = (await api<{ shelves: Shelf[] }>("/shelves")).shelves;
}

/** Keep an alarm's rule quiet on its point for some minutes. */
export async function shelve(alarm: Alarm, minutes: number, reason: string): Promise<void> {
  await api("/shelves", "POST", { rule: alarm.rule, point: alarm.point, minutes, reason });
  await loadShelves();
}

export async function unshelve({ rule, point }: Shelf): Promise<void> {
  await api(`/shelves?rule=${encodeURIComponent(rule)}&point=${encodeURIComponent(point)}`, "DELETE");
  await loadShelves();
}
