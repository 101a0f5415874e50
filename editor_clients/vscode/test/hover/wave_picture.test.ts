import assert from "node:assert/strict";
import { test } from "node:test";
import type * as vscode from "vscode";
import type { App } from "../../src/app";
import { register } from "../../src/hover/wave_picture";
import { PlansChangedNotification, ScheduleRequest, type ScheduleResult } from "../../src/protocol";
import { Layers } from "../../src/server/layers";
import { schedule, scheduled } from "../pictures/examples";
import { ScriptedServer } from "../server";
import { ColorThemeKind, Hover, MarkdownString, Position, Range, Uri, window } from "../vscode";

const LINES = ["---", "agents: 5", "---", "# Clay wiki", "", "## data: Write", "- writes: `a.py`"];
const LETTERS = "1 task · 1 wave\n\n```text\nwave 1  * data ███\n```";

interface Hovered {
  readonly server: ScriptedServer;
  readonly hover: (line: number, markdown?: string) => Promise<string | undefined>;
  version: number;
}

/** The feature, and how to hover over the text of a line. */
function hovered(answer: (version: number) => ScheduleResult | null): Hovered {
  const server = new ScriptedServer();
  const layers = new Layers();
  register({ server, layers } as unknown as App);
  const made: Hovered = {
    server,
    version: 1,
    hover: async (line, markdown = LETTERS) => {
      const text = LINES[line] ?? "";
      const start = text.indexOf(" ") + 1;
      const range = new Range(new Position(line, start), new Position(line, text.length));
      const document = {
        uri: Uri.parse("file:///home/ada/wiki.plan.md"),
        version: made.version,
        lineAt: (at: number) => ({ text: LINES[at] }),
        getText: () => text.slice(start),
      } as unknown as vscode.TextDocument;
      const hover = new Hover(new MarkdownString(markdown), range) as unknown as vscode.Hover;
      const shown = await layers.hover?.(document, range.start as unknown as vscode.Position, hover);
      return (shown?.contents[0] as vscode.MarkdownString | undefined)?.value;
    },
  };
  server.answer(ScheduleRequest, () => answer(made.version));
  return made;
}

const WAVES = (version: number): ScheduleResult => ({ ...schedule([scheduled("data")]), version });

test("the title's hover has an image, in the colours of the theme", async () => {
  const { hover } = hovered(WAVES);
  window.activeColorTheme.kind = ColorThemeKind.Dark;
  const dark = await hover(3);
  window.activeColorTheme.kind = ColorThemeKind.HighContrastLight;
  const light = await hover(3);
  assert.match(dark ?? "", /!\[.*Wave 1: data 9 min.*\]\(data:image\/svg\+xml;base64,[^|]+\|width=480,height=\d+\)/);
  assert.doesNotMatch(dark ?? "", /```/);
  assert.notEqual(dark, light);
});

test("one version of a plan is asked about once, until the server says that it is another", async () => {
  const made = hovered(WAVES);
  await made.hover(3);
  await made.hover(3);
  assert.equal(made.server.asked.length, 1);
  made.version = 2;
  await made.hover(3);
  assert.equal(made.server.asked.length, 2);
  made.server.say(PlansChangedNotification, {});
  await made.hover(3);
  assert.equal(made.server.asked.length, 3);
});

test("other hovers stay as they are, without a request", async () => {
  const { server, hover } = hovered(WAVES);
  assert.equal(await hover(5), LETTERS);
  assert.equal(await hover(6), LETTERS);
  assert.equal(server.asked.length, 0);
});

test("the letters stay where the server has no schedule, an older one, an empty one, or refuses", async () => {
  assert.equal(await hovered(() => null).hover(3), LETTERS);
  assert.equal(await hovered((version) => WAVES(version - 1)).hover(3), LETTERS);
  assert.equal(await hovered((version) => ({ ...WAVES(version), waves: [] })).hover(3), LETTERS);
  const refusing = hovered(() => {
    throw new Error("no");
  });
  assert.equal(await refusing.hover(3), LETTERS);
});
