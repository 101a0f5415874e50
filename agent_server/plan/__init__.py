"""Plans as data: text in, a `Plan` with exact spans and the problems seen out. Pure: no I/O, never raises on a plan."""
