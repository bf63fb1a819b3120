/** Any past hour: choose it, scrub through its day, play it; the alarms that were raised that day. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { language, t, tr } from "../i18n.ts";
import { alarmsBetween, playback, serverNow, showMoment } from "./client.ts";
import type { Alarm } from "./types.ts";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
const STEP_MINUTES = 5;
const SPEEDS = [5, 15, 60]; // minutes in a second

export function Playback(): JSX.Element {
  const playing = useSignal(false);
  const speed = useSignal(SPEEDS[1]!);
  const at = playback.value;
  const day = dayOf(at ?? serverNow());
  const begin = midnight(day);
  useEffect(() => {
    if (!playing.value) return undefined;
    let shown = playback.value;
    let asking = false;
    const timer = setInterval(() => {
      if (asking) return; // a moment is left when its values are there, however slow the server is
      if (shown !== null && playback.value === null) {
        playing.value = false; // back to live
        return;
      }
      const next = (playback.value ?? midnight(dayOf(serverNow()))) + speed.value * MINUTE_MS;
      if (next >= serverNow()) {
        playing.value = false;
        void showMoment(null);
        return;
      }
      shown = next;
      asking = true;
      void showMoment(next).finally(() => (asking = false));
    }, 1000);
    return () => clearInterval(timer);
  }, [playing.value]);
  return (
    <section aria-label={t("playing")} id="playback">
      <h3 class="heading">{t("playing")}</h3>
      <label class="field">
        <span>{t("moment")}</span>
        <input
          type="datetime-local"
          value={`${day}T${new Date(at ?? serverNow()).toTimeString().slice(0, 5)}`}
          max={`${dayOf(serverNow())}T23:59`}
          onChange={(event) => {
            const chosen = new Date(event.currentTarget.value).getTime();
            if (Number.isFinite(chosen)) void showMoment(chosen >= serverNow() ? null : chosen);
          }}
        />
      </label>
      <label class="field">
        <span>{t("scrub")}</span>
        <input
          type="range"
          min="0"
          max={DAY_MINUTES}
          step={STEP_MINUTES}
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
      </p>
      {at !== null && <AlarmsOfDay key={day} begin={begin} />}
    </section>
  );
}

/** Over the picture, so that nobody takes a past value for one of now. */
export function PlaybackBanner(): JSX.Element | null {
  if (playback.value === null) return null;
  return (
    <div class="card moment" role="status" id="moment">
      <span>
        {t("playing")} <b>{new Date(playback.value).toLocaleString(language.value, { dateStyle: "short", timeStyle: "short" })}</b>
      </span>
      <button type="button" class="button small" onClick={() => void showMoment(null)}>
        {t("backToLive")}
      </button>
    </div>
  );
}

/** A click shows the moment at which an alarm was raised, once the millisecond of its reading is over. */
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
          <button type="button" class="link" data-past-alarm={alarm.id} onClick={() => void showMoment(alarm.raised_ms + 1)}>
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
