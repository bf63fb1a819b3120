/** The canvas with what lies on it: tools, legend, compass, loading, messages. */

import type { CanvasHTMLAttributes, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Vector3 } from "three";
import { buildingBox, cutAt, firstStorey, showPlan, start, view } from "../controller.ts";
import { LoadError } from "../data/load.ts";
import { t } from "../i18n.ts";
import { connect, connection } from "../live/client.ts";
import { PlaybackBanner } from "../live/playback.tsx";
import * as store from "../store.ts";
import { IconButton } from "./icons.tsx";
import { Legend } from "./legend.tsx";
import { addMeasured, Measured, snapped } from "./measure.tsx";
import { RoomLabels } from "./room-labels.tsx";
import { SunCard } from "./sun-card.tsx";
import { CutCard, SectionCard } from "./cuts.tsx";
import { WalkCard, walkTo } from "./walk-card.tsx";

const CLICK_PX = 5; // a pointer that moved further has dragged

export function Picture(): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLElement>(null);
  useEffect(() => {
    const probe = document.createElement("canvas").getContext("webgl2");
    if (!probe) {
      store.failure.value = t("noWebgl");
      return;
    }
    probe.getExtension("WEBGL_lose_context")?.loseContext();
    void start(canvas.current!).catch(waitForScene);
    const resize = () => {
      const box = frame.current!.getBoundingClientRect();
      view?.resize(Math.round(box.width), Math.round(box.height));
    };
    const observer = new ResizeObserver(resize);
    observer.observe(frame.current!);
    const stop = store.twin.subscribe((loaded) => {
      if (!loaded || !view) return;
      resize();
      const shown = view;
      shown.frames.drawn.add(() => {
        const { calls, triangles } = shown.frames.whole;
        Object.assign(canvas.current!.dataset, { drawCalls: calls, triangles });
        if (store.progress.value.done > 0 && !performance.getEntriesByName("first-picture").length)
          performance.mark("first-picture");
        turnCompass();
      });
    });
    return () => {
      observer.disconnect();
      stop();
      view?.dispose();
    };
  }, []);
  return (
    <main class="picture" ref={frame}>
      <canvas id="picture" ref={canvas} tabIndex={0} role="img" aria-label={t("picture")} {...handlers()} />
      {store.twin.value && <Toolbar />}
      {store.plan.value && <RoomLabels />}
      <Measured />
      <div class="cards">
        <WalkCard />
        <CutCard />
        <SectionCard />
        <SunCard />
      </div>
      <PlaybackBanner />
      <Legend />
      {store.twin.value && <Compass />}
      <Curtain />
    </main>
  );
}

const AGAIN_MS = 5000;

/**
 * A server that is still preparing the model, or wants a session, is asked again; a static folder is not.
 * A scene that came but cannot be shown is not asked for again: the page would reload for ever.
 */
function waitForScene(error: unknown): void {
  if (store.twin.value || !(error instanceof LoadError)) return;
  const ask = async () => {
    await connect(); // the scene may be refused sooner than the server is known
    if (connection.value === "none") return;
    if (connection.value === "sign-in") store.panel.value = "live";
    else if ((await fetch("scene/scene.json", { method: "GET" }).catch(() => null))?.ok) location.reload();
    setTimeout(() => void ask(), AGAIN_MS);
  };
  setTimeout(() => void ask(), 500);
}

let down: { x: number; y: number } | null = null;

function handlers(): CanvasHTMLAttributes<HTMLCanvasElement> {
  return {
    onPointerDown: (event) => (down = { x: event.clientX, y: event.clientY }),
    onPointerUp: (event) => {
      const start = down;
      down = null;
      if (!start || event.button !== 0 || Math.hypot(event.clientX - start.x, event.clientY - start.y) > CLICK_PX) return;
      const box = event.currentTarget.getBoundingClientRect();
      const hit = view?.pick(event.clientX - box.left, event.clientY - box.top) ?? null;
      if (store.tool.value === "select") store.selection.value = hit?.row ?? null;
      else if (store.tool.value === "measure" && hit) addMeasured(snapped(hit));
      else if (store.tool.value === "walk" && hit) walkTo(hit.point);
    },
    onKeyDown: (event) => {
      if (turn(event.key)) event.preventDefault();
    },
  };
}

/** Turn and zoom with the keyboard; whether the key was one for it. */
function turn(key: string): boolean {
  if (!view) return false;
  const around = { ArrowLeft: -1, ArrowRight: 1 }[key];
  const upward = { ArrowUp: 1, ArrowDown: -1 }[key];
  const closer = { "+": 0.85, "=": 0.85, "-": 1.18 }[key];
  const offset = view.camera.position.clone().sub(view.controls.target);
  if (around !== undefined) offset.applyAxisAngle(new Vector3(0, 1, 0), around * 0.15);
  else if (upward !== undefined) {
    const side = new Vector3().crossVectors(offset, new Vector3(0, 1, 0)).normalize();
    const tilted = offset.clone().applyAxisAngle(side, upward * 0.12);
    if (Math.abs(tilted.clone().normalize().y) < 0.98) offset.copy(tilted);
  } else if (closer !== undefined) offset.multiplyScalar(closer);
  else if (key === "Escape") store.selection.value = null;
  else return false;
  view.moved = true;
  view.camera.position.copy(view.controls.target).add(offset);
  view.controls.update();
  view.frames.invalidate();
  return true;
}

