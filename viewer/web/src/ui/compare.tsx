/** Two revisions: what was added, removed and changed, and what it did to the score. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { zoomTo } from "../controller.ts";
import type { Both } from "../data/types.ts";
import { num, t, tr, type Word } from "../i18n.ts";
import * as store from "../store.ts";
import { RowLink } from "./inspector.tsx";
import { Stars, VerdictMark } from "./score.tsx";

interface Revision {
  file: string;
  guaranteed: number;
  attainable: number;
  stars: number;
}

interface Result {
  verdict: string;
  points: number;
}

interface Comparison {
  before: Revision;
  after: Revision;
  added: number[];
  removed: { global_id: string; name: string; class: string }[];
  changed: { row: number; what: string[] }[];
  unchanged: number;
  clauses: { id: string; title: Both; before: Result; after: Result }[];
}

const MOST = 100;

export function ComparePanel(): JSX.Element {
  const found = useSignal<Comparison | null>(null);
  useEffect(() => {
    void store.twin.value?.folder.comparison<Comparison>().then((one) => (found.value = one));
  }, []);
  if (!found.value) return <p class="scroll note">{t("loading")}</p>;
  const { before, after, added, removed, changed, unchanged, clauses } = found.value;
  const show = (verdict: "added" | "changed", rows: number[]) => {
    store.layer.value = null;
    store.highlight.value = { title: t(verdict), rows: new Set(rows), verdict };
    zoomTo(rows);
  };
  return (
    <div class="scroll" id="comparison">
      <table class="plain">
        <tbody>
          {[before, after].map((one) => (
            <tr key={one.file}>
              <td>{one.file}</td>
              <td>
                <Stars count={one.stars} />
              </td>
              <td>
                <b>{one.guaranteed.toFixed(1)}</b> – {one.attainable.toFixed(1)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="note">
        <Delta value={after.guaranteed - before.guaranteed} /> {t("guaranteed")} · <Delta value={after.attainable - before.attainable} />{" "}
        {t("attainable")}
      </p>
      {clauses.map((clause) => (
        <p key={clause.id} class="clause">
          <span class="number">{clause.id}</span> {tr(clause.title)}
          <br />
          <VerdictMark verdict={clause.before.verdict} /> {num(clause.before.points)} → <VerdictMark verdict={clause.after.verdict} />{" "}
          {num(clause.after.points)}
        </p>
      ))}
      <details class="section" open>
        <summary>
          {t("added")} <span class="origin">{added.length}</span>
        </summary>
        {added.length > 0 && <ShowButton onClick={() => show("added", added)} />}
        <ul>
          {added.slice(0, MOST).map((row) => (
            <li key={row}>
              <RowLink row={row} />
            </li>
          ))}
        </ul>
      </details>
      <details class="section" open>
        <summary>
          {t("changed")} <span class="origin">{changed.length}</span>
        </summary>
        {changed.length > 0 && <ShowButton onClick={() => show("changed", changed.map((one) => one.row))} />}
        <ul>
          {changed.slice(0, MOST).map(({ row, what }) => (
            <li key={row}>
              <RowLink row={row} /> <small class="origin">{what.map((one) => t(`what_${one}` as Word)).join(", ")}</small>
            </li>
          ))}
        </ul>
      </details>
      <details class="section">
        <summary>
          {t("removed")} <span class="origin">{removed.length}</span>
        </summary>
        <ul>
          {removed.slice(0, MOST).map((one) => (
            <li key={one.global_id}>
              {one.name || one.class} <small class="guid">{one.global_id}</small>
            </li>
          ))}
        </ul>
      </details>
      <p class="note">
        {unchanged} {t("unchanged")}
      </p>
    </div>
  );
}

function ShowButton({ onClick }: { onClick: () => void }): JSX.Element {
  return (
    <button type="button" class="button small" onClick={onClick}>
      {t("showElements")}
    </button>
  );
}

function Delta({ value }: { value: number }): JSX.Element {
  const verdict = value > 0.005 ? "met" : value < -0.005 ? "not_met" : "not_applicable";
  return <b class={`verdict ${verdict}`}>{`${value > 0 ? "+" : ""}${value.toFixed(1)}`}</b>;
}
