/** Everything about the selected element, and why it has the colour it has. */

import { useSignal, useSignalEffect } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { applyStates, zoomTo } from "../controller.ts";
import { cssRgb, scaleRgb } from "../data/scale.ts";
import type { Details, TracedValue } from "../data/types.ts";
import { isWord, num, t, tr, withUnit } from "../i18n.ts";
import { Designed } from "../live/designed.tsx";
import { PointsOf } from "../live/points-of.tsx";
import * as store from "../store.ts";
import { Icon, IconButton } from "./icons.tsx";
import { elementsOf, VerdictMark } from "./score.tsx";

export function Inspector({ row }: { row: number }): JSX.Element {
  const { elements, info, folder } = store.twin.value!;
  const details = useSignal<{ row: number; found: Details | null } | null>(null);
  const copied = useSignal(false);
  useSignalEffect(() => {
    const now = store.selection.value;
    copied.value = false;
    if (now === null) return;
    void folder.details(elements.storey[now]!, elements.global_id[now]!).then((found) => {
      if (store.selection.peek() === now) details.value = { row: now, found };
    });
  });
  const found = details.value?.row === row ? details.value.found : undefined;
  const globalId = elements.global_id[row]!;
  const name = store.labelOf(elements, row);
  const storey = elements.storey[row]!;
  const space = elements.spaces.row.indexOf(row);
  return (
    <aside class="inspector" aria-label={t("element")}>
      <header>
        <div style="flex: 1; min-width: 0">
          <h2 id="element-name">{name}</h2>
          <p class="kind">{store.className(elements, row)}</p>
        </div>
        <IconButton icon="close" label={t("close")} onClick={() => (store.selection.value = null)} />
      </header>
      <Actions row={row} />
      <div class="scroll" key={row}>
        <WhyColour row={row} />
        <dl class="facts" style="margin: 12px 0">
          <dt>GlobalId</dt>
          <dd>
            <span class="guid" id="element-guid">
              {globalId}
            </span>{" "}
            <button
              type="button"
              class="link"
              onClick={() => void navigator.clipboard?.writeText(globalId).then(() => (copied.value = true))}
            >
              {copied.value ? t("copied") : t("copy")}
            </button>
          </dd>
          <Fact label={t("type")}>{elements.type[row]}</Fact>
          <Fact label={t("storey")}>{storey >= 0 ? info.storeys[storey]!.name : ""}</Fact>
          {elements.space[row]! >= 0 && <SpaceLink space={elements.space[row]!} />}
          {space >= 0 && <SpaceFacts space={space} />}
        </dl>
        <PointsOf row={row} />
        {space >= 0 && <Designed element={globalId} />}
        <Metrics globalId={globalId} />
        <Clauses globalId={globalId} />
        {found && <DetailSections details={found} />}
        {found === null && <p class="note">{t("noDetails")}</p>}
      </div>
    </aside>
  );
}

function Actions({ row }: { row: number }): JSX.Element {
  const alone = store.isolated.value?.size === 1 && store.isolated.value.has(row);
  return (
    <div class="actions">
      <button type="button" class="button small" onClick={() => zoomTo([row])}>
        {t("fitSelection")}
      </button>
      <button
        type="button"
        class="button small"
        aria-pressed={alone}
        onClick={() => (store.isolated.value = alone ? null : new Set([row]))}
      >
        {t("isolate")}
      </button>
      <button
        type="button"
        class="button small"
        onClick={() => {
          store.hidden.value = new Set(store.hidden.value).add(row);
          store.selection.value = null;
        }}
      >
        {t("hide")}
      </button>
      <button
        type="button"
        class="button small"
        aria-pressed={store.xray.value}
        onClick={() => {
          store.xray.value = !store.xray.value;
          applyStates();
        }}
      >
        <Icon name="xray" />
        {t("xray")}
      </button>
    </div>
  );
}

function Fact({ label, children }: { label: string; children: ComponentChildren }): JSX.Element | null {
  if (children === "" || children === null || children === undefined) return null;
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}

function SpaceLink({ space }: { space: number }): JSX.Element {
  const { elements } = store.twin.value!;
  const row = elements.space_row[space]!;
  return (
    <Fact label={t("space")}>
      <RowLink row={row} />
    </Fact>
  );
}

