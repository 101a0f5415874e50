// A Gantt chart: groups of rows, a bar for each over a common axis of time. The waves of a plan and a run are both drawn with it.

import { visible } from "../plans/words";
import { type Entry, legend } from "./legend";
import { type Lettering, lettering, rounded, SIZE, SMALL, widthOf } from "./lettering";
import { diamond, type Outcome, outcomeColour, outcomeMark } from "./marks";
import { element, type Markup } from "./markup";
import { type Palette, tierColour } from "./palettes";

/** Times are in seconds. */
export interface Row {
  /** What the row stands for: a task's id, or another name of the chart's own. */
  readonly key: string;
  readonly label: string;
  /** All that the row says, for people who do not see it. */
  readonly spoken: string;
  readonly start: number;
  /** 0 where there is no bar yet. */
  readonly length: number;
  /** How long it was to take: an outline of what is left of that, open where it goes on beyond the axis. */
  readonly planned?: number;
  /** What has become of it; left out where nothing has happened. */
  readonly outcome?: Outcome;
  /** The step of its model, which colours bars without an outcome. */
  readonly tier?: string;
  readonly critical?: boolean;
  /** Words behind the bar, in a column of their own. */
  readonly note: string;
  /** Words below the bar. */
  readonly detail?: string;
}

export interface Group {
  readonly title: string;
  readonly note: string;
  readonly rows: readonly Row[];
}

export interface Chart {
  /** What the picture shows, in a sentence. */
  readonly spoken: string;
  readonly groups: readonly Group[];
  /** Where the axis ends. */
  readonly end: number;
  readonly now?: number;
  /** What is left out for want of room, in words; empty where nothing is. */
  readonly hidden: string;
}

export interface Look {
  readonly width: number;
  readonly palette: Palette;
  /** Rows can be chosen: then the picture is a list with a name, and `chosen` is the key of the row that is chosen. */
  readonly choice?: { readonly list: string; readonly chosen?: string };
}

const TITLE = 21;
const LINE = 20;
const DETAIL = 15;
const BAR = 10;
const MARK = 18;
const AXIS = 22;
const GAP = 8;

/** Where the columns of a chart begin and end. */
interface Columns {
  readonly label: number;
  readonly plot: number;
  readonly plotEnd: number;
  readonly end: number;
}

export function chart(shown: Chart, look: Look): Markup {
  const rows = shown.groups.flatMap((group) => group.rows);
  const columns = columnsOf(rows, look.width);
  const stop = stopOf(look, rows);
  const parts: Markup[] = [];
  let y = AXIS;
  for (const group of shown.groups) {
    parts.push(...heading(group, y, look));
    y += TITLE;
    for (const row of group.rows) {
      parts.push(drawnRow(row, y, shown.end, columns, look, stop));
      y += heightOf(row);
    }
  }
  const times = axis(shown, columns, y, look.palette);
  const names = legend(meanings(rows, shown.hidden, look.palette), y, look.width, look.palette);
  return picture(look, y + names.height, shown.spoken, [...times, ...parts, ...names.parts]);
}

/** The outermost element of a picture. */
export function picture(look: Look, height: number, spoken: string, parts: readonly Markup[]): Markup {
  const size = { width: look.width, height, viewBox: `0 0 ${look.width} ${height}` };
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    ...size,
    "font-family": "system-ui, 'Segoe UI', 'Helvetica Neue', Ubuntu, 'DejaVu Sans', sans-serif",
    role: look.choice ? "listbox" : "img",
    "data-list": look.choice?.list,
    "aria-label": visible(spoken),
  };
  return element("svg", attributes, ...parts);
}

/** The row at which the Tab key stops: the chosen one, or else the first. The arrow keys lead to the others. */
export function stopOf(look: Look, rows: readonly { readonly key: string }[]): string | undefined {
  return (rows.find((row) => row.key === look.choice?.chosen) ?? rows[0])?.key;
}

/** What makes a group of marks something that can be chosen, where that is wanted. */
export function choosable(look: Look, key: string, stop: string | undefined, spoken: string): Markup["attributes"] {
  if (!look.choice) return {};
  return {
    class: "row",
    role: "option",
    "data-key": key,
    "aria-label": visible(spoken),
    "aria-selected": String(look.choice.chosen === key),
    tabindex: stop === key ? 0 : -1,
  };
}

