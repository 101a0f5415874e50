"""Agents that speak the Agent Client Protocol, as real programs in every kind of sandbox."""

import asyncio
import json
import os
import shlex
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from agent_server.agents import acp_client, acp_lines, acp_session
from agent_server.agents.acp import AcpBackend
from agent_server.agents.backend import Denied, Event, Limits, Outcome, OutcomeKind, Said, ToolCall, ToolStatus, Used
from agent_server.execution.changes.harvest import Harvest, harvest
from agent_server.execution.sandboxes import program as program_of_execution
from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.execution.sandboxes.sandbox import Base
from agent_server.settings import AgentProgram
from tests.agents.limits import LongLimits
from tests.agents.workbench import brief, of_type
from tests.execution.trees import read

HERE = Path(__file__).parent
anywhere = pytest.mark.parametrize("base", [Isolation.COPY], indirect=True)
"""What is tested has nothing to do with the kind of sandbox, so the quicker one does."""

TOLD_CALL = (
    '{"method":"session/update","params":{"sessionId":"one","update":'
    '{"sessionUpdate":"tool_call","toolCallId":"1","title":"1","status":"completed"}}}\n'
)
OPTIONS = [
    {"optionId": "for ever", "name": "Always", "kind": "allow_always"},
    {"optionId": "yes", "name": "Yes", "kind": "allow_once"},
    {"optionId": "no", "name": "No", "kind": "reject_once"},
]


def python(name: str, *arguments: str) -> tuple[str, ...]:
    """A command that runs one of the agents beside this file, wherever that is hidden."""
    return (sys.executable, "-c", (HERE / name).read_text(), *arguments)


def scripted(*steps: Mapping[str, Any], **more: Any) -> AgentProgram:
    """An agent that takes these steps in its turn. What `AgentProgram` does not know is `scripted_agent`'s."""
    own = {key: more.pop(key) for key in ("start", "first", "answer") if key in more}
    return AgentProgram("acp", python("scripted_agent.py", json.dumps({"steps": steps, **own})), **more)


class Played:
    """What came of an agent that was played in a sandbox."""

    outcome: Outcome
    harvest: Harvest

    def __init__(self) -> None:
        self.events: list[Event] = []

    @property
    def said(self) -> str:
        return "".join(event.text for event in of_type(self.events, Said))

    @property
    def declared(self) -> list[str]:
        return [change.path for change in self.harvest.declared]

    @property
    def undeclared(self) -> list[str]:
        return [change.path for change in self.harvest.undeclared]


async def play(
    base: Base,
    tmp_path: Path,
    program: AgentProgram,
    writes: Sequence[str] = ("src/**",),
    limits: Limits | None = None,
    heard: Callable[[Event], None] = lambda _: None,
    **variables: str,
) -> Played:
    played = Played()

    def hear(event: Event) -> None:
        played.events.append(event)
        heard(event)

    task = brief(*writes, prompt="Do what is to do.", limits=limits)
    sandbox = await base.fork("task")
    backend = AcpBackend("helper", program, {**os.environ, **variables})
    played.outcome = await backend.run(task, sandbox, hear)
    played.harvest = harvest(await sandbox.changes(tmp_path / "store"), task.writes)
    return played


def asks_to(kind: str, path: str) -> dict[str, Any]:
    call = {"toolCallId": f"{kind} {path}", "kind": kind, "title": "It", "locations": [{"path": path}]}
    return {"ask": "session/request_permission", "params": {"toolCall": call, "options": OPTIONS}}


def writes(path: str, text: str = "written\n") -> dict[str, Any]:
    return {"ask": "fs/write_text_file", "params": {"path": path, "content": text}}


async def test_an_agent_of_the_package_works_as_it_may_and_tells_of_it(base: Base, tmp_path: Path) -> None:
    program = AgentProgram("acp", python("packaged_agent.py"))
    played = await play(base, tmp_path, program, ["src/new.py"])
    assert played.outcome == Outcome(OutcomeKind.DONE, "All is done.")
    assert (played.declared, played.undeclared) == (["src/new.py"], [])
    content = played.harvest.declared[0].content
    assert content is not None
    assert content.read_text() == "# Read me\n# True\n"
    assert played.events == [
        Said("I begin"),
        ToolCall("edit", ("src/new.py",), ToolStatus.STARTED),
        ToolCall("edit", ("src/new.py",), ToolStatus.DONE),
        ToolCall("edit", ("src/main.py",), ToolStatus.STARTED),
        Denied("edit", "src/main.py", "it is not one of the files that this task may write"),
        ToolCall("edit", ("src/main.py",), ToolStatus.FAILED),
        Said("All is done."),
        Used(1000, 100, 400),
    ]


