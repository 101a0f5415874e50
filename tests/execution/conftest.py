"""A small workspace with its state directory, and every kind of sandbox that this host allows."""

import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from agent_server.execution.executor import Executor
from agent_server.execution.sandboxes.isolation import Isolation, SandboxError
from agent_server.execution.sandboxes.sandbox import Base, freeze
from agent_server.execution.state import STATE_VARIABLE, StateDirectory
from tests.execution.agents import Agents, executing
from tests.execution.trees import Link, Program, plant


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """A workspace with one of each kind of file."""
    return plant(
        tmp_path / "workspace",
        {
            "README.md": "Read me\n",
            "empty": "",
            "run.sh": Program("#!/bin/sh\necho running\n"),
            "link": Link("README.md"),
            "dangling": Link("nowhere/at all"),
            "src/main.py": "print('hello')\n",
            "src/deep/er/one.py": "ONE = 1\n",
            "src/deep/er/two.py": "TWO = 2\n",
            "src/deep/three.py": "THREE = 3\n",
            ".env": "SECRET=1\n",
            ".git/HEAD": "ref: refs/heads/main\n",
        },
    )


@pytest.fixture
def environ(tmp_path: Path) -> Mapping[str, str]:
    return {**os.environ, STATE_VARIABLE: str(tmp_path / "state")}


@pytest.fixture
def state(live: Path, environ: Mapping[str, str]) -> StateDirectory:
    return StateDirectory.for_workspace(live, environ)


@pytest.fixture(params=list(Isolation))
async def base(request: pytest.FixtureRequest, live: Path, state: StateDirectory) -> AsyncIterator[Base]:
    """The workspace, frozen, for each isolation in turn."""
    try:
        frozen = await freeze(live, state, prefer=request.param)
    except SandboxError as refusal:
        pytest.skip(str(refusal))
    async with frozen:
        yield frozen


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "kept.txt").write_text("mine\n")
    return root


@pytest.fixture
def agents() -> Agents:
    return Agents()


@pytest.fixture
async def executor(workspace: Path, tmp_path: Path, agents: Agents) -> AsyncIterator[Executor]:
    async with executing(workspace, tmp_path / "state", agents) as executor:
        yield executor


@pytest.fixture
async def later(workspace: Path, tmp_path: Path, agents: Agents) -> AsyncIterator[Executor]:
    """The executor of the next process: it knows nothing but what is on the disk."""
    async with executing(workspace, tmp_path / "state", agents) as executor:
        yield executor
