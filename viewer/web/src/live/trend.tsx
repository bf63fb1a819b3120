/** The last day of a point as a chart; in playback, the day before that moment. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { language, num } from "../i18n.ts";
import * as store from "../store.ts";
import { api, playback, shownMoment } from "./client.ts";
import type { Point } from "./types.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export function Trend({ point }: { point: Point }): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const theme = store.theme.value;
  const hour = playback.value === null ? null : Math.floor(playback.value / HOUR_MS); // not every step is drawn anew
  useEffect(() => {
    let chart: uPlot | null = null;
    let gone = false;
    const style = getComputedStyle(document.documentElement);
    const ink = style.getPropertyValue("--ink-2").trim();
    const line = style.getPropertyValue("--line").trim();
    const accent = style.getPropertyValue("--accent").trim();
    const end = shownMoment();
    const query = `point=${encodeURIComponent(point.id)}&begin=${Math.round(end - DAY_MS)}&end=${Math.round(end)}&count=400`;
    void api<{ time_ms: number[]; value: (number | null)[] }>(`/history?${query}`)
      .then((found) => {
        if (gone || !frame.current) return;
        const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: "11px sans-serif" };
        chart = new uPlot(
          {
            width: frame.current.clientWidth,
            height: 130,
            legend: { show: false },
            cursor: { y: false },
            scales: { x: { time: true } },
            axes: [
              { ...axis, space: 60, values: (_, ticks) => ticks.map((tick) => new Date(tick * 1000).toLocaleTimeString(language.value, { hour: "2-digit", minute: "2-digit" })) },
              { ...axis, size: 46, values: (_, ticks) => ticks.map((tick) => num(tick)) },
            ],
            series: [{}, { stroke: accent, width: 1.6, points: { show: false }, spanGaps: false }],
          },
          [found.time_ms.map((time) => time / 1000), found.value],
          frame.current,
        );
      })
      .catch(() => undefined);
    return () => {
      gone = true;
      chart?.destroy();
    };
  }, [point.id, theme, hour]);
  return <div ref={frame} class="trend" style="min-height: 130px" role="img" aria-label={point.name} />;
}
