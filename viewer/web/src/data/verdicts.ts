/** Colours of verdicts, which colour-blind people can tell apart (after Okabe and Ito, 2008). */

export const VERDICT_COLOURS: Record<string, string> = {
  met: "#009e73",
  not_met: "#d55e00",
  cannot_tell: "#e69f00",
  not_applicable: "#8a9299",
  added: "#009e73",
  removed: "#d55e00",
  changed: "#e69f00",
  concerned: "#0072b2",
};
