/** The live points of the selected element: value, state, age, trend. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { span, t, tr, withUnit } from "../i18n.ts";
import * as store from "../store.ts";
import { AlarmLine, byGravity } from "./alarms.tsx";
import { connection, openAlarms, points, readings, shownMoment, version } from "./client.ts";
import { quantityLabel, rowOf } from "./layers.ts";
import { Trend } from "./trend.tsx";
import { FRESH, type Point, STALE } from "./types.ts";

export function PointsOf({ row }: { row: number }): JSX.Element | null {
  const open = useSignal<number | null>(null);
  if (connection.value === "none") return null;
  const globalId = store.twin.value!.elements.global_id[row];
  const own = [...points.value.values()].filter((point) => point.element === globalId || point.room === globalId || rowOf(point) === row);
  const alarms = openAlarms.value.filter((alarm) => alarm.element === globalId || own.some((point) => point.id === alarm.point));
  if (!own.length && !alarms.length) return null;
  return (
    <details class="section" open id="live-points">
      <summary>
        {t("livePoints")} <span class="origin">{own.length}</span>
      </summary>
      {byGravity(alarms).map((alarm) => (
        <AlarmLine key={alarm.id} alarm={alarm} />
      ))}
      {own.map((point) => (
        <div key={point.key} class="point">
          <button type="button" aria-expanded={open.value === point.key} onClick={() => (open.value = open.value === point.key ? null : point.key)}>
            <span>{tr(quantityLabel(point.kind || point.quantity))}</span>
            <Value point={point} />
          </button>
          {open.value === point.key && (
            <>
              <p class="origin">
                {point.name} · {t("boundAs")} {point.id} · {t("trend")}
              </p>
              <Trend point={point} />
            </>
          )}
        </div>
      ))}
    </details>
  );
}

export function Value({ point }: { point: Point }): JSX.Element {
  void version.value; // the readings are no signal themselves
  if (!point.readable) return <span class="origin">{t("withheld")}</span>;
  const reading = readings.get(point.key);
  if (!reading || reading.value === null || (reading.state !== FRESH && reading.state !== STALE))
    return (
      <span class="state unknown" data-state="unknown">
        {t("unknown")}
      </span>
    );
  const age = reading.time_ms === null ? "" : span((shownMoment() - reading.time_ms) / 1000);
  if (reading.state === STALE)
    return (
      <span class="state stale" data-state="stale">
        {t("stale")} · {t("age")} {age}
      </span>
    );
  return (
    <b class="state" data-state="fresh">
      {withUnit(reading.value, point.unit)}
    </b>
  );
}
