// Times, tokens and lists of names, in the few letters that pictures have room for.

import { minutes } from "../plans/words";

/** An estimate, to a tenth of a minute as the server's own texts have it: `9.4 min`, `2 h 5 min`. */
export function estimate(value: number): string {
  return value < 59.95 ? `${Number(value.toFixed(1))} min` : minutes(value);
}

/** A time that was measured, to the second while it is short: `42s`, `2m 10s`, `1h 5m`. */
export function elapsed(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return both(Math.floor(whole / 60), "m", whole % 60, "s");
  return both(Math.floor(whole / 3600), "h", Math.floor((whole % 3600) / 60), "m");
}

function both(large: number, unit: string, small: number, smaller: string): string {
  return small ? `${large}${unit} ${small}${smaller}` : `${large}${unit}`;
}

/** `950 tokens`, `41k tokens`, `1.2M tokens`. */
export function tokens(value: number): string {
  if (value < 1000) return `${value} ${value === 1 ? "token" : "tokens"}`;
  return value < 999_500 ? `${Math.round(value / 1000)}k tokens` : `${(value / 1e6).toFixed(1)}M tokens`;
}

/** `a`, `a and b`, `a, b and c`; of many the first few, and how many more. */
export function listed(names: readonly string[], most = 4): string {
  const more = names.length - most;
  const shown = more > 1 ? [...names.slice(0, most), `${more} more`] : names;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