export function RowLink({ row }: { row: number }): JSX.Element {
  const { elements } = store.twin.value!;
  return (
    <button type="button" class="link" onClick={() => (store.selection.value = row)}>
      {store.labelOf(elements, row)}
    </button>
  );
}

function SpaceFacts({ space }: { space: number }): JSX.Element {
  const { elements, info } = store.twin.value!;
  const { spaces } = elements;
  const use = spaces.use[space]!;
  const reason = tr({ en: spaces.reason_en[space]!, zh: spaces.reason_zh[space]! });
  return (
    <>
      <Fact label={t("use")}>{info.uses[use] ? tr(info.uses[use]!) : use}</Fact>
      <Fact label={t("area")}>{withUnit(spaces.area_m2[space], "m²")}</Fact>
      <Fact label={t("height")}>{withUnit(spaces.height_m[space], "m")}</Fact>
      <Fact label={t("volume")}>{withUnit(spaces.volume_m3[space], "m³")}</Fact>
      {spaces.grade[space] && (
        <Fact label={t("grade")}>
          {spaces.grade[space]} {reason && <small>{reason}</small>}
        </Fact>
      )}
    </>
  );
}

function WhyColour({ row }: { row: number }): JSX.Element | null {
  const subject = store.highlight.value;
  const shown = store.layer.value;
  if (subject || !shown) return null;
  const { info } = shown;
  if (!shown.value.has(row))
    return (
      <div class="why">
        <h3>{t("whyColour")}</h3>
        <p>
          {tr(info.label)}: {t("notSubject")}
        </p>
      </div>
    );
  const value = shown.value.get(row)!;
  const known = Number.isFinite(value);
  const category = known ? info.categories[value] : undefined;
  const limit = shown.limit.get(row);
  const note = info.notes[String(row)];
  const colour = category ? category.colour : known ? cssRgb(scaleRgb(value, info.low, info.high)) : "";
  return (
    <div class="why" id="why">
      <h3>
        <i class={known ? "" : "hatched"} style={known ? { background: colour } : {}} />
        {t("whyColour")}
      </h3>
      <p class="big">{category ? tr(category.label) : known ? withUnit(value, info.unit) : t("unknown")}</p>
      <dl class="facts">
        <Fact label={t("layer")}>{tr(info.label)}</Fact>
        {limit !== undefined && (
          <Fact label={t("asked")}>
            {`≥ ${withUnit(limit, info.unit)} `}
            {known && <VerdictMark verdict={value >= limit ? "met" : "not_met"} />}
          </Fact>
        )}
        {note && <Fact label={t("reason")}>{tr(note)}</Fact>}
        <Fact label={t("rule")}>{tr(info.rule)}</Fact>
        <Fact label={t("source")}>{info.source}</Fact>
      </dl>
    </div>
  );
}

const BESIDES = new Set(["global_id", "name", "storey", "use", "area_m2", "grade", "reason_en", "reason_zh", "zone"]);

function Metrics({ globalId }: { globalId: string }): JSX.Element | null {
  const found = store.evaluation.value;
  const { info } = store.twin.value!;
  if (!found) return null;
  const lines: JSX.Element[] = [];
  for (const [name, metric] of Object.entries(found.metrics)) {
    const index = metric.table["global_id"]?.indexOf(globalId) ?? -1;
    if (index < 0) continue;
    for (const [column, values] of Object.entries(metric.table)) {
      const label = info.columns[column];
      if (BESIDES.has(column) || !label) continue;
      const value = values[index] ?? null;
      const unit = metric.table_units[column] ?? "";
      const text =
        column === "meets" ? (
          value === null ? "–" : <VerdictMark verdict={value ? "met" : "not_met"} />
        ) : typeof value === "string" ? (
          value
        ) : (
          withUnit(value, unit)
        );
      lines.push(<Fact key={`${name}.${column}`} label={tr(label)} children={text} />);
    }
  }
  if (!lines.length) return null;
  return (
    <details class="section" open>
      <summary>{t("metrics")}</summary>
      <dl class="facts">{lines}</dl>
    </details>
  );
}

