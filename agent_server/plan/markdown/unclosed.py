"""What is wrong with a block that is never closed: all that follows belongs to it."""

from agent_server.plan.markdown.blocks import Unclosed
from agent_server.plan.model import Problem


def never_closed(opening: Unclosed) -> Problem:
    """The problem that a block without an end is."""
    what = "comment" if opening.closing == "-->" else "code block"
    message = f"This {what} is never closed, so all that follows belongs to it. End it with a line `{opening.closing}`."
    return Problem("unclosed-block", message, opening.span)
