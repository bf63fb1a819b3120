/** What to colour by. */

import type { JSX } from "preact";
import { showLayer } from "../controller.ts";
import type { LayerInfo } from "../data/types.ts";
import { t, tr } from "../i18n.ts";
import { server } from "../live/client.ts";
import * as store from "../store.ts";

const GROUPS: Record<string, { en: string; zh: string }> = {
  daylight: { en: "Daylight", zh: "天然采光" },
  sunlight: { en: "Sunlight", zh: "日照" },
  energy: { en: "Heating and cooling", zh: "供暖空调" },
  sponge: { en: "Site and rain", zh: "场地与雨水" },
  model: { en: "Model", zh: "模型" },
};

export function ColourPanel(): JSX.Element {
  const info = store.twin.value?.info;
  const chosen = store.layer.value?.info.id ?? null;
  const groups = new Map<string, LayerInfo[]>();
  for (const layer of info?.layers ?? []) groups.set(layer.group, [...(groups.get(layer.group) ?? []), layer]);
  return (
    <div class="scroll layers">
      <button
        type="button"
        aria-pressed={chosen === null && !store.highlight.value}
        onClick={() => void showLayer(null)}
      >
        <span class="swatch" style="background: linear-gradient(90deg, #c9c3b6, #8fa3ad)" />
        {t("materialsColours")}
      </button>
      {[...groups].map(([group, layers]) => (
        <div key={group}>
          <h3>{GROUPS[group] ? tr(GROUPS[group]!) : group}</h3>
          {layers.map((layer) => (
            <button
              type="button"
              key={layer.id}
              data-layer={layer.id}
              style="width: 100%"
              aria-pressed={chosen === layer.id}
              onClick={() => void showLayer(chosen === layer.id ? null : layer.id)}
            >
              <Swatch layer={layer} />
              {tr(layer.label)}
              <span class="unit">{layer.unit}</span>
            </button>
          ))}
        </div>
      ))}
      {!info?.evaluated && <p class="note">{t(server.value?.evaluation === "running" ? "evaluating" : "noEvaluation")}</p>}
    </div>
  );
}

function Swatch({ layer }: { layer: LayerInfo }): JSX.Element {
  if (!layer.categories.length) return <span class="swatch ramp" />;
  const colours = layer.categories.slice(0, 4).map((one) => one.colour);
  const stops = colours.map((colour, i) => `${colour} ${(i / colours.length) * 100}% ${((i + 1) / colours.length) * 100}%`);
  return <span class="swatch" style={{ background: `linear-gradient(90deg, ${stops.join(", ")})` }} />;
}
