// The plan that "New Plan" begins with, and the names that a plan may have.

import { basename } from "node:path";

const ENDING = ".plan.md";
/** What no file system takes, or what would lead to another folder. */
const UNUSABLE = /[/\\:*?"<>|\p{Cc}]/u;

/** The name of the plan's file, from what the user has typed. */
export function fileNameOf(typed: string): string {
  const name = typed.trim();
  const bare = name.replace(/(\.plan)?(\.md)?$/i, "");
  return `${bare.replace(/\s+/g, "-")}${ENDING}`;
}

/** What is wrong with a name; undefined where nothing is. */
export function wrongWith(typed: string, taken: (file: string) => boolean): string | undefined {
  const file = fileNameOf(typed);
  if (UNUSABLE.test(typed)) return 'A name has none of / \\ : * ? " < > |';
  if (file === ENDING || file.startsWith(".")) return "Give the plan a name, such as “search” or “user-settings”.";
  if (file.length > MOST) return "That name is too long.";
  return taken(file) ? `There is a ${file} already.` : undefined;
}

const MOST = 100;

/** A title for the plan of this file. */
export function titleOf(file: string): string {
  const words = basename(file, ENDING).replace(/[-_]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** How projects are verified, by a file at their root; the first that is there tells. */
const VERIFYING: readonly (readonly [string, string])[] = [
  ["package.json", "npm test"],
  ["Cargo.toml", "cargo test"],
  ["go.mod", "go test ./..."],
  ["pyproject.toml", "pytest"],
  ["Makefile", "make test"],
];

/** A guess at the command that verifies a project. */
export function verifying(isThere: (file: string) => boolean): string {
  return VERIFYING.find(([file]) => isThere(file))?.[1] ?? "make test";
}

/** The plan as a snippet, with the places to fill in. */
export function template(title: string, verify: string): string {
  return [
    "---",
    `verify: ${place(1, verify)}`,
    "---",
    `# ${place(2, title)}`,
    "",
    place(3, "What all agents need to know: the goal, the conventions, what is there already."),
    "",
    `## ${place(4, "first")}: ${place(5, "What the first agent does")}`,
    `- writes: \`${place(6, "path/of/a-file")}\``,
    "",
    place(7, "What it should do. It sees this and the text at the top, and nothing of the other tasks."),
    "",
    `## ${place(8, "second")}: ${place(9, "What the second agent does")}`,
    `- writes: \`${place(10, "path/of/another")}\``,
    "",
    place(11, "Both work at the same time. One that has to wait says so in a field: needs."),
    "$0",
  ].join("\n");
}

/** A place of a snippet, with a text that means itself. */
function place(number: number, text: string): string {
  return `\${${number}:${text.replace(/[\\$}]/g, "\\$&")}}`;
}
