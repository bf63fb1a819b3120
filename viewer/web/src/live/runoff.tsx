/** The site's runoff of now by the simulation under the rain of its gauge, beside what is measured. */

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Both } from "../data/types.ts";
import { language, num, t, tr, withUnit } from "../i18n.ts";
import { api, connection, playback, serverNow } from "./client.ts";

interface StoreSensor {
  point: string;
  unit: string;
  measured: number | null;
  simulated: number | null;
  state: "together" | "above" | "below" | "unknown";
  meaning: Both | null;
}

interface RainStore {
  name: string;
  kind: string;
  title: Both;
  capacity_m3: number;
  water_m3: number | null;
  fill_pct: number | null;
  full_ms: number | null;
  sensors: StoreSensor[];
}

interface Period {
  begin_ms: number;
  rain_mm: number;
  simulated_capture_pct: number | null;
  measured_capture_pct: number | null;
  why: Both | null;
}

interface Runoff {
  state: "told" | "no_gauge" | "no_site" | "preparing" | "gauge_silent" | "failed";
  why: Both | null;
  runoff: {
    until_ms: number;
    rain_mm_h: number | null;
    outflow: { simulated_m3_h: number | null; measured_m3_h: number | null };
    stores: RainStore[];
    why: Both | null;
    today: Period;
    event: Period | null;
    unknown_h: number;
  } | null;
}

const AGAIN_MS = 30_000; // the server simulates every five minutes
const LEAST_GAP_H = 0.25; // of unknown rain that is worth a line
const answer = signal<Runoff | null>(null);

function ask(): void {
  if (connection.value === "online")
    void api<Runoff>("/runoff").then(
      (found) => (answer.value = found),
      () => (answer.value = null), // the connection says what is wrong
    );
}

/** Nothing where no gauge is named, and while the past is shown. */
export function RunoffNow(): JSX.Element | null {
  const online = connection.value === "online";
  useEffect(() => {
    ask();
    const timer = setInterval(ask, AGAIN_MS);
    return () => clearInterval(timer);
  }, [online]);
  const found = answer.value;
  if (!found || found.state === "no_gauge" || playback.value !== null) return null;
  return (
    <details class="section" open id="runoff" data-state={found.state}>
      <summary>{t("runoffNow")}</summary>
      {found.why && <CannotTell why={found.why} />}
      {found.runoff && <Told now={found.runoff} />}
    </details>
  );
}

function CannotTell({ why }: { why: Both }): JSX.Element {
  return (
    <p class="state unknown">
      {t("cannotTell")} {tr(why)}
    </p>
  );
}

function Told({ now }: { now: NonNullable<Runoff["runoff"]> }): JSX.Element {
  return (
    <>
      <dl class="facts">
        <dt>{t("rainNow")}</dt>
        <dd>{withUnit(now.rain_mm_h, "mm/h")}</dd>
        <dt>{t("siteOutflow")}</dt>
        <dd>
          <Pair simulated={now.outflow.simulated_m3_h} measured={now.outflow.measured_m3_h} unit="m³/h" />
        </dd>
        {now.stores.map((store) => (
          <StoreFacts key={store.name} store={store} />
        ))}
        <dt>{t("keptToday")}</dt>
        <dd>
          <Kept period={now.today} />
        </dd>
        {now.event && (
          <>
            <dt>{t("keptOfRain")}</dt>
            <dd>
              <Kept period={now.event} /> <small>{t("since")} {moment(now.event.begin_ms)}</small>
            </dd>
          </>
        )}
      </dl>
      {now.why && <CannotTell why={now.why} />}
      <p class="origin">
        {t("simulatedUntil")} {moment(now.until_ms)}
        {now.unknown_h >= LEAST_GAP_H && ` · ${t("rainUnknown")} ${num(now.unknown_h)} h`}
      </p>
    </>
  );
}

function StoreFacts({ store }: { store: RainStore }): JSX.Element {
  return (
    <>
      <dt>{tr(store.title)}</dt>
      <dd data-store={store.name}>
        {withUnit(store.fill_pct, "%")}{" "}
        <small>
          {num(store.water_m3)} / {withUnit(store.capacity_m3, "m³")}
          {store.full_ms !== null && ` · ${t("fullAt")} ${moment(store.full_ms)}`}
        </small>
        {store.sensors.map((sensor) => (
          <div key={sensor.point} data-together={sensor.state} title={sensor.point}>
            <Pair simulated={sensor.simulated} measured={sensor.measured} unit={sensor.unit} />
            {sensor.meaning && <p class="state stale">{tr(sensor.meaning)}</p>}
          </div>
        ))}
      </dd>
    </>
  );
}

function Kept({ period }: { period: Period }): JSX.Element {
  return (
    <>
      {period.rain_mm > 0 && <Pair simulated={period.simulated_capture_pct} measured={period.measured_capture_pct} unit="%" />}{" "}
      <small>
        {t("ofRain")} {withUnit(period.rain_mm, "mm")}
      </small>
    </>
  );
}

/** A simulated value and, where there is one, the measured one beside it. */
function Pair({ simulated, measured, unit }: { simulated: number | null; measured: number | null; unit: string }): JSX.Element {
  return (
    <>
      {withUnit(simulated, unit)} <small>{t("bySimulation")}</small>
      {measured !== null && (
        <>
          {" · "}
          <b>{withUnit(measured, unit)}</b> <small>{t("bySensor")}</small>
        </>
      )}
    </>
  );
}

/** The time of day, with the date when it is another day. */
function moment(time_ms: number): string {
  const time = new Date(time_ms);
  const today = time.toDateString() === new Date(serverNow()).toDateString();
  const options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", ...(today ? {} : { month: "numeric", day: "numeric" }) };
  return time.toLocaleString(language.value, options);
}
