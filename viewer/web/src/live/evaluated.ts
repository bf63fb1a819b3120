/** The page opens on the model alone; what its evaluation finds is taken in once the server has it. */

import { effect } from "@preact/signals";
import { refresh } from "../controller.ts";
import * as store from "../store.ts";
import { api, connection, loadPoints, server } from "./client.ts";
import type { TwinAnswer } from "./types.ts";

const PAUSE_MS = 2000;

/** Ask how far the evaluation is for as long as it runs. */
export function followEvaluation(): void {
  effect(() => {
    if (store.twin.value && connection.value === "online") void loadPoints().catch(() => null);
  });
  effect(() => {
    const awaited = store.twin.value?.info.evaluated === false && server.value?.evaluation === "running";
    if (!awaited || connection.value !== "online") return undefined;
    const timer = setInterval(() => void ask(), PAUSE_MS);
    return () => clearInterval(timer);
  });
}

async function ask(): Promise<void> {
  const answer = await api<TwinAnswer>("/twin").catch(() => null);
  if (!answer || answer.evaluation === "running") return;
  if (answer.evaluation === "ready") await refresh();
  server.value = answer;
}
