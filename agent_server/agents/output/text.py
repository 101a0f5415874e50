"""The format `text`: whatever a program writes, each line something that the agent says."""

from collections.abc import Iterator
from pathlib import Path

from agent_server.agents.backend import Said

MOST_LINES = 5_000
"""So many lines are told; what a program writes beyond that is not."""

LONGEST_LINE = 2_000
"""The longest line that is told whole, in code points."""


class PlainText:
    """See `OutputParser`."""

    def __init__(self, _place: Path) -> None:
        """See `PARSERS`."""
        self.last_words = ""
        self.failure = ""
        self._told = 0

    def read(self, line: str) -> Iterator[Said]:
        """See `OutputParser.read`."""
        if not line.strip():
            return
        self.last_words = line.strip()[:LONGEST_LINE]
        self._told += 1
        if self._told <= MOST_LINES:
            yield Said(line[:LONGEST_LINE])
        elif self._told == MOST_LINES + 1:
            yield Said(f"(The agent writes more than {MOST_LINES:,} lines. The others are left out.)")
