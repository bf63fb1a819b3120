/** BCF topics: save what is seen, open those of a file. */

import { signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Plane, Vector3 } from "three";
import { view } from "../controller.ts";
import { LARGEST_BYTES, readTopics, type Topic, type Viewpoint, writeTopic } from "../data/bcf.ts";
import { t } from "../i18n.ts";
import * as store from "../store.ts";

type Triple = [number, number, number];
const opened = signal<Topic[]>([]);

/** Scene axes (y up, about the model's offset) to the world's (z up), and back. */
const toWorld = ({ x, y, z }: Vector3): Triple => {
  const [dx, dy, dz] = store.twin.value!.info.offset_m;
  return [x + dx, -z + dy, y + dz];
};
const fromWorld = ([x, y, z]: Triple): Vector3 => {
  const [dx, dy, dz] = store.twin.value!.info.offset_m;
  return new Vector3(x - dx, z - dz, -(y - dy));
};
const directionToWorld = ({ x, y, z }: Vector3): Triple => [x, -z, y];
const directionFromWorld = ([x, y, z]: Triple): Vector3 => new Vector3(x, z, -y);

function viewpoint(): Viewpoint {
  const shown = view!;
  const { elements } = store.twin.value!;
  const ids = (rows: Iterable<number>) => [...rows].map((row) => elements.global_id[row]!).filter(Boolean);
  const look = shown.camera.getWorldDirection(new Vector3());
  const up = new Vector3(0, 1, 0).applyQuaternion(shown.camera.quaternion);
  const flat = shown.camera === shown.orthographic;
  const subject = store.highlight.value ? [...store.highlight.value.rows] : [];
  return {
    eye: toWorld(shown.camera.position),
    direction: directionToWorld(look),
    up: directionToWorld(up),
    ...(flat
      ? { height: (shown.orthographic.top - shown.orthographic.bottom) / shown.orthographic.zoom }
      : { angle: shown.perspective.fov }),
    selected: ids(store.selection.value === null ? subject : [store.selection.value]),
    hidden: ids(store.hidden.value),
    ...(store.isolated.value ? { only: ids(store.isolated.value) } : {}),
    planes: shown.planes.map((plane) => ({
      at: toWorld(plane.coplanarPoint(new Vector3())),
      away: directionToWorld(plane.normal.clone().negate()),
    })),
  };
}

function show(seen: Viewpoint): void {
  const shown = view!;
  const { rowOf } = store.twin.value!;
  const rows = (ids: string[]) => new Set(ids.map((id) => rowOf.get(id)).filter((row) => row !== undefined));
  store.plan.value = false;
  store.storeyCut.value = null;
  store.sectionBox.value = null;
  store.hidden.value = rows(seen.hidden);
  store.isolated.value = seen.only ? rows(seen.only) : null;
  store.selection.value = [...rows(seen.selected)][0] ?? null;
  shown.setPlanes(
    seen.planes.map(({ at, away }) => new Plane().setFromNormalAndCoplanarPoint(directionFromWorld(away).negate(), fromWorld(at))),
  );
  const up = directionFromWorld(seen.up);
  const look = directionFromWorld(seen.direction).normalize();
  const level = new Vector3(0, 1, 0);
  // A file may leave the up vector out, or point it along the view.
  const usable = Number.isFinite(up.lengthSq()) && up.clone().cross(look).lengthSq() > 1e-6;
  shown.lookFrom(fromWorld(seen.eye), look, usable ? up.normalize() : level, seen);
}

/** A random UUID (RFC 9562, version 4); crypto.randomUUID exists on HTTPS and localhost only. */
function newGuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

async function save(title: string, text: string): Promise<void> {
  const picture = await view!.frames.snapshot();
  const bytes = new Uint8Array((await picture?.arrayBuffer()) ?? new ArrayBuffer(0));
  const topic = { guid: newGuid(), title, text, date: new Date().toISOString(), viewpoint: null };
  const file = writeTopic(topic, viewpoint(), bytes, "greentwin");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([file.slice().buffer], { type: "application/octet-stream" }));
  link.download = `${title.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60) || "topic"}.bcf`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const parse = (xml: string) => new DOMParser().parseFromString(xml, "application/xml");

/** Show the topics of a file in place of those of the last one. */
async function open(file: File): Promise<void> {
  if (file.size > LARGEST_BYTES) throw new Error("the file is too large");
  const topics = readTopics(new Uint8Array(await file.arrayBuffer()), parse);
  for (const { snapshot } of opened.value) if (snapshot) URL.revokeObjectURL(snapshot);
  opened.value = topics;
}

export function TopicsPanel(): JSX.Element {
  const problem = useSignal(false);
  return (
    <div class="scroll">
      <p class="note">{t("topicHint")}</p>
      <form
        id="topic-form"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          void save(String(form.get("title")), String(form.get("text")));
        }}
      >
        <label class="field">
          <span>{t("topicTitle")}</span>
          <input name="title" required maxLength={200} />
        </label>
        <label class="field">
          <span>{t("topicText")}</span>
          <input name="text" maxLength={2000} />
        </label>
        <button type="submit" class="button primary">
          {t("saveTopic")}
        </button>
      </form>
      <label class="field" style="margin-top: 24px">
        <span>{t("openTopics")}</span>
        <input
          type="file"
          accept=".bcf,.bcfzip,.zip"
          style="padding: 6px"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            problem.value = false;
            if (file) void open(file).catch(() => (problem.value = true));
          }}
        />
      </label>
      {problem.value && (
        <p class="note" role="alert">
          {t("badBcf")}
        </p>
      )}
      <ul id="topics">
        {opened.value.map((topic) => (
          <li key={topic.guid} class="clause">
            <button type="button" style="display: block" disabled={!topic.viewpoint} onClick={() => topic.viewpoint && show(topic.viewpoint)}>
              {topic.snapshot && <img src={topic.snapshot} alt="" style="max-width: 100%; border-radius: 6px" />}
              <b>{topic.title}</b>
              <br />
              {topic.text}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
