// What every page and its panel agree on.

/** A page says so once it listens: what was sent before may not have reached it. */
export const READY = "ready";
