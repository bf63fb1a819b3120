/** Sun and shadow by date and hour, with where the building stands. */

import type { JSX } from "preact";
import { placeOf, sunNow } from "../controller.ts";
import { num, t, tr } from "../i18n.ts";
import * as store from "../store.ts";
import { Card } from "./cuts.tsx";

const DAYS = [
  { day: "01-20", label: { en: "Great Cold", zh: "大寒" } },
  { day: "03-21", label: { en: "Equinox", zh: "春分" } },
  { day: "06-21", label: { en: "June solstice", zh: "夏至" } },
  { day: "12-22", label: { en: "Dec. solstice", zh: "冬至" } },
];

export function SunCard(): JSX.Element | null {
  const time = store.sunTime.value;
  const info = store.twin.value?.info;
  if (!time || !info) return null;
  const place = placeOf(info);
  const sun = sunNow();
  const year = new Date().getFullYear();
  const clock = `${String(Math.floor(time.hour)).padStart(2, "0")}:${String(Math.round((time.hour % 1) * 60)).padStart(2, "0")}`;
  return (
    <Card title={t("sun")} id="sun-card" onClose={() => (store.sunTime.value = null)}>
      {!place ? (
        <p class="note">{t("noLocation")}</p>
      ) : (
        <>
          <div class="pair" style="margin-bottom: 8px">
            {DAYS.map(({ day, label }) => (
              <button
                type="button"
                class="button small"
                key={day}
                aria-pressed={time.day === day}
                onClick={() => (store.sunTime.value = { ...time, day })}
              >
                {tr(label)}
              </button>
            ))}
          </div>
          <label class="field">
            <span>{t("date")}</span>
            <input
              type="date"
              value={`${year}-${time.day}`}
              onChange={(event) => {
                const day = event.currentTarget.value.slice(5);
                if (day) store.sunTime.value = { ...time, day };
              }}
            />
          </label>
          <label class="field">
            <span>
              {t("hour")}: {clock} (UTC{place.utcOffset >= 0 ? "+" : ""}
              {num(place.utcOffset)})
            </span>
            <input
              type="range"
              min="0"
              max="23.75"
              step="0.25"
              value={time.hour}
              onInput={(event) => (store.sunTime.value = { ...time, hour: Number(event.currentTarget.value) })}
            />
          </label>
          <p class="note" role="status">
            {sun && sun.altitude_deg > 0
              ? `${t("altitude")} ${num(sun.altitude_deg)}° · ${t("azimuth")} ${num(sun.azimuth_deg)}°`
              : t("belowHorizon")}
            <br />
            {t("location")}: {place.name} {num(place.latitude, 5)}°, {num(place.longitude, 5)}°
            {!info.site.north_stated && (
              <>
                <br />
                {t("northAssumed")}
              </>
            )}
          </p>
        </>
      )}
    </Card>
  );
}
