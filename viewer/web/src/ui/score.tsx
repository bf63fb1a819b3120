/** The star, the groups, the clauses and the data they need; a click shows the elements concerned. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { zoomTo } from "../controller.ts";
import type { Clause, Evaluation, Group } from "../data/types.ts";
import { num, t, type Word } from "../i18n.ts";
import { server } from "../live/client.ts";
import * as store from "../store.ts";

export function starText(stars: number): string {
  return stars < 0 ? t("notRated") : stars === 0 ? t("basic") : t(`stars${stars}` as Word);
}

export function Stars({ count }: { count: number }): JSX.Element {
  const lit = Math.max(count, 0);
  return (
    <span class="stars" role="img" aria-label={starText(count)}>
      {"★".repeat(lit)}
      <span class="off">{"☆".repeat(3 - lit)}</span>
    </span>
  );
}

export function ScorePanel(): JSX.Element {
  const found = store.evaluation.value;
  if (!found) return <p class="scroll note">{t(server.value?.evaluation === "running" ? "evaluating" : "noEvaluation")}</p>;
  return (
    <div class="scroll">
      <Top found={found} />
      {found.groups.map((group) => (
        <GroupLine key={group.id} group={group} clauses={found.clauses.filter((one) => one.group === group.id)} />
      ))}
    </div>
  );
}

function Top({ found }: { found: Evaluation }): JSX.Element {
  return (
    <div class="score-top">
      <Stars count={found.stars.guaranteed} />
      <div class="figures">
        <div>
          <b id="score-guaranteed">{found.score.guaranteed.toFixed(1)}</b>
          <span>
            {t("guaranteed")} · {starText(found.stars.guaranteed)}
          </span>
        </div>
        <div>
          <b>{found.score.attainable.toFixed(1)}</b>
          <span>
            {t("attainable")} · {starText(found.stars.attainable)}
          </span>
        </div>
      </div>
      <p class="note">
        {found.standard.name} · {t("control")}: <VerdictMark verdict={found.control_items_met} />
      </p>
    </div>
  );
}

export function VerdictMark({ verdict }: { verdict: string }): JSX.Element {
  return <span class={`verdict ${verdict}`}>{t(verdict as Word)}</span>;
}

function GroupLine({ group, clauses }: { group: Group; clauses: Clause[] }): JSX.Element {
  const open = useSignal(false);
  const share = (points: number) => `${(100 * points) / Math.max(group.max_points, 1)}%`;
  return (
    <div class="group">
      <button type="button" aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
        <span>{group.title}</span>
        <span class="numbers">
          <b>{num(group.points)}</b>
          {group.attainable_points > group.points && ` – ${num(group.attainable_points)}`} / {num(group.max_points)}
        </span>
        <span class="track">
          <i class="maybe" style={{ width: share(group.attainable_points) }} />
          <i class="sure" style={{ width: share(group.points) }} />
        </span>
      </button>
      {open.value && clauses.map((clause) => <ClauseLine key={clause.id} clause={clause} />)}
    </div>
  );
}

export function elementsOf(clause: Clause): string[] {
  const needs = clause.items.flatMap((item) => item.missing.flatMap((need) => need.elements));
  return [...new Set([...clause.elements, ...needs])];
}

/** Colour the elements of a clause by its verdict, the others pale. */
export function showClause(clause: Clause, globalIds = elementsOf(clause)): void {
  const loaded = store.twin.value;
  if (!loaded) return;
  const rows = new Set(globalIds.map((id) => loaded.rowOf.get(id)).filter((row) => row !== undefined));
  store.highlight.value = { title: `${clause.id} ${clause.title}`, rows, verdict: clause.verdict };
  zoomTo(rows);
}

function ClauseLine({ clause }: { clause: Clause }): JSX.Element {
  const open = useSignal(false);
  const elements = elementsOf(clause);
  return (
    <div class="clause">
      <button type="button" data-clause={clause.id} aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
        <span class="number">{clause.id}</span>
        <span>
          {clause.title}
          {clause.kind !== "control" && (
            <span class="numbers">
              {" "}
              {num(clause.points)}
              {clause.attainable_points > clause.points && `–${num(clause.attainable_points)}`}/{num(clause.max_points)}
            </span>
          )}
        </span>
        <VerdictMark verdict={clause.verdict} />
      </button>
      {open.value && (
        <div class="body">
          {clause.reason && <p>{clause.reason}</p>}
          {clause.formula && <p class="guid">{clause.formula}</p>}
          {clause.missing.length > 0 && (
            <div>
              <b>{t("missing")}</b>
              <ul>
                {clause.missing.slice(0, 6).map((need, index) => (
                  <li key={index}>
                    {need.what} {need.how}
                    {need.elements.length > 0 && (
                      <button type="button" class="link" onClick={() => showClause(clause, need.elements)}>
                        {need.elements.length} {t("elements")}
                      </button>
                    )}
                  </li>
                ))}
              </ul>
            </div>
          )}
          {elements.length > 0 && (
            <button type="button" class="button small" style="justify-self: start" onClick={() => showClause(clause)}>
              {t("showElements")} ({elements.length})
            </button>
          )}
        </div>
      )}
    </div>
  );
}
