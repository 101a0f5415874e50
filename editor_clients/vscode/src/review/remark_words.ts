// Remarks at lines of proposed files, as one comment for the agent that tries again.

export interface Remark {
  readonly path: string;
  /** Counted from 0. */
  readonly line: number;
  readonly words: string;
}

/** What the agent is told: `path:line: words`, by file and line; further lines of a remark are indented. */
export function commentOf(remarks: readonly Remark[]): string {
  return [...remarks]
    .sort((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : one.line - other.line))
    .map(({ path, line, words }) => `${path}:${line + 1}: ${words.trim().split(/\r?\n/).join("\n  ")}`)
    .join("\n");
}
