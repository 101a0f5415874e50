// Reviews in VS Code's multi-diff editor: all that a run or a task proposes, beside what it began with.

import * as vscode from "vscode";
import type { App } from "../app";
import { addressOf, shownAs } from "../documents/addresses";
import { goesOn, reportOf } from "../plans/standing";
import { targetOf, taskTargetOf } from "../plans/target";
import { notified } from "../plans/words";
import { type PlanReport, type ProposedFile, type RunReport, ShowChangesCommand } from "../protocol";
import {
  comparisonOf,
  diffTitle,
  type Review,
  reviewTitled,
  type Standing,
  shownPath,
  standingOf,
  titleOf,
  whyNothing,
} from "./changes";
import type { Proposals } from "./proposals";

const NO_RUN = whyNothing(undefined);
const SHOW_UNDECLARED = "Show Them";

/** How long VS Code may take to let go of the documents of a tab that was closed, in milliseconds. */
const LETTING_GO = 500;

export class Reviews {
  private readonly outdated = new Set<string>();

  constructor(
    private readonly app: App,
    private readonly proposals: Proposals,
  ) {}

  /** The review in the tab in front. */
  get active(): Review | undefined {
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    return tab && this.in(tab);
  }

  /** Open the review of a plan's last run, or of one task of it; says so where there is nothing to review. */
  async open(plan: PlanReport, task?: string): Promise<void> {
    const { run } = plan;
    const found = run && (await this.changeSet(run, task));
    if (!run || !found || (found.files.length === 0 && !found.undeclared?.length)) {
      if (!run || found) void vscode.window.showInformationMessage(whyNothing(run, task));
      return;
    }
    const of = { plan, ...(task === undefined ? {} : { task }) };
    const undeclared = found.undeclared ?? [];
    if (found.files.length === 0) return this.show({ ...of, undeclared: true }, run, undeclared);
    await this.show({ ...of, undeclared: false }, run, found.files);
    if (undeclared.length === 0) return;
    const files = undeclared.length === 1 ? "A file was" : `${undeclared.length} files were`;
    const words = `${files} changed outside the declared ones. That is kept to be looked at, and never lands.`;
    if ((await vscode.window.showInformationMessage(words, SHOW_UNDECLARED)) === SHOW_UNDECLARED) {
      await this.show({ ...of, undeclared: true }, run, undeclared);
    }
  }

  /** Open the diff of one file. */
  async openFile(plan: PlanReport, task: string, path: string): Promise<void> {
    const { run } = plan;
    const found = run && (await this.changeSet(run, task));
    const undeclared = found?.undeclared?.find((each) => each.path === path);
    const file = undeclared ?? found?.files.find((each) => each.path === path);
    if (!run || !file) {
      if (!run || found) void vscode.window.showInformationMessage(whyNothing(run, task));
      return;
    }
    const standing = standingOf(file, run, undeclared !== undefined);
    const [before, after] = sidesOf(plan, file, standing);
    // A diff always has two sides: the base of a new file is empty, and so is the proposed text of a deleted one.
    const shown = (uri: string) => documentAs(uri, shownPath(file, standing));
    const sides = [before ?? shown(file.base ?? file.proposed), after ?? shown(file.proposed)];
    await vscode.commands.executeCommand("vscode.diff", ...sides, diffTitle(file, standing), { preview: true });
  }

  /**
   * What a plan's reviews show has changed. They are opened anew, each as soon as it is in front: VS Code draws a multi-diff
   * wrongly whose documents change their lengths while it shows them. `path` is a file to go back to.
   */
  async outdate(plan: string, path?: string): Promise<void> {
    for (const tab of allTabs()) {
      const review = this.in(tab);
      if (review?.plan.uri === plan) this.outdated.add(titleOf(review));
    }
    await this.renew(path);
  }

  /** Open the review in front anew where that is due, or close it where nothing is left to review. */
  async renew(path?: string): Promise<void> {
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    const review = tab && this.in(tab);
    if (!review || !this.outdated.delete(titleOf(review))) return;
    const { plan, task, undeclared } = review;
    const { run } = plan;
    const found = run && (await this.changeSet(run, task));
    const files = (undeclared ? found?.undeclared : found?.files) ?? [];
    if (run && files.length) await this.show(review, run, files, path);
    else await vscode.window.tabGroups.close(tab);
  }

  private in(tab: vscode.Tab): Review | undefined {
    // Multi-diffs have no input that extensions know.
    const isText = tab.input instanceof vscode.TabInputText || tab.input instanceof vscode.TabInputTextDiff;
    return isText ? undefined : reviewTitled(tab.label, this.app.plans.all);
  }

  private async show(review: Review, run: RunReport, files: readonly ProposedFile[], path?: string): Promise<void> {
    const title = titleOf(review);
    const earlier = allTabs().filter((tab) => {
      const other = this.in(tab);
      return other && titleOf(other) === title;
    });
    if (earlier.length) {
      await vscode.window.tabGroups.close(earlier);
      await closed(run.run);
    }
    const rows = files.map((file) => {
      const sides = sidesOf(review.plan, file, standingOf(file, run, review.undeclared));
      return [at(review.plan, file.path), ...sides] as const;
    });
    const goTo = rows[files.findIndex((file) => file.path === path)]?.[2];
    if (goTo) {
      const resources = rows.map(([, originalUri, modifiedUri]) => ({ originalUri, modifiedUri }));
      const what = { title, resources, reveal: { modifiedUri: goTo } };
      await vscode.commands.executeCommand("_workbench.openMultiDiffEditor", what);
    } else {
      await vscode.commands.executeCommand("vscode.changes", title, rows);
    }
  }