/** As many as there is room for: those that matter most, in the order in which they stand. */
export function mostUrgent<T>(all: readonly T[], most: number, urgency: (each: T) => number): readonly T[] {
  if (all.length <= most) return all;
  const ranked = all.map((each, place) => ({ each, place, rank: urgency(each) }));
  ranked.sort((one, other) => other.rank - one.rank || one.place - other.place);
  return ranked
    .slice(0, most)
    .sort((one, other) => one.place - other.place)
    .map(({ each }) => each);
}

function columnsOf(rows: readonly Row[], width: number): Columns {
  const widest = (texts: readonly string[], size: number) => Math.max(0, ...texts.map((text) => widthOf(text, size)));
  const labels = widest(
    rows.map((row) => row.label),
    SIZE,
  );
  const notes = widest(
    rows.map((row) => row.note),
    SMALL,
  );
  const label = MARK;
  const plot = label + Math.min(labels, width * 0.42) + GAP;
  const plotEnd = width - Math.min(notes, width * 0.3) - GAP;
  return { label, plot, plotEnd, end: width };
}

function heightOf(row: Row): number {
  return LINE + (row.detail === undefined ? 0 : DETAIL);
}

function heading(group: Group, y: number, look: Look): Markup[] {
  const { palette, width } = look;
  const at = { y: y + 14, size: SMALL };
  const half = width / 2 - GAP;
  return [
    element("path", { d: `M0 ${y + 18.5}H${width}`, stroke: palette.line, "stroke-width": 1 }),
    lettering(group.title, { ...at, x: 0, fill: palette.text, bold: true, most: half }),
    lettering(group.note, { ...at, x: width, fill: palette.faint, anchor: "end", most: half }),
  ];
}

function drawnRow(row: Row, y: number, end: number, columns: Columns, look: Look, stop: string | undefined): Markup {
  const { palette } = look;
  const middle = y + LINE / 2;
  const base: Pick<Lettering, "y"> = { y: middle + 4 };
  const parts = [
    element("rect", { class: "ground", x: 0, y, width: look.width, height: heightOf(row), fill: "none" }),
    ...markOf(row, middle, palette),
    lettering(row.label, {
      ...base,
      x: columns.label,
      fill: palette.text,
      bold: row.critical === true,
      most: columns.plot - columns.label - GAP,
    }),
    ...bars(row, middle, end, columns, palette),
    lettering(row.note, {
      ...base,
      x: columns.plotEnd + GAP,
      fill: palette.faint,
      size: SMALL,
      most: columns.end - columns.plotEnd - GAP,
    }),
  ];
  if (row.detail !== undefined) {
    const most = columns.end - columns.label;
    parts.push(lettering(row.detail, { x: columns.label, y: y + LINE + 8, fill: palette.faint, size: SMALL, most }));
  }
  return element("g", choosable(look, row.key, stop, row.spoken), ...parts);
}

function markOf(row: Row, middle: number, palette: Palette): Markup[] {
  if (row.outcome) return [outcomeMark(row.outcome, 7, middle, palette)];
  return row.critical ? [diamond(7, middle, palette.critical)] : [];
}

function bars(row: Row, middle: number, end: number, columns: Columns, palette: Palette): Markup[] {
  const room = columns.plotEnd - columns.plot;
  const scale = end > 0 ? room / end : 0;
  const from = columns.plot + Math.min(Math.max(row.start, 0) * scale, Math.max(room - 2, 0));
  const wide = (seconds: number) =>
    rounded(Math.min(Math.max(seconds * scale, 2), Math.max(columns.plotEnd - from, 2)));
  const place = { x: rounded(from), y: middle - BAR / 2, height: BAR, rx: 2 };
  const colour = row.outcome ? outcomeColour(palette, row.outcome) : tierColour(palette, row.tier ?? "default");
  const parts: Markup[] = [];
  const edge = row.critical && !row.outcome ? { stroke: palette.critical, "stroke-width": 1.5 } : {};
  const width = row.length > 0 ? wide(row.length) : 0;
  if (width) parts.push(element("rect", { ...place, ...edge, class: "bar", width, fill: colour }));
  if (row.planned !== undefined) {
    const until = from + Math.max(row.planned * scale, 2);
    parts.push(...planMarks(from, from + width, until, columns.plotEnd, place.y, palette));
  }
  return parts;
}