async def test_it_is_told_its_task_its_place_and_its_mode(base: Base, tmp_path: Path) -> None:
    program = scripted(
        {"say": "Ready."}, start={"modes": ["auto", "default"]}, mode="default", meta={"model": ["is {model}"]}
    )
    played = await play(base, tmp_path, program)
    session, _, rest = played.said.partition("}mode")
    told = json.loads(session + "}")
    place = told.pop("cwd")
    assert told == {"mcpServers": [], "_meta": {"model": ["is claude-sonnet-5-5"]}}
    assert Path(place).is_absolute()
    assert rest == " default\nDo what is to do.\nReady."
    assert played.outcome.kind is OutcomeKind.DONE


async def test_its_files_are_those_of_its_own_sandbox(base: Base, tmp_path: Path) -> None:
    steps = [
        {"shell": "printf 'one\ntwo\nthree\n' > src/seen"},
        {"ask": "fs/read_text_file", "params": {"path": "src/seen", "line": 2, "limit": 1}},
        {"ask": "fs/read_text_file", "params": {"path": "src/unseen"}},
        writes("src/deep/new/file", "new"),
        {"shell": "cat src/deep/new/file >> src/seen"},
    ]
    played = await play(base, tmp_path, scripted(*steps))
    assert '{"content": "two\\n"}' in played.said
    assert '"code": -32002' in played.said
    assert played.declared == ["src/deep/new/file", "src/seen"]


@anywhere
@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("read", "README.md", "yes"),
        ("execute", "README.md", "yes"),
        ("edit", "src/new.py", "yes"),
        ("delete", "src/main.py", "yes"),
        ("edit", "README.md", "no"),
        ("move", "../elsewhere", "no"),
        ("edit", "/etc/passwd", "no"),
        ("switch_mode", "src/new.py", "no"),
        ("fetch", "src/new.py", "no"),
    ],
)
async def test_a_permission_is_given_once_by_kind_and_paths(
    base: Base, tmp_path: Path, kind: str, path: str, expected: str
) -> None:
    played = await play(base, tmp_path, scripted(asks_to(kind, path), refused=("fetch",)))
    assert f'"optionId": "{expected}"' in played.said


@anywhere
async def test_where_an_option_is_missing_the_next_best_is_taken(base: Base, tmp_path: Path) -> None:
    only_always = asks_to("read", "README.md")
    only_always["params"]["options"] = [OPTIONS[0]]
    no_refusal = asks_to("edit", "README.md")
    no_refusal["params"]["options"] = OPTIONS[:2]
    played = await play(base, tmp_path, scripted(only_always, no_refusal))
    assert '"optionId": "for ever"' in played.said
    assert '{"outcome": {"outcome": "cancelled"}}' in played.said


