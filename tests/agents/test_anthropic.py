import asyncio
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from agent_server.agents.anthropic import AnthropicBackend, Connection
from agent_server.agents.backend import (
    Brief,
    Denied,
    Event,
    Limits,
    Outcome,
    OutcomeKind,
    Retrying,
    Said,
    ToolCall,
    ToolStatus,
    Used,
)
from agent_server.agents.replay import ReplayBackend
from agent_server.agents.throttle import Throttle
from agent_server.agents.transcript import Recorder
from tests.agents.limits import LongLimits
from tests.agents.messages_server import (
    KEY,
    Failure,
    MessagesServer,
    Reply,
    break_off,
    cut,
    end_early,
    fail,
    hang,
    say,
    slow,
    stop,
    together,
    use,
)
from tests.agents.workbench import Workbench, brief, contents, of_type

WRITE = use("write", path="src/nav.tsx", content="nav\n")


def name_of(answer: object) -> str | None:
    """A test's id."""
    match answer:
        case Failure(status):
            return str(status)
        case Reply(events=events, then=then):
            return f"{then}-after-{events}"
    return None


def backend(server: MessagesServer, *, retries: int = 4, silence: float = 30.0) -> AnthropicBackend:
    return AnthropicBackend(server.environ, retries=retries, silence=silence, pause=0.001)


async def run(server: MessagesServer, workspace: Path, events: list[Event], given: Brief | None = None) -> Outcome:
    return await backend(server).run(given or brief("src/nav.tsx"), Workbench(workspace), events.append)


class TestItWorks:
    async def test_with_its_tools_until_the_model_is_done(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event]
    ) -> None:
        messages_server.script(
            together(("read", {"path": "src/nav.tsx"}), ("list", {}), text="I look first.", input_tokens=10),
            use("edit", path="src/nav.tsx", old="'home'", new="'home', 'wiki'"),
            say("Linked the wiki.", input_tokens=30, output_tokens=7),
        )
        outcome = await run(messages_server, workspace, events)
        assert outcome == Outcome(OutcomeKind.DONE, "Linked the wiki.")
        assert (workspace / "src/nav.tsx").read_text() == "export const nav = ['home', 'wiki'];\n"
        assert of_type(events, Said) == [Said("I look first."), Said("Linked the wiki.")]
        assert of_type(events, Used) == [Used(10, 20), Used(100, 20), Used(30, 7)]
        assert [call.kind for call in of_type(events, ToolCall) if call.status is ToolStatus.DONE] == [
            "read",
            "list",
            "edit",
        ]

    async def test_and_tells_what_the_cache_held(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event]
    ) -> None:
        messages_server.script(replace(say("Done."), cache_read_tokens=7_000, cache_write_tokens=900))
        await run(messages_server, workspace, events)
        assert of_type(events, Used) == [Used(8_000, 20, 7_000, 900)]

    async def test_and_sends_the_brief_the_tools_and_the_key(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event]
    ) -> None:
        messages_server.script(use("read", path="src/data.ts"), say("Done."))
        await run(messages_server, workspace, events, brief(prompt="Build the navigation."))
        first, second = messages_server.requests
        assert first.prompt == "Build the navigation."
        assert first.body["model"] == "claude-sonnet-5-5"
        assert [tool["name"] for tool in first.body["tools"]] == ["read", "write", "edit", "delete", "list", "search"]
        assert KEY in first.headers.get("authorization", first.headers.get("x-api-key", ""))
        (result,) = second.tool_results
        assert result["content"] == "export const data = [];\n"

    async def test_a_tool_that_fails_is_an_answer_without_host_paths(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event]
    ) -> None:
        messages_server.script(
            together(("read", {"path": "missing.ts"}), ("write", {"path": "src/nav.tsx"}), ("read", {"path": "src"})),
            say("Done."),
        )
        await run(messages_server, workspace, events)
        results = messages_server.requests[1].tool_results
        assert [result["is_error"] for result in results] == [True, True, True]
        assert [result["content"] for result in results] == [
            "`missing.ts` does not exist.",
            "`write` needs `content`.",
            "`src` is a directory; use `list`.",
        ]

    @pytest.mark.filterwarnings("ignore:Tool 'shell' not found:UserWarning")  # the SDK tells the developer
    async def test_a_tool_that_there_is_not_is_an_answer(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event]
    ) -> None:
        messages_server.script(use("shell", command="ls"), say("Done."))
        assert (await run(messages_server, workspace, events)).kind is OutcomeKind.DONE
        assert messages_server.requests[1].tool_results[0]["is_error"]

    async def test_many_agents_at_once(
        self, messages_server: MessagesServer, workspace: Path, tmp_path: Path, events: list[Event]
    ) -> None:
        names = [f"page{number}" for number in range(8)]
        for name in names:
            write = use("write", path=f"{name}.tsx", content=name)
            messages_server.script(slow(write, 0.02), fail(529), cut(say("Done.")), say("Done."), to=f"Build {name}.")
        benches = [Workbench(shutil.copytree(workspace, tmp_path / name)) for name in names]
        briefs = [brief(f"{name}.tsx", task=name, prompt=f"Build {name}.") for name in names]
        one = backend(messages_server)
        outcomes = await asyncio.gather(
            *(one.run(each, bench, events.append) for each, bench in zip(briefs, benches, strict=True))
        )
        assert {outcome.kind for outcome in outcomes} == {OutcomeKind.DONE}
        assert [(bench.root / f"{name}.tsx").read_text() for name, bench in zip(names, benches, strict=True)] == names
        assert messages_server.most_at_once > 1


