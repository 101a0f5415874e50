"""Programs that are agents, in real sandboxes: well-behaved ones, and ones that fail, flood, hang and die."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from agent_server.agents.backend import (
    Denied,
    Event,
    Limits,
    Outcome,
    OutcomeKind,
    Said,
    ToolCall,
    ToolStatus,
    Used,
)
from agent_server.agents.command import LONGEST_ARGUMENT, MOST_PATTERNS, CommandBackend, absolute_patterns
from agent_server.agents.recording import ProgramRecorder
from agent_server.agents.replay import ReplayBackend
from agent_server.agents.transcript import UsedTool, parse_transcript
from agent_server.analysis.globs.path_sets import PathSet
from agent_server.execution.changes.changes import Change, content_of
from agent_server.execution.changes.harvest import harvest
from agent_server.execution.sandboxes.isolation import Isolation, Sandbox
from agent_server.execution.sandboxes.sandbox import Base
from agent_server.settings import AgentProgram
from tests.agents.limits import LongLimits
from tests.agents.programs import python, script_at, shell
from tests.agents.workbench import brief, of_type

KEY = "sk-ant-a-key-of-the-user"
ENVIRON = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "ANTHROPIC_API_KEY": KEY, "OTHER_TOKEN": "another"}
SECONDS = Limits(seconds=60)


@dataclass
class Agent:
    """An agent in a sandbox of its own."""

    sandbox: Sandbox
    store: Path
    events: list[Event] = field(default_factory=list)

    async def run(
        self,
        program: AgentProgram,
        *writes: str,
        prompt: str = "Do it.",
        limits: Limits = SECONDS,
        heard: Callable[[], None] = lambda: None,
    ) -> Outcome:
        def hear(event: Event) -> None:
            self.events.append(event)
            heard()

        given = brief(*writes, prompt=prompt, limits=limits)
        return await CommandBackend("agent", program, ENVIRON).run(given, self.sandbox, hear)

    async def changed(self) -> dict[str, str]:
        """What it made of each path; nothing of one that it deleted."""
        return texts(await self.sandbox.changes(self.store))

    @property
    def said(self) -> list[str]:
        return [each.text for each in of_type(self.events, Said)]


def texts(changes: tuple[Change, ...]) -> dict[str, str]:
    return {change.path: content_of(change).decode() for change in changes}


@pytest.fixture
async def agent(base: Base, tmp_path: Path) -> Agent:
    return Agent(await base.fork("task"), tmp_path / "store")


async def test_it_reads_its_prompt_on_its_input_works_and_ends(agent: Agent) -> None:
    outcome = await agent.run(shell('prompt=$(cat); echo "$prompt" > made; echo "I did: $prompt"'), "made")
    assert outcome == Outcome(OutcomeKind.DONE, "I did: Do it.")
    assert agent.events == [Said("I did: Do it.")]
    assert await agent.changed() == {"made": "Do it.\n"}


async def test_it_is_given_its_prompt_as_an_argument(agent: Agent) -> None:
    program = AgentProgram("command", ("sh", "-c", 'echo "$1: $2"; cat', "sh", "{model}"), prompt="argument")
    await agent.run(program, prompt="Do 'it' $HOME `x`\nand more")
    assert agent.said == ["claude-sonnet-5-5: Do 'it' $HOME `x`", "and more"]


async def test_a_prompt_that_no_argument_holds_is_told(agent: Agent) -> None:
    outcome = await agent.run(shell("true", prompt="argument"), prompt="x" * (LONGEST_ARGUMENT + 1))
    assert outcome.kind is OutcomeKind.ERROR
    assert 'Set `prompt = "file"`' in outcome.message


async def test_it_finds_its_prompt_in_a_file_that_is_not_in_the_tree(agent: Agent) -> None:
    words = ("sh", "-c", 'echo "$1"; cat "${1#--file=}"; cat', "sh", "--file={prompt_file}", "{model} $HOME")
    program = AgentProgram("command", words, prompt="file")
    prompt = "Do 'it' {prompt_file}.\n" * 10_000
    outcome = await agent.run(program, prompt=prompt)
    assert outcome.kind is OutcomeKind.DONE
    place, *lines = agent.said
    assert place.startswith("--file=/")
    assert lines[:2] == ["Do 'it' {prompt_file}."] * 2
    assert await agent.changed() == {}


async def test_a_word_is_repeated_for_each_pattern_of_the_write_set(agent: Agent) -> None:
    program = AgentProgram("command", ("sh", "-c", 'printf "%s\\n" "$@"', "sh", "Edit(/{write})", "--end"))
    await agent.run(program, "src/main.py", "app/[id]/my page.ts", "lib/", "a/{b,c}/**/*.ts", "!lib/old.ts")
    place = agent.sandbox.place
    assert agent.said == [
        f"Edit(/{place}/src/main.py)",
        f"Edit(/{place}/app/?id?/my?page.ts)",
        f"Edit(/{place}/lib/**)",
        f"Edit(/{place}/a/b/**/*.ts)",
        f"Edit(/{place}/a/c/**/*.ts)",
        "--end",
    ]


async def test_it_gets_the_variables_that_it_names_and_no_other_keys(agent: Agent) -> None:
    script = "echo ${ANTHROPIC_API_KEY-none}; echo ${OTHER_TOKEN-none}; echo $MINE; echo $ANTHROPIC_API_KEY | wc -c"
    await agent.run(shell(script, variables=("ANTHROPIC_API_KEY", "UNSET"), fixed={"MINE": "{model}"}))
    assert agent.said == ["***", "none", "claude-sonnet-5-5", str(len(KEY) + 1)]


async def test_a_program_outside_the_workspace_is_seen_in_the_sandbox(agent: Agent, tmp_path: Path) -> None:
    path = script_at(tmp_path / "tools" / "my-agent", '#!/bin/sh\n. "$1"\n')
    library = script_at(tmp_path / "library.sh", "echo found > made\n")
    outcome = await agent.run(AgentProgram("command", (str(path), str(library))))
    assert outcome.kind is OutcomeKind.DONE, outcome.message
    assert await agent.changed() == {"made": "found\n"}


async def test_stream_json_is_read_relative_to_the_tree(agent: Agent) -> None:
    write = {"type": "tool_use", "id": "1", "name": "Write", "input": {"file_path": "PLACE/made"}}
    usage = {"input_tokens": 30, "output_tokens": 1}
    lines = [
        {"type": "assistant", "message": {"id": "m", "usage": usage, "content": [write]}},
        {"type": "user", "message": {"content": [{"type": "tool_result", "tool_use_id": "1", "content": "ok"}]}},
        {"type": "result", "subtype": "success", "result": "Made.", "total_cost_usd": 0.5},
    ]
    body = (
        f"text = sys.argv[1].replace('PLACE', {str(agent.sandbox.place)!r})\nprint(text, flush=True)\ntime.sleep(1000)"
    )
    outcome = await agent.run(python(body, "\n".join(map(json.dumps, lines)), output="stream-json"))
    assert outcome == Outcome(OutcomeKind.DONE, "Made.")  # although the program goes on
    calls = of_type(agent.events, ToolCall)
    assert calls == [ToolCall("write", ("made",), ToolStatus.STARTED), ToolCall("write", ("made",), ToolStatus.DONE)]
    assert of_type(agent.events, Used) == [Used(30, 1), Used(0, 0, usd=0.5)]


async def test_a_program_that_fails_is_quoted_with_its_key_left_out(agent: Agent) -> None:
    program = shell("echo broken: $ANTHROPIC_API_KEY >&2; exit 3", variables=("ANTHROPIC_API_KEY",))
    outcome = await agent.run(replace(program, login="Log in with `agent login`."))
    assert outcome == Outcome(OutcomeKind.ERROR, "`sh` failed with status 3. It says: broken: ***")


async def test_one_that_fails_with_a_status_of_success_is_an_error_where_its_format_tells(agent: Agent) -> None:
    script = "echo litellm.AuthenticationError: Missing Anthropic API Key; echo Check your key."
    outcome = await agent.run(shell(script, output="aider", login="Set a key."))
    words = "`sh` failed. It says: litellm.AuthenticationError: Missing Anthropic API Key. Set a key."
    assert outcome == Outcome(OutcomeKind.ERROR, words)


async def test_one_that_is_not_logged_in_is_told_how(agent: Agent) -> None:
    outcome = await agent.run(shell("echo Please log in. >&2; exit 1", login="Log in with `agent login`."))
    assert outcome.message == "`sh` failed with status 1. It says: Please log in. Log in with `agent login`."


async def test_one_that_is_not_there_is_told_how_to_be_installed(agent: Agent) -> None:
    program = AgentProgram("command", ("no-such-agent",), install="npm install -g no-such-agent")
    for prompt in ("stdin", "file", "argument"):
        outcome = await agent.run(replace(program, prompt=prompt))
        assert outcome.kind is OutcomeKind.ERROR
        assert outcome.message == (
            "There is no program `no-such-agent` on PATH, or it is hidden in the sandbox. "
            "Install it with `npm install -g no-such-agent`, or choose another agent."
        )


@pytest.mark.parametrize("entry", ["", ".", "src/bin"])
async def test_a_program_of_the_workspace_does_not_pass_for_it(base: Base, agent: Agent, entry: str) -> None:
    script_at(agent.sandbox.root / entry / "my-agent", "#!/bin/sh\necho I am a stranger\n")
    environ = {**ENVIRON, "PATH": f"{entry}{os.pathsep}{ENVIRON['PATH']}"}
    backend = CommandBackend("agent", AgentProgram("command", ("my-agent",)), environ)
    outcome = await backend.run(brief(limits=SECONDS), agent.sandbox, agent.events.append)
    assert outcome.message.startswith("There is no program `my-agent` on PATH")
    assert agent.said == []


async def test_one_that_dies_is_an_error_that_may_pass(agent: Agent) -> None:
    outcome = await agent.run(shell("echo half > made; kill -9 $$"), "made")
    assert (outcome.kind, outcome.retryable) == (OutcomeKind.ERROR, True)
    assert outcome.message == "`sh` was ended by signal 9."


async def test_one_that_hangs_is_ended_when_its_time_is_up(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    time = LongLimits(monkeypatch)
    program = shell("echo early > made; echo begun; sleep 1000")
    outcome = await agent.run(program, "made", limits=Limits(seconds=time.LEAST), heard=time.reach)
    assert outcome.kind is OutcomeKind.TIMED_OUT
    assert await agent.changed() == {"made": "early\n"}


async def test_one_that_never_reads_its_prompt_is_no_trouble(agent: Agent) -> None:
    outcome = await agent.run(shell("exec < /dev/null; echo done"), prompt="x" * 1_000_000)
    assert outcome == Outcome(OutcomeKind.DONE, "done")


async def test_one_that_leaves_others_running_ends_all_the_same(agent: Agent) -> None:
    outcome = await agent.run(shell("(setsid sh -c 'sleep 1000; echo late > late' &); echo done"))
    assert outcome == Outcome(OutcomeKind.DONE, "done")
    assert await agent.changed() == {}


async def test_one_that_floods_its_output_is_told_in_part_and_keeps_nobody_waiting(agent: Agent) -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    outcome = await agent.run(shell("yes | head -n 100000; head -c 40000000 /dev/zero; echo; echo end"))
    counting.cancel()
    assert outcome == Outcome(OutcomeKind.DONE, "end")
    assert len(agent.said) < 6_000
    assert turns > 1_000


async def test_one_that_floods_for_ever_is_ended(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_server.agents.command.MOST_OUTPUT", 100_000)
    outcome = await agent.run(shell("yes"))
    assert outcome == Outcome(OutcomeKind.ERROR, "`agent` wrote more than 100,000 bytes of output.")


@pytest.mark.parametrize(
    ("limits", "kind"),
    [(Limits(60, tokens=100), OutcomeKind.OVER_BUDGET), (Limits(60, turns=3), OutcomeKind.MAX_TURNS)],
)
async def test_limits_of_tokens_and_turns_end_it(agent: Agent, limits: Limits, kind: OutcomeKind) -> None:
    body = """\
