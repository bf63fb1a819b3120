/** Connection, live quantities to colour by, alarms, playback; or the door. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { t, tr, type Word } from "../i18n.ts";
import * as store from "../store.ts";
import { Alarms } from "./alarms.tsx";
import { ApiError, connection, me, playback, points, server, signIn, signOut } from "./client.ts";
import { Designed } from "./designed.tsx";
import { liveQuantities, quantityLabel, showQuantity } from "./layers.ts";
import { Playback } from "./playback.tsx";
import { RunoffNow } from "./runoff.tsx";

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
      <RunoffNow />
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
    <p class={`connection ${playback.value === null ? connection.value : "past"}`} id="connection" role="status" data-state={connection.value}>
      <i />
      {t(word)}
      <span class="origin">{points.value.size > 0 && `${points.value.size} ${t("sensors")}`}</span>
    </p>
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
