// Marks in the margin of plans, as the test explorer has them: how each task stands, beside its heading.

import * as vscode from "vscode";
import type { App } from "../app";
import { tasksIn } from "../plans/plans";
import { Throttle } from "../throttle";
import { tooltipOf } from "../tree/tooltip";
import { grouped, MARKS, type Mark, marksOf, type PlacedMark } from "./marks";

/** How often marks follow the runs, in milliseconds. */
const PAUSE = 250;
/** For how long a text must have been left alone: until then its marks move with it, and reports may be of an older text. */
const QUIET = 500;

/** What is seen of a mark beside the scroll bar. What needs no look has nothing there. */
const RULER: Readonly<Partial<Record<Mark, string>>> = {
  running: "charts.blue",
  held: "testing.iconQueued",
  failed: "testing.iconFailed",
  blocked: "testing.iconErrored",
};

export function register(app: App): vscode.Disposable {
  let gutter: Gutter | undefined;
  const configure = () => {
    const isWanted = vscode.workspace.getConfiguration("agentServer").get<boolean>("gutter") ?? true;
    if (isWanted) gutter ??= new Gutter(app);
    else {
      gutter?.dispose();
      gutter = undefined;
    }
  };
  configure();
  return vscode.Disposable.from(
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("agentServer.gutter")) configure();
    }),
    { dispose: () => gutter?.dispose() },
  );
}

/** What an editor was last told: the text that it had then, and of each mark where it stands. */
interface Drawn {
  readonly version: number;
  readonly keys: ReadonlyMap<Mark, string>;
}

class Gutter implements vscode.Disposable {
  private readonly types: ReadonlyMap<Mark, vscode.TextEditorDecorationType>;
  private readonly drawn = new WeakMap<vscode.TextEditor, Drawn>();
  private readonly edited = new Map<string, NodeJS.Timeout>();
  private readonly throttle = new Throttle(PAUSE, () => this.draw());
  private readonly disposables: vscode.Disposable;

  constructor(private readonly app: App) {
    this.types = new Map(MARKS.map((mark) => [mark, typeOf(mark, app.context)]));
    this.disposables = vscode.Disposable.from(
      ...this.types.values(),
      this.throttle,
      app.plans.onDidChange(() => this.throttle.ask()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.throttle.ask()),
      vscode.languages.onDidChangeDiagnostics(({ uris }) => {
        if (uris.some((uri) => app.plans.get(uri))) this.throttle.ask();
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length && app.plans.get(document.uri)) this.wait(document.uri.toString());
      }),
    );
    this.throttle.ask();
  }

  dispose(): void {
    for (const timer of this.edited.values()) clearTimeout(timer);
    this.disposables.dispose();
  }

  private wait(document: string): void {
    clearTimeout(this.edited.get(document));
    const timer = setTimeout(() => {
      this.edited.delete(document);
      this.throttle.ask();
    }, QUIET);
    this.edited.set(document, timer);
  }

  private draw(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const { uri } = editor.document;
      if (this.edited.has(uri.toString())) continue;
      const plan = this.app.plans.get(uri);
      if (plan) this.drawIn(editor, marksOf(plan, errorsIn(uri), tasksIn(plan, uri)));
      else if (this.drawn.has(editor)) this.drawIn(editor, []);
    }
  }

  /** Sets anew only what is not as it was: a run changes a few marks of a plan at a time. */
  private drawIn(editor: vscode.TextEditor, marks: readonly PlacedMark[]): void {
    const groups = grouped(marks);
    const { version } = editor.document;
    const before = this.drawn.get(editor);
    for (const [mark, type] of this.types) {
      const group = groups.get(mark);
      const key = before?.keys.get(mark);
      // In another text they may have been moved, or lost with a line that is back again.
      if (group?.key === key && (!group || before?.version === version)) continue;
      editor.setDecorations(
        type,
        (group?.marks ?? []).map((each) => optionsOf(editor.document, each)),
      );
    }
    this.drawn.set(editor, { version, keys: new Map([...groups].map(([mark, { key }]) => [mark, key])) });
  }
}

function typeOf(mark: Mark, context: vscode.ExtensionContext): vscode.TextEditorDecorationType {
  const icon = (theme: string) => vscode.Uri.joinPath(context.extensionUri, "media", "gutter", `${mark}-${theme}.svg`);
  const color = RULER[mark];
  return vscode.window.createTextEditorDecorationType({
    light: { gutterIconPath: icon("light") },
    dark: { gutterIconPath: icon("dark") },
    gutterIconSize: "contain",
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    ...(color === undefined
      ? {}
      : { overviewRulerColor: new vscode.ThemeColor(color), overviewRulerLane: vscode.OverviewRulerLane.Left }),
  });
}

function optionsOf(document: vscode.TextDocument, { line, detail }: PlacedMark): vscode.DecorationOptions {
  const range = document.validateRange(new vscode.Range(line, 0, line, Number.MAX_SAFE_INTEGER));
  return detail.length ? { range, hoverMessage: tooltipOf(detail) } : { range };
}

/** The lines of a plan with errors. */
function errorsIn(uri: vscode.Uri): number[] {
  return vscode.languages
    .getDiagnostics(uri)
    .filter((each) => each.severity === vscode.DiagnosticSeverity.Error)
    .map((each) => each.range.start.line);
}
