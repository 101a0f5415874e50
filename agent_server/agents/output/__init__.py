"""What programs that are agents write to their output, and how it is read: one file a format.

A format's name stands in `AgentProgram.output`. To add one, write its parser and give it a line here, and its name a
place in the settings' readers.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from agent_server.agents.output.aider import Aider
from agent_server.agents.output.codex_json import CodexJson
from agent_server.agents.output.parser import Heard, OutputParser, Turn
from agent_server.agents.output.stream_json import StreamJson
from agent_server.agents.output.text import PlainText

__all__ = ["PARSERS", "Heard", "OutputParser", "Turn"]

PARSERS: Mapping[str, Callable[[Path], OutputParser]] = {
    "text": PlainText,
    "aider": Aider,
    "stream-json": StreamJson,
    "codex-json": CodexJson,
}
"""What makes a parser of each format, from the place where the program finds its tree."""
