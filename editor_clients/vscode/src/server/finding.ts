// Which programs may be the server, the likeliest first, and what is said where none is. Values only: `starting.ts` asks the disk.

import { dirname, isAbsolute, join, relative } from "node:path";

/** Who named a program: it decides which changes make us look again. */
export type Source = "setting" | "python" | "folder" | "path" | "installed";

export interface Candidate {
  readonly program: string;
  readonly source: Source;
}

/** All that the search looks at. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** What the user has set as the program. */
  readonly chosen: string | null;
  readonly trusted: boolean;
  readonly folders: readonly string[];
  /** The interpreters, or the folders of the environments, that are chosen in the Python extension. */
  readonly pythons: readonly string[];
  /** Environments that this extension has made, the newest first. */
  readonly installed: readonly string[];
}

/** What came of starting a candidate with `--version`. */
export type Check =
  | { readonly kind: "works"; readonly version: string }
  | { readonly kind: "absent" }
  | { readonly kind: "fails"; readonly why: string };

/** Why there is no server to be started. */
export interface Problem {
  readonly problem: "missing" | "outdated" | "broken";
  readonly why: string;
}

const NAME = "agent-server";

/**
 * The programs to try, in turn. A program that the user has chosen is the only one: another in its place would be a surprise.
 * Without trust none of the workspace's own is among them, whoever names it.
 */
export function candidates(all: Surroundings): Candidate[] {
  const found = all.chosen ? [{ program: expanded(all.chosen, all.home), source: "setting" as const }] : looked(all);
  const first = new Map(found.reverse().map((each) => [each.program, each]));
  return [...first.values()].reverse().filter(({ program }) => mayStart(program, all));
}

/** Whether a program may be started here: without trust none that lies in the workspace. */
export function mayStart(program: string, where: Pick<Surroundings, "trusted" | "folders">): boolean {
  return isAbsolute(program) && (where.trusted || !where.folders.some((folder) => isBelow(program, folder)));
}

function looked(all: Surroundings): Candidate[] {
  const below = (source: Source, folders: readonly string[]) =>
    folders.map((folder) => ({ program: join(folder, NAME), source }));
  return [
    // The API gives the interpreter or the environment's folder, as it pleases.
    ...(all.trusted
      ? below(
          "python",
          all.pythons.flatMap((each) => [dirname(each), join(each, "bin")]),
        )
      : []),
    ...(all.trusted
      ? below(
          "folder",
          all.folders.map((each) => join(each, ".venv", "bin")),
        )
      : []),
    ...below("path", [...onPath(all.environment), ...usualPlaces(all)]),
    ...below(
      "installed",
      all.installed.map((each) => join(each, "bin")),
    ),
  ];
}

/** The folders of the `PATH`; those that depend on where we stand could be anybody's. */
export function onPath(environment: Surroundings["environment"]): string[] {
  return (environment["PATH"] ?? "").split(":").filter(isAbsolute);
}

/** Where tools are installed that an editor started from a desktop does not have on its `PATH`. */
function usualPlaces({ environment, home }: Surroundings): string[] {
  const data = environment["XDG_DATA_HOME"] || join(home, ".local", "share");
  return [
    environment["UV_TOOL_BIN_DIR"] || join(home, ".local", "bin"),
    join(environment["UV_TOOL_DIR"] || join(data, "uv", "tools"), NAME, "bin"),
    join(environment["PIPX_HOME"] || join(data, "pipx"), "venvs", NAME, "bin"),
    "/usr/local/bin",
    "/opt/homebrew/bin",
  ];
}

/** What a program that was started with `--version` has answered. */
export function judged(status: number | null, output: string, errors: string): Check {
  const version = /^agent-server (\d\S*)\s*$/m.exec(output)?.[1];
  if (status === 0 && version) return { kind: "works", version };
  if (status === 0) return { kind: "fails", why: "it is another program of this name" };
  return { kind: "fails", why: lastWords(errors) || "it does not answer" };
}

/** The last line that says something, of what a program printed. */
export function lastWords(text: string): string {
  const lines = text.split("\n").map((line) => line.trim().replace(/^(error|ERROR): */, ""));
  const last = lines.filter((line) => line && !line.startsWith("[notice]")).at(-1) ?? "";
  return last.length > MOST_WORDS ? `${last.slice(0, MOST_WORDS)}…` : last;
}

const MOST_WORDS = 200;

/** Why none of the candidates is to be started. `checks` are of those that were tried, `old` those that speak an older protocol. */
export function problemWith(all: Surroundings, checks: ReadonlyMap<string, Check>, old: ReadonlySet<string>): Problem {
  if (all.platform === "win32") {
    return { problem: "missing", why: "Agent Server needs Linux or macOS. On Windows, open the folder in WSL." };
  }
  const [tooOld] = old;
  if (tooOld) return { problem: "outdated", why: `The Agent Server at ${tooOld} is too old for this extension.` };
  for (const [program, check] of checks) {
    if (check.kind === "fails") return { problem: "broken", why: `${program} does not run: ${check.why}` };
  }
  if (!all.chosen) {
    const where = all.trusted ? "" : " outside of this workspace, which you do not trust";
    return { problem: "missing", why: `Agent Server is not installed${where}.` };
  }
  const program = expanded(all.chosen, all.home);
  if (!isAbsolute(program)) {
    return { problem: "missing", why: `The setting for the program, ${program}, is no absolute path.` };
  }
  if (checks.has(program)) return { problem: "missing", why: `There is no ${program}, which your settings name.` };
  return { problem: "missing", why: `${program} lies in this workspace, which you do not trust.` };
}

/** The path, with `~` as the home folder. */
export function expanded(path: string, home: string): string {
  return path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path;
}

/** Whether a path is in a folder. */
function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith("../");
}

/** Whether a server that says this version of our protocol knows all that this extension asks for. */
export function isRecentEnough(said: string | undefined, needed: string): boolean {
  const [major = 0, minor = 0] = numbers(said ?? "");
  const [leastMajor = 0, leastMinor = 0] = numbers(needed);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

function numbers(version: string): number[] {
  return (/^\d+\.\d+/.exec(version)?.[0] ?? "0.0").split(".").map(Number);
}
