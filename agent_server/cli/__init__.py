"""The command line: one file per command."""


def main() -> int:
    """Run the command line; returns the exit status."""
    raise SystemExit(2)