function toggleTool(tool: store.Tool): void {
  store.tool.value = store.tool.value === tool ? "select" : tool;
}

function Toolbar(): JSX.Element {
  const fit = () => {
    const only = store.isolated.value;
    view?.fit(only ? view.boxOf(only) : buildingBox(store.twin.value!.info));
  };
  return (
    <div class="toolbar" role="toolbar" aria-label={t("tools")} aria-orientation="vertical">
      <IconButton icon="fit" label={t("fit")} onClick={fit} />
      <IconButton icon="all" label={t("showAll")} onClick={store.showAll} />
      <IconButton icon="xray" id="xray" label={t("xray")} pressed={store.xray.value} onClick={() => (store.xray.value = !store.xray.value)} />
      <hr />
      <IconButton icon="cut" id="cut" label={t("storeyCut")} pressed={store.storeyCut.value !== null} onClick={() => cutAt(store.storeyCut.value === null ? firstStorey() : null)} />
      <IconButton icon="plan" id="plan" label={t("plan")} pressed={store.plan.value} onClick={() => showPlan(!store.plan.value)} />
      <IconButton
        icon="section"
        id="section"
        label={t("section")}
        pressed={store.sectionBox.value !== null}
        onClick={() => (store.sectionBox.value = store.sectionBox.value ? null : [0, 1, 0, 1, 0, 1])}
      />
      <IconButton icon="measure" id="measure" label={t("measure")} pressed={store.tool.value === "measure"} onClick={() => toggleTool("measure")} />
      <IconButton icon="walk" id="walk" label={t("walk")} pressed={store.tool.value === "walk"} onClick={() => toggleTool("walk")} />
      <IconButton icon="sun" id="sun" label={t("sun")} pressed={store.sunTime.value !== null} onClick={() => (store.sunTime.value = store.sunTime.value ? null : { day: "03-21", hour: 10 })} />
    </div>
  );
}

function Compass(): JSX.Element {
  const info = store.twin.value!.info;
  const title = info.site.north_stated ? t("trueNorth") : t("northAssumed");
  return (
    <button type="button" class="compass" title={title} aria-label={title} onClick={lookNorth}>
      <svg viewBox="-21 -21 42 42" aria-hidden="true">
        <g id="needle">
          <path d="M0 -15L5 1H-5Z" fill="var(--bad)" />
          <path d="M0 15L5 1H-5Z" fill="var(--ink-3)" />
          <text y="-15.500" text-anchor="middle" font-size="7" fill="var(--ink)">
            N
          </text>
        </g>
      </svg>
    </button>
  );
}

/** Azimuth that the camera looks to, clockwise from true north, degrees. */
function heading(): number {
  const look = new Vector3();
  view!.camera.getWorldDirection(look);
  if (Math.hypot(look.x, look.z) < 1e-3) look.set(0, 0, -1);
  return (Math.atan2(look.x, -look.z) * 180) / Math.PI + store.twin.value!.info.site.north_deg;
}

function turnCompass(): void {
  document.getElementById("needle")?.setAttribute("transform", `rotate(${-heading()})`);
}

function lookNorth(): void {
  if (!view) return;
  const offset = view.camera.position.clone().sub(view.controls.target);
  offset.applyAxisAngle(new Vector3(0, 1, 0), (heading() * Math.PI) / 180);
  view.camera.position.copy(view.controls.target).add(offset);
  view.controls.update();
  view.frames.invalidate();
}

function Curtain(): JSX.Element | null {
  const { done, all } = store.progress.value;
  if (store.failure.value)
    return (
      <div class="curtain" role="alert">
        <h2>{connection.value === "none" ? t("cannotLoad") : connection.value === "sign-in" ? t("signIn") : t("notReady")}</h2>
        {connection.value !== "sign-in" && <p class="note">{store.failure.value}</p>}
        <button type="button" class="button" onClick={() => location.reload()}>
          {t("retry")}
        </button>
      </div>
    );
  if (!store.twin.value)
    return (
      <div class="curtain" role="status">
        <p>{t("loading")}</p>
        <progress />
      </div>
    );
  if (done < all)
    return (
      <div class="card loading" role="status">
        {t("loadingOf")} {done}/{all} <progress value={done} max={all} style="width: 90px" />
      </div>
    );
  return null;
}