/** What was planned: the outline of what is left of it, or else a notch in the bar where it should have ended. */
function planMarks(from: number, to: number, until: number, most: number, top: number, palette: Palette): Markup[] {
  const [left, right, bottom] = [rounded(to), rounded(Math.min(until, most)), top + BAR];
  if (until < to) {
    const notch = { stroke: palette.ground, "stroke-width": 2 };
    return [element("path", { ...notch, class: "planned", d: `M${rounded(until)} ${top}V${bottom}` })];
  }
  if (right - left < 2) return [];
  const edges = [`M${left} ${top}H${right}M${left} ${bottom}H${right}`];
  if (to === from) edges.push(`M${left} ${top}V${bottom}`);
  if (until <= most + 1) edges.push(`M${right} ${top}V${bottom}`);
  return [element("path", { ...dashed(palette), class: "planned", d: edges.join("") })];
}

/** The times above the rows, and lines down to the bottom of the rows. */
function axis(shown: Chart, columns: Columns, bottom: number, palette: Palette): Markup[] {
  const room = columns.plotEnd - columns.plot;
  const scale = shown.end > 0 ? room / shown.end : 0;
  const parts: Markup[] = [];
  for (const seconds of ticks(shown.end, Math.max(1, Math.floor(room / 56)))) {
    const x = rounded(columns.plot + seconds * scale);
    const line = { stroke: palette.line, "stroke-width": 1, opacity: 0.5 };
    parts.push(element("path", { d: `M${x} ${AXIS - 4}V${bottom}`, ...line }));
    const at = { x, y: 13, fill: palette.faint, size: SMALL };
    parts.push(lettering(tickWords(seconds), { ...at, anchor: "middle" }));
  }
  if (shown.now !== undefined) {
    const x = rounded(columns.plot + Math.min(shown.now, shown.end) * scale);
    const line = { class: "now", stroke: palette.critical, "stroke-width": 1.5, "stroke-dasharray": "1 3" };
    parts.push(element("path", { d: `M${x} ${AXIS - 4}V${bottom}`, ...line }));
  }
  return parts;
}

const STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];

/** Where the axis is marked: at round times, at most so many beside the beginning. */
export function ticks(end: number, most: number): number[] {
  const step = STEPS.find((each) => end / each <= most) ?? Math.ceil(end / most / 86400) * 86400;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, place) => place * step);
}

function tickWords(seconds: number): string {
  if (seconds < 60) return seconds ? `${seconds} s` : "0";
  if (seconds < 3600) return `${Number((seconds / 60).toFixed(1))} min`;
  return `${Number((seconds / 3600).toFixed(1))} h`;
}

function meanings(rows: readonly Row[], hidden: string, palette: Palette): Entry[] {
  const swatch = (x: number, y: number, look: Markup["attributes"]) =>
    element("rect", { x: x - 5, y: y - BAR / 2, width: 10, height: BAR, rx: 2, ...look });
  const open = rows.filter((row) => !row.outcome);
  const entries: Entry[] = ["fast", "default", "capable"]
    .filter((tier) => open.some((row) => row.tier === tier))
    .map((tier) => ({ words: tier, mark: (x, y) => swatch(x, y, { fill: tierColour(palette, tier) }) }));
  if (open.some((row) => row.critical)) {
    entries.push({ words: "critical path", mark: (x, y) => diamond(x, y, palette.critical) });
  }
  if (rows.some((row) => row.planned !== undefined)) {
    entries.push({ words: "planned", mark: (x, y) => swatch(x, y, dashed(palette)) });
  }
  if (hidden) entries.push({ words: hidden });
  return entries;
}

/** What was planned, beside what is. */
function dashed(palette: Palette): Markup["attributes"] {
  return { fill: "none", stroke: palette.faint, "stroke-width": 1, "stroke-dasharray": "3 2" };
}
