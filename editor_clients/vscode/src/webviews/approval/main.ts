// The page of the approval. It starts on its heading, so that no key says yes by accident; from there Tab leads to the buttons, and
// Escape says not now.

import { type Content, element, page } from "../page";
import { pieces } from "../prose";
import type { ApprovalAnswer, ApprovalView, Fact, LaunchView, TaskView } from "./messages";
import "./main.css";

/** So long the button is dead after what is asked has changed: a click on its way was meant for what stood there before. */
const GRACE = 1000;

const answer = page<ApprovalView, ApprovalAnswer>(show);

const heading = element("h1", { tabindex: "-1" });
const notice = element("p", { class: "notice", role: "alert" });
const body = element("div", {});
const run = element("button", { type: "button", class: "primary" });
const notNow = element("button", { type: "button", class: "secondary" }, "Not now");
const buttons = element("footer", {}, run, notNow, element("span", {}, "Nothing runs before you say yes."));

let shown: LaunchView | undefined;
let spelling = "";
let isGrace = false;
let timer: number | undefined;

document.body.append(element("main", {}, heading, notice, body), buttons);
run.addEventListener("click", () => {
  if (shown && isReady(shown)) answer({ kind: "run", approved: shown.approved });
});
notNow.addEventListener("click", () => answer({ kind: "notNow" }));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") answer({ kind: "notNow" });
});

function show(view: ApprovalView): void {
  const isFirst = heading.textContent === "";
  const isOther = shown?.approved !== view.launch?.approved;
  shown = view.launch;
  heading.textContent = view.heading;
  // Set only where it differs: what is set is read out.
  if (notice.textContent !== (view.notice ?? "")) notice.textContent = view.notice ?? "";
  notice.hidden = !view.notice;
  showBody(view.launch);
  if (isFirst || (isOther && document.activeElement === run)) heading.focus();
  if (!isFirst && isOther) startGrace();
  showButton();
}

/** What stays the same is left alone, with the place to which the user has scrolled. */
function showBody(launch: LaunchView | undefined): void {
  const now = JSON.stringify({ ...launch, isStarting: false });
  if (now === spelling) return;
  spelling = now;
  body.replaceChildren(...(launch ? launchOf(launch) : []));
}

function startGrace(): void {
  isGrace = true;
  clearTimeout(timer);
  timer = window.setTimeout(() => {
    isGrace = false;
    showButton();
  }, GRACE);
}

/** A button that cannot be pressed stays where Tab finds it. */
function showButton(): void {
  run.hidden = !shown;
  run.textContent = shown?.isStarting ? "Starting…" : (shown?.run ?? "");
  run.setAttribute("aria-disabled", String(!shown || !isReady(shown)));
}

function isReady(launch: LaunchView): boolean {
  return !launch.isStarting && !isGrace;
}

function launchOf(launch: LaunchView): Node[] {
  return [
    element("p", {}, ...prose(launch.headline)),
    element("dl", {}, ...launch.facts.map(factOf)),
    element("h2", { id: "tasks" }, "What each agent does"),
    tableOf(launch),
    element("h2", {}, "How it runs"),
    element("ul", {}, ...launch.notes.map((note) => element("li", {}, ...prose(note)))),
  ];
}

function factOf({ name, text, isCode, isWarning }: Fact): HTMLElement {
  const value = isWarning ? element("span", { class: "warning" }, text) : isCode ? commandOf(text) : text;
  return element("div", {}, element("dt", {}, name), element("dd", {}, value));
}

/** A sentence of the server's. */
function prose(sentence: string): Content[] {
  return pieces(sentence).map(({ text, isCode }) => (isCode ? element("code", {}, text) : text));
}

/** Only a table that is wider than the window has Tab stop there, for the arrow keys to move it: else Tab leads to the buttons. */
const wide = new ResizeObserver(([entry]) => {
  if (!entry) return;
  const { target } = entry;
  if (target.scrollWidth > target.clientWidth) target.setAttribute("tabindex", "0");
  else target.removeAttribute("tabindex");
});

/** In a narrow window the rows are stacked by the style sheet, so the roles are said in so many words. */
function tableOf(launch: LaunchView): HTMLElement {
  const columns = columnsOf(launch);
  const names = ["Task", ...columns.map((column) => column.name)];
  const head = element("tr", { role: "row" }, ...names.map((name) => element("th", { role: "columnheader" }, name)));
  const rows = launch.tasks.map((task) => rowOf(task, columns));
  const table = element(
    "table",
    { role: "table", "aria-labelledby": "tasks" },
    element("thead", { role: "rowgroup" }, head),
    element("tbody", { role: "rowgroup" }, ...rows),
  );
  const region = element("div", { class: "scrolls", role: "region", "aria-labelledby": "tasks" }, table);
  wide.disconnect();
  wide.observe(region);
  return region;
}

interface Column {
  readonly name: string;
  readonly cell: (task: TaskView) => readonly Content[];
}

/** Those that would be empty are left out. */
function columnsOf({ waits, checks }: LaunchView): Column[] {
  return [
    { name: "May write", cell: (task) => [listOf(task.writes)] },
    { name: "Model", cell: (task) => [task.model, element("small", {}, ...prose(task.because))] },
    { name: "Agent", cell: (task) => [task.agent] },
    { name: "Time", cell: (task) => [element("span", { class: "short" }, task.minutes)] },
    ...(waits ? [{ name: "Waits for", cell: (task: TaskView) => [listOf(task.after)] }] : []),
    ...(checks ? [{ name: "Must pass", cell: (task: TaskView) => [checkOf(task)] }] : []),
  ];
}

function rowOf(task: TaskView, columns: readonly Column[]): HTMLElement {
  const name = element("th", { role: "rowheader" }, task.title, element("code", {}, task.id));
  const cells = columns.map((column) =>
    element("td", { role: "cell", "data-name": column.name }, ...column.cell(task)),
  );
  return element("tr", { role: "row" }, name, ...cells);
}

function checkOf({ verify }: TaskView): Content {
  return verify === undefined ? "Nothing" : commandOf(verify);
}

function listOf(names: readonly string[]): Content {
  if (!names.length) return "Nothing";
  return element("ul", {}, ...names.map((name) => element("li", {}, element("code", {}, name))));
}

/** A command is shown whole, with its lines. */
function commandOf(command: string): HTMLElement {
  return element("code", { class: "command" }, command);
}
