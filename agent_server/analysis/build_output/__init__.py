"""What a build says is wrong, read from its output: one file a family of tools."""
