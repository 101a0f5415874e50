// Who collides with whom, about what. A line for each thing that tasks want, a column for each task, in the order of the waves; on
// the line stand marks for the tasks that want it. So a line is read from its file to the tasks, and a column from a task to all
// that keeps it apart from others. A graph of the same answers neither at thirty tasks: its edges cross, and the files have no place.

import { counted } from "../plans/words";
import type { HazardsResult, PlannedTask } from "../protocol";
import { listed } from "./amounts";
import { choosable, type Look, mostUrgent, picture, stopOf } from "./chart";
import { type Entry, legend } from "./legend";
import { lettering, rounded, SIZE, SMALL, widthOf } from "./lettering";
import { element, type Markup } from "./markup";
import type { Palette } from "./palettes";

/**
 * What keeps tasks apart. `collision`: the plan has them in one wave, where they would collide. `apart`: the waves keep them apart.
 * `order`: one needs what another makes.
 */
export type LineKind = "collision" | "apart" | "order";

export interface Line {
  readonly key: string;
  readonly kind: LineKind;
  /** What it is about: files, locks, or a need. */
  readonly label: string;
  /** The tasks, by id; of an order those that wait. */
  readonly tasks: readonly string[];
  /** Of an order: the task that is waited for. */
  readonly on?: string;
  /** True of an order that is only guessed. */
  readonly guessed: boolean;
  /** All of it, in a sentence. */
  readonly spoken: string;
}

/** The lines, collisions first. */
export function linesOf(hazards: HazardsResult): readonly Line[] {
  const contentions = hazards.contentions.map((each): Line => {
    const kind = each.together ? "collision" : "apart";
    const lock = each.kind === "lock-conflict" ? "lock " : "";
    const want = each.kind === "lock-conflict" ? "want" : "write";
    const together = each.tasks.length === 2 ? "both" : "all";
    const ending = each.together
      ? "and the plan puts them into one wave: they would collide"
      : "so different waves run them";
    return {
      key: `${kind}:${each.kind}:${each.tasks.join(" ")}:${each.paths.join(" ")}`,
      kind,
      label: lock + firstAndMore(each.paths),
      tasks: each.tasks,
      guessed: false,
      spoken: `${listed(each.tasks)} ${together} ${want} ${lock}${listed(each.paths, 8)}, ${ending}.`,
    };
  });
  const lines = [...contentions, ...orders(hazards)];
  const rank: Record<LineKind, number> = { collision: 0, apart: 1, order: 2 };
  return lines.sort((one, other) => rank[one.kind] - rank[other.kind]);
}

/** Dependencies on the same task for the same reason are one line. */
function orders(hazards: HazardsResult): Line[] {
  const lines = new Map<string, Line & { readonly tasks: string[] }>();
  const because = new Map<string, string[]>();
  for (const { kind, task, on, path, guessed, because: why } of hazards.dependencies) {
    const key = `order:${kind}:${on}:${path ?? ""}:${guessed ?? false}`;
    const label = path ?? (kind === "fixed-wave" ? "fixed waves" : `needs ${on}`);
    const known = lines.get(key) ?? { key, kind: "order", label, tasks: [], on, guessed: guessed ?? false, spoken: "" };
    known.tasks.push(task);
    lines.set(key, known);
    because.set(key, [...(because.get(key) ?? []), why]);
  }
  return [...lines.values()].map((line) => ({ ...line, spoken: orderWords(line, because.get(line.key) ?? []) }));
}

function orderWords(line: Line, because: readonly string[]): string {
  const reasons = [...new Set(because)];
  const why = reasons.length === 1 ? `: ${reasons[0]}` : line.label.startsWith("needs ") ? "" : `, for ${line.label}`;
  const guess = line.guessed ? " This is a guess from the plan's words." : "";
  return `${listed(line.tasks)} ${line.tasks.length === 1 ? "waits" : "wait"} for ${line.on}${why}.${guess}`;
}

function firstAndMore(paths: readonly string[]): string {
  const [first = "", ...more] = paths;
  return more.length ? `${first} and ${more.length} more` : first;
}

export interface Limits {
  readonly lines: number;
  readonly tasks: number;
}

const LINE = 22;
const BAND = 20;
const GAP = 10;
const NARROWEST = 17;
const WIDEST = 110;

