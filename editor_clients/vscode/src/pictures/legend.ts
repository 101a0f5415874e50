// The legend below a picture: marks with their meanings, in as many lines as they take.

import { lettering, SMALL, widthOf } from "./lettering";
import type { Markup } from "./markup";
import type { Palette } from "./palettes";

export interface Entry {
  readonly words: string;
  /** Draws the mark, whose middle is at a point; left out for words alone. */
  readonly mark?: (x: number, y: number) => Markup;
}

const LINE = 18;
const MARK = 16;
const GAP = 16;

/** The legend from `top` on, and how high it is. */
export function legend(
  entries: readonly Entry[],
  top: number,
  width: number,
  palette: Palette,
): { readonly parts: readonly Markup[]; readonly height: number } {
  const parts: Markup[] = [];
  let x = 0;
  let y = top + 4;
  for (const { words, mark } of entries) {
    const before = mark ? MARK : 0;
    const wide = before + widthOf(words, SMALL);
    if (x > 0 && x + wide > width) {
      x = 0;
      y += LINE;
    }
    if (mark) parts.push(mark(x + 6, y + 8));
    parts.push(lettering(words, { x: x + before, y: y + 12, fill: palette.faint, size: SMALL, most: width - before }));
    x += wide + GAP;
  }
  return { parts, height: entries.length ? y + LINE - top : 0 };
}
