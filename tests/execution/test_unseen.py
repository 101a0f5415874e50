"""Files that a program would obey, kept out of its sight in every kind of sandbox."""

import asyncio
import os
from pathlib import Path

import pytest

from agent_server.agents import unseen
from agent_server.agents.backend import Event, Limits, Outcome, OutcomeKind, Said
from agent_server.agents.command import CommandBackend
from agent_server.execution.changes.changes import content_of
from agent_server.execution.sandboxes.isolation import Sandbox
from agent_server.execution.sandboxes.sandbox import Base
from tests.agents.programs import shell
from tests.agents.workbench import brief, of_type
from tests.execution.trees import Link, Program, plant

LOOK = "find . ! -type d ! -path './.git/*' | sort"


@pytest.fixture
def live(live: Path, tmp_path: Path) -> Path:
    plant(tmp_path / "beyond", {"hooks/theirs": "of somebody else\n"})
    extra = {
        ".tool/config.toml": "run me\n",
        ".tool/hooks/start.sh": Program("#!/bin/sh\nrun me\n"),
        ".tool/hooks/link": Link("start.sh"),
        ".led": Link(str(tmp_path / "beyond")),
        ".file": "no folder\n",
    }
    return plant(live, extra)


async def play(sandbox: Sandbox, script: str, *paths: str, writes: str = "made") -> tuple[Outcome, list[str]]:
    """How a shell script ended that is to see none of `paths`, and the lines that it wrote."""
    events: list[Event] = []
    backend = CommandBackend("agent", shell(script, unseen=paths), os.environ)
    outcome = await backend.run(brief(writes, limits=Limits(seconds=60)), sandbox, events.append)
    return outcome, [event.text for event in of_type(events, Said)]


async def changed(sandbox: Sandbox, store: Path) -> dict[str, str]:
    return {f"{each.kind} {each.path}": content_of(each).decode() for each in await sandbox.changes(store)}


async def test_a_program_does_not_see_them_and_they_have_not_changed(base: Base, tmp_path: Path) -> None:
    sandbox = await base.fork("task")
    _, everything = await play(sandbox, LOOK)
    outcome, seen = await play(sandbox, f"{LOOK}; echo new > made", ".tool", ".env", "missing/too", ".file/below")
    assert outcome.kind is OutcomeKind.DONE
    hidden = {"./.env", "./.tool/config.toml", "./.tool/hooks/link", "./.tool/hooks/start.sh"}
    assert set(everything) - set(seen) == hidden
    assert await changed(sandbox, tmp_path / "store") == {"create made": "new\n"}
    again, seen = await play(sandbox, "test -x .tool/hooks/start.sh && cat .tool/config.toml .env")
    assert (again.kind, seen) == (OutcomeKind.DONE, ["run me", "SECRET=1"])


async def test_what_the_agent_writes_in_their_place_it_keeps(base: Base, tmp_path: Path) -> None:
    sandbox = await base.fork("task")
    await play(sandbox, "echo mine > .env; echo file > .tool", ".tool", ".env")
    assert await changed(sandbox, tmp_path / "store") == {
        "modify .env": "mine\n",
        "create .tool": "file\n",
        "delete .tool/config.toml": "",
        "delete .tool/hooks/link": "",
        "delete .tool/hooks/start.sh": "",
    }


async def test_a_link_on_the_way_is_taken_itself_and_what_it_leads_to_stays(base: Base, tmp_path: Path) -> None:
    sandbox = await base.fork("task")
    outcome, seen = await play(sandbox, "ls -a | grep -c led", ".led/hooks")
    assert (outcome.kind, seen) == (OutcomeKind.ERROR, ["0"])
    assert (tmp_path / "beyond/hooks/theirs").read_text() == "of somebody else\n"
    assert await changed(sandbox, tmp_path / "store") == {}


async def test_they_are_put_back_where_the_agent_is_stopped(base: Base, tmp_path: Path) -> None:
    sandbox = await base.fork("task")
    working = asyncio.Event()
    backend = CommandBackend("agent", shell("echo begun; sleep 1000", unseen=(".tool", ".env")), os.environ)
    run = asyncio.create_task(backend.run(brief("made"), sandbox, lambda _: working.set()))
    await working.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert await changed(sandbox, tmp_path / "store") == {}


@pytest.mark.parametrize(("limit", "most"), [("MOST_BYTES", 10), ("MOST_ENTRIES", 2)])
async def test_what_is_too_large_to_be_kept_from_it_keeps_it_from_starting(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(unseen, limit, most)
    sandbox = await base.fork("task")
    outcome, seen = await play(sandbox, "echo begun", ".tool")
    assert (outcome.kind, seen) == (OutcomeKind.ERROR, [])
    assert outcome.message.startswith("`agent` could not be started. `.tool/hooks")
    assert outcome.message.endswith("of the workspace, which it would obey, is too large to be kept from it.")
    assert await changed(sandbox, tmp_path / "store") == {}
