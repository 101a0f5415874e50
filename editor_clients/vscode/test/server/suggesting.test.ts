import assert from "node:assert/strict";
import { test } from "node:test";
import { type CompletionItem, CompletionItemKind } from "vscode";
import { asksForMore } from "../../src/server/suggesting";

const item = (label: string, kind: CompletionItemKind): CompletionItem => ({ label, kind });

test("what goes on asks for the next suggestions, and nothing else does", () => {
  const items = [
    item("writes", CompletionItemKind.Field),
    item("src/", CompletionItemKind.Folder),
    item("minutes", CompletionItemKind.Field),
    item("a.py", CompletionItemKind.File),
  ];
  asksForMore({ items });
  assert.deepEqual(
    items.map((each) => each.command?.command),
    ["editor.action.triggerSuggest", "editor.action.triggerSuggest", undefined, undefined],
  );
  assert.equal(asksForMore(null), null);
});
