/** Storeys, types, spaces and systems as trees; search. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { goTo, zoomTo } from "../controller.ts";
import { t, tr } from "../i18n.ts";
import * as store from "../store.ts";
import { IconButton } from "./icons.tsx";

interface Node {
  key: string;
  name: string;
  rows: number[];
  children?: () => Node[];
}

type Tab = "storeys" | "types" | "spaces" | "systems";
const TABS: Tab[] = ["storeys", "spaces", "types", "systems"];
const MOST = 200; // lines of one branch; the search finds the others

export function ModelPanel(): JSX.Element {
  const tab = useSignal<Tab>("storeys");
  const query = useSignal("");
  const loaded = store.twin.value;
  if (!loaded) return <p class="scroll note">{t("loading")}</p>;
  const text = query.value.trim().toLowerCase();
  return (
    <>
      <label class="search">
        <span class="visually-hidden">{t("search")}</span>
        <input
          type="search"
          placeholder={t("search")}
          value={query.value}
          onInput={(event) => (query.value = event.currentTarget.value)}
        />
      </label>
      {text ? (
        <Results text={text} twin={loaded} />
      ) : (
        <>
          <div class="tabs" role="tablist">
            {TABS.map((one) => (
              <button type="button" role="tab" key={one} aria-selected={tab.value === one} onClick={() => (tab.value = one)}>
                {t(one)}
              </button>
            ))}
          </div>
          <div class="scroll">
            <Tree nodes={nodesOf(tab.value, loaded)} />
          </div>
        </>
      )}
    </>
  );
}

function Results({ text, twin }: { text: string; twin: store.Twin }): JSX.Element {
  const { elements } = twin;
  const rows: number[] = [];
  for (let row = 0; row < elements.global_id.length; row++) {
    if (elements.global_id[row] && isShown(twin, row)) {
      const words = `${elements.name[row]} ${elements.type[row]} ${store.className(elements, row)} ${elements.global_id[row]}`;
      if (words.toLowerCase().includes(text)) rows.push(row);
    }
  }
  return (
    <div class="scroll">
      <p class="note" role="status">
        {rows.length ? `${rows.length} ${t("found")}` : t("nothingFound")}
      </p>
      <Tree nodes={rows.slice(0, MOST).map((row) => leaf(twin, row))} />
    </div>
  );
}

function isShown(twin: store.Twin, row: number): boolean {
  const name = store.className(twin.elements, row);
  return name === "IfcSpace" || !twin.elements.hidden_classes.includes(name);
}

function leaf(twin: store.Twin, row: number): Node {
  return { key: `e${row}`, name: store.labelOf(twin.elements, row), rows: [row] };
}

function nodesOf(tab: Tab, twin: store.Twin): Node[] {
  const { elements, info } = twin;
  const rows = [...elements.global_id.keys()].filter((row) => elements.global_id[row] && isShown(twin, row));
  if (tab === "storeys") {
    const storeys = [...info.storeys.keys()].reverse().concat(-1);
    return storeys
      .map((storey): Node => {
        const own = rows.filter((row) => elements.storey[row] === storey);
        const name = storey < 0 ? t("withoutStorey") : info.storeys[storey]!.name;
        return { key: `s${storey}`, name, rows: own, children: () => byClass(twin, own, `s${storey}`) };
      })
      .filter((node) => node.rows.length);
  }
  if (tab === "spaces") {
    const uses = new Map<string, number[]>();
    elements.spaces.row.forEach((row, space) => {
      const use = elements.spaces.use[space]!;
      uses.set(use, [...(uses.get(use) ?? []), row]);
    });
    return [...uses].map(([use, own]) => ({
      key: `u${use}`,
      name: info.uses[use] ? tr(info.uses[use]!) : use,
      rows: own,
      children: () => own.map((row) => leaf(twin, row)),
    }));
  }
  if (tab === "systems")
    return info.groups.map((group, index) => ({
      key: `g${index}`,
      name: group.name || group.class,
      rows: group.rows,
      children: () => group.rows.slice(0, MOST).map((row) => leaf(twin, row)),
    }));
  return byClass(twin, rows, "t");
}

function byClass(twin: store.Twin, rows: number[], prefix: string): Node[] {
  const classes = new Map<string, number[]>();
  for (const row of rows) {
    const name = store.className(twin.elements, row);
    const own = classes.get(name);
    if (own) own.push(row);
    else classes.set(name, [row]);
  }
  return [...classes]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, own]) => ({
      key: `${prefix}/${name}`,
      name: name.replace(/^Ifc/, ""),
      rows: own,
      children: () => own.slice(0, MOST).map((row) => leaf(twin, row)),
    }));
}

function Tree({ nodes }: { nodes: Node[] }): JSX.Element {
  const open = useSignal<ReadonlySet<string>>(new Set());
  const toggle = (key: string) => {
    const next = new Set(open.value);
    if (!next.delete(key)) next.add(key);
    open.value = next;
  };
  const branch = (list: Node[]): JSX.Element => (
    <ul class="tree">
      {list.map((node) => (
        <li key={node.key}>
          <Line node={node} expanded={open.value.has(node.key)} onToggle={() => toggle(node.key)} />
          {node.children && open.value.has(node.key) && branch(node.children())}
        </li>
      ))}
    </ul>
  );
  return branch(nodes);
}

function Line({ node, expanded, onToggle }: { node: Node; expanded: boolean; onToggle: () => void }): JSX.Element {
  const single = node.rows.length === 1 && !node.children;
  const isolated = store.isolated.value;
  const alone = isolated !== null && isolated.size === node.rows.length && node.rows.every((row) => isolated.has(row));
  const gone = node.rows.length > 0 && node.rows.every((row) => store.hidden.value.has(row));
  return (
    <div class={`row${single && store.selection.value === node.rows[0] ? " on" : ""}`}>
      {node.children && (
        <button type="button" class="toggle" aria-expanded={expanded} aria-label={node.name} onClick={onToggle}>
          ›
        </button>
      )}
      <button
        type="button"
        class="name"
        onClick={() => {
          if (single) {
            goTo(node.rows[0]!);
          } else onToggle();
        }}
      >
        {node.name}
      </button>
      <IconButton
        icon="isolate"
        label={`${t("isolate")}: ${node.name}`}
        pressed={alone}
        onClick={() => {
          store.isolated.value = alone ? null : new Set(node.rows);
          if (!alone) zoomTo(node.rows);
        }}
      />
      <IconButton
        icon={gone ? "hide" : "all"}
        label={`${t("hide")}: ${node.name}`}
        pressed={gone}
        onClick={() => {
          const next = new Set(store.hidden.value);
          for (const row of node.rows) if (gone) next.delete(row);
          else next.add(row);
          store.hidden.value = next;
        }}
      />
      {!single && <span class="amount">{node.rows.length}</span>}
    </div>
  );
}
