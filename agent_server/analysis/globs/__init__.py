"""Sets of paths, spelled as globs: read, compared and expanded exactly."""
