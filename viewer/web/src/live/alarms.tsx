/** Open alarms, by gravity: where, since when, acknowledge, keep quiet for a time. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { goTo } from "../controller.ts";
import { language, span, t, tr, type Word } from "../i18n.ts";
import * as store from "../store.ts";
import { acknowledge, me, openAlarms, serverNow, shelve, shelves, unshelve } from "./client.ts";
import type { Alarm, Shelf } from "./types.ts";

const SHOWN = 100; // of a flood of alarms
const EMERGENCY = 3;
const SHELF_MINUTES = [15, 60, 480];

export function Alarms(): JSX.Element {
  const open = openAlarms.value;
  return (
    <section aria-label={t("alarms")} id="alarms">
      <h3 class="heading">{t("alarms")}</h3>
      {!open.length && <p class="note">{t("noAlarms")}</p>}
      {byGravity(open)
        .slice(0, SHOWN)
        .map((alarm) => (
          <AlarmLine key={alarm.id} alarm={alarm} />
        ))}
      {open.length > SHOWN && (
        <p class="note">
          {t("furtherAlarms")} {open.length - SHOWN}
        </p>
      )}
      {shelves.value
        .filter((shelf) => shelf.until_ms > serverNow())
        .map((shelf) => (
          <ShelfLine key={`${shelf.rule} ${shelf.point}`} shelf={shelf} />
        ))}
    </section>
  );
}

/** The gravest first, then the newest. */
export function byGravity(alarms: Alarm[]): Alarm[] {
  return [...alarms].sort((a, b) => b.severity - a.severity || b.raised_ms - a.raised_ms);
}

export function AlarmLine({ alarm }: { alarm: Alarm }): JSX.Element {
  const asked = useSignal(false);
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
        {alarm.shelved && ` · ${t("shelved")}`}
      </p>
      <p class="pair-buttons">
        {row !== undefined && row !== store.selection.value && (
          <button type="button" class="button small" onClick={() => goTo(row)}>
            {t("jump")}
          </button>
        )}
        {me.value?.rights.includes("shelve") && alarm.severity < EMERGENCY && !alarm.shelved && (
          <button type="button" class="button small" aria-expanded={asked.value} onClick={() => (asked.value = !asked.value)}>
            {t("shelve")}
          </button>
        )}
        {unseen && me.value?.rights.includes("acknowledge") && (
          <button type="button" class="button small primary" onClick={() => void acknowledge(alarm).catch(() => undefined)}>
            {t("acknowledge")}
          </button>
        )}
      </p>
      {asked.value && <ShelfForm alarm={alarm} done={() => (asked.value = false)} />}
    </article>
  );
}

/** For how long, and why: a shelf without a reason helps nobody after the next change of shift. */
function ShelfForm({ alarm, done }: { alarm: Alarm; done: () => void }): JSX.Element {
  const failed = useSignal(false);
  return (
    <form
      class="shelf-form"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        const minutes = Number(form.get("minutes"));
        shelve(alarm, minutes, String(form.get("reason"))).then(done, () => (failed.value = true));
      }}
    >
      <label class="field">
        <span>{t("shelfTime")}</span>
        <select name="minutes">
          {SHELF_MINUTES.map((minutes) => (
            <option key={minutes} value={minutes}>
              {span(minutes * 60)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{t("reason")}</span>
        <input name="reason" required maxLength={500} />
      </label>
      {failed.value && (
        <p class="note" role="alert">
          {t("shelfFailed")}
        </p>
      )}
      <button type="submit" class="button small primary">
        {t("shelve")}
      </button>
    </form>
  );
}

function ShelfLine({ shelf }: { shelf: Shelf }): JSX.Element {
  return (
    <p class="note" data-shelf={shelf.rule}>
      {t("shelved")}: {shelf.rule} {shelf.point} · {t("until")} {new Date(shelf.until_ms).toLocaleTimeString(language.value)} · {shelf.by}:{" "}
      {shelf.reason}{" "}
      {me.value?.rights.includes("shelve") && (
        <button type="button" class="link" style="display: inline; min-height: 0" onClick={() => void unshelve(shelf).catch(() => undefined)}>
          {t("unshelve")}
        </button>
      )}
    </p>
  );
}
