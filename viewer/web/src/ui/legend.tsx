/** The legend of what is shown, with its unit. */

import type { JSX } from "preact";
import { VERDICT_COLOURS } from "../data/verdicts.ts";
import { num, t, tr, type Word } from "../i18n.ts";
import * as store from "../store.ts";

export function Legend(): JSX.Element | null {
  const subject = store.highlight.value;
  const shown = store.layer.value;
  if (subject)
    return (
      <section class="card legend" aria-label={t("legend")}>
        <h3>{subject.title}</h3>
        <div class="keys">
          <Key colour={VERDICT_COLOURS[subject.verdict] ?? "#0072b2"} text={`${t(subject.verdict as Word)} · ${subject.rows.size} ${t("elements")}`} />
        </div>
      </section>
    );
  if (!shown) return null;
  const { info } = shown;
  const used = new Set([...shown.value.values()]);
  const unknown = [...shown.value.values()].some((value) => !Number.isFinite(value));
  return (
    <section class="card legend" aria-label={t("legend")} id="legend">
      <h3>
        {tr(info.label)} <span class="unit">{info.unit}</span>
      </h3>
      {info.categories.length ? (
        <div class="keys">
          {info.categories.map((one, index) => used.has(index) && <Key key={index} colour={one.colour} text={tr(one.label)} />)}
          {unknown && <Key text={t("unknown")} />}
        </div>
      ) : (
        <>
          <div class="ramp" />
          <div class="ticks">
            {[0, 0.25, 0.5, 0.75, 1].map((share) => (
              <span key={share}>
                {num(info.low + (info.high - info.low) * share)}
                {share === 1 && [...shown.value.values()].some((value) => value > info.high) ? "+" : ""}
              </span>
            ))}
          </div>
          {unknown && (
            <div class="keys">
              <Key text={t("unknownHatched")} />
            </div>
          )}
        </>
      )}
    </section>
  );
}

function Key({ colour, text }: { colour?: string; text: string }): JSX.Element {
  return (
    <span>
      <i class={colour ? "" : "hatched"} style={colour ? { background: colour } : {}} />
      {text}
    </span>
  );
}
