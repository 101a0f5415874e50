"""Severities in the colours of a terminal."""

import os
import sys

from agent_server.analysis.settings import Severity

_COLOURS = {
    Severity.ERROR: "31",
    Severity.WARNING: "33",
    Severity.INFORMATION: "36",
    Severity.HINT: "2",
    Severity.OFF: "9",
}


def are_wanted() -> bool:
    """Whether a person looks on who has not said otherwise (`NO_COLOR`)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def painted(words: str, severity: Severity) -> str:
    """The words in the colour of a severity."""
    return f"\x1b[{_COLOURS[severity]}m{words}\x1b[0m"
