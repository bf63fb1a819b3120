/** Any past hour: choose a day, scrub through it, play it; the alarms that were raised in it. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { language, t, tr } from "../i18n.ts";
import { alarmsBetween, playback, serverNow, showMoment } from "./client.ts";
import type { Alarm } from "./types.ts";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
const SPEEDS = [1, 6, 60]; // minutes in a second

export function Playback(): JSX.Element {
  const playing = useSignal(false);
  const speed = useSignal(SPEEDS[1]!);
  const at = playback.value;
  const day = dayOf(at ?? serverNow());
  const begin = midnight(day);
  useEffect(() => {
    if (!playing.value) return undefined;
    const timer = setInterval(() => {
      const next = (playback.value ?? midnight(dayOf(serverNow()))) + speed.value * MINUTE_MS;
      if (next >= serverNow()) {
        playing.value = false;
        void showMoment(null);
      } else void showMoment(next);
    }, 1000);
    return () => clearInterval(timer);
  }, [playing.value]);
  return (
    <section aria-label={t("playing")} id="playback">
      <h3 class="heading">{t("playing")}</h3>
      <label class="field">
        <span>{t("day")}</span>
        <input
          type="date"
          value={day}
          max={dayOf(serverNow())}
          onChange={(event) => {
            const chosen = midnight(event.currentTarget.value) + ((at ?? serverNow()) - begin);
            if (Number.isFinite(chosen)) void showMoment(Math.min(chosen, serverNow()));
          }}
        />
      </label>
      <label class="field">
        <span id="moment">{at === null ? t("online") : new Date(at).toLocaleString(language.value)}</span>
        <input
          type="range"
          min="0"
          max={DAY_MINUTES}
          step="1"
          value={Math.round(((at ?? serverNow()) - begin) / MINUTE_MS)}
          onChange={(event) => {
            const chosen = begin + Number(event.currentTarget.value) * MINUTE_MS;
            void showMoment(chosen >= serverNow() ? null : chosen);
          }}
        />
      </label>
      <p class="pair-buttons">
        <button type="button" class="button small" aria-pressed={playing.value} onClick={() => (playing.value = !playing.value)}>
          {playing.value ? t("pause") : t("play")}
        </button>
        <select aria-label={t("speed")} value={speed.value} onChange={(event) => (speed.value = Number(event.currentTarget.value))}>
          {SPEEDS.map((minutes) => (
            <option key={minutes} value={minutes}>
              {minutes} min/s
            </option>
          ))}
        </select>
        {at !== null && (
          <button
            type="button"
            class="button small"
            onClick={() => {
              playing.value = false;
              void showMoment(null);
            }}
          >
            {t("backToLive")}
          </button>
        )}
      </p>
      {at !== null && <AlarmsOfDay key={day} begin={begin} />}
    </section>
  );
}

/** A click shows the moment at which an alarm was raised. */
function AlarmsOfDay({ begin }: { begin: number }): JSX.Element | null {
  const found = useSignal<Alarm[]>([]);
  useEffect(() => {
    const end = Math.min(begin + DAY_MINUTES * MINUTE_MS, serverNow());
    void alarmsBetween(begin, end).then((alarms) => (found.value = alarms), () => undefined);
  }, [begin]);
  if (!found.value.length) return null;
  return (
    <ul class="moments" aria-label={t("alarmsOfDay")}>
      {found.value.map((alarm) => (
        <li key={alarm.id}>
          <button type="button" class="link" data-past-alarm={alarm.id} onClick={() => void showMoment(alarm.raised_ms)}>
            {new Date(alarm.raised_ms).toLocaleTimeString(language.value)} {tr(alarm.message)}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The day of a moment where the page is read, YYYY-MM-DD. */
export function dayOf(time_ms: number): string {
  const date = new Date(time_ms);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function midnight(day: string): number {
  return new Date(`${day}T00:00`).getTime();
}
