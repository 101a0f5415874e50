// The Plans view: draws the rows, and tells VS Code which of them are others now.

import * as vscode from "vscode";
import type { App } from "../app";
import { goesOn } from "../plans/standing";
import { counted } from "../plans/words";
import type { ServerState } from "../server/server";
import { Throttle } from "../throttle";
import { ChangeDecorations, resourceOf } from "./change_decorations";
import { type Element, Elements } from "./elements";
import { needing, type Row, rowsOf } from "./rows";
import { tooltipOf } from "./tooltip";

/** Runs tell of themselves ten times a second; nobody reads that fast. */
const PAUSE = 250;

export function register(app: App): vscode.Disposable {
  const rows = new Rows();
  const begun = new Set<string>();
  const view = vscode.window.createTreeView("agentServer.plans", { treeDataProvider: rows, showCollapseAll: true });
  const show = () => {
    const plans = app.plans.all;
    const number = needing(plans);
    const badge = number
      ? { value: number, tooltip: `${counted(number, "run")} waiting for your decision` }
      : undefined;
    if (view.badge?.value !== badge?.value) view.badge = badge;
    const message = messageOf(app.server.state, app.plans.areKnown, app.plans.mayGrow);
    if (view.message !== message) view.message = message;
    if (!view.visible) return;
    rows.update(rowsOf(plans));
    for (const { uri, run } of plans) {
      if (!run || !goesOn(run) || begun.has(run.run)) continue;
      begun.add(run.run);
      // Who launches a plan wants to see it run, also where its row was folded.
      const element = rows.elements.get(uri);
      if (element) view.reveal(element, { select: false, focus: false, expand: true }).then(undefined, () => undefined);
    }
  };
  const throttle = new Throttle(PAUSE, show);
  show();
  return vscode.Disposable.from(
    view,
    rows,
    throttle,
    app.plans.onDidChange(() => throttle.ask()),
    app.server.onDidChangeState(() => throttle.ask()),
    view.onDidChangeVisibility(() => throttle.now()),
    vscode.window.registerFileDecorationProvider(new ChangeDecorations()),
    vscode.commands.registerCommand("agent-server.showPlans", async () => {
      await vscode.commands.executeCommand("agentServer.plans.focus");
      throttle.now();
      const active = vscode.window.activeTextEditor?.document.uri;
      const element = rows.elements.get((active && app.plans.get(active)?.uri) ?? "");
      if (element) await view.reveal(element, { select: true, focus: true, expand: true });
    }),
  );
}

/** What stands above the rows while they are not all there. */
export function messageOf(state: ServerState, areKnown: boolean, mayGrow: boolean): string {
  if (state.kind === "starting") return "Starting the server…";
  if (state.kind === "running" && !areKnown) return "Reading the plans…";
  return state.kind === "running" && mayGrow ? "Looking for plans…" : "";
}

class Rows implements vscode.TreeDataProvider<Element>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Element | Element[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  readonly elements = new Elements();

  update(rows: readonly Row[]): void {
    const stale = this.elements.update(rows);
    if (stale === "all") this.changed.fire(undefined);
    else if (stale.length) this.changed.fire([...stale]);
  }

  getChildren(element?: Element): Element[] {
    return [...(element ?? { children: this.elements.roots }).children];
  }

  getParent(element: Element): Element | undefined {
    return element.parent;
  }

  getTreeItem(element: Element): vscode.TreeItem {
    const { row } = element;
    const item = new vscode.TreeItem(row.label, collapsibility(row));
    item.id = row.id;
    item.description = row.description;
    item.contextValue = row.context;
    item.accessibilityInformation = { label: row.spoken };
    item.iconPath = iconOf(row);
    if (row.change) item.resourceUri = resourceOf(row.path ?? "", row.change);
    const command = commandOf(row);
    if (command) item.command = { ...command, arguments: [element] };
    return item;
  }

  resolveTreeItem(item: vscode.TreeItem, { row }: Element): vscode.TreeItem {
    item.tooltip = tooltipOf(row.detail());
    return item;
  }

  dispose(): void {
    this.changed.dispose();
  }
}

function collapsibility({ children, expanded }: Row): vscode.TreeItemCollapsibleState {
  if (!children.length) return vscode.TreeItemCollapsibleState.None;
  return expanded ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed;
}

function iconOf({ icon }: Row): vscode.ThemeIcon {
  if (!icon) return vscode.ThemeIcon.File;
  return new vscode.ThemeIcon(icon.name, icon.color === undefined ? undefined : new vscode.ThemeColor(icon.color));
}

/** What Enter does. A wave and a run have nothing to open; Enter folds them. */
function commandOf(row: Row): { command: string; title: string } | undefined {
  if (row.change) return { command: "agent-server.openChange", title: "Open the Diff" };
  const opens = row.task !== undefined || row.id === row.uri;
  return opens ? { command: "agent-server.openPlan", title: "Open the Plan" } : undefined;
}
