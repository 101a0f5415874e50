"""What agents did in a run, recorded by a setting, and played again."""

import json
import os
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from agent_server.agents.backend import Backend, Brief, Denied, Event, Limits, Outcome, OutcomeKind, Said
from agent_server.agents.backends import backend_named
from agent_server.agents.replay import ReplayBackend
from agent_server.execution.changes.changes import Change
from agent_server.execution.changes.harvest import harvest
from agent_server.execution.executor import Executor
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.execution.sandboxes.sandbox import Base
from agent_server.settings import ExecutionSettings, read_settings
from tests.agents.messages_server import MessagesServer, say, use
from tests.agents.programs import python
from tests.agents.workbench import brief, of_type
from tests.execution.plans import analysed, two_tasks
from tests.execution.test_acp import scripted

TRANSCRIPT = """{"version": 1, "task": "%s"}
{"at": 1, "say": "I write it."}
{"at": 2, "tool": "write", "input": {"path": "%s.txt", "content": "played\\n"}}
{"at": 3, "usage": {"input_tokens": 7, "output_tokens": 5}}
{"at": 4, "end": "done"}
"""


async def run(place: Path, settings: ExecutionSettings) -> RunRecord:
    workspace = place / "workspace"
    workspace.mkdir(parents=True)
    executor = Executor(workspace, settings, {**os.environ, "AGENT_SERVER_STATE_DIR": str(place / "state")})
    analysis = analysed(workspace, two_tasks())
    executor.approve(executor.propose("x.plan.md", analysis, 1))
    record = await executor.launch("x.plan.md", analysis).wait()
    await executor.close()
    return record


async def test_a_recorded_run_can_be_played_again(tmp_path: Path) -> None:
    written, recorded = tmp_path / "written", tmp_path / "recorded"
    written.mkdir()
    for task in ("a", "b"):
        (written / f"{task}.jsonl").write_text(TRANSCRIPT % (task, task))
    values = {"agent": "replay", "speed": 1_000, "transcripts": str(written), "record": str(recorded)}
    settings, problems = read_settings(values)
    assert problems == ()
    first = await run(tmp_path / "first", settings.execution)
    assert first.state is RunState.LANDED, first.problem
    assert sorted(path.name for path in recorded.iterdir()) == ["a.jsonl", "b.jsonl"]

    again, _ = read_settings({"agent": "replay", "speed": 1_000, "transcripts": str(recorded)})
    second = await run(tmp_path / "second", again.execution)
    assert second.state is RunState.LANDED, second.problem
    assert (tmp_path / "second/workspace/a.txt").read_text() == "played\n"
    assert second.tasks["a"].tokens == first.tasks["a"].tokens == 12


WRITTEN = {"README.md": "Read me, anew\n", "src/new.py": "NEW = 1\n", "undeclared": "not mine\n"}


def recordable(kind: str, server: MessagesServer, folder: Path) -> tuple[ExecutionSettings, dict[str, str]]:
    """The settings of an agent of that kind which writes what is `WRITTEN`, and its environment."""
    environ = {**os.environ, **server.environ}
    match kind:
        case "command":
            lines = "".join(f"pathlib.Path({path!r}).write_text({text!r})\n" for path, text in WRITTEN.items())
            program = python(f"{lines}print('All done.')")
        case "acp":
            steps = [{"shell": f"printf '%s' {shlex.quote(text)} > {path}"} for path, text in WRITTEN.items()]
            program = scripted(*steps, {"say": "All done."})
        case "anthropic":
            server.script(*(use("write", path=path, content=text) for path, text in WRITTEN.items()), say("All done."))
            return ExecutionSettings(agent=kind), environ
        case _:
            moments = [
                *(
                    {"at": 0, "tool": "write", "input": {"path": path, "content": text}}
                    for path, text in WRITTEN.items()
                ),
                {"at": 0, "say": "All done."},
                {"at": 0, "end": "done", "message": "All done."},
            ]
            lines = "\n".join(json.dumps(each) for each in ({"version": 1}, *moments))
            folder.mkdir()
            (folder / "nav.jsonl").write_text(lines)
            return ExecutionSettings(agent=kind, transcripts=folder), environ
    return ExecutionSettings(agent="own", backends={"own": program}), environ


@pytest.mark.parametrize("base", [Isolation.OVERLAY, Isolation.COPY], indirect=True)
@pytest.mark.parametrize("kind", ["anthropic", "replay", "command", "acp"])
async def test_what_any_kind_of_agent_did_over_the_work_of_others_can_be_played_again(
    base: Base, tmp_path: Path, kind: str
) -> None:
    given = brief("README.md", "src/**", limits=Limits(seconds=60))
    earlier = await base.fork("earlier")
    (earlier.root / "src/earlier.py").write_text("EARLIER = 1\n")
    inherited = await earlier.changes(tmp_path / "earlier")
    transcripts = tmp_path / "recorded"
    with MessagesServer() as server:
        settings, environ = recordable(kind, server, tmp_path / "written")
        recorded = await played(
            backend_named(settings.agent, replace(settings, record=transcripts), environ),
            given,
            base,
            inherited,
            tmp_path / "store",
        )
    again = await played(ReplayBackend(transcripts, 1_000), given, base, inherited, tmp_path / "again")
    assert recorded == again
    outcome, said, declared, undeclared = again
    assert outcome.kind is OutcomeKind.DONE
    assert said.endswith("All done.")
    assert [path for path, _ in declared] == ["README.md", "src/new.py"]
    assert undeclared == ["undeclared"]


async def played(
    backend: Backend, given: Brief, base: Base, inherited: Sequence[Change], store: Path
) -> tuple[Outcome, str, list[tuple[str, str | None]], list[str]]:
    """How the agent ended, what it said, what it made of its own files, and the others that it tried to change."""
    events: list[Event] = []
    sandbox = await base.fork("task", over=inherited)
    outcome = await backend.run(given, sandbox, events.append)
    found = harvest(await sandbox.changes(store), given.writes)
    undeclared = {change.path for change in found.undeclared} | {event.path for event in of_type(events, Denied)}
    said = "".join(event.text for event in of_type(events, Said))
    return outcome, said, [(change.path, change.new) for change in found.declared], sorted(undeclared)