/** Where things stand on the picture. */
interface Grid {
  readonly labels: number;
  /** The middle of each task's column, by its id. */
  readonly middles: ReadonlyMap<string, number>;
  readonly spacing: number;
  readonly turned: boolean;
  readonly head: number;
  readonly width: number;
}

/** The picture of such lines. Tasks that none names have no column, and of too many the least important are left out. */
export function conflicts(
  all: readonly Line[],
  tasks: readonly PlannedTask[],
  look: Look,
  limits: Limits = { lines: 200, tasks: 60 },
): Markup {
  const columns = columnsOf(all, tasks, limits.tasks);
  const shownTasks = new Set(columns.map((task) => task.id));
  const drawable = all.filter((line) => namesOf(line).filter((id) => shownTasks.has(id)).length > 1);
  const lines = drawable.slice(0, limits.lines);
  const grid = gridOf(lines, columns, look.width);
  const bottom = grid.head + lines.length * LINE;
  const wide: Look = { ...look, width: grid.width };
  const stop = stopOf(look, lines);
  const hidden = hiddenWords(all.length - lines.length);
  const names = legend(meanings(all, hidden, look.palette), bottom + 4, grid.width, look.palette);
  const parts = [
    ...head(columns, grid, bottom, look.palette),
    ...lines.map((line, place) => drawnLine(line, grid.head + place * LINE, grid, wide, stop)),
    ...names.parts,
  ];
  return picture(wide, bottom + 4 + names.height, spokenOf(all), parts);
}

/** All that the picture says, in one sentence. */
export function spokenOf(lines: readonly Line[]): string {
  const of = (kind: LineKind) => lines.filter((line) => line.kind === kind).length;
  const parts = [
    of("collision") && counted(of("collision"), "collision"),
    of("apart") && counted(of("apart"), "conflict"),
    of("order") && (of("order") === 1 ? "1 dependency" : `${of("order")} dependencies`),
  ];
  return listed(parts.filter((part) => part !== 0)) || "No conflicts";
}

function namesOf(line: Line): readonly string[] {
  return line.on === undefined ? line.tasks : [line.on, ...line.tasks];
}

/** The tasks that some line names, by wave, then as the plan has them. */
function columnsOf(lines: readonly Line[], tasks: readonly PlannedTask[], most: number): readonly PlannedTask[] {
  const weight: Record<LineKind, number> = { collision: 10_000, apart: 100, order: 1 };
  const weights = new Map<string, number>();
  for (const line of lines) {
    for (const id of namesOf(line)) weights.set(id, (weights.get(id) ?? 0) + weight[line.kind]);
  }
  const involved = tasks.filter((task) => weights.has(task.id));
  const shown = mostUrgent(involved, most, (task) => weights.get(task.id) ?? 0);
  const wave = (task: PlannedTask) => task.wave ?? Number.MAX_SAFE_INTEGER;
  return [...shown].sort((one, other) => wave(one) - wave(other));
}

function gridOf(lines: readonly Line[], columns: readonly PlannedTask[], width: number): Grid {
  const widest = Math.max(60, ...lines.map((line) => widthOf(line.label)));
  const labels = Math.min(widest, Math.max(120, width * 0.4));
  const room = width - labels - GAP;
  const spacing = Math.min(WIDEST, Math.max(NARROWEST, room / Math.max(1, columns.length)));
  const names = Math.max(0, ...columns.map((task) => widthOf(task.id, SMALL)));
  const turned = names + 8 > spacing;
  const tall = turned ? Math.min(names, 110) * 0.72 + 14 : 18;
  const first = labels + GAP + spacing / 2;
  const middles = new Map(columns.map((task, place) => [task.id, first + place * spacing]));
  const overhang = turned ? Math.max(0, Math.min(names, 110) * 0.72 - spacing / 2) : 0;
  const needed = Math.ceil(labels + GAP + columns.length * spacing + overhang);
  return {
    labels,
    middles,
    spacing,
    turned,
    head: BAND + tall + 6,
    width: Math.max(needed, width),
  };
}

