"""Questions to whoever sits at the terminal."""

import sys

from agent_server.cli.main import UsageError
from agent_server.cli.terminal.interrupts import at_once


def is_somebody_there() -> bool:
    """Whether there is somebody to ask, who sees the question."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask(question: str, at_end: str = "") -> str:
    """The answer, without spaces around it; `at_end` where the input has come to its end.

    Raises `KeyboardInterrupt` at Ctrl-C.
    """
    try:
        with at_once():
            return input(f"{question} ").strip()
    except EOFError:
        print()
        return at_end
    except KeyboardInterrupt:
        print()
        raise


def is_agreed(question: str) -> bool:
    """Whether the answer is yes; whoever says nothing says no."""
    return ask(f"{question} [y/N]").lower() in {"y", "yes"}


def approve(question: str) -> bool:
    """As `is_agreed`; raises `UsageError` where nobody can be asked."""
    if not sys.stdin.isatty():
        raise UsageError("There is nobody to ask for approval here. Read what would run, then pass `--approve`.")
    return is_agreed(question)
