// The page of a plan's run: it shows what the panel sends, lets its clock run on between reports, and follows the mouse and the keys.

import { page, remember, remembered } from "../page";
import { show } from "../show";
import "./main.css";
import { goesOn } from "../../plans/standing";
import { ACTIONS, type Action, type Said, type Shown } from "./messages";
import { type Choice, openingOf, type Tab, view } from "./view";

/** How often the clock moves while something runs, in milliseconds. */
const TICK = 1000;

/** What the page keeps while it is hidden, and when the window is loaded anew. The panel looks for the plan in it. */
interface Kept {
  readonly plan: string;
  readonly tab: Tab;
  readonly chosen: Choice["chosen"];
}

let shown: Shown | undefined;
let received = 0;
const kept = remembered() as Kept | undefined;
let choice: Choice = { tab: kept?.tab ?? "timeline", chosen: kept?.chosen ?? {}, width: 600 };

const main = document.createElement("main");
document.body.append(main);

const say = page<Shown, Said>((value) => {
  shown = value;
  received = performance.now();
  keep();
  draw();
});

function keep(): void {
  if (shown) remember({ plan: shown.plan, tab: choice.tab, chosen: choice.chosen } satisfies Kept);
}

function draw(): void {
  if (!shown) return;
  const age = shown.age + (performance.now() - received) / 1000;
  show(main, view(shown, choice, age));
}

function choose(list: string, key: string): void {
  choice = { ...choice, chosen: { ...choice.chosen, [list]: key } };
  keep();
  draw();
}

function chooseTab(tab: Tab): void {
  choice = { ...choice, tab };
  keep();
  draw();
  document.getElementById(`tab-${tab}`)?.focus();
}

function open(row: Element): void {
  const opening = shown && openingOf(shown, listOf(row), keyOf(row));
  if (opening) say(opening);
}

function rowOf(target: EventTarget | null): Element | null {
  return target instanceof Element ? target.closest(".row") : null;
}

function keyOf(row: Element): string {
  return row.getAttribute("data-key") ?? "";
}

function listOf(row: Element): string {
  return row.closest("[data-list]")?.getAttribute("data-list") ?? "";
}

main.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const tab = target?.closest("[data-tab]")?.getAttribute("data-tab");
  if (tab) return chooseTab(tab as Tab);
  const button = target?.closest("[data-action]");
  const action = ACTIONS.find((each) => each === button?.getAttribute("data-action"));
  if (button && action) return sayAction(action, button.getAttribute("data-task"));
  const row = rowOf(target);
  if (row) choose(listOf(row), keyOf(row));
});

function sayAction(action: Action, task: string | null): void {
  say(task === null ? { action } : { action, task });
}

main.addEventListener("dblclick", (event) => {
  const row = rowOf(event.target);
  if (row) open(row);
});

main.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const row = rowOf(event.target);
  const tab = event.target instanceof Element ? event.target.closest('[role="tab"]') : null;
  if (row ? moveInList(row, event.key) : tab && moveInTabs(event.key)) event.preventDefault();
});

function moveInTabs(key: string): boolean {
  if (!["ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) return false;
  const isFirst = key === "Home" || (key !== "End" && choice.tab === "conflicts");
  chooseTab(isFirst ? "timeline" : "conflicts");
  return true;
}

function moveInList(row: Element, key: string): boolean {
  if (key === "Enter") {
    open(row);
    return true;
  }
  const rows = [...(row.closest("[data-list]")?.querySelectorAll(".row") ?? [])];
  const place = rows.indexOf(row);
  const places: Record<string, number> = {
    ArrowUp: place - 1,
    ArrowDown: place + 1,
    Home: 0,
    End: rows.length - 1,
    " ": place,
  };
  const wanted = places[key];
  if (wanted === undefined) return false;
  const next = rows[Math.min(Math.max(wanted, 0), rows.length - 1)];
  if (next instanceof SVGElement) {
    choose(listOf(next), keyOf(next));
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
  return true;
}

new ResizeObserver(([box]) => {
  const width = Math.max(200, Math.floor(box?.contentRect.width ?? 0));
  if (width === choice.width) return;
  choice = { ...choice, width };
  draw();
}).observe(main);

setInterval(() => {
  if (goesOn(shown?.run)) draw();
}, TICK);
