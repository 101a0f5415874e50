"""Programs that are talked to while they run in a sandbox."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from agent_server.agents.programs import Program, ProgramError
from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.execution.sandboxes.sandbox import Base

ENVIRON = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "ANTHROPIC_API_KEY": "the user's"}


def shell(script: str, **more: object) -> Program:
    return Program(("sh", "-c", script), ENVIRON, **more)  # type: ignore[arg-type]


async def test_a_program_is_talked_to_and_its_errors_are_apart(base: Base, tmp_path: Path) -> None:
    sandbox = await base.fork("task")
    async with sandbox.program(shell("pwd; while read line; do echo got $line; done; echo broken >&2")) as running:
        place = (await running.output.readline()).decode().strip()
        assert Path(place) == sandbox.place
        running.given.write(b"one\n")
        assert await running.output.readline() == b"got one\n"
        running.given.close()
        assert await running.output.read() == b""
        assert await running.wait() == 0
    assert running.errors == "broken\n"
    assert await sandbox.changes(tmp_path / "store") == ()


async def test_what_a_program_writes_is_seen_while_it_runs_and_harvested(base: Base, tmp_path: Path) -> None:
    sandbox = await base.fork("task")
    async with sandbox.program(shell("echo new > made; rm empty; echo done; sleep 1000")) as running:
        await running.output.readline()
        assert (sandbox.root / "made").read_text() == "new\n"
    found = await sandbox.changes(tmp_path / "store")
    assert [(change.kind.value, change.path) for change in found] == [("delete", "empty"), ("create", "made")]


async def test_it_is_given_its_own_variables_and_no_key_of_the_user(base: Base) -> None:
    sandbox = await base.fork("task")
    wanted = shell("echo ${ANTHROPIC_API_KEY-none} ${MINE-none}", variables={"MINE": "a key of its own"})
    async with sandbox.program(wanted) as running:
        assert await running.output.read() == b"none a key of its own\n"
    assert "a key of its own" not in repr(wanted)


async def test_it_finds_the_logins_that_it_needs_and_no_others(base: Base, tmp_path: Path) -> None:
    home = tmp_path / "person"
    (home / ".tool").mkdir(parents=True)
    (home / ".tool" / "login.json").write_text("secret")
    (home / ".tool" / "other.json").write_text("other")
    wanted = Program(
        ("sh", "-c", "cat $HOME/.tool/login.json; ls -A $HOME/.tool $HOME"),
        {**ENVIRON, "HOME": str(home)},
        logins=(".tool/login.json", ".tool/missing.json"),
    )
    sandbox = await base.fork("task")
    async with sandbox.program(wanted) as running:
        said = (await running.output.read()).decode()
    assert said.startswith("secret")
    assert "login.json" in said
    assert "other.json" not in said


async def test_the_network_can_be_cut(base: Base) -> None:
    sandbox = await base.fork("task")
    wanted = shell("cat /proc/net/dev", network=False)
    if base.isolation is not Isolation.OVERLAY:
        with pytest.raises(ProgramError, match="network cannot be cut"):
            async with sandbox.program(wanted):
                pass
        return
    async with sandbox.program(wanted) as running:
        devices = [line.split(":")[0].strip() for line in (await running.output.read()).decode().splitlines()[2:]]
    assert devices == ["lo"]


async def test_all_that_a_program_started_is_dead_when_the_block_is_left(base: Base, tmp_path: Path) -> None:
    sandbox = await base.fork("task")
    script = "(setsid sh -c 'while :; do echo x >> made; sleep 0.01; done' &) ; echo ready; sleep 1000"
    async with sandbox.program(shell(script)) as running:
        await running.output.readline()
    before = await sandbox.changes(tmp_path / "store")
    await asyncio.sleep(0.05)
    assert await sandbox.changes(tmp_path / "store") == before


async def test_a_program_that_is_not_there_says_so(base: Base) -> None:
    sandbox = await base.fork("task")
    async with sandbox.program(Program(("no-such-agent",), ENVIRON)) as running:
        assert await running.wait() == 127
    assert "not found" in running.errors


async def test_commands_run_after_a_program(base: Base, environ: Mapping[str, str]) -> None:
    sandbox = await base.fork("task")
    async with sandbox.program(shell("echo new > made")) as running:
        await running.wait()
    done = await sandbox.execute(("cat", "made"), env=environ, timeout=10)
    assert done.output == "new\n"