class TestItStaysInItsFiles:
    @pytest.mark.parametrize(
        ("path", "told"),
        [
            ("../outside/secret.txt", "../outside/secret.txt"),
            ("/dev/shm/agent-server", "/dev/shm/agent-server"),
            ("notes", "../outside/secret.txt"),
            ("src/data.ts", "src/data.ts"),
            (".git/hooks/pre-commit", ".git/hooks/pre-commit"),
            (".GIT/hooks/pre-commit", ".GIT/hooks/pre-commit"),
            ("SRC/nav.tsx", "SRC/nav.tsx"),
        ],
    )
    async def test_whatever_the_model_wants(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event], path: str, told: str
    ) -> None:
        (workspace / "notes").symlink_to("../outside/secret.txt")
        before = contents(workspace.parent)
        messages_server.script(use("write", path=path, content="mine"), say("Done."))
        outcome = await run(messages_server, workspace, events, brief("src/nav.tsx", "notes"))
        assert outcome.kind is OutcomeKind.DONE
        assert [(denied.kind, denied.path) for denied in of_type(events, Denied)] == [("write", told)]
        assert contents(workspace.parent) == before
        assert messages_server.requests[1].tool_results[0]["is_error"]
        assert not await asyncio.to_thread(Path("/dev/shm/agent-server").exists)


