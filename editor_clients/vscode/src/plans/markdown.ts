// Markdown for hovers and tooltips, in which what a plan says shows as it is.

import { visible } from "./words";

/** Any mark may stand for itself behind a backslash (CommonMark 2.4), so nothing is left to make links, images or HTML of. */
const MARKS = /[!-/:-@[-`{-~]/g;

/** Somebody else's text, on one line. */
export function plain(text: string): string {
  return visible(text).trim().replace(MARKS, "\\$&");
}

/** Lines that stay lines. */
export function lines(each: readonly string[]): string {
  return each.join("  \n");
}
