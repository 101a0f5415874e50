"""Whole runs of programs that do what they must not: only what was declared lands, and the rest is reported."""

import os
from pathlib import Path

import pytest

from agent_server.execution.executor import Executor
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.settings import ExecutionSettings
from tests.agents.programs import shell
from tests.execution.plans import analysed, skip_unless_possible
from tests.execution.trees import Tree, plant, read

PLAN = "cheat.plan.md"
TEXT = "# One\n\n## own: Write a file\n- writes: `own.txt`\n- agent: cheat\n\nWrite it.\n"
BEFORE: Tree = {"kept.txt": "kept\n", "src/main.py": "MAIN = 1\n", ".git/hooks/pre-commit.sample": "#!/bin/sh\n"}
OWN = "echo mine > own.txt; "

# What each does besides its work, and what of it is reported. `$1` is a folder outside, `$2` the live workspace.
CHEATS = {
    "an undeclared file": ("echo x > other.txt; echo x > src/main.py", ("other.txt", "src/main.py")),
    "a deletion": ("rm kept.txt; rm -r src", ("kept.txt", "src/main.py")),
    "a rename over another file": ("echo x > new; mv new kept.txt", ("kept.txt",)),
    "a renamed directory": ("mv src lib", ("lib/main.py", "src/main.py")),
    "a hook of Git": ("mkdir -p .git/hooks; echo 'touch hooked' > .git/hooks/pre-commit; rm .git/hooks/*.sample", ()),
    "a path with dots": ("echo x > ../escaped.txt; echo x > src/../other.txt", ("other.txt",)),
    "a case that folds": ("echo x > OWN.TXT", ("OWN.TXT",)),
}
# Nothing but an overlay holds these.
OUTWARD = {
    "an absolute path": ('echo x > "$1/secret.txt"; echo x > "$1/new.txt"; echo x > "$2/other.txt"', ("other.txt",)),
    "a link in the place of a directory": (
        'rm -r src; ln -s "$1" src; echo x > src/secret.txt',
        ("src", "src/main.py"),
    ),
    "a hard link": ('ln "$1/secret.txt" linked && echo x >> linked; ln kept.txt twin; echo x >> twin', None),
    "a link that its own file becomes": ('rm own.txt; ln -s "$1/secret.txt" own.txt; echo x > own.txt', None),
    "a way out through the kernel": ('echo x > /proc/1/root"$1/secret.txt"; echo x > /proc/self/cwd/other.txt', None),
}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    return plant(tmp_path / "outside", {"secret.txt": "secret\n"})


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return plant(tmp_path / "site", BEFORE)


async def run(workspace: Path, outside: Path, script: str, isolation: Isolation) -> RunRecord:
    """Run one agent that is that script, with what is outside and the live workspace as its arguments."""
    program = shell(f"set -- '{outside}' '{workspace}'; {OWN}{script}; exit 0")
    settings = ExecutionSettings(isolation=isolation, backends={"cheat": program}, task_minutes=1)
    environ = {**os.environ, "AGENT_SERVER_STATE_DIR": str(workspace.parent / "state")}
    await skip_unless_possible(isolation, workspace, environ)
    executor = Executor(workspace, settings, environ)
    try:
        analysis = analysed(workspace, TEXT)
        executor.approve(executor.propose(PLAN, analysis, 1))
        return await executor.launch(PLAN, analysis).wait()
    finally:
        await executor.close()


def assert_held(record: RunRecord, workspace: Path, outside: Path, reported: tuple[str, ...] | None) -> None:
    assert record.state is RunState.LANDED, record.problem
    assert read(outside) == {"secret.txt": "secret\n"}
    assert {path: what for path, what in read(workspace).items() if path != "own.txt"} == {
        path: what for path, what in BEFORE.items() if not path.startswith(".git/")
    }
    assert [path.name for path in (workspace / ".git/hooks").iterdir()] == ["pre-commit.sample"]
    assert sorted(path.name for path in workspace.parent.iterdir()) == ["outside", "site", "state"]
    assert record.tasks["own"].changed == ("own.txt",)
    if reported is not None:
        assert record.tasks["own"].undeclared == reported


@pytest.mark.parametrize("isolation", list(Isolation))
@pytest.mark.parametrize("cheat", CHEATS)
async def test_only_the_declared_file_lands(workspace: Path, outside: Path, cheat: str, isolation: Isolation) -> None:
    script, reported = CHEATS[cheat]
    record = await run(workspace, outside, script, isolation)
    assert_held(record, workspace, outside, reported)
    assert (workspace / "own.txt").read_text() == "mine\n"


@pytest.mark.parametrize("cheat", OUTWARD)
async def test_nothing_outside_an_overlay_is_reached(workspace: Path, outside: Path, cheat: str) -> None:
    script, reported = OUTWARD[cheat]
    record = await run(workspace, outside, script, Isolation.OVERLAY)
    assert_held(record, workspace, outside, reported)
