// Which launches the user is being asked about, and which runs this window has begun: what the approval tells the status item, the
// progress and the notifications.

import * as vscode from "vscode";
import type { Question } from "../status/view";

export class Launches implements vscode.Disposable {
  private readonly asked = new Map<string, Question>();
  private readonly changed = new vscode.EventEmitter<void>();
  /** Other questions are open. */
  readonly onDidChangeQuestions = this.changed.event;
  private readonly began = new vscode.EventEmitter<string>();
  /** A run, by its id, was begun here. */
  readonly onDidBegin = this.began.event;

  get questions(): readonly Question[] {
    return [...this.asked.values()];
  }

  ask(question: Question): void {
    this.asked.set(question.uri, question);
    this.changed.fire();
  }

  /** The user has answered, or is not asked any more. */
  answered(uri: string): void {
    if (this.asked.delete(uri)) this.changed.fire();
  }

  begin(run: string): void {
    this.began.fire(run);
  }

  dispose(): void {
    this.changed.dispose();
    this.began.dispose();
  }
}
