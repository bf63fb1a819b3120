/** What the design claims of a room or of the building, beside what was measured in the last year. */

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import type { Both } from "../data/types.ts";
import { num, t, tr, withUnit } from "../i18n.ts";
import * as store from "../store.ts";
import { VerdictMark } from "../ui/score.tsx";
import { api, ApiError, connection, serverNow } from "./client.ts";
import { rowsOf } from "./types.ts";

interface Claim {
  kind: string;
  /** GlobalId of a room; null for the building or the site. */
  element: string | null;
  points: string[];
  low: number | null;
  high: number | null;
  unit: string;
  statement: Both;
  source: string;
  verdict: "met" | "not_met" | "not_enough_data" | "not_measured";
  measured: number | null;
  claimed: number | null;
  share_pct: number | null;
}

const YEAR_MS = 365 * 86_400_000;
const AGAIN_MS = 3_600_000; // hourly means change no faster
const SOON_MS = 60_000;
const claims = signal<Claim[]>([]);
let asked = -Infinity;

function ask(): void {
  if (connection.value !== "online" || !store.twin.value?.info.evaluated || performance.now() - asked < AGAIN_MS) return;
  asked = performance.now();
  const now = Math.round(serverNow());
  void api<Record<string, unknown>>(`/designed?begin=${now - YEAR_MS}&end=${now}`).then(
    (columns) => (claims.value = rowsOf<Claim>(columns)),
    (error: unknown) => {
      claims.value = []; // none for this account
      if (error instanceof ApiError && error.status === 503) asked += SOON_MS - AGAIN_MS; // still evaluating
    },
  );
}

/** The claims about a room; null for those about the building. Nothing where the server makes none. */
export function Designed({ element }: { element: string | null }): JSX.Element | null {
  ask();
  const own = claims.value.filter((claim) => claim.element === element);
  if (!own.length) return null;
  return (
    <details class="section" open id="designed">
      <summary>{t("designed")}</summary>
      {own.map((claim, index) => (
        <ClaimLine key={index} claim={claim} />
      ))}
    </details>
  );
}

function ClaimLine({ claim }: { claim: Claim }): JSX.Element {
  const bound = claim.claimed ?? claim.low ?? claim.high;
  const sign = claim.low === null ? "≤" : "≥";
  const settled = claim.verdict === "met" || claim.verdict === "not_met";
  return (
    <div class="claim" data-claim={claim.kind} data-verdict={claim.verdict}>
      <p>{tr(claim.statement)}</p>
      <dl class="facts">
        <dt>{t("byDesign")}</dt>
        <dd>
          {sign} {withUnit(bound, claim.unit)}
        </dd>
        <dt>{t("byMeasurement")}</dt>
        <dd>
          {claim.measured !== null && <b>{withUnit(claim.measured, claim.unit)} </b>}
          {settled ? (
            <VerdictMark verdict={claim.verdict} />
          ) : (
            <span class="state unknown">
              {t(claim.verdict)}
              {claim.share_pct !== null && ` · ${num(claim.share_pct)} %`}
            </span>
          )}
        </dd>
      </dl>
      <p class="origin">
        {claim.source}
        {claim.points.length > 0 && ` · ${claim.points.join(", ")}`}
      </p>
    </div>
  );
}