function Clauses({ globalId }: { globalId: string }): JSX.Element | null {
  const found = store.evaluation.value?.clauses.filter((clause) => elementsOf(clause).includes(globalId)) ?? [];
  if (!found.length) return null;
  return (
    <details class="section" open>
      <summary>
        {t("clauses")} <span class="origin">{found.length}</span>
      </summary>
      {found.map((clause) => (
        <p key={clause.id} style="font-size: var(--text-s); margin-bottom: 6px">
          <b>{clause.id}</b> {clause.title} <VerdictMark verdict={clause.verdict} />
          <br />
          <small class="origin">{clause.reason}</small>
        </p>
      ))}
    </details>
  );
}

function DetailSections({ details }: { details: Details }): JSX.Element {
  return (
    <>
      {details.construction && <Materials construction={details.construction} />}
      {details.surfaces && <Surfaces surfaces={details.surfaces} />}
      {details.properties && <Properties properties={details.properties} />}
    </>
  );
}

const VALUE_LABELS: Record<string, { en: string; zh: string }> = {
  u_value_w_m2k: { en: "U-value", zh: "传热系数" },
  shgc: { en: "SHGC", zh: "太阳得热系数" },
  visible_transmittance: { en: "Visible transmittance", zh: "可见光透射比" },
  frame_ratio: { en: "Frame share", zh: "窗框比" },
};

function traced([value, unit]: TracedValue): string {
  return typeof value === "number" ? withUnit(value, unit) : String(value ?? "–");
}

function origin([, , provenance, source]: TracedValue): string {
  return [isWord(provenance) ? t(provenance) : provenance, source].filter(Boolean).join(" · ");
}

function Materials({ construction }: { construction: NonNullable<Details["construction"]> }): JSX.Element {
  return (
    <details class="section" open>
      <summary>{t("materials")}</summary>
      <p class="origin">{construction.name}</p>
      <dl class="facts">
        {Object.entries(construction.values).map(([name, value]) => (
          <Fact key={name} label={VALUE_LABELS[name] ? tr(VALUE_LABELS[name]!) : name}>
            {traced(value)} <small>{origin(value)}</small>
          </Fact>
        ))}
      </dl>
      {construction.layers.length > 0 && (
        <table class="plain">
          <tbody>
            {construction.layers.map(([material, thickness, conductivity], index) => (
              <tr key={index}>
                <td>{material}</td>
                <td>{thickness === null ? "–" : `${num(thickness * 1000)} mm`}</td>
                <td>{conductivity ? `λ ${num(conductivity[0] as number)}` : ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}

function Surfaces({ surfaces }: { surfaces: NonNullable<Details["surfaces"]> }): JSX.Element {
  return (
    <details class="section">
      <summary>
        {t("surfaces")} <span class="origin">{surfaces.length}</span>
      </summary>
      <table class="plain">
        <tbody>
          {surfaces.slice(0, 60).map(([room, element, neighbour, area, tilt, azimuth, beyond], index) => (
            <tr key={index}>
              <td>
                <RowLink row={store.selection.value === room && element >= 0 ? element : room} />
              </td>
              <td>{beyond >= 0 ? <RowLink row={beyond} /> : isWord(neighbour) ? t(neighbour) : neighbour}</td>
              <td>{withUnit(area, "m²")}</td>
              <td>
                {num(tilt)}°{azimuth !== null && ` / ${num(azimuth)}°`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Properties({ properties }: { properties: NonNullable<Details["properties"]> }): JSX.Element {
  const sets = new Map<string, NonNullable<Details["properties"]>>();
  for (const one of properties) sets.set(one[0], [...(sets.get(one[0]) ?? []), one]);
  const text = (value: unknown): string =>
    typeof value === "number" ? num(value, 6) : Array.isArray(value) ? value.map(text).join(", ") : String(value ?? "–");
  return (
    <details class="section" open>
      <summary>
        {t("properties")} <span class="origin">{properties.length}</span>
      </summary>
      {[...sets].map(([set, own]) => (
        <div key={set}>
          <h4>{set || "–"}</h4>
          <dl class="facts">
            {own.map(([, name, value, unit, inherited]) => (
              <Fact key={name} label={name}>
                {text(value)} {unit} {inherited ? <small>{t("ofType")}</small> : null}
              </Fact>
            ))}
          </dl>
        </div>
      ))}
    </details>
  );
}