class TestFaultsThatPass:
    @pytest.mark.parametrize(
        "fault",
        [
            fail(429),
            fail(500),
            fail(503),
            fail(529),
            cut(WRITE, events=0),
            cut(WRITE),
            cut(WRITE, events=6),
            end_early(WRITE, events=1),
            end_early(WRITE, events=6),
            end_early(WRITE, events=0),
            break_off(WRITE, "overloaded_error"),
            break_off(WRITE, "api_error", events=0),
        ],
        ids=name_of,
    )
    async def test_are_told_and_tried_again_and_no_tool_runs_twice(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event], fault: Reply | Failure
    ) -> None:
        messages_server.script(fault, WRITE, fault, use("read", path="src/nav.tsx"), fault, fault, say("Done."))
        outcome = await run(messages_server, workspace, events)
        assert outcome == Outcome(OutcomeKind.DONE, "Done.")
        assert [retry.attempt for retry in of_type(events, Retrying)] == [1, 1, 1, 2]
        started = [call.kind for call in of_type(events, ToolCall) if call.status is ToolStatus.STARTED]
        assert started == ["write", "read"]
        assert of_type(events, Said) == [Said("Done.")]
        assert len(of_type(events, Used)) == 3

    async def test_are_tried_again_only_so_often(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event]
    ) -> None:
        messages_server.script(*[fail(529)] * 5)
        outcome = await run(messages_server, workspace, events)
        assert outcome == Outcome(OutcomeKind.ERROR, "The model is overloaded. Try again later.", retryable=True)
        assert [retry.attempt for retry in of_type(events, Retrying)] == [1, 2, 3, 4]

    async def test_wait_as_long_as_the_server_asks(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waited: list[float] = []

        async def sleep(seconds: float) -> None:
            waited.append(seconds)

        messages_server.script(fail(429, retry_after=37), fail(529), fail(529), say("Done."))
        monkeypatch.setattr("agent_server.agents.conversation.asyncio.sleep", sleep)
        throttle = partial(Throttle, clock=lambda: sum(waited), sleep=sleep)  # it keeps the same pauses
        monkeypatch.setattr("agent_server.agents.conversation.Throttle", throttle)
        await AnthropicBackend(messages_server.environ, pause=8).run(brief(), Workbench(workspace), events.append)
        assert waited[0] == 37
        assert 12 <= waited[1] <= 16
        assert 24 <= waited[2] <= 32

    async def test_are_given_up_when_the_server_asks_for_hours(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event]
    ) -> None:
        messages_server.script(fail(429, "Quota", retry_after=7200))
        outcome = await run(messages_server, workspace, events)
        assert outcome.kind is OutcomeKind.ERROR
        assert "The rate limit is reached (Quota)." in outcome.message

    async def test_a_silent_server_is_one(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event]
    ) -> None:
        messages_server.script(hang(WRITE, events=3), *[say("Done.")] * 4)  # on a slow machine others are silent, too
        one = backend(messages_server, silence=1.0)
        outcome = await one.run(brief(), Workbench(workspace), events.append)
        assert outcome.kind is OutcomeKind.DONE
        assert "did not answer in time" in of_type(events, Retrying)[0].reason

    async def test_a_slow_server_is_none(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event]
    ) -> None:
        reply = slow(say("Done."), 0.5)  # eight times
        messages_server.script(reply)
        outcome = await backend(messages_server, silence=3.9).run(brief(), Workbench(workspace), events.append)
        assert outcome.kind is OutcomeKind.DONE
        assert not of_type(events, Retrying)

    async def test_no_server_at_all_is_one(self, workspace: Path, events: list[Event]) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            address = f"http://127.0.0.1:{closed.getsockname()[1]}"
            environ = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": address}
            outcome = await AnthropicBackend(environ, retries=2, pause=0.001).run(
                brief(), Workbench(workspace), events.append
            )
        assert outcome.kind is OutcomeKind.ERROR
        assert outcome.retryable
        assert "could not be reached" in outcome.message
        assert len(of_type(events, Retrying)) == 2