  private async changeSet(run: RunReport, task?: string) {
    try {
      return await this.proposals.changeSet(run, task);
    } catch (error) {
      void vscode.window.showErrorMessage(notified(error instanceof Error ? error.message : String(error)));
      return undefined;
    }
  }
}

/** The commands that open reviews and diffs, and what a review offers in its title. */
export function registerReviews(app: App, reviews: Reviews): vscode.Disposable {
  // VS Code opens an earlier session's reviews before there is a server to ask: they are empty until they are opened anew.
  let restored = false;
  const restore = () => {
    if (restored || !app.plans.areKnown) return;
    restored = true;
    for (const { uri } of app.plans.all) void reviews.outdate(uri);
  };
  const going = new Set<string>();
  const follow = (run: RunReport) => {
    if (goesOn(run)) going.add(run.plan);
    else if (going.delete(run.plan)) void reviews.outdate(app.plans.get(run.plan)?.uri ?? run.plan);
  };
  return vscode.Disposable.from(
    app.layers.before(ShowChangesCommand.command, async ({ uri, task }, send) => {
      const plan = app.plans.get(uri);
      if (!plan) return send();
      return reviews.open(plan, typeof task === "string" ? task : undefined);
    }),
    app.plans.onDidChange(restore),
    app.plans.onDidChangeRun(follow),
    vscode.window.tabGroups.onDidChangeTabs(() => void reviews.renew()),
    vscode.commands.registerCommand("agent-server.review", async (argument: unknown) => {
      const target = await targetOf(app, argument, { plan: ({ run }) => run !== undefined, none: NO_RUN });
      if (target) await reviews.open(target.plan, target.task);
    }),
    vscode.commands.registerCommand("agent-server.reviewTask", async (argument: unknown) => {
      const inRun = (plan: PlanReport, task: string) => reportOf(plan.run, task) !== undefined;
      const target = await taskTargetOf(app, argument, { task: inRun, none: NO_RUN });
      if (target) await reviews.open(target.plan, target.task);
    }),
    vscode.commands.registerCommand("agent-server.openChange", async (argument: unknown) => {
      const target = await targetOf(app, argument);
      if (target?.task && target.path) await reviews.openFile(target.plan, target.task, target.path);
    }),
    vscode.commands.registerCommand("agent-server.landReviewed", async () => {
      const review = reviews.active;
      if (!review) return;
      const { plan, task } = review;
      await vscode.commands.executeCommand(task === undefined ? "agent-server.land" : "agent-server.landTask", {
        uri: plan.uri,
        ...(task === undefined ? {} : { task }),
      });
    }),
    vscode.commands.registerCommand("agent-server.retryReviewed", async () => {
      const review = reviews.active;
      if (!review) return;
      const again = { task: (plan: PlanReport, task: string) => reportOf(plan.run, task)?.canRetry ?? false };
      const target = await taskTargetOf(app, { uri: review.plan.uri, task: review.task }, again);
      if (target)
        await vscode.commands.executeCommand("agent-server.retryTask", { uri: target.plan.uri, task: target.task });
    }),
  );
}

function allTabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs);
}

/** Wait until no file of a run is open any more, or is likely to stay open: they are then read anew. */
function closed(run: string): Promise<void> {
  const isOpen = () =>
    vscode.workspace.textDocuments.some(({ uri }) => {
      const address = addressOf(uri);
      return (address?.kind === "proposed" || address?.kind === "base") && address.run === run;
    });
  return new Promise((resolve) => {
    if (!isOpen()) return resolve();
    const done = () => {
      clearTimeout(timer);
      listening.dispose();
      resolve();
    };
    const timer = setTimeout(done, LETTING_GO);
    const listening = vscode.workspace.onDidCloseTextDocument(() => {
      if (!isOpen()) done();
    });
  });
}

/** Where a file of the plan's workspace lies. */
function at(plan: PlanReport, path: string): vscode.Uri {
  return vscode.Uri.joinPath(vscode.Uri.parse(plan.folder), path);
}

/** The documents on both sides, under the same path, so that none is taken for a renamed one. */
function sidesOf(
  plan: PlanReport,
  file: ProposedFile,
  standing: Standing,
): [vscode.Uri | undefined, vscode.Uri | undefined] {
  const now = at(plan, file.path);
  const { before, after } = comparisonOf(file, standing, now.toString());
  const shown = standing === "landed" ? now.path : shownPath(file, standing);
  return [
    before === undefined ? undefined : documentAs(before, shown),
    after === undefined ? undefined : standing === "landed" ? now : documentAs(after, shown),
  ];
}

function documentAs(uri: string, path: string): vscode.Uri {
  return vscode.Uri.from(shownAs(uri, path));
}
