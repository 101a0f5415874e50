// Text in pictures. An SVG does not wrap or cut its text, and nobody can measure it where there is no page, so widths are estimated:
// rather too wide than too narrow.

import { visible } from "../plans/words";
import { element, type Markup } from "./markup";

export interface Lettering {
  readonly x: number;
  /** Of the line on which the letters stand. */
  readonly y: number;
  readonly fill: string;
  readonly size?: number;
  readonly anchor?: "start" | "middle" | "end";
  readonly bold?: boolean;
  /** Text that is wider is cut, and shown whole where the pointer rests on it. */
  readonly most?: number;
  /** Turns the text around its beginning, in degrees. */
  readonly turned?: number;
}

export const SIZE = 12;
export const SMALL = 11;

/** A line of text, cut where it is too long. */
export function lettering(text: string, at: Lettering): Markup {
  const words = visible(text);
  const size = at.size ?? SIZE;
  const shown = at.most === undefined ? words : shortened(words, at.most, size);
  const attributes = {
    x: rounded(at.x),
    y: rounded(at.y),
    fill: at.fill,
    "font-size": size,
    "font-weight": at.bold ? 600 : undefined,
    "text-anchor": at.anchor === "start" ? undefined : at.anchor,
    transform: at.turned === undefined ? undefined : `rotate(${at.turned} ${rounded(at.x)} ${rounded(at.y)})`,
  };
  return shown === words
    ? element("text", attributes, shown)
    : element("text", attributes, element("title", {}, words), shown);
}

/** About how wide a text is, in pixels. */
export function widthOf(text: string, size = SIZE): number {
  let ems = 0;
  for (const character of text) ems += emsOf(character);
  return ems * size;
}

/** As much of a text as has room, with an ellipsis where something is missing. */
export function shortened(text: string, most: number, size = SIZE): string {
  if (widthOf(text, size) <= most + 0.1) return text;
  let left = most / size - emsOf("…");
  let shown = "";
  for (const character of text) {
    left -= emsOf(character);
    if (left < 0) break;
    shown += character;
  }
  return `${shown.trimEnd()}…`;
}

/** To a tenth of a pixel: more digits would only make pictures larger. */
export function rounded(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

const NARROW: ReadonlySet<string> = new Set("ijl.,:;'|!()[]");
const BROAD: ReadonlySet<string> = new Set("mwMW@%…—");

function emsOf(character: string): number {
  if (NARROW.has(character)) return 0.36;
  if (BROAD.has(character)) return 0.98;
  if (character > "\u2e7f") return 1.1;
  return character >= "A" && character <= "Z" ? 0.72 : 0.6;
}
