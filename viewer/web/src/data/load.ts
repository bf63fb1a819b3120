/** Fetches the scene folder; its address may be given as ?scene=. */

import type { ArrayPlace, Details, Elements, Evaluation, SceneInfo } from "./types.ts";

const PAUSE_MS = 250;
const NOT_READY = 503;

export class LoadError extends Error {
  readonly status: number;

  constructor(address: string, status: number) {
    super(`${address}: ${status || "no answer"}`);
    this.status = status;
  }
}

/** Only folders below the page's own address are followed. */
export function sceneAddress(search: string, base: string): string {
  const asked = new URLSearchParams(search).get("scene") ?? "scene";
  const address = new URL(`${asked.replace(/\/+$/, "")}/`, base);
  return address.href.startsWith(new URL(".", base).href) ? address.href : new URL("scene/", base).href;
}

async function get(address: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, { credentials: "same-origin" });
  } catch {
    throw new LoadError(address, 0);
  }
  if (!response.ok) throw new LoadError(address, response.status);
  return response;
}

async function json<T>(address: string): Promise<T> {
  return (await (await get(address)).json()) as T;
}

export class SceneFolder {
  private values: Promise<ArrayBuffer> | null = null;
  private readonly detailsOf = new Map<number, Promise<Record<string, Details>>>();
  private readonly evaluations = new Map<string, Promise<Evaluation | null>>();

  readonly address: string;

  constructor(address: string) {
    this.address = address;
  }

  /** What the scene is; a server that still reads the model is asked again. */
  async info(): Promise<SceneInfo> {
    for (;;) {
      try {
        return await json<SceneInfo>(`${this.address}scene.json`);
      } catch (error) {
        if (!(error instanceof LoadError && error.status === NOT_READY)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  elements(): Promise<Elements> {
    return json(`${this.address}elements.json`);
  }

  async glb(name: string): Promise<ArrayBuffer> {
    return (await get(`${this.address}${name}`)).arrayBuffer();
  }

  async array(place: ArrayPlace): Promise<Float32Array | Int32Array> {
    this.values ??= get(`${this.address}values.bin`).then((response) => response.arrayBuffer());
    const buffer = await this.values;
    return place.type === "i32"
      ? new Int32Array(buffer, place.offset, place.length)
      : new Float32Array(buffer, place.offset, place.length);
  }

  async details(storey: number, globalId: string): Promise<Details | null> {
    let found = this.detailsOf.get(storey);
    if (!found) {
      found = json<Record<string, Details>>(`${this.address}details/${storey}.json`).catch(() => ({}));
      this.detailsOf.set(storey, found);
    }
    return (await found)[globalId] ?? null;
  }

  evaluation(language: string): Promise<Evaluation | null> {
    let found = this.evaluations.get(language);
    if (!found) {
      found = json<Evaluation>(`${this.address}evaluation.${language}.json`).catch(() => null);
      this.evaluations.set(language, found);
    }
    return found;
  }

  comparison<T>(): Promise<T | null> {
    return json<T>(`${this.address}compare.json`).catch(() => null);
  }
}