async def test_a_cheating_agent_changes_nothing_outside_and_what_it_did_inside_is_reported(
    base: Base, live: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    before = read(live)
    in_overlay = base.isolation is Isolation.OVERLAY
    out = shlex.quote(str(outside))
    by_itself = [
        asks_to("edit", "README.md"),
        {"shell": "echo mine > README.md; echo mine > undeclared; rm src/deep/three.py"},
        {"shell": "ln src/main.py hard && echo mine >> hard"},
        {"shell": "mkdir -p .git/hooks && echo mine > .git/hooks/pre-commit"},
        {"shell": f"ln -s {out} door"},
    ]
    # In a copy nothing holds a program to its folder, and the approval says so.
    held = [
        {"shell": f"echo mine > {out}/by-itself; echo mine > door/by-link; echo mine > ../beside-by-itself"},
        {"shell": f"echo mine > {shlex.quote(str(live))}/live"},
    ]
    by_us = [
        writes(path)
        for path in (
            "README.md",
            "../beside",
            "src/../../beside",
            str(outside / "by-us"),
            "door/by-link",
            "src/dangling-out",
            ".git/hooks/by-us",
            ".GIT/hooks/by-us",
            "~/by-us",
            "src/ok.py",
        )
    ]
    steps = [*by_itself, *(held if in_overlay else []), *by_us]
    steps.insert(5, {"shell": f"ln -s {out}/through src/dangling-out"})
    played = await play(base, tmp_path, scripted(*steps), ["src/ok.py", "src/main.py", "src/dangling-out", "door/**"])

    assert played.outcome.kind is OutcomeKind.DONE
    assert read(live) == before
    assert not (live / ".git" / "hooks").exists()
    assert list(outside.iterdir()) == []
    assert not list(tmp_path.glob("beside*"))
    assert played.declared == ["src/dangling-out", "src/main.py", "src/ok.py"]
    seen = ["README.md", "door", "hard", "src/deep/three.py", "undeclared"]
    assert played.undeclared == sorted([*seen, *(["live"] if in_overlay else [])])
    assert [event.path for event in of_type(played.events, Denied)] == [
        "README.md",
        "README.md",
        "../beside",
        "src/../../beside",
        str(outside / "by-us"),
        str(outside),
        str(outside / "through"),
        ".git/hooks/by-us",
        ".GIT/hooks/by-us",
        "~/by-us",
    ]


@anywhere
async def test_what_it_says_comes_whole_and_what_it_plans_step_by_step(base: Base, tmp_path: Path) -> None:
    def plan(first: str, second: str) -> dict[str, Any]:
        entries = [
            {"content": "Look around", "priority": "high", "status": first},
            {"content": "Write it", "priority": "high", "status": second},
        ]
        return {"update": {"sessionUpdate": "plan", "entries": entries}}

    think = {"sessionUpdate": "agent_thought_chunk", "content": {"type": "text", "text": "hm"}}
    steps = [
        {"say": "One "},
        {"say": "thing."},
        plan("in_progress", "pending"),
        plan("in_progress", "pending"),
        {"update": think},
        plan("completed", "in_progress"),
        {"say": "x" * 9_000},
    ]
    played = await play(base, tmp_path, scripted(*steps))
    first, *rest = [event.text for event in of_type(played.events, Said)]
    assert first.endswith("\nOne thing.")
    assert rest == ["Look around", "Write it", "x" * 4_000, "x" * 4_000, "x" * 1_000]
    assert played.outcome.message == "x" * 2_000


@anywhere
async def test_what_it_cost_is_told_as_it_grows_and_not_priced_twice(base: Base, tmp_path: Path) -> None:
    def usage(amount: float, currency: str = "USD") -> dict[str, Any]:
        cost = {"amount": amount, "currency": currency}
        return {"update": {"sessionUpdate": "usage_update", "used": 10, "size": 100, "cost": cost}}

    answer = {
        "stopReason": "end_turn",
        "usage": {
            "totalTokens": 12,
            "inputTokens": 5,
            "outputTokens": 2,
            "cachedReadTokens": 1,
            "cachedWriteTokens": 1,
        },
    }
    steps = [usage(0.25), usage(0.25), usage(0.75), usage(0.5), usage(9.0, "EUR")]
    played = await play(base, tmp_path, scripted(*steps, answer={"result": answer}))
    assert of_type(played.events, Used) == [Used(0, 0, usd=0.25), Used(0, 0, usd=0.5), Used(7, 5, 1, 1, 0.0)]


@anywhere
async def test_an_agent_whose_conversation_outgrows_its_tokens_is_stopped(base: Base, tmp_path: Path) -> None:
    usage = {"update": {"sessionUpdate": "usage_update", "used": 1001, "size": 200_000}}
    played = await play(base, tmp_path, scripted(usage, {"await": "cancel"}), limits=Limits(tokens=1000))
    assert played.outcome.kind is OutcomeKind.OVER_BUDGET
    assert "1,000 tokens" in played.outcome.message


@anywhere
@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("refusal", OutcomeKind.REFUSED),
        ("max_turn_requests", OutcomeKind.MAX_TURNS),
        ("max_tokens", OutcomeKind.ERROR),
        ("cancelled", OutcomeKind.ERROR),
        ("no reason that there is", OutcomeKind.ERROR),
    ],
)
async def test_why_it_stopped_is_its_outcome(base: Base, tmp_path: Path, reason: str, kind: OutcomeKind) -> None:
    played = await play(base, tmp_path, scripted(answer={"result": {"stopReason": reason}}))
    assert played.outcome.kind is kind
    assert played.outcome.message.endswith(".")


