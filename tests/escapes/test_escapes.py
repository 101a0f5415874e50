"""Agents and builds that try to change what is not theirs: none does, by any way, whatever kind it is.

Programs are held by overlays; in a plain copy nothing holds a program but goodwill, so there only agents that have our
own tools are tried.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from agent_server.agents.transcript import transcript_path
from agent_server.analysis.facts import TaskState
from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.settings import ExecutionSettings
from agent_server.settings.values import AgentProgram
from tests.agents.messages_server import MessagesServer, say, use
from tests.escapes.attempts import EXCESSES, PROGRAMS, TOOLS
from tests.escapes.site import Site, landed
from tests.execution.plans import skip_unless_possible


def site(tmp_path: Path, attempts: int) -> Site:
    made = Site(tmp_path.resolve(), attempts)
    made.plant()
    return made


def scripts(where: Site) -> None:
    """Put the attempts of programs into the workspace, where they are found in a sandbox."""
    folder = where.root / "attempts"
    folder.mkdir()
    for number, attempt in enumerate(PROGRAMS):
        (folder / f"{number}.sh").write_text(f"{where.prologue(number)}{attempt.script}\n")


async def test_programs_that_are_agents(tmp_path: Path) -> None:
    where = site(tmp_path, len(PROGRAMS))
    scripts(where)
    await skip_unless_possible(Isolation.OVERLAY, where.root, where.environ)
    # In one shell, so that an attempt that kills all that it can does not end its own agent.
    agent = 'n=$(grep -o "attempt-[0-9]*-end" | head -n 1 | tr -dc 0-9); . attempts/$n.sh; exit 0'
    settings = ExecutionSettings(
        agent="cheat",
        isolation=Isolation.OVERLAY,
        backends={"cheat": AgentProgram("command", ("sh", "-c", agent))},
    )
    before = where.fingerprints()
    record = await where.run(settings, where.plan())
    assert where.escapes(before, where.fingerprints()) == []
    assert where.marks() == []
    assert landed(record), record.problem  # so the landing was in the way of those that race with it
    undeclared = {path for task in record.tasks.values() for path in task.undeclared}
    assert {"kept.txt", "KEPT.txt", "shared/file.txt"} <= undeclared


async def test_agents_of_the_client_protocol(tmp_path: Path) -> None:
    where = site(tmp_path, max(len(PROGRAMS), len(TOOLS)))
    scripts(where)
    killing = next(number for number, attempt in enumerate(PROGRAMS) if attempt.name == "killing the server")
    (where.root / "attempts" / f"{killing}.sh").unlink()  # it would end its own agent
    calls = {str(number): {"tool": call.tool, **given(where, number, call.given)} for number, call in enumerate(TOOLS)}
    (where.root / "attempts" / "calls.json").write_text(json.dumps(calls))
    await skip_unless_possible(Isolation.OVERLAY, where.root, where.environ)
    agent = Path(__file__).with_name("acp_agent.py").read_text()
    settings = ExecutionSettings(
        agent="cheat",
        isolation=Isolation.OVERLAY,
        backends={"cheat": AgentProgram("acp", (sys.executable, "-c", agent))},
    )
    before = where.fingerprints()
    record = await where.run(settings, where.plan())
    assert where.escapes(before, where.fingerprints()) == []
    assert where.marks() == []
    assert landed(record), {name: task.message for name, task in record.tasks.items() if task.message}
    undeclared = {path for task in record.tasks.values() for path in task.undeclared}
    assert {"kept.txt", "KEPT.txt", "shared/file.txt", "t0/mine.txt"} <= undeclared


async def test_commands_that_verify(tmp_path: Path) -> None:
    where = site(tmp_path, len(PROGRAMS))
    scripts(where)
    await skip_unless_possible(Isolation.OVERLAY, where.root, where.environ)
    folder = tmp_path / "work"
    folder.mkdir()
    for number in range(where.attempts):
        lines = (
            {"version": 1, "task": f"t{number}", "model": "none", "seconds": 0},
            {"at": 0, "tool": "write", "input": {"path": f"t{number}/new.txt", "content": "new\n"}},
            {"at": 0, "end": "done"},
        )
        transcript_path(folder, f"t{number}").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    settings = ExecutionSettings(agent="replay", transcripts=folder, isolation=Isolation.OVERLAY)
    before = where.fingerprints()
    plan = where.plan([f". attempts/{number}.sh; exit 0" for number in range(where.attempts)])
    record = await where.run(settings, plan)
    after = where.fingerprints()
    assert where.escapes(before, after) == []
    assert where.marks() == []
    assert landed(record), record.problem
    # Nothing that a build writes is kept, not even where its task may write.
    own = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    assert own == {f"workspace/t{number}/new.txt" for number in range(where.attempts)}


def given(where: Site, number: int, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.format(**where.places(number)) for name, value in values.items()}


@pytest.mark.parametrize("isolation", list(Isolation))
@pytest.mark.parametrize("agent", ["anthropic", "replay"])
async def test_agents_with_our_tools(
    tmp_path: Path, messages_server: MessagesServer, agent: str, isolation: Isolation
) -> None:
    where = site(tmp_path, len(TOOLS))
    await skip_unless_possible(isolation, where.root, where.environ)
    folder = tmp_path / "work"
    folder.mkdir()
    for number, call in enumerate(TOOLS):
        values = given(where, number, call.given)
        if agent == "anthropic":
            messages_server.script(use(call.tool, **values), say("Done."), to=f"attempt-{number}-end")
        lines = (
            {"version": 1, "task": f"t{number}", "model": "none", "seconds": 0},
            {"at": 0, "tool": call.tool, "input": values},
            {"at": 0, "end": "done"},
        )
        transcript_path(folder, f"t{number}").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    settings = ExecutionSettings(agent=agent, transcripts=folder, isolation=isolation)
    before = where.fingerprints()
    record = await where.run(settings, where.plan(), messages_server.environ)
    assert where.escapes(before, where.fingerprints()) == []
    assert landed(record), record.problem
    assert sum(bool(task.undeclared) for task in record.tasks.values()) > len(TOOLS) / 2


@pytest.mark.parametrize("name", EXCESSES)
async def test_an_agent_that_overdoes_it_costs_itself_alone_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    where = site(tmp_path, 2)
    await skip_unless_possible(Isolation.OVERLAY, where.root, where.environ)
    script, told = EXCESSES[name]
    (where.root / "excess.sh").write_text(script)
    agent = (
        'n=$(grep -o "attempt-[0-9]*-end" | head -n 1 | tr -dc 0-9); '
        "if [ $n = 0 ]; then cd t0/dir && . ../../excess.sh; else echo new > t1/new.txt; fi; exit 0"
    )
    settings = ExecutionSettings(
        agent="cheat",
        isolation=Isolation.OVERLAY,
        backends={"cheat": AgentProgram("command", ("sh", "-c", agent))},
    )
    before = where.fingerprints()
    record = await where.run(settings, where.plan())
    assert where.escapes(before, where.fingerprints()) == []
    assert told in record.tasks["t0"].message
    assert record.tasks["t1"].state is (TaskState.HELD if told else TaskState.LANDED), record.problem
    sandboxes = [path for folder in (where.folder / "state").iterdir() for path in (folder / "sandboxes").iterdir()]
    assert sandboxes == []


def test_there_are_attempts_enough() -> None:
    assert len(PROGRAMS) + len(TOOLS) >= 40
    assert len({attempt.name for attempt in PROGRAMS}) == len(PROGRAMS)
