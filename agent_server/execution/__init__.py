"""From an approval to landed files: sandboxes, runs, verification and the crash-safe landing."""
