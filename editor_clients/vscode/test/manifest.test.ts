import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { manifest, ROOT } from "./manifest";

const { commands, menus, submenus, keybindings, viewsWelcome, walkthroughs, languages, grammars, snippets } =
  manifest.contributes;
const declared = new Set<string>(commands.map((each: { command: string }) => each.command));

const placed: { command?: string; submenu?: string }[] = Object.values(menus).flat() as object[];

test("menus and keys name commands and menus that there are", () => {
  const below = new Set(submenus.map((each: { id: string }) => each.id));
  for (const { command, submenu } of [...placed, ...keybindings]) {
    assert.ok(declared.has(command) || below.has(submenu), command ?? submenu);
  }
});

test("buttons of pages lead to our commands, or to VS Code's", () => {
  const text = JSON.stringify([viewsWelcome, walkthroughs]);
  for (const [, command = ""] of text.matchAll(/\(command:([^)?]+)/g)) {
    assert.ok(declared.has(command) || /^(vscode|workbench)\./.test(command), command);
  }
});

test("files that the manifest names are there, and packed", () => {
  const packed = readFileSync(join(ROOT, ".vscodeignore"), "utf8");
  const media = walkthroughs.flatMap((each: { steps: { media: { svg: string } }[] }) =>
    each.steps.map((s) => s.media.svg),
  );
  const files = [
    ...media,
    ...languages.flatMap((each: { configuration: string; icon: object }) => [
      each.configuration,
      ...Object.values(each.icon),
    ]),
    ...[...grammars, ...snippets].map((each: { path: string }) => each.path),
    manifest.icon,
  ];
  for (const file of files as string[]) {
    assert.ok(existsSync(join(ROOT, file)), file);
    const [top = ""] = file.replace("./", "").split("/");
    assert.ok(packed.includes(`!${top}`), `${file} is not packed`);
  }
});

test("each pattern of the language can be compiled", () => {
  const language = JSON.parse(readFileSync(join(ROOT, "language-configuration.json"), "utf8"));
  const words = new RegExp(language.wordPattern.pattern, `g${language.wordPattern.flags}`);
  assert.deepEqual("## id: in `src/**/*.py`.\n- needs: first-task".match(words), [
    "id",
    "in",
    "src/**/*.py",
    "needs",
    "first-task",
  ]);
  const [rule] = language.onEnterRules;
  assert.match("- writes:", new RegExp(rule.beforeText));
  assert.doesNotMatch("- writes: `a.py`", new RegExp(rule.beforeText));
  assert.doesNotMatch("- minutes:", new RegExp(rule.beforeText));
});
