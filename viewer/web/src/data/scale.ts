/** The colour scale of every picture of the twin; the same table as viewer/colours.py. */

export type Rgb = [number, number, number];

export const VIRIDIS: readonly Rgb[] = [
  [68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141],
  [39, 173, 129], [92, 200, 99], [170, 220, 50], [253, 231, 37],
];

export function scaleRgb(value: number, low: number, high: number): Rgb {
  const share = Math.min(Math.max((value - low) / Math.max(high - low, 1e-12), 0), 1);
  const position = share * (VIRIDIS.length - 1);
  const below = Math.min(Math.floor(position), VIRIDIS.length - 2);
  const part = position - below;
  return [0, 1, 2].map((i) =>
    Math.round(VIRIDIS[below]![i]! * (1 - part) + VIRIDIS[below + 1]![i]! * part),
  ) as Rgb;
}

export function parseHex(colour: string): Rgb {
  const value = Number.parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

export function cssRgb([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}
