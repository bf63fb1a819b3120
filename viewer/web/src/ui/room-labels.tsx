/** Names of the rooms on the plan, with the value that they are coloured by. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Vector3 } from "three";
import { view } from "../controller.ts";
import { innerPoint } from "../data/inner-point.ts";
import { withUnit } from "../i18n.ts";
import * as store from "../store.ts";

const NARROWEST_PX = 46;

export function RoomLabels(): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const { elements } = store.twin.value!;
  const { spaces } = elements;
  const storey = store.storeyCut.value;
  const shown = store.layer.value;
  const rooms = [...spaces.row.keys()].filter((space) => elements.storey[spaces.row[space]!] === storey && spaces.outline[space]!.length);
  useEffect(() => {
    const place = () => {
      rooms.forEach((space, index) => {
        const label = frame.current?.children[index] as HTMLElement | undefined;
        if (!label) return;
        const { centre, low, high } = extent(spaces.outline[space]![0]!, spaces.floor_z_m[space] ?? 0);
        const at = view!.toScreen(centre);
        const [a, b] = [view!.toScreen(low), view!.toScreen(high)];
        const width = a && b ? Math.abs(a[0] - b[0]) : 0;
        label.hidden = !at || width < NARROWEST_PX;
        if (at) label.style.transform = `translate(${at[0]}px, ${at[1]}px)`;
      });
    };
    place();
    view?.frames.drawn.add(place);
    return () => void view?.frames.drawn.delete(place);
  }, [storey, shown]);
  return (
    <div class="overlay" ref={frame} aria-hidden="true" style="overflow: hidden">
      {rooms.map((space) => {
        const value = shown?.value.get(spaces.row[space]!);
        return (
          <div class="room-label" key={space}>
            {elements.name[spaces.row[space]!]}
            {value !== undefined && Number.isFinite(value) && !shown!.info.categories.length && <b>{withUnit(value, shown!.info.unit)}</b>}
          </div>
        );
      })}
    </div>
  );
}

function extent(outline: number[], z: number): { centre: Vector3; low: Vector3; high: Vector3 } {
  const x = outline.filter((_, index) => index % 2 === 0);
  const y = outline.filter((_, index) => index % 2 === 1);
  const low = new Vector3(Math.min(...x), z, -Math.min(...y));
  const high = new Vector3(Math.max(...x), z, -Math.max(...y));
  const [inX, inY] = innerPoint(outline);
  return { centre: new Vector3(inX, z, -inY), low, high };
}
