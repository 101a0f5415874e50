"""Questions to whoever sits at the terminal."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from agent_server.cli.main import UsageError


def is_somebody_there() -> bool:
    """Whether there is somebody to ask, who sees the question."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask(question: str, at_end: str = "") -> str:
    """The answer, without spaces around it; `at_end` where the input has come to its end.

    Raises `KeyboardInterrupt` at Ctrl-C.
    """
    try:
        with _interruptible():
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


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C break off who waits for an answer: asyncio's own handler only cancels what waits in its loop."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
