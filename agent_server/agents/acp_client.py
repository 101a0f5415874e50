"""The client side of the Agent Client Protocol: what an agent tells becomes events, and what it asks is answered.

Notifications are handled in the order of their arrival, each at once and to its end: so when the answer to a prompt is
looked at, all that the agent told before it has been heard. Import this late, as `acp_session.py`.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from acp.exceptions import RequestError
from acp.meta import CLIENT_METHODS
from acp.schema import (
    AgentMessageChunk,
    AgentPlanUpdate,
    ReadTextFileRequest,
    ReadTextFileResponse,
    RequestPermissionRequest,
    RequestPermissionResponse,
    SessionNotification,
    ToolCallProgress,
    ToolCallStart,
    Usage,
    UsageUpdate,
    WriteTextFileRequest,
    WriteTextFileResponse,
)
from pydantic import ValidationError

from agent_server.agents.acp_tools import Calls, answer, may, refusals
from agent_server.agents.backend import (
    Brief,
    Denied,
    Emit,
    Event,
    Outcome,
    OutcomeKind,
    Said,
    ToolCall,
    ToolStatus,
    Used,
)
from agent_server.agents.confinement import Confinement, FileError, Missing, Refused
from agent_server.agents.files import ConfinedFiles
from agent_server.agents.threads import to_its_end

MAX_EVENTS = 20_000
"""The most that an agent may tell in one session: things said, tool calls, costs."""

_MAX_SAID = 4_000  # code points of one event; agents send their words in pieces of a few
_MAX_MESSAGE = 2_000  # code points of the agent's last words
_REFUSED = -32603
_NOT_FOUND = -32002  # agents tell a file that they may create by it

T = TypeVar("T")


class Client:
    """What one agent talks to. `ending` is set where it has to stop before it wants to, to how it ends."""

    def __init__(
        self, brief: Brief, files: ConfinedFiles, tree: Confinement, emit: Emit, refused: Sequence[str]
    ) -> None:
        """`files` and `tree` are the agent's own tree; `refused` are kinds of tools that are never allowed."""
        self.was_refused = False  # the last thing that it wanted to do
        self.ending: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._limits = brief.limits
        self._files = files
        self._tree = tree
        self._hear = emit
        self._refused = refused
        self._calls = Calls(tree, self._emit)
        self._events = 0
        self._pieces: list[str] = []
        self._length = 0  # of the pieces
        self._message: str | None = None  # the id of what is being said, where the agent tells it
        self._last_words = ""
        self._sums = (0, 0, 0, 0)  # of tokens, as `Used` has them
        self._usd: float | None = None
        self._step = ""

    async def handle(self, method: str, params: Any, notification: bool) -> Any:
        """Answer a request, or take in a notification. Raises `RequestError` with words for the agent."""
        if notification:
            if method == CLIENT_METHODS["session_update"]:
                self._update(params)
            return None
        try:
            if method == CLIENT_METHODS["session_request_permission"]:
                return await self._permission(RequestPermissionRequest.model_validate(params))
            if method == CLIENT_METHODS["fs_read_text_file"]:
                return await self._read(ReadTextFileRequest.model_validate(params))
            if method == CLIENT_METHODS["fs_write_text_file"]:
                return await self._write(WriteTextFileRequest.model_validate(params))
        except ValidationError as error:
            raise RequestError.invalid_params({"details": f"{error.error_count()} fields are wrong."}) from None
        raise RequestError.method_not_found(method)

    def said_all(self) -> str:
        """Tell what was said last, which nothing follows; the last words of the agent."""
        self._speak()
        return self._last_words.strip()

    def used(self, usage: Usage | None) -> None:
        """Tell what was used, which the agent says at the end of each turn, as a sum of the whole session."""
        if usage is None:
            return
        self._speak()
        read, written = usage.cached_read_tokens or 0, usage.cached_write_tokens or 0
        given = usage.input_tokens + read + written
        # Some count what the model thought apart from what it said; the total has both.
        made = max(usage.output_tokens, usage.total_tokens - given)
        sums = (given, made, read, written)
        given, made, read, written = (max(0, now - before) for now, before in zip(sums, self._sums, strict=True))
        self._sums = sums
        # What the agent itself said that it cost has been told already.
        self._emit(Used(given, made, read, written, None if self._usd is None else 0.0))

    def _update(self, params: Any) -> None:
        try:
            update = SessionNotification.model_validate(params).update
        except ValidationError:
            return  # something that a newer agent tells, and nothing depends on
        if isinstance(update, AgentMessageChunk):
            if update.message_id != self._message:
                self._speak()
                self._message, self._last_words = update.message_id, ""
            if update.content.type == "text":
                self._say(update.content.text)
            return
        self._speak()
        match update:
            case ToolCallStart() | ToolCallProgress():
                self._last_words = ""
                self.was_refused &= not isinstance(update, ToolCallStart)
                self._calls.hear(update)
            case AgentPlanUpdate(entries=entries):
                self._plan(next((entry.content for entry in entries if entry.status == "in_progress"), ""))
            case UsageUpdate(used=tokens, cost=cost):
                self._hold_tokens(tokens)
                if cost is not None and cost.currency == "USD":
                    self._cost(cost.amount)
            case _:
                pass

    def _say(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)
        if self._length >= _MAX_SAID:
            self._speak()

    def _speak(self) -> None:
        """Tell what was said since the last time."""
        text = "".join(self._pieces)
        self._pieces, self._length = [], 0
        for start in range(0, len(text) if text.strip() else 0, _MAX_SAID):
            self._emit(Said(text[start : start + _MAX_SAID]))
        self._last_words = (self._last_words + text)[-_MAX_MESSAGE:]

    def _plan(self, step: str) -> None:
        """Tell the step of its own plan that the agent has come to."""
        if step and step != self._step:
            self._emit(Said(step[:_MAX_SAID]))
        self._step = step

    def _cost(self, usd: float) -> None:
        """Tell what has been spent since the last time, of a sum that only grows."""
        more = usd - (self._usd or 0.0)
        if 0 < more < float("inf"):
            self._usd = usd
            self._emit(Used(0, 0, usd=more))

    def _hold_tokens(self, tokens: int) -> None:
        """Stop an agent whose conversation alone is larger than all that it may use."""
        most = self._limits.tokens
        if most is not None and tokens > most:
            words = f"The agent used more than its {most:,} tokens. Make the task smaller, or raise `task_tokens`."
            self._end(Outcome(OutcomeKind.OVER_BUDGET, words))

    async def _permission(self, asked: RequestPermissionRequest) -> RequestPermissionResponse:
        self._speak()
        call = self._calls.known(asked.tool_call)
        allowed = may(call, self._refused)
        if not allowed:
            self._emit(ToolCall(call.kind, (), ToolStatus.FAILED))
        else:
            denied = await to_its_end(asyncio.to_thread(lambda: list(refusals(call, self._tree))))
            for refusal in denied:
                self._emit(refusal)
            allowed = not denied
        self.was_refused = not allowed
        return answer(asked.options, allowed=allowed)

    async def _read(self, asked: ReadTextFileRequest) -> ReadTextFileResponse:
        text = await self._use("read", lambda: self._files.read(asked.path))
        if asked.line is not None or asked.limit is not None:
            first = max(1, asked.line or 1) - 1
            last = None if asked.limit is None else first + max(0, asked.limit)
            text = "".join(text.splitlines(keepends=True)[first:last])
        return ReadTextFileResponse(content=text)

    async def _write(self, asked: WriteTextFileRequest) -> WriteTextFileResponse:
        await self._use("write", lambda: self._files.write(asked.path, asked.content))
        return WriteTextFileResponse()

    async def _use(self, kind: str, use: Callable[[], T]) -> T:
        try:
            return await to_its_end(asyncio.to_thread(use))
        except Refused as refusal:
            self._emit(Denied(kind, refusal.path, refusal.reason))
            raise RequestError(_REFUSED, f"Refused: `{refusal.path}`: {refusal.reason}.") from None
        except FileError as error:
            code = _NOT_FOUND if isinstance(error, Missing) else _REFUSED
            raise RequestError(code, f"{error}.") from None

    def _emit(self, event: Event) -> None:
        self._events += 1
        if self._events <= MAX_EVENTS:
            self._hear(event)
        else:
            words = f"The agent told more than {MAX_EVENTS:,} things of what it does, and was stopped. Try again."
            self._end(Outcome(OutcomeKind.ERROR, words))

    def _end(self, outcome: Outcome) -> None:
        if not self.ending.done():
            self.ending.set_result(outcome)
