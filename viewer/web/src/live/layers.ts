/** Live quantities as layers: rooms and elements coloured by the values of their points. */

import { effect, untracked } from "@preact/signals";
import { applyStates, cutAt, firstStorey } from "../controller.ts";
import * as store from "../store.ts";
import { points, readings, version } from "./client.ts";
import { FRESH, type Point } from "./types.ts";

const REDRAW_MS = 250; // values come ten times a second, a picture need not

/** Ends of the scale of well-known kinds, so that colours mean the same every day. */
const SCALES: Record<string, [number, number]> = {
  temperature: [16, 32],
  humidity: [20, 90],
  co2: [400, 1600],
  pm2_5: [0, 100],
  pm10: [0, 200],
  illuminance: [0, 1000],
  occupancy: [0, 1],
};

export interface LiveQuantity {
  id: string;
  unit: string;
  count: number;
}

/** A quantity's kind is its name where it has none. */
function kindOf(point: Point): string {
  return point.kind || point.quantity;
}

/** What there is to colour by: quantities of points that lie in the model. */
export function liveQuantities(): LiveQuantity[] {
  const found = new Map<string, LiveQuantity>();
  for (const point of points.value.values()) {
    if (!point.readable || point.counter || rowOf(point) === null) continue;
    const known = found.get(kindOf(point));
    if (known) known.count += 1;
    else found.set(kindOf(point), { id: kindOf(point), unit: point.unit, count: 1 });
  }
  return [...found.values()];
}

/** The scene row that a point colours: its room, else its element. */
export function rowOf(point: Point): number | null {
  const loaded = store.twin.value;
  if (!loaded) return null;
  if (point.room) return loaded.rowOf.get(point.room) ?? null;
  const element = point.element ? loaded.rowOf.get(point.element) : undefined;
  if (element === undefined) return null;
  const space = loaded.elements.space[element]!;
  return space >= 0 ? loaded.elements.space_row[space]! : element;
}

export function showQuantity(quantity: LiveQuantity | null): void {
  store.highlight.value = null;
  store.layer.value = quantity && liveLayer(quantity);
  if (quantity && store.storeyCut.value === null) cutAt(firstStorey());
}

function liveLayer(quantity: LiveQuantity): store.LoadedLayer {
  const own = [...points.value.values()].filter((point) => kindOf(point) === quantity.id && point.readable && !point.counter);
  const [low, high] = SCALES[quantity.id] ?? spread(own);
  const nowhere = { type: "f32" as const, offset: 0, length: 0 };
  return {
    info: {
      id: `live.${quantity.id}`, label: quantityLabel(quantity.id), unit: quantity.unit, group: "live", row: nowhere, values: nowhere,
      limit: null, low, high, categories: [], cells: null, notes: {}, source: "",
      rule: { en: "Mean of the fresh points of the room or element.", zh: "该房间或构件内正常测点的平均值。" },
    },
    value: liveValues(own),
    limit: new Map(),
  };
}

function spread(own: Point[]): [number, number] {
  const values = own.map((point) => readings.get(point.key)?.value).filter((value) => typeof value === "number");
  const [low, high] = [Math.min(0, ...values), Math.max(1e-3, ...values)];
  return [low, high];
}

/** Row -> mean of its fresh points; NaN where all are stale or unknown. */
function liveValues(own: Point[]): Map<number, number> {
  const sums = new Map<number, [number, number]>();
  for (const point of own) {
    const row = rowOf(point);
    if (row === null) continue;
    const sum = sums.get(row) ?? [0, 0];
    const reading = readings.get(point.key);
    if (reading?.state === FRESH && reading.value !== null) {
      sum[0] += reading.value;
      sum[1] += 1;
    }
    sums.set(row, sum);
  }
  return new Map([...sums].map(([row, [sum, count]]) => [row, count ? sum / count : Number.NaN]));
}

const LABELS: Record<string, { en: string; zh: string }> = {
  temperature: { en: "Temperature", zh: "温度" },
  humidity: { en: "Humidity", zh: "相对湿度" },
  co2: { en: "CO₂", zh: "二氧化碳" },
  pm2_5: { en: "PM2.5", zh: "PM2.5" },
  pm10: { en: "PM10", zh: "PM10" },
  electricity: { en: "Electricity", zh: "用电量" },
  power: { en: "Power", zh: "功率" },
  water: { en: "Water", zh: "用水量" },
  gas: { en: "Gas", zh: "燃气" },
  occupancy: { en: "Occupancy", zh: "人员在室" },
  illuminance: { en: "Illuminance", zh: "照度" },
  water_level: { en: "Water level", zh: "液位" },
};

export function quantityLabel(id: string): { en: string; zh: string } {
  return LABELS[id] ?? { en: id, zh: id };
}

let waiting = 0;

/** Keep the picture in step with the values while a live layer is shown. */
export function followReadings(): void {
  effect(() => {
    void version.value;
    untracked(() => {
      if (waiting || !store.layer.value?.info.id.startsWith("live.")) return;
      waiting = window.setTimeout(() => {
        waiting = 0;
        const shown = store.layer.value;
        if (!shown?.info.id.startsWith("live.")) return;
        const id = shown.info.id.slice("live.".length);
        const own = [...points.value.values()].filter((point) => kindOf(point) === id && point.readable && !point.counter);
        store.layer.value = { ...shown, value: liveValues(own) };
        applyStates();
      }, REDRAW_MS);
    });
  });
}
