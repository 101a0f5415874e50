"""The backend `anthropic`: a model behind Anthropic's Messages API, in this process, with tools of our own.

`ANTHROPIC_API_KEY` is the key, `ANTHROPIC_BASE_URL` the address where it is not Anthropic's own. The SDK takes seconds
to load, so it is loaded when the first agent starts, in a thread; `conversation.py` is what uses it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from agent_server.agents.backend import Brief, Emit, Outcome, OutcomeKind, Workbench
from agent_server.agents.files import ConfinedFiles
from agent_server.agents.meter import timed_out
from agent_server.agents.tools import Toolbox

DEFAULT_ADDRESS = "https://api.anthropic.com"
"""Where the Messages API is when `ANTHROPIC_BASE_URL` does not say."""


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach the API.

    A connection that is silent for `silence` seconds counts as lost. After a fault that may pass, the request is made
    again: at most `retries` times in a row, after `pause` seconds at first and twice as long each time, or as long as
    the server asks for. Agents with equal connections share `requests`, the most requests that are under way at once.
    """

    key: str
    address: str
    silence: float = 180.0
    retries: int = 6
    pause: float = 1.0
    requests: int = 64

    def __repr__(self) -> str:
        """Without the key, so that no log and no traceback ever shows it."""
        return f"Connection({self.address!r})"


class AnthropicBackend:
    """Carries out briefs with a model behind the Messages API. `environ` holds the key and the address."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        silence: float = 180.0,
        retries: int = 6,
        pause: float = 1.0,
        requests: int = 64,
    ) -> None:
        """The numbers are `Connection`'s. Touches nothing until an agent starts."""
        self._connection = Connection(
            key=environ.get("ANTHROPIC_API_KEY", "").strip(),
            address=environ.get("ANTHROPIC_BASE_URL", "").strip() or DEFAULT_ADDRESS,
            silence=silence,
            retries=retries,
            pause=pause,
            requests=requests,
        )

    @property
    def name(self) -> str:
        """The name that plans and settings use."""
        return "anthropic"

    @property
    def runs(self) -> str:
        """No program: it works in this process."""
        return ""

    @property
    def problem(self) -> str:
        """What is wrong with the key or the address."""
        return _problem(self._connection)

    async def run(self, brief: Brief, workbench: Workbench, emit: Emit) -> Outcome:
        """Carry out `brief` on `workbench`."""
        return await self.work(brief, Toolbox(ConfinedFiles(workbench.root, brief.writes), emit))

    async def work(self, brief: Brief, tools: Toolbox) -> Outcome:
        """Carry out `brief` with `tools`."""
        if self.problem:
            return Outcome(OutcomeKind.ERROR, self.problem)
        try:
            async with asyncio.timeout(brief.limits.seconds):
                converse = await asyncio.to_thread(_load)
                return await converse(self._connection, brief, tools)
        except TimeoutError:
            return timed_out(brief.limits)


def _problem(connection: Connection) -> str:
    if not connection.key:
        return "There is no key for the model. Set `ANTHROPIC_API_KEY`, or choose another agent."
    if not connection.key.isascii() or not connection.key.isprintable():
        return "`ANTHROPIC_API_KEY` holds characters that no key has. Set it again, or choose another agent."
    try:
        parts = urlsplit(connection.address)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    return "" if usable else "`ANTHROPIC_BASE_URL` is not an address that begins with `http://` or `https://`."


def _load() -> Callable[[Connection, Brief, Toolbox], Awaitable[Outcome]]:
    from agent_server.agents.conversation import converse  # noqa: PLC0415  # loads the SDK

    return converse
