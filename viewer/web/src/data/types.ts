/** What scene.json, elements.json and the evaluation hold. */

export interface Both {
  en: string;
  zh: string;
}

export interface ArrayPlace {
  type: "f32" | "i32";
  offset: number;
  length: number;
}

export interface CellsPlace {
  centre: ArrayPlace;
  frames: ArrayPlace;
  frame: ArrayPlace;
  row: ArrayPlace;
  values: ArrayPlace;
}

export interface LayerInfo {
  id: string;
  label: Both;
  unit: string;
  group: string;
  row: ArrayPlace;
  values: ArrayPlace;
  limit: ArrayPlace | null;
  low: number;
  high: number;
  rule: Both;
  source: string;
  categories: { label: Both; colour: string }[];
  cells: CellsPlace | null;
  notes: Record<string, Both>;
}

export interface Part {
  storey: number;
  glb: string;
  bytes: number;
  triangles: number;
  low: [number, number, number];
  high: [number, number, number];
}

export interface SceneInfo {
  schema_version: string;
  name: string;
  file: string;
  sha256: string;
  rows: number;
  offset_m: [number, number, number];
  storeys: { global_id: string; name: string; elevation_m: number }[];
  parts: Part[];
  groups: { class: string; name: string; global_id: string; rows: number[] }[];
  site: {
    name: string;
    latitude_deg: number | null;
    longitude_deg: number | null;
    north_deg: number;
    north_stated: boolean;
    address: string;
  };
  layers: LayerInfo[];
  columns: Record<string, Both>;
  uses: Record<string, Both>;
  evaluated: boolean;
  utc_offset_h: number | null;
  place?: { name: string; latitude_deg: number; longitude_deg: number };
  compare?: boolean;
}

export interface Elements {
  classes: string[];
  hidden_classes: string[];
  global_id: string[];
  class: number[];
  name: string[];
  type: string[];
  storey: number[];
  space: number[];
  parent: number[];
  space_row: number[];
  spaces: {
    row: number[];
    use: string[];
    area_m2: (number | null)[];
    height_m: (number | null)[];
    volume_m3: (number | null)[];
    floor_z_m: (number | null)[];
    internal: boolean[];
    grade: string[];
    reason_en: string[];
    reason_zh: string[];
    outline: number[][][];
  };
}

export type Verdict = "met" | "not_met" | "cannot_tell" | "not_applicable";

export interface Need {
  what: string;
  how: string;
  elements: string[];
}

export interface Item {
  id: string;
  title: string;
  verdict: Verdict;
  points: number;
  attainable_points: number;
  max_points: number;
  value: number | string | boolean | null;
  limit: number | string | boolean | null;
  unit: string;
  formula: string;
  provenance: string | null;
  source: string;
  reason: string;
  missing: Need[];
  elements: string[];
}

export interface Clause extends Omit<Item, "source"> {
  kind: "control" | "scoring" | "bonus";
  group: string;
  confidence: string;
  items: Item[];
}

export interface Group {
  id: string;
  title: string;
  points: number;
  attainable_points: number;
  max_points: number;
  minimum: number;
  minimum_met: Verdict;
}

export interface Evaluation {
  standard: { name: string; edition: string };
  score: { guaranteed: number; attainable: number };
  stars: { guaranteed: number; attainable: number };
  control_items_met: Verdict;
  groups: Group[];
  clauses: Clause[];
  metrics: Record<
    string,
    {
      summary: Record<string, { value: number | null; unit: string; label: string; formula: string; source: string }>;
      table: Record<string, (number | string | null)[]>;
      table_units: Record<string, string>;
    }
  >;
}

/** A value, its unit, where it came from, the source, its confidence. */
export type TracedValue = [number | string | boolean | null, string, string, string, string];

export interface Details {
  properties?: [string, string, unknown, string, number, number][];
  construction?: {
    name: string;
    kind: string;
    layers: [string, number | null, TracedValue | null][];
    values: Record<string, TracedValue>;
  };
  surfaces?: [number, number, string, number | null, number | null, number | null, number][];
}