class TestFaultsThatStay:
    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            (fail(400, "messages: too long"), "with status 400 (messages: too long)."),
            (fail(401), "The key was refused. Check `ANTHROPIC_API_KEY`, or choose another agent."),
            (fail(402, "Credit is used up"), "The account cannot pay for the model (Credit is used up)."),
            (fail(403), "The key may not use the model `claude-sonnet-5-5`"),
            (fail(404), "Unknown model `claude-sonnet-5-5`. Check the `models` setting."),
            (fail(413), "The conversation became larger than the model takes."),
            (fail(400, f"the key {KEY} is odd"), "(the key *** is odd)"),
            (break_off(WRITE, "authentication_error"), "The key was refused."),
            (break_off(WRITE, "invalid_request_error"), "with status 400"),
        ],
        ids=name_of,
    )
    async def test_end_the_agent_at_once_with_what_to_do(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event], fault: Reply | Failure, words: str
    ) -> None:
        messages_server.script(fault)
        outcome = await run(messages_server, workspace, events)
        assert outcome.kind is OutcomeKind.ERROR
        assert not outcome.retryable
        assert words in outcome.message
        assert outcome.message.endswith(".")
        assert KEY not in outcome.message
        assert events == []

    async def test_a_key_that_the_server_does_not_know(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event]
    ) -> None:
        environ = {**messages_server.environ, "ANTHROPIC_API_KEY": "sk-ant-somebody-else"}
        outcome = await AnthropicBackend(environ).run(brief(), Workbench(workspace), events.append)
        assert outcome.message == "The key was refused. Check `ANTHROPIC_API_KEY`, or choose another agent."

    async def test_a_model_that_the_server_does_not_know(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event]
    ) -> None:
        messages_server.models = frozenset({"claude-haiku-5-5"})
        outcome = await run(messages_server, workspace, events)
        assert outcome.message == "Unknown model `claude-sonnet-5-5`. Check the `models` setting."

    @pytest.mark.parametrize(
        ("environ", "words"),
        [
            ({}, "There is no key for the model. Set `ANTHROPIC_API_KEY`, or choose another agent."),
            ({"ANTHROPIC_API_KEY": "  "}, "There is no key for the model."),
            ({"ANTHROPIC_API_KEY": "sk\nx"}, "`ANTHROPIC_API_KEY` holds characters that no key has."),
            (
                {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": "localhost:80"},
                "`ANTHROPIC_BASE_URL` is not an address",
            ),
            ({"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": "http://[:1"}, "`ANTHROPIC_BASE_URL` is not an address"),
        ],
    )
    async def test_what_is_not_set_up_is_said_before_anything_is_asked(
        self, workspace: Path, events: list[Event], environ: dict[str, str], words: str
    ) -> None:
        outcome = await AnthropicBackend(environ).run(brief(), Workbench(workspace), events.append)
        assert outcome.kind is OutcomeKind.ERROR
        assert words in outcome.message
        assert KEY not in outcome.message

    @pytest.mark.parametrize(
        ("reason", "words"),
        [
            ("max_tokens", "An answer of the model ran over 32,000 tokens."),
            ("model_context_window_exceeded", "The conversation outgrew the model."),
        ],
    )
    async def test_a_model_that_cannot_go_on(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event], reason: str, words: str
    ) -> None:
        messages_server.script(stop(reason))
        outcome = await run(messages_server, workspace, events)
        assert outcome.kind is OutcomeKind.ERROR
        assert outcome.message.startswith(words)

    async def test_a_model_that_refuses(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event]
    ) -> None:
        messages_server.script(WRITE, stop("refusal", "I will not go on."))
        outcome = await run(messages_server, workspace, events)
        assert outcome.kind is OutcomeKind.REFUSED
        assert outcome.message == "The model refused the task. Reword its instructions, or give it another model."
        assert of_type(events, Said) == [Said("I will not go on.")]

    async def test_no_tool_runs_for_an_answer_that_ran_too_long(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event]
    ) -> None:
        before = contents(workspace)
        messages_server.script(Reply(WRITE.content, "max_tokens"))
        assert (await run(messages_server, workspace, events)).kind is OutcomeKind.ERROR
        assert contents(workspace) == before


