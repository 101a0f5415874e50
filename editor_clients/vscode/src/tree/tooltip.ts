// Tooltips, of rows of the Plans view and of marks in the margin of plans.

import * as vscode from "vscode";
import { plain } from "../plans/markdown";
import type { Detail } from "./rows";

/** Nothing in a tooltip is Markdown but what we put there: the words may be a plan's. */
export function tooltipOf(details: readonly Detail[]): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString();
  for (const detail of details) {
    if ("heading" in detail) tooltip.appendMarkdown(`**${plain(detail.heading)}**\n\n`);
    else if ("code" in detail) tooltip.appendCodeblock(detail.code, "text");
    else if (detail.text) tooltip.appendMarkdown(`${plain(detail.text)}\n\n`);
  }
  return tooltip;
}
