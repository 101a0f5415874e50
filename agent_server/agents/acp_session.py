"""One session with an agent over the Agent Client Protocol: from its greeting to the end of its work.

Import this late: the package brings pydantic, half a second of processor time and 33 MB.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from acp.connection import Connection
from acp.exceptions import RequestError
from acp.meta import AGENT_METHODS, PROTOCOL_VERSION
from acp.schema import (
    AuthenticateRequest,
    AuthenticateResponse,
    CancelNotification,
    ClientCapabilities,
    FileSystemCapabilities,
    Implementation,
    InitializeRequest,
    InitializeResponse,
    NewSessionRequest,
    NewSessionResponse,
    PromptRequest,
    PromptResponse,
    SetSessionModeRequest,
    SetSessionModeResponse,
    TextContentBlock,
)
from acp.utils import notify_model, request_model, request_model_from_dict
from pydantic import ValidationError

from agent_server import __version__
from agent_server.agents.acp import Agent
from agent_server.agents.acp_client import Client
from agent_server.agents.acp_lines import Lines
from agent_server.agents.backend import Brief, Emit, Outcome, OutcomeKind, Workbench
from agent_server.agents.confinement import Confinement
from agent_server.agents.files import ConfinedFiles
from agent_server.agents.program_backend import filled, not_found
from agent_server.agents.programs import RunningProgram
from agent_server.agents.threads import to_its_end

START_SECONDS = 120.0
"""How long an agent may take to be ready for a prompt: some look for updates, or wait for a slow network."""

GRACE_SECONDS = 3.0
"""How long an agent that is stopped may take to come to its own end."""

_ENDING_SECONDS = 30.0  # a program that ended its output may take to be dead, on a machine that is busy
_LOGIN_WANTED = -32000
_MOST_REMINDERS = 5
_GO_ON = """\
What you wanted to do was refused: it is none of the files that your task may change. Go on with the task without it, \
and finish all that your own files allow. At the end, say which other file would need what."""
_LONGEST_QUOTE = 300  # code points of what the program said


class _Cannot(Exception):
    """The session cannot be had. The message is for the user."""


async def converse(agent: Agent, brief: Brief, workbench: Workbench, running: RunningProgram, emit: Emit) -> Outcome:
    """Have `brief` carried out by the agent that runs on `workbench`. Every fault is an outcome.

    Afterwards nothing that it asked for is under way any more.
    """
    session = _Session(agent, brief, workbench, running, emit)
    try:
        return await session.to_its_end()
    finally:
        await to_its_end(session.close())


class _Session:
    def __init__(self, agent: Agent, brief: Brief, workbench: Workbench, running: RunningProgram, emit: Emit) -> None:
        self._agent = agent
        self._name = agent.name
        self._program = agent.program
        self._brief = brief
        self._place = str(workbench.place)
        self._running = running
        self._greeted = False
        root, writes = workbench.root, brief.writes
        files = ConfinedFiles(root, writes, visible_root=self._place)
        tree = Confinement(root, writes, visible_root=self._place)
        self._client = Client(brief, files, tree, emit, agent.program.refused)
        self._lines = Lines(running.given, running.output)
        self._connection = Connection(self._client.handle, self._lines)

    async def to_its_end(self) -> Outcome:
        """Have the brief carried out. Every fault is an outcome; a cancellation is told to the agent first."""
        try:
            return await self._talk()
        except _Cannot as error:
            return Outcome(OutcomeKind.ERROR, str(error))
        except RequestError as error:
            return self._refused(error)
        except ValidationError:
            return self._error("answered what Agent Server cannot read. Update it, or choose another agent")
        except ConnectionError:
            return await self._broken()
        finally:
            self._client.said_all()

    async def close(self) -> None:
        """End the conversation. Whatever the agent asked for is not under way any more after this."""
        await self._connection.close()

    async def _talk(self) -> Outcome:
        try:
            async with asyncio.timeout(START_SECONDS):
                session = await self._open()
        except TimeoutError:
            words = f"did not answer within {START_SECONDS:.0f} seconds. Does it speak the Agent Client Protocol?"
            return self._error(f"{words}{self._said()}", retryable=True)
        return await self._prompt(session)

    async def _open(self) -> str:
        """The id of a new session, in the mode that the agent is to work in."""
        greeting = await self._greet()
        try:
            session = await self._new_session()
        except RequestError as error:
            method = _key_method(greeting)
            if error.code != _LOGIN_WANTED or method is None or not self._agent.has_key:
                raise
            await self._ask("authenticate", AuthenticateRequest(method_id=method), AuthenticateResponse)
            session = await self._new_session()
        await self._enter_mode(session)
        return session.session_id

    async def _greet(self) -> InitializeResponse:
        # The agent sees the very files that we do, so it may as well read them itself: no size is too large then, and
        # Gemini CLI, which takes a missing file of ours for a fault, can make new ones. Who asks is answered.
        files = FileSystemCapabilities(read_text_file=False, write_text_file=True)
        greeting = await request_model(
            self._connection,
            AGENT_METHODS["initialize"],
            InitializeRequest(
                protocol_version=PROTOCOL_VERSION,
                client_capabilities=ClientCapabilities(fs=files, terminal=False),
                client_info=Implementation(name="agent-server", title="Agent Server", version=__version__),
            ),
            InitializeResponse,
        )
        if greeting.protocol_version != PROTOCOL_VERSION:
            raise _Cannot(
                f"`{self._name}` speaks version {greeting.protocol_version} of the Agent Client Protocol, and Agent"
                f" Server speaks version {PROTOCOL_VERSION}. Update the older of them, or choose another agent."
            )
        self._greeted = True
        return greeting

    async def _new_session(self) -> NewSessionResponse:
        meta = filled(self._program.meta, self._brief.model)
        return await request_model(
            self._connection,
            AGENT_METHODS["session_new"],
            NewSessionRequest(cwd=self._place, mcp_servers=[], field_meta=meta or None),
            NewSessionResponse,
        )

    async def _enter_mode(self, session: NewSessionResponse) -> None:
        wanted = self._program.mode
        if not wanted or (session.modes is not None and session.modes.current_mode_id == wanted):
            return
        offered = [mode.id for mode in session.modes.available_modes] if session.modes is not None else []
        if wanted not in offered:
            there = f"It has {', '.join(f'`{mode}`' for mode in offered)}." if offered else "It has no modes."
            raise _Cannot(f"`{self._name}` has no mode `{wanted}`, in which it is to work. {there}")
        await self._ask(
            "session_set_mode",
            SetSessionModeRequest(session_id=session.session_id, mode_id=wanted),
            SetSessionModeResponse,
        )

    async def _ask(
        self,
        method: str,
        wanted: AuthenticateRequest | SetSessionModeRequest,
        answer: type[AuthenticateResponse] | type[SetSessionModeResponse],
    ) -> None:
        await request_model_from_dict(self._connection, AGENT_METHODS[method], wanted, answer)

    async def _prompt(self, session: str) -> Outcome:
        outcome = await self._turn(session, self._brief.prompt)
        for _ in range(_MOST_REMINDERS):
            if outcome.kind is not OutcomeKind.DONE or not (self._program.breaks_off and self._client.was_refused):
                break
            outcome = await self._turn(session, _GO_ON)
        return outcome

    async def _turn(self, session: str, text: str) -> Outcome:
        asking = asyncio.ensure_future(self._asked(session, text))
        try:
            await asyncio.wait((asking, self._client.ending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not asking.done():
                await self._stop(session, asking)
        if self._client.ending.done():
            return self._client.ending.result()
        return self._ended(asking.result())

    async def _asked(self, session: str, text: str) -> PromptResponse:
        """What the agent says at the end of its turn. What it used is told, also where nobody waits any more."""
        self._client.was_refused = False
        content = TextContentBlock(type="text", text=text.encode("utf-8", "replace").decode())
        answer = await request_model(
            self._connection,
            AGENT_METHODS["session_prompt"],
            PromptRequest(session_id=session, prompt=[content]),
            PromptResponse,
        )
        self._client.used(answer.usage)
        return answer

    async def _stop(self, session: str, asking: asyncio.Future[PromptResponse]) -> None:
        """Tell the agent to stop, and give it a moment to do so."""
        try:
            with suppress(ConnectionError):
                await notify_model(
                    self._connection, AGENT_METHODS["session_cancel"], CancelNotification(session_id=session)
                )
            await asyncio.wait((asking,), timeout=GRACE_SECONDS)
        finally:
            asking.cancel()

    def _ended(self, answer: PromptResponse) -> Outcome:
        words = self._client.said_all()
        match answer.stop_reason:
            case "end_turn":
                return Outcome(OutcomeKind.DONE, words)
            case "refusal":
                told = "The model refused the task. Reword its instructions, or give it another model."
                return Outcome(OutcomeKind.REFUSED, told)
            case "max_turn_requests":
                return Outcome(OutcomeKind.MAX_TURNS, f"`{self._name}` used up its own turns. Make the task smaller.")
            case "max_tokens":
                return self._error("came to the end of what its model takes. Make the task smaller")
            case "cancelled":
                return self._error("broke its work off by itself. Try again", retryable=True)

    def _refused(self, error: RequestError) -> Outcome:
        """How the agent ends where it answered with an error."""
        if error.code == _LOGIN_WANTED:
            how = self._program.login or "Log in with it in a terminal."
            return Outcome(OutcomeKind.ERROR, f"`{self._name}` is not logged in. {how} Then start this again.")
        details = error.data.get("details") if isinstance(error.data, Mapping) else None
        said = f"{error}: {details}" if details else f"{error}"
        return self._error(f"could not go on{_quoted(said)}")

    async def _broken(self) -> Outcome:
        """How the agent ends where its output ended."""
        if self._lines.fault:
            return self._error(f"was stopped, for {self._lines.fault}{self._said()}")
        try:
            async with asyncio.timeout(_ENDING_SECONDS):
                status = await self._running.wait()
        except TimeoutError:
            return self._error(f"closed its output in the middle of its work{self._said()}", retryable=True)
        if status == 127 and not self._greeted and "not found" in self._running.errors:
            return Outcome(OutcomeKind.ERROR, not_found(self._program))
        words = f"ended in the middle of its work, with exit status {status}{self._said()}"
        return self._error(words, retryable=True)

    def _said(self) -> str:
        return _quoted(self._agent.masked(self._running.errors))

    def _error(self, words: str, *, retryable: bool = False) -> Outcome:
        return Outcome(OutcomeKind.ERROR, f"`{self._name}` {words}.", retryable)


def _quoted(said: str) -> str:
    """The end of what a program said, as its own words; nothing where it said nothing."""
    words = " ".join(said.split())
    start = "..." if len(words) > _LONGEST_QUOTE else ""
    return f'. It said: "{start}{words[-_LONGEST_QUOTE:]}"' if words else ""


def _key_method(greeting: InitializeResponse) -> str | None:
    """How the agent takes a key from its environment, where it says so."""
    methods = greeting.auth_methods or ()
    return next((each.id for each in methods if "api-key" in (each.field_meta or {})), None)
