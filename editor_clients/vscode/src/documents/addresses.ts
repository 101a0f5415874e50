// What the URIs of the server's read-only documents say: `agent-server:/proposed/<run>/<task>/<path>?root=<folder>`. The server
// writes them (`lsp/agent_uris.py`); here they are only read, and always handed on whole.
//
// VS Code shows a document's path, and takes two sides of a diff for a renamed file where their paths differ. So in reviews both
// sides have one path that people understand, and the server's own URI as their query (`shownAs`).

export const SCHEME = "agent-server";

/** The parts of a `vscode.Uri` that are looked at, decoded as VS Code does it. */
export interface Parts {
  readonly scheme: string;
  readonly path: string;
  readonly query: string;
}

export type Address =
  /** What a task's agent is told. `plan` is the plan's path in its workspace. */
  | { readonly kind: "brief"; readonly root: string; readonly plan: string; readonly task: string }
  /** What a task's agent did in a run, or a list of what it changed. */
  | { readonly kind: "transcript" | "changes"; readonly root: string; readonly run: string; readonly task: string }
  /** One file, as an agent would have it or as it was when the agent began. */
  | {
      readonly kind: "proposed" | "base";
      readonly root: string;
      readonly run: string;
      readonly task: string;
      readonly path: string;
    };

/** The same document under another path. `path` begins with a slash. */
export function shownAs(uri: string, path: string): Parts {
  return { scheme: SCHEME, path, query: uri };
}

/** The URI that the server knows, of a document that is shown under another path; undefined for any other. */
export function behind(uri: Parts): string | undefined {
  return uri.scheme === SCHEME && uri.query.startsWith(`${SCHEME}:`) ? uri.query : undefined;
}

/** What a URI names; undefined where it is none of ours. */
export function addressOf(uri: Parts): Address | undefined {
  const { scheme, path, query } = partsOf(behind(uri)) ?? uri;
  if (scheme !== SCHEME || !query.startsWith("root=")) return undefined;
  const root = query.slice("root=".length);
  const [, kind, ...rest] = path.split("/");
  if (kind === "proposed" || kind === "base") {
    const [run, task, ...file] = rest;
    return run && task && file.length ? { kind, root, run, task, path: file.join("/") } : undefined;
  }
  const owner = rest.slice(0, -1).join("/");
  const task = pageOf(rest.at(-1) ?? "", kind ?? "");
  if (!owner || !task) return undefined;
  if (kind === "brief") return { kind, root, plan: owner, task };
  return kind === "transcript" || kind === "changes" ? { kind, root, run: owner, task } : undefined;
}

/** Whether both name the same document, however they are spelled. */
export function isSame(one: Parts, other: Parts): boolean {
  const address = addressOf(one);
  return address !== undefined && JSON.stringify(address) === JSON.stringify(addressOf(other));
}

function partsOf(uri: string | undefined): Parts | undefined {
  const found = uri === undefined ? undefined : /^([^:]+):([^?]*)\?(.*)$/.exec(uri);
  if (!found) return undefined;
  const [, scheme = "", path = "", query = ""] = found;
  try {
    return { scheme, path: decodeURIComponent(path), query: decodeURIComponent(query) };
  } catch {
    return undefined; // not percent-encoded as it should be
  }
}

/** The task that a page is of: `hub` of `hub.brief.md`. */
function pageOf(name: string, kind: string): string {
  const ending = `.${kind}.md`;
  return name.endsWith(ending) ? name.slice(0, -ending.length) : "";
}
