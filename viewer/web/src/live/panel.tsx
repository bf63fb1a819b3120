/** Connection, live quantities to colour by, alarms, playback. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { goTo } from "../controller.ts";
import { language, t, tr, type Word } from "../i18n.ts";
import * as store from "../store.ts";
import { acknowledge, ApiError, connection, me, openAlarms, playback, points, server, serverNow, showMoment, signIn, signOut } from "./client.ts";
import { Designed } from "./designed.tsx";
import { liveQuantities, quantityLabel, showQuantity } from "./layers.ts";
import { span } from "./points-of.tsx";
import type { Alarm } from "./types.ts";

const DAY_MS = 86_400_000;

export function LivePanel(): JSX.Element {
  if (connection.value === "sign-in") return <SignIn />;
  return (
    <div class="scroll layers">
      <ConnectionState />
      <Alarms />
      <h3 class="heading">{t("quantities")}</h3>
      {liveQuantities().map((quantity) => {
        const on = store.layer.value?.info.id === `live.${quantity.id}`;
        return (
          <button type="button" key={quantity.id} data-quantity={quantity.id} aria-pressed={on} onClick={() => showQuantity(on ? null : quantity)}>
            <span class="swatch ramp" />
            {tr(quantityLabel(quantity.id))}
            <span class="unit">
              {quantity.count} {t("sensors")} {quantity.unit}
            </span>
          </button>
        );
      })}
      <Designed element={null} />
      <Playback />
      {me.value && !server.value?.demo && (
        <p class="note">
          {me.value.name}{" "}
          <button type="button" class="link" style="display: inline; min-height: 0" onClick={() => void signOut()}>
            {t("signOut")}
          </button>
        </p>
      )}
    </div>
  );
}

export function ConnectionState(): JSX.Element {
  const word: Word = playback.value !== null ? "playing" : connection.value === "online" ? "online" : connection.value === "lost" ? "lost" : "connecting";
  return (
    <p class={`connection ${connection.value}`} id="connection" role="status" data-state={connection.value}>
      <i />
      {t(word)}
      <span class="origin">{points.value.size > 0 && `${points.value.size} ${t("sensors")}`}</span>
    </p>
  );
}

function Alarms(): JSX.Element {
  const open = openAlarms.value;
  return (
    <section aria-label={t("alarms")} id="alarms">
      <h3 class="heading">{t("alarms")}</h3>
      {!open.length && <p class="note">{t("noAlarms")}</p>}
      {[...open]
        .sort((a, b) => b.severity - a.severity || b.raised_ms - a.raised_ms)
        .slice(0, 100)
        .map((alarm) => (
          <AlarmLine key={alarm.id} alarm={alarm} />
        ))}
    </section>
  );
}

function AlarmLine({ alarm }: { alarm: Alarm }): JSX.Element {
  const row = alarm.element ? store.twin.value?.rowOf.get(alarm.element) : undefined;
  const unseen = alarm.state === "raised" || alarm.state === "cleared_unseen";
  return (
    <article class={`alarm severity-${alarm.severity}`} data-alarm={alarm.id} data-state={alarm.state}>
      <p>
        <b>{t(`severity${alarm.severity}` as Word)}</b> {tr(alarm.message)}
      </p>
      <p class="origin">
        {new Date(alarm.raised_ms).toLocaleTimeString(language.value)} · {span((serverNow() - alarm.raised_ms) / 1000)}
        {alarm.acknowledged_by && ` · ${t("acknowledgedBy")} ${alarm.acknowledged_by}`}
      </p>
      <p class="pair-buttons">
        {row !== undefined && (
          <button
            type="button"
            class="button small"
            onClick={() => goTo(row)}
          >
            {t("jump")}
          </button>
        )}
        {unseen && me.value?.rights.includes("acknowledge") && (
          <button type="button" class="button small primary" onClick={() => void acknowledge(alarm).catch(() => undefined)}>
            {t("acknowledge")}
          </button>
        )}
      </p>
    </article>
  );
}

/** Scrub through the last day, or play it: an hour in ten seconds. */
function Playback(): JSX.Element {
  const playing = useSignal(false);
  const now = serverNow();
  const at = playback.value ?? now;
  useEffect(() => {
    if (!playing.value) return undefined;
    const timer = setInterval(() => {
      const next = (playback.value ?? serverNow() - DAY_MS) + 360_000;
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
        <span>{playback.value === null ? t("online") : new Date(at).toLocaleString(language.value)}</span>
        <input
          type="range"
          min={-DAY_MS / 60_000}
          max="0"
          step="5"
          value={Math.round((at - now) / 60_000)}
          onChange={(event) => {
            const minutes = Number(event.currentTarget.value);
            void showMoment(minutes === 0 ? null : serverNow() + minutes * 60_000);
          }}
        />
      </label>
      <p class="pair-buttons">
        <button type="button" class="button small" aria-pressed={playing.value} onClick={() => (playing.value = !playing.value)}>
          {playing.value ? t("pause") : t("play")}
        </button>
        {playback.value !== null && (
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
    </section>
  );
}

export function SignIn(): JSX.Element {
  const wrong = useSignal<Word | null>(null);
  return (
    <form
      class="scroll"
      id="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        signIn(String(form.get("name")), String(form.get("password"))).catch((error: unknown) => {
          wrong.value = error instanceof ApiError && error.status === 429 ? "tooMany" : "badSignIn";
        });
      }}
    >
      <label class="field">
        <span>{t("account")}</span>
        <input name="name" autocomplete="username" required />
      </label>
      <label class="field">
        <span>{t("password")}</span>
        <input name="password" type="password" autocomplete="current-password" required />
      </label>
      {wrong.value && (
        <p class="note" role="alert">
          {t(wrong.value)}
        </p>
      )}
      <button type="submit" class="button primary">
        {t("signIn")}
      </button>
    </form>
  );
}
