/** The cards of the tools that are open. */

import type { JSX } from "preact";

export function ToolCards(): JSX.Element | null {
  return null;
}