class TestLimits:
    async def test_turns(self, messages_server: MessagesServer, workspace: Path, events: list[Event]) -> None:
        messages_server.script(WRITE, cut(WRITE), use("read", path="src/nav.tsx"))
        given = brief("src/nav.tsx", limits=Limits(turns=2))
        outcome = await run(messages_server, workspace, events, given)
        assert outcome.kind is OutcomeKind.MAX_TURNS
        assert outcome.message == "The agent was not done after 2 turns. Make the task smaller, or raise `turns`."
        assert (workspace / "src/nav.tsx").read_text() == "nav\n"

    async def test_tokens(self, messages_server: MessagesServer, workspace: Path, events: list[Event]) -> None:
        before = contents(workspace)
        messages_server.script(use("read", path="src/nav.tsx"), WRITE)
        outcome = await run(messages_server, workspace, events, brief("src/nav.tsx", limits=Limits(tokens=200)))
        assert outcome.kind is OutcomeKind.OVER_BUDGET
        assert outcome.message.startswith("The agent used 240 of its 200 tokens.")
        assert contents(workspace) == before

    async def test_tokens_used_by_the_last_answer_undo_nothing(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event]
    ) -> None:
        messages_server.script(say("Done."))
        outcome = await run(messages_server, workspace, events, brief(limits=Limits(tokens=1)))
        assert outcome.kind is OutcomeKind.DONE

    async def test_time(
        self,
        messages_server: MessagesServer,
        workspace: Path,
        events: list[Event],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        time = LongLimits(monkeypatch)
        messages_server.script(hang())
        given = brief(limits=Limits(seconds=time.LEAST))
        work = asyncio.create_task(run(messages_server, workspace, events, given))
        assert await asyncio.to_thread(messages_server.wait_for_requests, 1)
        time.reach()
        outcome = await work
        assert outcome.kind is OutcomeKind.TIMED_OUT
        assert outcome.retryable
        assert await asyncio.to_thread(messages_server.wait_for_leave)


class TestCancelling:
    @pytest.mark.parametrize("events_before", [0, 1, 5])
    async def test_closes_the_connection(
        self, messages_server: MessagesServer, workspace: Path, events: list[Event], events_before: int
    ) -> None:
        messages_server.script(use("read", path="src/nav.tsx"), hang(WRITE, events=events_before))
        before = contents(workspace)
        work = asyncio.create_task(run(messages_server, workspace, events))
        assert await asyncio.to_thread(messages_server.wait_for_requests, 2)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert await asyncio.to_thread(messages_server.wait_for_leave)
        assert contents(workspace) == before

    async def test_between_two_attempts(self, messages_server: MessagesServer, workspace: Path) -> None:
        messages_server.script(fail(429, retry_after=500))
        retrying = asyncio.Event()
        one = backend(messages_server)
        work = asyncio.create_task(one.run(brief(), Workbench(workspace), lambda _: retrying.set()))
        await retrying.wait()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work


async def test_a_run_can_be_recorded_and_played_again(
    messages_server: MessagesServer, workspace: Path, tmp_path: Path
) -> None:
    again = shutil.copytree(workspace, tmp_path / "again")
    messages_server.script(
        together(
            ("read", {"path": "src/nav.tsx"}), ("write", {"path": "src/data.ts", "content": "mine"}), text="I look."
        ),
        fail(529),
        WRITE,
        say("Done."),
    )
    recorded: list[Event] = []
    played: list[Event] = []
    given = brief("src/nav.tsx")
    recorder = Recorder(backend(messages_server), tmp_path / "transcripts")
    first = await recorder.run(given, Workbench(workspace), recorded.append)
    second = await ReplayBackend(tmp_path / "transcripts", 1000).run(given, Workbench(again), played.append)
    assert first == second == Outcome(OutcomeKind.DONE, "Done.")
    assert played == recorded
    assert contents(again) == contents(workspace)


def test_no_key_is_shown() -> None:
    assert KEY not in repr(Connection(KEY, "https://api.anthropic.com"))


def test_the_sdk_is_loaded_by_none_of_these_modules() -> None:
    code = """
import sys
from dataclasses import replace
import agent_server.agents.anthropic, agent_server.agents.backends, agent_server.agents.brief
import agent_server.agents.files, agent_server.agents.replay, agent_server.agents.tools, agent_server.agents.transcript
heavy = {"anthropic", "httpx2", "pydantic", "yaml", "rich", "pygls"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True)


class TestAgentsOfOneProvider:
    async def test_have_so_many_requests_under_way_at_once(
        self, messages_server: MessagesServer, workspace: Path
    ) -> None:
        names = [f"agent-{number}" for number in range(6)]
        for name in names:
            messages_server.script(slow(use("list"), 0.01), slow(say("Done."), 0.01), to=name)
        playing = AnthropicBackend(messages_server.environ, requests=2)
        outcomes = await asyncio.gather(
            *(playing.run(brief(task=name, prompt=name), Workbench(workspace), print) for name in names)
        )
        assert {outcome.kind for outcome in outcomes} == {OutcomeKind.DONE}
        assert messages_server.most_at_once == 2

    @pytest.mark.parametrize("status", [429, 529])
    async def test_pause_together_when_one_of_them_is_refused(
        self, messages_server: MessagesServer, workspace: Path, status: int
    ) -> None:
        pause = 0.5
        messages_server.script(fail(status, retry_after=pause), say("Done."), to="first")
        messages_server.script(say("Done."), to="second")
        refused = asyncio.Event()

        def hear(event: Event) -> None:
            if isinstance(event, Retrying):
                refused.set()

        # Two backends, as the executor makes one for each task.
        first = asyncio.create_task(backend(messages_server).run(brief(prompt="first"), Workbench(workspace), hear))
        await refused.wait()
        await backend(messages_server).run(brief(prompt="second"), Workbench(workspace), print)
        asked = {request.prompt: request.at for request in reversed(messages_server.requests)}  # the first time
        assert asked["second"] - asked["first"] > pause  # it began no request before the pause was over
        assert (await first).kind is OutcomeKind.DONE
