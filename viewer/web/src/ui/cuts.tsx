/** The storey cut and the section box. */

import type { ComponentChildren, JSX } from "preact";
import { cutAt } from "../controller.ts";
import { num, t } from "../i18n.ts";
import * as store from "../store.ts";
import { IconButton } from "./icons.tsx";

export function Card({ title, onClose, children, id }: { title: string; onClose: () => void; children?: ComponentChildren; id?: string }): JSX.Element {
  return (
    <section class="card" aria-label={title} id={id}>
      <h3>
        {title}
        <IconButton icon="close" label={`${t("close")}: ${title}`} onClick={onClose} />
      </h3>
      {children}
    </section>
  );
}

export function CutCard(): JSX.Element | null {
  const storey = store.storeyCut.value;
  const info = store.twin.value?.info;
  if (storey === null || !info) return null;
  return (
    <Card title={t("storeyCut")} id="cut-card" onClose={() => cutAt(null)}>
      <label class="field">
        <span>{t("storey")}</span>
        <select id="cut-storey" value={String(storey)} onChange={(event) => cutAt(Number(event.currentTarget.value))}>
          {[...info.storeys.keys()].reverse().map((index) => (
            <option key={index} value={String(index)}>
              {info.storeys[index]!.name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>
          {t("cutHeight")}: {num(store.cutHeight.value)} m
        </span>
        <input
          type="range"
          min="0.2"
          max="4"
          step="0.1"
          value={store.cutHeight.value}
          onInput={(event) => (store.cutHeight.value = Number(event.currentTarget.value))}
        />
      </label>
    </Card>
  );
}

const AXES = ["X", "Z", "Y"] as const; // of the model: the scene's y is up, its z points against the model's Y

export function SectionCard(): JSX.Element | null {
  const shares = store.sectionBox.value;
  if (!shares) return null;
  const change = (index: number, value: number) => {
    const next = [...shares];
    const other = index ^ 1;
    next[index] = index % 2 ? Math.max(value, next[other]! + 0.01) : Math.min(value, next[other]! - 0.01);
    store.sectionBox.value = next;
  };
  return (
    <Card title={t("section")} id="section-card" onClose={() => (store.sectionBox.value = null)}>
      {AXES.map((axis, index) => (
        <div class="pair" key={axis}>
          {[index * 2, index * 2 + 1].map((side) => (
            <label class="field" key={side}>
              <span>
                {axis} {side % 2 ? t("to") : t("from")}
              </span>
              <input
                type="range"
                min="0"
                max="1"
                step="0.005"
                value={shares[side]}
                onInput={(event) => change(side, Number(event.currentTarget.value))}
              />
            </label>
          ))}
        </div>
      ))}
    </Card>
  );
}
