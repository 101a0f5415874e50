"""The format `aider`: the text that Aider writes with `--no-pretty`, of which a few lines tell more than words.

    Tokens: 12k sent, 1.2k received. Cost: $0.05 message, $0.11 session.
    Applied edit to src/nav.tsx
    litellm.AuthenticationError: Missing Anthropic API Key
    Retrying in 0.2 seconds...

Aider ends with status 0 also when no request succeeded, so the last such error is what tells.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from agent_server.agents.backend import Retrying, ToolCall, ToolStatus, Used
from agent_server.agents.output.parser import Heard, Turn
from agent_server.agents.output.text import PlainText

_TOKENS = re.compile(
    r"Tokens: (?P<sent>[\d.]+k?) sent,.*? (?P<received>[\d.]+k?) received\."
    r"(?: Cost: \$(?P<cost>\d+(?:\.\d+)?) message)?"
)
_EDITED = re.compile(r"Applied edit to (.+)")
_ERROR = re.compile(r"litellm\.\w*(?:Error|Exceeded)\b.*")
_RETRIES = re.compile(r"Retrying in [\d.]+ seconds")


class Aider:
    """See `OutputParser`."""

    def __init__(self, place: Path) -> None:
        """See `PARSERS`."""
        self.failure = ""
        self._text = PlainText(place)
        self._retries = 0

    @property
    def last_words(self) -> str:
        """See `OutputParser.last_words`."""
        return self._text.last_words

    def read(self, line: str) -> Iterator[Heard]:
        """See `OutputParser.read`."""
        if told := _TOKENS.match(line):
            self.failure = ""
            cost = told["cost"]
            yield Turn()
            yield Used(_count(told["sent"]), _count(told["received"]), usd=float(cost) if cost else None)
        elif edited := _EDITED.fullmatch(line):
            yield ToolCall("edit", (edited[1],), ToolStatus.DONE)
        elif _RETRIES.match(line):
            self._retries += 1
            yield Retrying(self._retries, self.failure or "a request failed")
        else:
            if _ERROR.match(line):
                self.failure = line.strip()
            yield from self._text.read(line)


def _count(spelled: str) -> int:
    """A count as Aider spells it: `600`, `1.2k`. What no number is counts as none."""
    try:
        return round(float(spelled.removesuffix("k")) * (1000 if spelled.endswith("k") else 1))
    except ValueError:
        return 0
