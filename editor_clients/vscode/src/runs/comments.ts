// What a user tells a task's agent for another attempt. What is typed and not sent is kept with the workspace: whoever reloads the
// window, or looks something up first, finds it again.

import * as vscode from "vscode";
import type { App } from "../app";
import { reportOf } from "../plans/standing";
import type { TaskTarget } from "../plans/target";
import { visible } from "../plans/words";

const KEPT = "agentServer.comments";

interface Draft {
  readonly run: string;
  readonly task: string;
  readonly words: string;
}

/** The comment, which may be empty; undefined where the user gave up. */
export async function askComment(app: App, { plan, task }: TaskTarget): Promise<string | undefined> {
  const drafts = new Drafts(app);
  const run = plan.run?.run ?? "";
  const box = vscode.window.createInputBox();
  box.title = `Retry ${visible(task)}`;
  box.prompt = "Enter tries it again. The agent is told how its last attempt ended, and your comment.";
  box.placeholder = "What should the agent do differently? You may leave this empty.";
  box.value = drafts.get(run, task) ?? reportOf(plan.run, task)?.comment ?? "";
  box.ignoreFocusOut = true;
  box.onDidChangeValue((words) => drafts.keep({ run, task, words }));
  const answer = await new Promise<string | undefined>((resolve) => {
    box.onDidAccept(() => resolve(box.value));
    box.onDidHide(() => resolve(undefined));
    box.show();
  });
  box.dispose();
  if (answer !== undefined) drafts.forget(run, task);
  return answer?.trim();
}

class Drafts {
  constructor(private readonly app: App) {}

  get(run: string, task: string): string | undefined {
    return this.all.find((each) => each.run === run && each.task === task)?.words;
  }

  keep(draft: Draft): void {
    this.put([...this.others(draft.run, draft.task), draft]);
  }

  forget(run: string, task: string): void {
    this.put(this.others(run, task));
  }

  private get all(): readonly Draft[] {
    return this.app.context.workspaceState.get<Draft[]>(KEPT) ?? [];
  }

  /** Those of other tasks; of runs that another one has followed nobody can be told anything any more. */
  private others(run: string, task: string): Draft[] {
    const runs = new Set(this.app.plans.all.map((plan) => plan.run?.run));
    return this.all.filter((each) => runs.has(each.run) && !(each.run === run && each.task === task));
  }

  private put(drafts: readonly Draft[]): void {
    void this.app.context.workspaceState.update(KEPT, drafts);
  }
}
