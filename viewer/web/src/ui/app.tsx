/** The frame of the page: bar, rail, panel, picture, inspector. */

import { effect } from "@preact/signals";
import type { JSX } from "preact";
import icon from "../icon.svg";
import { language, setLanguage, t } from "../i18n.ts";
import { connection, openAlarms } from "../live/client.ts";
import { LivePanel } from "../live/panel.tsx";
import * as store from "../store.ts";
import { ColourPanel } from "./colour.tsx";
import { ComparePanel } from "./compare.tsx";
import { Icon, IconButton, type IconName } from "./icons.tsx";
import { Inspector } from "./inspector.tsx";
import { ModelPanel } from "./model.tsx";
import { Picture } from "./picture.tsx";
import { TopicsPanel } from "./topics.tsx";
import { ScorePanel, Stars, starText } from "./score.tsx";

effect(() => {
  document.documentElement.dataset["theme"] = store.theme.value;
});

const PANELS: { id: store.Panel; icon: IconName; body: () => JSX.Element }[] = [
  { id: "model", icon: "model", body: ModelPanel },
  { id: "colour", icon: "colour", body: ColourPanel },
  { id: "score", icon: "score", body: ScorePanel },
  { id: "compare", icon: "compare", body: ComparePanel },
  { id: "topics", icon: "topic", body: TopicsPanel },
  { id: "live", icon: "live", body: LivePanel },
];

/** The panels that this twin has something for. */
function available(): typeof PANELS {
  const has = { live: connection.value !== "none", compare: store.twin.value?.info.compare === true };
  return PANELS.filter(({ id }) => !(id in has) || has[id as keyof typeof has]);
}

export function App(): JSX.Element {
  const open = available().find((one) => one.id === store.panel.value);
  const Body = open?.body;
  return (
    <div class={`shell${open ? "" : " no-panel"}`}>
      <Bar />
      <nav class="rail" aria-label={t("panel")}>
        {available().map(({ id, icon }) => (
          <button
            type="button"
            key={id}
            id={`rail-${id}`}
            aria-pressed={store.panel.value === id}
            onClick={() => (store.panel.value = store.panel.value === id ? null : id)}
          >
            <Icon name={icon} />
            {id === "live" && openAlarms.value.length > 0 && <span class="count">{openAlarms.value.length}</span>}
            {t(id)}
          </button>
        ))}
      </nav>
      {open && Body && (
        <section class="panel" aria-label={t(open.id)}>
          <header>
            <h2>{t(open.id)}</h2>
            <IconButton icon="close" label={t("close")} onClick={() => (store.panel.value = null)} />
          </header>
          <Body />
        </section>
      )}
      <Picture />
      {store.selection.value !== null && store.twin.value && <Inspector row={store.selection.value} />}
    </div>
  );
}

function Bar(): JSX.Element {
  const info = store.twin.value?.info;
  const rating = store.evaluation.value;
  const dark = store.theme.value === "dark";
  return (
    <header class="bar">
      <h1 class="brand" style="font-size: inherit">
        <img src={icon} alt="" />
        <span class="product">greentwin</span>
        {info && <span class="where">{info.name || info.file}</span>}
      </h1>
      <span class="spring" />
      {rating && (
        <button type="button" class="rating" title={starText(rating.stars.guaranteed)} onClick={() => (store.panel.value = "score")}>
          <Stars count={rating.stars.guaranteed} />
          <b>{rating.score.guaranteed.toFixed(1)}</b>
          <span>
            {t("attainable")} {rating.score.attainable.toFixed(1)}
          </span>
        </button>
      )}
      <button
        type="button"
        class="button"
        id="language"
        lang={language.value === "en" ? "zh" : "en"}
        onClick={() => setLanguage(language.value === "en" ? "zh" : "en")}
      >
        {t("language")}
      </button>
      <IconButton
        icon={dark ? "sun" : "dark"}
        id="theme"
        label={dark ? t("light") : t("dark")}
        onClick={() => {
          store.theme.value = dark ? "light" : "dark";
          localStorage.setItem("greentwin.theme", store.theme.value);
        }}
      />
    </header>
  );
}
