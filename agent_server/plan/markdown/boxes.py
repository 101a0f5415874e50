"""What stands in the box of a task, and what that says of it."""

from agent_server.plan.model import Status

SKIPPED = frozenset("-")
"""What a box holds, in most formats, when its task is left out."""

_DONE = frozenset("xX\u2713\u2714\u2705\u2611")


def status_of_box(box: str, skipped: frozenset[str] = SKIPPED) -> Status:
    """What a character in a box says. Ones that nobody knows, such as those for work that goes on, are open."""
    if box in _DONE:
        return Status.DONE
    return Status.SKIP if box in skipped else Status.TODO
