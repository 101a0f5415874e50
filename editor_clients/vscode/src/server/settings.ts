// The settings as the server spells them, from those of VS Code. The server warns of settings that it does not know, so those that
// are the extension's alone stay here. A test holds the names to the server's.

/** Every setting of the server's, as the server spells it. */
export const SERVER_SETTINGS = [
  "agents",
  "agent",
  "models",
  "minutes",
  "prices",
  "brief_tokens",
  "severities",
  "protected",
  "plans",
  "verify",
  "task_minutes",
  "task_tokens",
  "turns",
  "verify_minutes",
  "bisect",
  "isolation",
  "network",
  "backends",
  "requests",
  "scheduler",
  "keep_days",
  "transcripts",
  "speed",
  "record",
] as const;

/** How VS Code spells a setting of the server's. */
export function inEditor(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * The server's settings. Null stands for what the user has left alone: the server takes it as such, and it is sent nevertheless,
 * since it takes back what was set before.
 */
export function serverSettings(get: (name: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(SERVER_SETTINGS.map((name) => [name, get(inEditor(name)) ?? null]));
}

/** The globs that the setting `plans` adds, by formats. As the server has it, they may begin anywhere below a folder. */
export function ownPlaces(plans: unknown): string[] {
  const globs: unknown[] = typeof plans === "object" && plans !== null ? Object.values(plans).flat() : [];
  return globs.filter((glob) => typeof glob === "string").map((glob) => `**/${glob.replace(/^(\*\*)?\/+/, "")}`);
}
