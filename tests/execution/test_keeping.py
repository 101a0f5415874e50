"""Programs that are started through the keeper: how they end, and that nothing of them lives on."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent_server.execution.sandboxes.command import output_pipe
from agent_server.execution.sandboxes.keeping import PASSED, Keeper, Streams

ENVIRON = {"PATH": os.defpath}


@pytest.fixture
async def keeper() -> AsyncIterator[Keeper]:
    keeper = Keeper("test")
    keeper.begin()
    yield keeper
    await keeper.close()


@contextmanager
def stopped(keeper: Keeper) -> Iterator[None]:
    """The keeper does nothing meanwhile."""
    assert keeper._process is not None
    keeper._process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        keeper._process.send_signal(signal.SIGCONT)


async def ended(keeper: Keeper, *command: str, **environ: str) -> tuple[int, str]:
    """How a program ends, and what it says."""
    async with output_pipe() as (reader, output):
        kept = await keeper.start(
            command, environ={"PATH": os.defpath, **environ}, directory=Path("/"), streams=Streams(output)
        )
        output.close()
        return await kept.wait(), (await reader.read()).decode()


async def test_a_program_gets_its_words_its_folder_and_its_environment(keeper: Keeper) -> None:
    script = 'pwd; printf "%s|" "$@" "$X"; cat'
    assert await ended(keeper, "sh", "-c", script, "sh", "", "a b", "c\nd", X="=1\n2") == (0, "/\n|a b|c\nd|=1\n2|")


@pytest.mark.parametrize(("script", "status"), [("exit 7", 7), ("kill -TERM $$", -signal.SIGTERM), ("true", 0)])
async def test_it_says_how_a_program_ended(keeper: Keeper, script: str, status: int) -> None:
    assert await ended(keeper, "sh", "-c", script) == (status, "")


async def test_programs_run_at_once(keeper: Keeper) -> None:
    said = await asyncio.gather(*(ended(keeper, "sh", "-c", f"sleep 0.0{each}; echo {each}") for each in range(9)))
    assert said == [(0, f"{each}\n") for each in range(9)]


@pytest.mark.parametrize(
    ("command", "directory"), [("/no/such/program", "/"), ("true", "/no/such/folder"), ("tr\0ue", "/")]
)
async def test_a_program_that_cannot_be_started_is_an_error(keeper: Keeper, command: str, directory: str) -> None:
    async with output_pipe() as (_, output):
        with pytest.raises(OSError, match=r"No such file|NUL"):
            await keeper.start([command], environ={}, directory=Path(directory), streams=Streams(output))
        output.close()
    assert await ended(keeper, "echo", "still of use") == (0, "still of use\n")


async def test_a_program_has_its_descriptors_and_no_others(keeper: Keeper) -> None:
    readable, writable = os.pipe()
    async with output_pipe() as (reader, output):
        script = f"echo told >&{PASSED}; ls /proc/self/fd 2>/dev/null || echo 0 1 2 3"
        kept = await keeper.start(
            ("sh", "-c", script),
            environ={"PATH": os.defpath},
            directory=Path("/"),
            streams=Streams(output),
            passed=(writable,),
        )
        output.close()
        os.close(writable)
        assert await kept.wait() == 0
        with os.fdopen(readable) as told:
            assert told.read() == "told\n"
        found = (await reader.read()).split()
        assert found[:4] == [b"0", b"1", b"2", b"%d" % PASSED]
        assert len(found) <= 5  # and the one through which `ls` lists them


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8])
async def test_a_start_that_is_cancelled_leaves_nothing(keeper: Keeper, turns: int) -> None:
    async with output_pipe() as (reader, output):
        with stopped(keeper):  # it answers only when somebody has given up
            starting = asyncio.ensure_future(
                keeper.start(["sleep", "1000"], environ=ENVIRON, directory=Path("/"), streams=Streams(output))
            )
            for _ in range(turns):
                await asyncio.sleep(0)
            starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        assert starting.cancelled()
        output.close()
        assert await reader.read() == b""  # nobody has the other end any more


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody adopts orphans")
async def test_a_keeper_that_is_killed_is_an_end_and_then_an_error(keeper: Keeper) -> None:
    async with output_pipe() as (reader, output):
        kept = await keeper.start(["sleep", "1000"], environ=ENVIRON, directory=Path("/"), streams=Streams(output))
        assert keeper._process is not None
        os.kill(keeper._process.pid, signal.SIGKILL)
        with pytest.raises(OSError, match=r"process|pipe"):
            await keeper.start(["true"], environ={}, directory=Path("/"), streams=Streams(output))
        output.close()
        await kept.end()
        assert await reader.read() == b""