@anywhere
@pytest.mark.parametrize(
    ("program", "words"),
    [
        (
            AgentProgram("acp", ("sh", "-c", "echo it: not found >&2; exit 127"), install="npm install -g it"),
            (
                "There is no program `sh` on PATH, or it is hidden in the sandbox. Install it with "
                "`npm install -g it`, or choose another agent."
            ),
        ),
        (
            scripted({"die": 3, "words": "out of\n luck"}),
            '`helper` ended in the middle of its work, with exit status 3. It said: "out of luck".',
        ),
        (
            scripted(start={"version": 7}),
            (
                "`helper` speaks version 7 of the Agent Client Protocol, and Agent Server speaks version 1. "
                "Update the older of them, or choose another agent."
            ),
        ),
        (
            scripted(start={"login": True}, login="Log in with `helper login`."),
            "`helper` is not logged in. Log in with `helper login`. Then start this again.",
        ),
        (
            scripted(start={"modes": ["auto", "yolo"]}, mode="default"),
            "`helper` has no mode `default`, in which it is to work. It has `auto`, `yolo`.",
        ),
        (
            scripted(answer={"error": {"code": -32603, "message": "Internal error", "data": {"details": "no\nquota"}}}),
            '`helper` could not go on. It said: "Internal error: no quota".',
        ),
        (
            scripted(answer={"result": "nonsense"}),
            "`helper` answered what Agent Server cannot read. Update it, or choose another agent.",
        ),
    ],
    ids=["missing", "dead", "version", "login", "mode", "error", "nonsense"],
)
async def test_a_fault_is_an_outcome_that_says_what_to_do(
    base: Base, tmp_path: Path, program: AgentProgram, words: str
) -> None:
    played = await play(base, tmp_path, program)
    assert (played.outcome.kind, played.outcome.message) == (OutcomeKind.ERROR, words)


@anywhere
async def test_an_agent_that_breaks_off_where_it_is_refused_is_asked_to_go_on(base: Base, tmp_path: Path) -> None:
    allowed, refused = asks_to("edit", "src/new.py"), asks_to("edit", "README.md")
    patient = await play(base, tmp_path, scripted(allowed, refused))
    assert patient.said.count("was refused") == 0
    usage = {"totalTokens": 12, "inputTokens": 10, "outputTokens": 2}
    answer = {"result": {"stopReason": "end_turn", "usage": usage}}
    again = await play(base, tmp_path, scripted(allowed, refused, breaks_off=True, answer=answer))
    assert of_type(again.events, Used) == [Used(10, 2), *[Used(0, 0)] * 5]
    assert again.outcome.kind is OutcomeKind.DONE
    assert again.said.count("was refused") == 5
    settled = await play(base, tmp_path, scripted(refused, allowed, breaks_off=True))
    assert settled.said.count("was refused") == 0


async def test_a_program_that_is_not_there_is_told_to_be_installed(base: Base, tmp_path: Path) -> None:
    played = await play(base, tmp_path, AgentProgram("acp", ("no-such-agent",)))
    assert played.outcome.kind is OutcomeKind.ERROR
    assert played.outcome.message == (
        "There is no program `no-such-agent` on PATH, or it is hidden in the sandbox. Install it, or choose another "
        "agent."
    )


@anywhere
async def test_a_key_is_used_where_the_agent_wants_a_login_and_never_told(base: Base, tmp_path: Path) -> None:
    program = scripted(
        {"say": "I have secret-of-the-user"},
        {"shell": 'test "$HELPER_KEY" = secret-of-the-user && test "$HELPER_MODE" = quiet && echo yes > src/seen'},
        {"die": 1, "words": "bad key secret-of-the-user"},
        start={"login": True, "key": True},
        variables=("HELPER_KEY",),
        fixed={"HELPER_MODE": "quiet"},
    )
    played = await play(base, tmp_path, program, HELPER_KEY="secret-of-the-user")
    assert played.declared == ["src/seen"]
    assert played.said.endswith("I have ***")
    assert 'It said: "bad key ***".' in played.outcome.message


@anywhere
async def test_a_command_line_that_no_system_takes_is_an_outcome(base: Base, tmp_path: Path) -> None:
    played = await play(base, tmp_path, AgentProgram("acp", ("sh", "x" * 1_000_000)))
    assert played.outcome == Outcome(OutcomeKind.ERROR, "`helper` could not be started. Argument list too long.")


@anywhere
async def test_greetings_blank_lines_and_what_newer_agents_tell_do_no_harm(base: Base, tmp_path: Path) -> None:
    oddities = [
        "Welcome to helper!\n\n",
        "[1, 2]\n",
        '{"id": [], "result": 1}\n',
        '{"id": 0, "error": "words"}\n',
        '{"method": 7}\n',
        '{"method": "session/update", "params": {"update": {"sessionUpdate": "of tomorrow"}}}\n',
        '{"method": "session/update"}\n',
        '{"method": "of/tomorrow", "params": []}\n',
    ]
    steps = [{"raw": "[", "times": 100_000}, *({"raw": text, "times": 1} for text in ("\n", *oddities))]
    asks = [{"ask": "terminal/create", "params": {"command": "sh"}}, {"ask": "fs/read_text_file", "params": {}}]
    played = await play(base, tmp_path, scripted(*steps, *asks, {"say": "Done \ud83d."}, first=steps))
    assert played.outcome.kind is OutcomeKind.DONE
    assert played.outcome.message.endswith("Done ?.")
    assert '"code": -32601' in played.said
    assert '"code": -32602' in played.said


