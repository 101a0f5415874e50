// Small marks, 12 pixels wide, that tell states apart by their shapes.

import { element, type Markup } from "./markup";
import type { Palette } from "./palettes";

/** What has become of a row of a picture. */
export type Outcome = "waiting" | "running" | "passed" | "failed" | "held" | "stopped";

/** The colour of an outcome. */
export function outcomeColour(palette: Palette, outcome: Outcome): string {
  return outcome === "waiting" ? palette.faint : palette[outcome];
}

/** The mark of an outcome, whose middle is at a point: a ring, a triangle, a tick, a cross, two bars, a struck ring. */
export function outcomeMark(outcome: Outcome, x: number, y: number, palette: Palette): Markup {
  const colour = outcomeColour(palette, outcome);
  const stroke = { stroke: colour, "stroke-width": 1.8, fill: "none", "stroke-linecap": "round" };
  const at = { transform: `translate(${x} ${y})` };
  switch (outcome) {
    case "waiting":
      return element("circle", { ...at, ...stroke, r: 3.5, "stroke-width": 1.4 });
    case "running":
      return element("path", { ...at, fill: colour, d: "M-3.5-4.5 4.5 0-3.5 4.5z" });
    case "passed":
      return element("path", { ...at, ...stroke, d: "M-4 .5-1.5 3.5 4-3" });
    case "failed":
      return element("path", { ...at, ...stroke, d: "M-3.5-3.5 3.5 3.5M3.5-3.5-3.5 3.5" });
    case "held":
      return element("path", { ...at, ...stroke, "stroke-width": 2.4, d: "M-2-3.5V3.5M2.5-3.5V3.5" });
    case "stopped":
      return element("path", {
        ...at,
        ...stroke,
        "stroke-width": 1.4,
        d: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0M-2.8 2.8 2.8-2.8",
      });
  }
}

/** A diamond: the critical path. */
export function diamond(x: number, y: number, colour: string): Markup {
  return element("path", { transform: `translate(${x} ${y})`, fill: colour, d: "M0-4.5 4 0 0 4.5-4 0z" });
}
