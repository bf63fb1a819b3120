/** Line icons on a 24 x 24 grid. */

import type { JSX } from "preact";

const PATHS = {
  model: "M4 9l8-5 8 5v9l-8 4-8-4z M4 9l8 4 8-4 M12 13v9",
  colour: "M12 3a9 9 0 1 0 0 18c1.500 0 2-1 1.500-2-.6-1.300.2-2.500 1.700-2.500H18a3 3 0 0 0 3-3C21 7 17 3 12 3z M7.500 12h.01 M9.500 7.500h.01 M14.500 7.500h.01",
  score: "M12 3l2.700 5.800 6.300.8-4.600 4.400 1.200 6.300L12 17.200 6.400 20.300l1.200-6.300L3 9.600l6.300-.8z",
  compare: "M8 4H4v16h4 M16 4h4v16h-4 M12 2v20",
  live: "M3 12h4l3-8 4 16 3-8h4",
  fit: "M4 9V4h5 M20 9V4h-5 M4 15v5h5 M20 15v5h-5",
  section: "M4 8l8-4 8 4v8l-8 4-8-4z M4 12l8 4 8-4",
  cut: "M3 12h18 M6 12V5h12v7 M6 16v4 M18 16v4",
  measure: "M3 17L17 3l4 4L7 21z M7 13l2 2 M10 10l2 2 M13 7l2 2",
  walk: "M13 4.500a1 1 0 1 0 .01 0 M10 21l2-6-2-2 1-5 3 3 3 1 M12 15l3 2 1 4 M11 8l-3 1-1 3",
  sun: "M12 8a4 4 0 1 0 .01 0 M12 2v2 M12 20v2 M2 12h2 M20 12h2 M5 5l1.400 1.400 M17.600 17.600L19 19 M19 5l-1.400 1.400 M6.400 17.600L5 19",
  plan: "M4 4h16v16H4z M4 12h7 M11 4v10 M15 20v-6h5",
  xray: "M4 8l8-4 8 4v8l-8 4-8-4z M12 12v8 M12 12L4 8 M12 12l8-4",
  all: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7z M12 9a3 3 0 1 0 .01 0",
  hide: "M3 3l18 18 M10 5.300A11 11 0 0 1 12 5c6 0 10 7 10 7a18 18 0 0 1-3 3.800 M6 7a17 17 0 0 0-4 5s4 7 10 7a10 10 0 0 0 4-.8",
  isolate: "M12 3v4 M12 17v4 M3 12h4 M17 12h4 M9 9h6v6H9z",
  close: "M6 6l12 12 M18 6L6 18",
  more: "M9 6l6 6-6 6",
  dark: "M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z",
  topic: "M4 5h16v11H9l-5 4z M8 9h8 M8 12h5",
  zoom: "M11 4a7 7 0 1 0 .01 0 M16 16l5 5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

interface IconButtonProps {
  icon: IconName;
  label: string;
  pressed?: boolean;
  onClick: () => void;
  id?: string;
}

export function IconButton({ icon, label, pressed, onClick, id }: IconButtonProps): JSX.Element {
  return (
    <button type="button" class="icon" id={id} title={label} aria-label={label} aria-pressed={pressed} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
