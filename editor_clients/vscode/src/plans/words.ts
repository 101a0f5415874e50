// Numbers and names of plans and runs as words for the screen. What a plan says is made fit to be shown: it is one line, and nothing
// in it is invisible or turns the text around it.

/** `1 agent`, `3 agents`. */
export function counted(number: number, thing: string): string {
  return `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;
}

/** A length of time: `45 s`, `3 min`, `1 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  return minutes(Math.floor(seconds / 60));
}

/** Estimated minutes, rounded: `9 min`, `1 h 5 min`. */
export function minutes(number: number): string {
  const whole = Math.max(1, Math.round(number));
  if (whole < 60) return `${whole} min`;
  const rest = whole % 60;
  return `${Math.floor(whole / 60)} h${rest ? ` ${rest} min` : ""}`;
}

/** US dollars: `$0.42`; what is less than a cent is said to be. */
export function money(usd: number): string {
  if (usd > 0 && usd < 0.01) return "<$0.01";
  return `$${usd.toFixed(2)}`;
}

/** Parts of a line, without those that are empty. */
export function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter(Boolean).join(" · ");
}

/** The server marks names and commands as code, with backticks. Where nothing is drawn as code, quotes do it. */
export function quoted(text: string): string {
  return text.replace(/`([^`\n]+)`/g, "“$1”");
}

/** A plan may come from a stranger, and VS Code makes links of `[a](b)` in notifications, even such as run commands. */
export function unlinked(text: string): string {
  return text.replace(/\](?=\()/g, "] ");
}

/** Somebody else's words for a notification, which draws no Markdown but links: it makes none, and quotes what is code. */
export function notified(text: string): string {
  return unlinked(quoted(visible(text)));
}

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

/** What most text is made of: there is nothing to look for in it. */
const PLAIN = /^[ -~]*$/;

/** Somebody else's text on one line, with what cannot be seen spelled out. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(/[\t\r\n]+/g, " ").replace(INVISIBLE, (each) => `\\u{${each.codePointAt(0)?.toString(16)}}`);
}

/** The same for what is set apart line by line, such as a command's output: its lines and tabs are kept. */
export function visibleLines(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(INVISIBLE, (each) =>
      each === "\n" || each === "\t" ? each : `\\u{${each.codePointAt(0)?.toString(16)}}`,
    );
}