/** The waves above, the tasks' names below them, and a faint line down each column. */
function head(columns: readonly PlannedTask[], grid: Grid, bottom: number, palette: Palette): Markup[] {
  const parts: Markup[] = [];
  let wave: number | undefined | null = null;
  for (const task of columns) {
    const x = grid.middles.get(task.id) ?? 0;
    if (task.wave !== wave) {
      wave = task.wave;
      const left = x - grid.spacing / 2;
      const many = columns.filter((each) => each.wave === wave).length;
      const words = wave === undefined ? "no wave" : many * grid.spacing > 52 ? `Wave ${wave}` : String(wave);
      parts.push(
        element("path", {
          d: `M${rounded(left)} 2V${BAND}M${rounded(left)} ${grid.head}V${bottom}`,
          stroke: palette.line,
          "stroke-width": 1,
        }),
      );
      const at = { x: left + 5, y: 14, fill: palette.faint, size: SMALL, most: many * grid.spacing - 6 };
      parts.push(lettering(words, at));
    }
    const foot = `M${rounded(x)} ${grid.head - 2}V${bottom}`;
    parts.push(element("path", { d: foot, stroke: palette.line, "stroke-width": 1, opacity: 0.45 }));
    const name = { y: grid.head - 8, fill: palette.text, size: SMALL };
    parts.push(
      grid.turned
        ? lettering(task.id, { ...name, x: x + 3, most: 110, turned: -45 })
        : lettering(task.id, { ...name, x, anchor: "middle", most: grid.spacing - 4 }),
    );
  }
  return parts;
}

function drawnLine(line: Line, y: number, grid: Grid, look: Look, stop: string | undefined): Markup {
  const { palette } = look;
  const middle = y + LINE / 2;
  const colour = lineColour(line.kind, palette);
  const at = (id: string) => grid.middles.get(id);
  const places = namesOf(line)
    .map(at)
    .filter((x) => x !== undefined);
  const from = Math.min(...places);
  const to = Math.max(...places);
  const dashes = line.guessed ? "2 3" : line.kind === "apart" ? "5 3" : undefined;
  const stroke = { stroke: colour, "stroke-width": 1.5, "stroke-dasharray": dashes };
  const source = line.on === undefined ? undefined : at(line.on);
  return element(
    "g",
    choosable(look, line.key, stop, line.spoken),
    element("title", {}, line.spoken),
    element("rect", { class: "ground", x: 0, y, width: grid.width, height: LINE, fill: "none" }),
    lettering(line.label, { x: 0, y: middle + 4, fill: palette.text, size: SIZE, most: grid.labels }),
    element("path", { d: `M${rounded(from)} ${middle}H${rounded(to)}`, ...stroke }),
    ...(source === undefined ? [] : [element("circle", { cx: rounded(source), cy: middle, r: 4, fill: colour })]),
    ...line.tasks.flatMap((id) => {
      const x = at(id);
      return x === undefined ? [] : [mark(line.kind, rounded(x), middle, palette, source !== undefined && x < source)];
    }),
  );
}

function lineColour(kind: LineKind, palette: Palette): string {
  return kind === "collision" ? palette.failed : kind === "apart" ? palette.held : palette.running;
}

/** A full square with a cross for a collision, an empty square for what is kept apart, an arrow's head for what waits. */
function mark(kind: LineKind, x: number, y: number, palette: Palette, backwards = false): Markup {
  const colour = lineColour(kind, palette);
  const at = { transform: `translate(${x} ${y})` };
  if (kind === "order")
    return element("path", { ...at, fill: colour, d: backwards ? "M4-5-5 0 4 5z" : "M-4-5 5 0-4 5z" });
  if (kind === "apart") {
    const square = { x: -4.5, y: -4.5, width: 9, height: 9, rx: 1.5, stroke: colour, "stroke-width": 1.6 };
    return element("rect", { ...at, ...square, fill: palette.ground });
  }
  const cross = { d: "M-2.5-2.5 2.5 2.5M2.5-2.5-2.5 2.5", stroke: palette.ground, "stroke-width": 1.5 };
  const square = { x: -5.5, y: -5.5, width: 11, height: 11, rx: 1.5, fill: colour };
  return element("g", at, element("rect", square), element("path", cross));
}

const LEGENDS: Readonly<Record<LineKind, string>> = {
  collision: "would collide",
  apart: "kept apart by waves",
  order: "waits for",
};

function meanings(lines: readonly Line[], hidden: string, palette: Palette): Entry[] {
  const kinds = (["collision", "apart", "order"] as const).filter((kind) => lines.some((line) => line.kind === kind));
  const entries: Entry[] = kinds.map((kind) => ({ words: LEGENDS[kind], mark: (x, y) => mark(kind, x, y, palette) }));
  return hidden ? [...entries, { words: hidden }] : entries;
}

function hiddenWords(number: number): string {
  return number > 0 ? `and ${counted(number, "more line")}` : "";
}
