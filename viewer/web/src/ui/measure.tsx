/** Distances between two clicked points; corners snap. */

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Vector3 } from "three";
import { view } from "../controller.ts";
import { num, t } from "../i18n.ts";
import type { Hit } from "../scene/rows.ts";
import * as store from "../store.ts";

const SNAP_PX = 14;
const points = signal<Vector3[]>([]);

/** The corner of the hit triangle beside the click, or the point itself. */
export function snapped(hit: Hit): Vector3 {
  const at = view!.toScreen(hit.point);
  if (!at) return hit.point;
  let best = hit.point;
  let nearest = SNAP_PX;
  for (const corner of hit.corners) {
    const place = view!.toScreen(corner);
    const distance = place ? Math.hypot(place[0] - at[0], place[1] - at[1]) : Infinity;
    if (distance < nearest) [best, nearest] = [corner, distance];
  }
  return best;
}

export function addMeasured(point: Vector3): void {
  points.value = points.value.length === 2 ? [point] : [...points.value, point];
}

export function Measured(): JSX.Element | null {
  const svg = useRef<SVGSVGElement>(null);
  const label = useRef<HTMLDivElement>(null);
  const on = store.tool.value === "measure";
  const [a, b] = points.value;
  useEffect(() => {
    if (!on) {
      points.value = [];
      return undefined;
    }
    const place = () => {
      const ends = points.value.map((point) => view!.toScreen(point));
      const [p, q] = [ends[0], ends[1]];
      const line = svg.current?.querySelector("line");
      svg.current?.querySelectorAll("circle").forEach((circle, index) => {
        const at = ends[index];
        circle.setAttribute("visibility", at ? "visible" : "hidden");
        if (at) circle.setAttribute("transform", `translate(${at[0]} ${at[1]})`);
      });
      line?.setAttribute("visibility", p && q ? "visible" : "hidden");
      if (!p || !q || !line || !label.current) return;
      for (const [name, value] of [["x1", p[0]], ["y1", p[1]], ["x2", q[0]], ["y2", q[1]]] as const) line.setAttribute(name, String(value));
      label.current.style.translate = `calc(${(p[0] + q[0]) / 2}px - 50%) calc(${(p[1] + q[1]) / 2}px - 140%)`;
    };
    place();
    view?.frames.drawn.add(place);
    return () => void view?.frames.drawn.delete(place);
  }, [on, points.value]);
  if (!on) return null;
  return (
    <>
      <svg class="overlay" ref={svg} aria-hidden="true">
        <line stroke="var(--pick)" stroke-width="2.5" visibility="hidden" />
        <circle r="5" fill="var(--pick)" stroke="var(--paper)" stroke-width="1.5" visibility="hidden" />
        <circle r="5" fill="var(--pick)" stroke="var(--paper)" stroke-width="1.5" visibility="hidden" />
      </svg>
      <div class="label3d" ref={label} id="measured" role="status" style={a && b ? {} : { left: "50%", top: "12px", translate: "-50% 0" }}>
        {a && b
          ? `${num(a.distanceTo(b), 4)} m (${t("horizontal")} ${num(Math.hypot(a.x - b.x, a.z - b.z), 4)}, ${t("vertical")} ${num(Math.abs(a.y - b.y), 4)})`
          : t("measureHint")}
      </div>
    </>
  );
}
