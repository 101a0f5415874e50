// The hover on a plan's title shows its waves. The server draws them with letters; here an image takes their place.

import * as vscode from "vscode";
import type { App } from "../app";
import { estimate } from "../pictures/amounts";
import { xml } from "../pictures/markup";
import { PALETTES, type ThemeKind } from "../pictures/palettes";
import { inWords, waves } from "../pictures/waves";
import { PlansChangedNotification, ScheduleRequest, type ScheduleResult } from "../protocol";
import { heading, withImage } from "./image";

/** What a hover has room for. */
const WIDTH = 480;
const MOST_TASKS = 24;

export function register(app: App): vscode.Disposable {
  const asked = new Schedules(app);
  app.layers.hover = async (document, _position, hover) => {
    if (!hover || !isTitle(document, hover)) return hover;
    const schedule = await asked.of(document);
    return schedule?.waves.length ? drawn(hover, schedule) : hover;
  };
  return vscode.Disposable.from(asked, new vscode.Disposable(() => delete app.layers.hover));
}

/** The server hovers over the title where the range is all that a heading of the first level says. */
function isTitle(document: vscode.TextDocument, hover: vscode.Hover): boolean {
  const { range } = hover;
  if (!range?.isSingleLine) return false;
  return heading(document.lineAt(range.start.line).text) === document.getText(range).trim();
}

function drawn(hover: vscode.Hover, schedule: ScheduleResult): vscode.Hover {
  const palette = PALETTES[themeKind(vscode.window.activeColorTheme.kind)];
  const picture = xml(waves(schedule, { width: WIDTH, palette }, MOST_TASKS));
  const words = `${estimate(schedule.parallelMinutes)} in parallel. ${inWords(schedule)}`;
  const contents = hover.contents.map((content) => {
    if (!(content instanceof vscode.MarkdownString)) return content;
    const changed = withImage(content.value, picture, words);
    return changed === undefined ? content : new vscode.MarkdownString(changed);
  });
  return new vscode.Hover(contents, hover.range);
}

function themeKind(kind: vscode.ColorThemeKind): ThemeKind {
  switch (kind) {
    case vscode.ColorThemeKind.Light:
      return "light";
    case vscode.ColorThemeKind.HighContrast:
      return "highContrast";
    case vscode.ColorThemeKind.HighContrastLight:
      return "highContrastLight";
    default:
      return "dark";
  }
}

/** Schedules of open plans, asked for once for each version, unless the server says that they are others now. */
class Schedules implements vscode.Disposable {
  private readonly known = new Map<
    string,
    { readonly version: number; readonly schedule: Promise<ScheduleResult | undefined> }
  >();
  private readonly disposables: readonly vscode.Disposable[];

  constructor(private readonly app: App) {
    this.disposables = [
      app.server.listen(PlansChangedNotification, () => this.known.clear()),
      app.server.onDidChangeState(() => this.known.clear()),
      vscode.workspace.onDidCloseTextDocument((document) => this.known.delete(document.uri.toString())),
    ];
  }

  /** The schedule of the document as it stands; undefined where the server has none, or one of another version. */
  async of(document: vscode.TextDocument): Promise<ScheduleResult | undefined> {
    const plan = document.uri.toString();
    const { version } = document;
    const known = this.known.get(plan);
    if (known?.version === version) return known.schedule;
    const schedule = this.app.server
      .request(ScheduleRequest, { plan })
      .then((answer) => (answer?.version === version ? answer : undefined))
      .catch(() => undefined);
    this.known.set(plan, { version, schedule });
    const answer = await schedule;
    if (!answer && this.known.get(plan)?.schedule === schedule) this.known.delete(plan);
    return answer;
  }

  dispose(): void {
    for (const each of this.disposables) each.dispose();
  }
}
