"""Private trees over the frozen base, and the programs that run in them: overlays, worktrees and copies."""