@anywhere
@pytest.mark.parametrize(
    ("where", "limit", "most", "flood", "words"),
    [
        (acp_lines, "MAX_GARBAGE", 10, "garbage\n", "no Agent Client Protocol"),
        (acp_lines, "MAX_BYTES", 1_000_000, f"{' ' * 10_000}\n", "more than 1 megabytes"),
        (program_of_execution, "LONGEST_LINE", 10_000, "x" * 10_000, "longer than any message"),
        (
            acp_client,
            "MAX_EVENTS",
            10,
            TOLD_CALL,
            "more than 10 things",
        ),
    ],
    ids=["garbage", "bytes", "line", "events"],
)
async def test_an_agent_that_floods_is_stopped(
    base: Base,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    where: ModuleType,
    limit: str,
    most: int,
    flood: str,
    words: str,
) -> None:
    monkeypatch.setattr(where, limit, most)
    monkeypatch.setattr(acp_session, "GRACE_SECONDS", 0.1)
    played = await play(base, tmp_path, scripted({"raw": flood, "times": 1_000}, {"await": "nothing"}))
    assert played.outcome.kind is OutcomeKind.ERROR
    assert words in played.outcome.message
    assert len(played.events) <= 12


@anywhere
async def test_an_agent_that_asks_without_reading_the_answers_is_made_to_wait(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acp_session, "GRACE_SECONDS", 0.1)
    asked = json.dumps({"id": "x", "method": "fs/read_text_file", "params": {"sessionId": "one", "path": "src/big"}})
    steps = [
        {"shell": "head -c 3000000 /dev/zero | tr '\\0' x > src/big"},
        {"raw": asked + "\n", "times": 500},
        {"await": "nothing"},
    ]
    tracemalloc.start()
    try:
        played = await play(base, tmp_path, scripted(*steps), limits=Limits(seconds=1.5))
        assert played.outcome.kind is OutcomeKind.TIMED_OUT
        assert tracemalloc.get_traced_memory()[1] < 150_000_000
    finally:
        tracemalloc.stop()


@anywhere
async def test_an_agent_that_never_answers_is_stopped_in_time(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acp_session, "START_SECONDS", 0.5)
    mute = AgentProgram("acp", ("sh", "-c", "echo waiting >&2; sleep 1000"))
    played = await play(base, tmp_path, mute)
    assert played.outcome.kind is OutcomeKind.ERROR
    assert "Does it speak the Agent Client Protocol?" in played.outcome.message


async def test_an_agent_that_is_not_done_in_time_is_told_and_then_killed(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acp_session, "GRACE_SECONDS", 0.1)
    time = LongLimits(monkeypatch)
    writing = "echo half > src/half; (while :; do echo x >> src/more; sleep 0.01; done) &"
    call = {"sessionUpdate": "tool_call", "toolCallId": "1", "title": "Wait"}
    steps = [
        {"shell": f"{writing} until test -s src/more; do sleep 0.01; done"},
        {"update": call},
        {"await": "nothing"},
    ]
    limits = Limits(seconds=time.LEAST)
    played = await play(base, tmp_path, scripted(*steps), limits=limits, heard=lambda _: time.reach())
    assert played.outcome.kind is OutcomeKind.TIMED_OUT
    assert played.declared == ["src/half", "src/more"]


async def test_a_cancelled_agent_may_end_its_turn_and_what_it_wrote_stays(base: Base, tmp_path: Path) -> None:
    sandbox = await base.fork("task")
    events: list[Event] = []
    waiting = asyncio.Event()

    def hear(event: Event) -> None:
        events.append(event)
        if isinstance(event, ToolCall):
            waiting.set()

    call = {"sessionUpdate": "tool_call", "toolCallId": "1", "title": "Wait"}
    program = scripted({"shell": "echo half > src/half"}, {"update": call}, {"await": "cancel"})
    work = asyncio.create_task(AcpBackend("helper", program, os.environ).run(brief("src/**"), sandbox, hear))
    await waiting.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    changes = await sandbox.changes(tmp_path / "store")
    assert [change.path for change in changes] == ["src/half"]


def test_nothing_of_the_protocol_is_loaded_before_an_agent_starts() -> None:
    program = (
        "import sys, agent_server.agents.acp; print([name for name in ('acp', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
