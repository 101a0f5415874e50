"""One agent's conversation with a model, over Anthropic's SDK. Import this late: the SDK takes seconds to load.

The SDK's tool runner asks the model, runs the tools that it calls, and asks again. It gives up where a stream breaks;
so the history is kept here as well, and after a fault that may pass a new runner goes on from it. A turn enters the
history together with the answers of its tools, and tools run only for a turn that arrived whole: none runs twice.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import httpx2
from anthropic import AsyncAnthropic
from anthropic.lib.streaming import BetaAsyncMessageStream
from anthropic.lib.tools import BetaAsyncBuiltinFunctionTool, BetaAsyncStreamingToolRunner, ToolError
from anthropic.types.beta import BetaMessage, BetaMessageParam, BetaToolParam

from agent_server.agents.anthropic import Connection
from agent_server.agents.backend import Brief, Outcome, OutcomeKind, Retrying, Said, Used
from agent_server.agents.faults import CutShort, Fault, fault_of
from agent_server.agents.meter import Meter
from agent_server.agents.throttle import Throttle
from agent_server.agents.tools import TOOLS, Tool, Toolbox

MAX_ANSWER_TOKENS = 32_000
"""The most tokens of one answer of a model."""

MAX_PAUSE = 60.0
"""The longest pause before another attempt, in seconds, where the server does not ask for a longer one."""

_MAX_MESSAGE = 2_000  # code points of the agent's last words


async def converse(connection: Connection, brief: Brief, tools: Toolbox) -> Outcome:
    """Carry out `brief` with `tools`. Every fault becomes an outcome, and none of its messages tells the key."""
    try:
        async with _line(connection) as line:
            return await _Conversation(line, connection, brief, tools).to_the_end()
    except Exception as error:  # noqa: BLE001  # a backend raises nothing; what the SDK may raise is not documented
        return fault_of(error, brief.model, connection).outcome


@dataclass(frozen=True, slots=True)
class _Line:
    """What an agent talks over: the client, and the throttle of its requests. Agents of one connection share both."""

    client: AsyncAnthropic
    throttle: Throttle


@dataclass(slots=True)
class _Provider:
    """Who answers a connection. `client` is there while somebody uses it."""

    throttle: Throttle
    client: AsyncAnthropic | None = None
    users: int = 0
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)


# A throttle stays when its last agent has gone: the next wave meets the same limits.
_PROVIDERS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Connection, _Provider]] = WeakKeyDictionary()


@asynccontextmanager
async def _line(connection: Connection) -> AsyncIterator[_Line]:
    """A line to the provider. Its client is made for the first agent, and closed behind the last one."""

    def make() -> AsyncAnthropic:
        return AsyncAnthropic(
            api_key=connection.key,
            base_url=connection.address,
            max_retries=0,  # ours are told to the user, and cover broken streams too
            timeout=httpx2.Timeout(connection.silence, connect=min(10.0, connection.silence)),
        )

    providers = _PROVIDERS.setdefault(asyncio.get_running_loop(), {})
    provider = providers.setdefault(connection, _Provider(Throttle(connection.requests)))
    provider.users += 1
    try:
        async with provider.opening:
            if provider.client is None:
                # Making one reads the system's certificates.
                provider.client = await asyncio.to_thread(make)
            line = _Line(provider.client, provider.throttle)
        yield line
    finally:
        provider.users -= 1
        if not provider.users and provider.client is not None:
            client, provider.client = provider.client, None
            await client.close()


class _Conversation:
    def __init__(self, line: _Line, connection: Connection, brief: Brief, tools: Toolbox) -> None:
        self._client = line.client
        self._throttle = line.throttle
        self._connection = connection
        self._brief = brief
        self._tools = tools
        self._meter = Meter(brief.limits, tools.emit)
        self._history: list[BetaMessageParam] = [{"role": "user", "content": brief.prompt}]
        self._attempts = 0

    async def to_the_end(self) -> Outcome:
        """Talk until the model is done, over all faults that pass."""
        while True:
            try:
                return await self._talk()
            except Exception as error:  # noqa: BLE001  # see `converse`
                fault = fault_of(error, self._brief.model, self._connection)
            if not fault.outcome.retryable or self._attempts >= self._connection.retries:
                return fault.outcome
            self._attempts += 1
            self._tools.emit(Retrying(self._attempts, fault.outcome.message))
            pause = self._pause(fault)
            if fault.is_limit:
                self._throttle.back_off(pause)
            await asyncio.sleep(pause)

    async def _talk(self) -> Outcome:
        """Talk until the model is done, or a request fails."""
        async with _closing(self._runner()) as runner:
            streams = aiter(runner)
            while (message := await self._answer(streams)) is not None:
                self._attempts = 0
                if outcome := self._heard(message):
                    return outcome
                answers = await runner.generate_tool_call_response()
                self._history.append(message.to_param())
                if answers is not None:
                    self._history.append(answers)
                if outcome := self._meter.out_of_turns():
                    return outcome
        return Outcome(OutcomeKind.DONE)

    async def _answer(self, streams: AsyncIterator[BetaAsyncMessageStream[None]]) -> BetaMessage | None:
        """What the model says next, when all of it has come; None where nothing is left to be said."""
        async with self._throttle.request():
            stream = await anext(streams, None)
            return None if stream is None else await _whole(stream)

    def _runner(self) -> BetaAsyncStreamingToolRunner[None]:
        return self._client.beta.messages.tool_runner(
            model=self._brief.model,
            max_tokens=MAX_ANSWER_TOKENS,
            messages=self._history,
            tools=[_SdkTool(tool, self._tools) for tool in TOOLS.values()],
            cache_control={"type": "ephemeral"},
            stream=True,
            thread=False,
        )

    def _heard(self, message: BetaMessage) -> Outcome | None:
        """Tell what the model said and used; how the agent ends, if it does."""
        texts = [block.text for block in message.content if block.type == "text" and block.text.strip()]
        for text in texts:
            self._tools.emit(Said(text))
        self._meter.count(_used(message))
        match message.stop_reason:
            case "end_turn" | "stop_sequence":
                return Outcome(OutcomeKind.DONE, "\n".join(texts)[:_MAX_MESSAGE])
            case "refusal":
                words = "The model refused the task. Reword its instructions, or give it another model."
                return Outcome(OutcomeKind.REFUSED, words)
            case "max_tokens":
                words = f"An answer of the model ran over {MAX_ANSWER_TOKENS:,} tokens. Make the task smaller."
                return Outcome(OutcomeKind.ERROR, words)
            case "model_context_window_exceeded":
                words = "The conversation outgrew the model. Make the task smaller, or give it a more capable model."
                return Outcome(OutcomeKind.ERROR, words)
        return self._meter.over_budget()

    def _pause(self, fault: Fault) -> float:
        if fault.wait is not None:
            return fault.wait
        # Agents that failed together shall not come back together.
        growing: float = self._connection.pause * 2 ** (self._attempts - 1)
        return min(MAX_PAUSE, growing) * random.uniform(0.75, 1.0)  # noqa: S311  # nothing secret


class _SdkTool(BetaAsyncBuiltinFunctionTool):
    """One of our tools, as the SDK's runner wants it."""

    def __init__(self, tool: Tool, tools: Toolbox) -> None:
        self._tool = tool
        self._tools = tools

    def to_dict(self) -> BetaToolParam:
        return {
            "name": self._tool.name,
            "description": self._tool.description,
            "input_schema": dict(self._tool.schema),
        }

    async def call(self, input: object) -> str:  # noqa: A002  # the SDK's name
        answer = await self._tools.use(self._tool.name, input if isinstance(input, Mapping) else {})
        if answer.failed:
            raise ToolError(answer.text)
        return answer.text


@asynccontextmanager
async def _closing(runner: BetaAsyncStreamingToolRunner[None]) -> AsyncIterator[BetaAsyncStreamingToolRunner[None]]:
    """The runner, whose connection is closed as soon as the block is left, also by a cancel."""
    try:
        yield runner
    finally:
        await runner.close()


async def _whole(stream: BetaAsyncMessageStream[None]) -> BetaMessage:
    """The message, when all of it has come. A connection may also end in the middle without an error."""
    ended = False
    async for event in stream:
        ended = ended or event.type == "message_stop"
    if not ended:
        raise CutShort
    return await stream.get_final_message()


def _used(message: BetaMessage) -> Used:
    usage = message.usage
    read, written = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
    return Used(usage.input_tokens + read + written, usage.output_tokens, read, written)
