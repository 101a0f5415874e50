"""What stands in the box of a task, and what that says of it."""

import re

from agent_server.plan.model import Status

SKIPPED = frozenset("-")
"""What a box holds, in most formats, when its task is left out."""

_DONE = frozenset("xX\u2713\u2714\u2705\u2611")


def status_of_box(box: str, skipped: frozenset[str] = SKIPPED) -> Status:
    """What a character in a box says. Ones that nobody knows, such as those for work that goes on, are open."""
    if box in _DONE:
        return Status.DONE
    return Status.SKIP if box in skipped else Status.TODO


_STRUCK = re.compile(
    r"[ \t]*+(?:(?:[-*+]|\d{1,9}[.)]|#{1,6})[ \t]++)?(?:\\?\[[^\]\r\n]?\\?\][ \t]++)?"
    r"[*_]{0,3}(?:(?=[\w.-]{0,12}\d)[\w.-]{1,12}[.):]?[*_]{0,3}[ \t]++)?~~[^~\r\n]++~~[*_]{0,3}"
    r"[ \t]*+(?:$|<!--|[(:\u2013\u2014-]|\*\*)"
)


def is_struck(line: str) -> bool:
    """Whether the first line of a task is struck through, apart from a remark: the task is left out.

    What stands behind as words is what the task says now.
    """
    return _STRUCK.match(line) is not None