for number in range(100):
    usage = {"input_tokens": 40, "output_tokens": 1}
    print(json.dumps({"type": "assistant", "message": {"id": str(number), "usage": usage, "content": []}}), flush=True)
time.sleep(1000)"""
    outcome = await agent.run(python(body, output="stream-json"), limits=limits)
    assert outcome.kind is kind
    assert len(of_type(agent.events, Used)) == 3


async def test_a_cancel_kills_it_with_all_that_it_started(agent: Agent) -> None:
    heard = asyncio.Event()
    given = brief("made", limits=SECONDS)
    script = "(setsid sh -c 'while :; do echo x >> made; sleep 0.01; done' &); echo ready; sleep 1000"
    work = asyncio.create_task(
        CommandBackend("agent", shell(script), ENVIRON).run(given, agent.sandbox, lambda _: heard.set())
    )
    await heard.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    before = await agent.changed()
    await asyncio.sleep(0.05)
    assert await agent.changed() == before


async def test_without_a_network_it_reaches_no_host(agent: Agent, base: Base) -> None:
    backend = CommandBackend("agent", shell("tail -n +3 /proc/net/dev | cut -d: -f1"), ENVIRON, network=False)
    outcome = await backend.run(brief(limits=SECONDS), agent.sandbox, agent.events.append)
    if base.isolation is not Isolation.OVERLAY:
        assert "network cannot be cut" in outcome.message
    else:
        assert [each.strip() for each in agent.said] == ["lo"]


WORK = """\
pathlib.Path("README.md").write_text("Read me, anew\\n")
pathlib.Path("empty").unlink()
pathlib.Path("bytes").write_bytes(bytes(range(256)))
pathlib.Path("run.sh").write_text("#!/bin/sh\\necho other\\n")
pathlib.Path("src/main.py").chmod(0o755)
pathlib.Path("src/deep/three.py").unlink()
pathlib.Path("src/deep/three.py").mkdir()
pathlib.Path("src/deep/three.py/inner.py").write_text("INNER = 1\\n")
pathlib.Path("link").unlink()
pathlib.Path("link").symlink_to("src/main.py")
pathlib.Path("dangling").unlink()
pathlib.Path("dangling").write_text("a file now\\n")
pathlib.Path("undeclared").write_text("not mine\\n")
print("All done.")"""
WRITES = ("README.md", "empty", "bytes", "run.sh", "src/**", "link", "dangling")


def spelled(changes: tuple[Change, ...]) -> list[tuple[str, str, str | None]]:
    return [(change.path, change.kind.value, change.new) for change in changes]


async def test_what_a_program_did_can_be_played_again(base: Base, tmp_path: Path) -> None:
    given = brief(*WRITES, limits=SECONDS)
    first, second = await base.fork("first"), await base.fork("second")
    recorder = ProgramRecorder(CommandBackend("agent", python(WORK), ENVIRON), tmp_path / "transcripts")
    recorded: list[Event] = []
    outcome = await recorder.run(given, first, recorded.append)
    assert outcome == Outcome(OutcomeKind.DONE, "All done.")

    played: list[Event] = []
    again = await ReplayBackend(tmp_path / "transcripts", 1_000).run(given, second, played.append)
    assert again == outcome
    one, other = [harvest(await each.changes(tmp_path / each.root.name), given.writes) for each in (first, second)]
    assert len(one.declared) == 9
    assert spelled(other.declared) == spelled(one.declared)
    assert of_type(played, Said) == recorded
    assert [each.path for each in one.undeclared] == [each.path for each in of_type(played, Denied)] == ["undeclared"]


async def test_what_no_replay_can_make_is_told(base: Base, tmp_path: Path) -> None:
    body = "pathlib.Path('large').write_bytes(b'x' * 5_000_000)"
    recorder = ProgramRecorder(CommandBackend("agent", python(body), ENVIRON), tmp_path / "transcripts")
    outcome = await recorder.run(brief("large", limits=SECONDS), await base.fork("task"), print)
    assert outcome == Outcome(OutcomeKind.DONE, "The transcript leaves out `large`, which no replay can make.")


async def test_a_recording_that_cannot_be_made_takes_nothing_from_the_work(base: Base, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    recorder = ProgramRecorder(CommandBackend("agent", shell("echo new > made"), ENVIRON), tmp_path / "file")
    sandbox = await base.fork("task")
    outcome = await recorder.run(brief("made", limits=SECONDS), sandbox, print)
    assert outcome.kind is OutcomeKind.DONE
    assert outcome.message.startswith("The transcript could not be written")
    assert texts(await sandbox.changes(tmp_path / "store")) == {"made": "new\n"}


async def test_a_cancelled_program_is_recorded_up_to_there(base: Base, tmp_path: Path) -> None:
    heard = asyncio.Event()
    backend = CommandBackend("agent", shell("echo half > made; echo begun; sleep 1000"), ENVIRON)
    recording = ProgramRecorder(backend, tmp_path).run(
        brief("made", limits=SECONDS), await base.fork("task"), lambda _: heard.set()
    )
    work = asyncio.create_task(recording)
    await heard.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    moments = parse_transcript((tmp_path / "nav.jsonl").read_text()).moments
    assert [moment.what for moment in moments] == [
        Said("begun"),
        UsedTool("put", {"path": "made", "content": "half\n"}),
        Outcome(OutcomeKind.CANCELLED),
    ]


def test_very_many_patterns_become_one() -> None:
    writes = PathSet.of([f"src/{number}.ts" for number in range(MOST_PATTERNS + 1)])
    assert list(absolute_patterns(writes, Path("/srv/my site"))) == ["/srv/my?site/**"]


def test_it_says_what_it_runs(environ: Mapping[str, str]) -> None:
    program = AgentProgram("command", ("my agent", "--model", "{model}", "x;y"))
    assert CommandBackend("agent", program, environ).runs == "'my agent' --model '{model}' 'x;y'"
    assert CommandBackend("agent", python("pass"), environ).runs.startswith(sys.executable)
