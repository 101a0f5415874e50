"""Plans that are checklists in Markdown: one engine, of which each format is a `Dialect`. Start at `reading.py`."""
