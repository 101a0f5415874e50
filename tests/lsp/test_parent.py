import asyncio
import os
import sys

import pytest

from agent_server.lsp import parent
from tests.e2e.raw_client import DEADLINE


async def sleeper() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)


@pytest.mark.parametrize("has_pidfd", [True, False])
async def test_the_end_of_a_process_is_noticed(has_pidfd: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not has_pidfd:
        monkeypatch.delattr(os, "pidfd_open", raising=False)
        monkeypatch.setattr(parent, "_POLL_SECONDS", 0.01)
    process = await sleeper()
    assert parent.is_running(process.pid)
    waiting = asyncio.ensure_future(parent.ended(process.pid))
    done, _ = await asyncio.wait({waiting}, timeout=0.1)
    assert not done
    process.kill()
    await process.wait()
    async with asyncio.timeout(DEADLINE):
        await waiting
    assert not parent.is_running(process.pid)


@pytest.mark.parametrize("pid", [0, -1])
def test_what_names_no_process_is_not_waited_for(pid: int) -> None:
    assert not parent.is_running(pid)
