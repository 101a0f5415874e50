// Rows change, and what VS Code holds must stay the same object: it finds a row again by its identity. So each row lives in an
// element, and this says which elements have to be drawn anew when other rows take their places.

import type { Row } from "./rows";

export class Element {
  readonly id: string;
  readonly uri: string;
  readonly task: string | undefined;
  readonly path: string | undefined;
  parent: Element | undefined;
  children: readonly Element[] = [];

  constructor(public row: Row) {
    ({ id: this.id, uri: this.uri, task: this.task, path: this.path } = row);
  }
}

/** What has to be drawn anew: nothing, some elements with all that is below them, or the whole view. */
export type Stale = readonly Element[] | "all";

export class Elements {
  roots: readonly Element[] = [];
  private known = new Map<string, Element>();

  get(id: string): Element | undefined {
    return this.known.get(id);
  }

  /** Puts rows in the places of those before. No element that is answered lies below another one. */
  update(rows: readonly Row[]): Stale {
    const before = this.known;
    this.known = new Map();
    const stale: Element[] = [];
    const moved: Element[] = [];
    const roots = rows.map((row) => this.place(row, undefined, before, stale, moved));
    const areOthers = !areSame(roots, this.roots);
    this.roots = roots;
    if (areOthers) return "all";
    for (const element of moved) stale.push(rootOf(element));
    return highest(stale);
  }

  private place(
    row: Row,
    parent: Element | undefined,
    before: ReadonlyMap<string, Element>,
    stale: Element[],
    moved: Element[],
  ): Element {
    const known = before.get(row.id);
    const element = known ?? new Element(row);
    this.known.set(row.id, element);
    if (known && known.parent !== parent) moved.push(element);
    element.parent = parent;
    const children = row.children.map((child) => this.place(child, element, before, stale, moved));
    if (known && !(looksSame(known.row, row) && areSame(children, known.children))) stale.push(element);
    element.row = row;
    element.children = children;
    return element;
  }
}

/** Whether two rows are drawn alike. Their tooltips are asked for when they are needed. */
function looksSame(one: Row, other: Row): boolean {
  return (
    one.label === other.label &&
    one.description === other.description &&
    one.icon?.name === other.icon?.name &&
    one.icon?.color === other.icon?.color &&
    one.change === other.change &&
    one.context === other.context &&
    one.spoken === other.spoken
  );
}

function areSame(some: readonly Element[], others: readonly Element[]): boolean {
  return some.length === others.length && some.every((each, index) => each === others[index]);
}

function rootOf(element: Element): Element {
  return element.parent ? rootOf(element.parent) : element;
}

/** Without those that lie below another one: drawing that draws them, too. */
function highest(elements: readonly Element[]): Element[] {
  const all = new Set(elements);
  const isCovered = (element: Element): boolean =>
    element.parent !== undefined && (all.has(element.parent) || isCovered(element.parent));
  return [...all].filter((element) => !isCovered(element));
}
