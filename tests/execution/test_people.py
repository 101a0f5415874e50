"""Sandboxes of an ordinary user, who is not root: the same as root's."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.execution.state import STATE_VARIABLE
from tests.execution.plans import skip_unless_possible

UID = 54321
PERSON = ("setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups")
ALL_THAT_IS_NEEDED = "import agent_server, subprocess, sys; subprocess.run([sys.executable, '-c', ''], check=True)"
WORK = """
import asyncio, os, sys
from pathlib import Path
from agent_server.agents.programs import Program
from agent_server.execution.sandboxes.sandbox import Isolation, SandboxError, freeze
from agent_server.execution.state import STATE_VARIABLE, StateDirectory

async def main():
    place, isolation = Path(sys.argv[1]), Isolation(sys.argv[2])
    state = StateDirectory.for_workspace(place / "workspace", {STATE_VARIABLE: str(place / "state")})
    try:
        base = await freeze(place / "workspace", state, prefer=isolation)
    except SandboxError as refusal:
        print("refused", refusal, sep="|")
        return
    async with base:
        first = await base.fork("first")
        script = "id -u; rm -r gone folder; mkdir deep; echo new > deep/new; chmod +x kept; echo x > folder"
        completed = await first.execute(("sh", "-c", script), env=os.environ, timeout=30)
        changes = await first.changes(place / "store")
        second = await base.fork("second", changes)
        script = "cat folder; rm folder; mkdir folder; echo y > folder/inner"
        async with second.program(Program(("sh", "-c", script), os.environ)) as running:
            said = (await running.output.read()).decode().strip()
        later = await second.changes(place / "later")
        told = (f"{each.kind} {each.type} {each.path}" for each in (*changes, *later))
        print(completed.output.strip(), said, *told, sep="|")
    print(*(path.name for path in state.sandboxes.iterdir()))

asyncio.run(main())
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that belongs to somebody who is not root, with a workspace in it."""
    place = Path(tempfile.mkdtemp(prefix="person-"))
    workspace = place / "workspace"
    (workspace / "folder").mkdir(parents=True)
    for name in ("gone", "kept", "folder/inner"):
        (workspace / name).write_text(name)
    for path in (place, *place.rglob("*")):
        os.chown(path, UID, UID)
    yield place
    shutil.rmtree(place)


def python_of_everybody(environ: Mapping[str, str]) -> str:
    """An interpreter of this version that the person can run; skips where root alone has one."""
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        command = [*PERSON, python, "-c", ALL_THAT_IS_NEEDED]
        if Path(python).exists() and not subprocess.run(command, check=False, env=environ, cwd="/").returncode:
            return python
    pytest.skip("nobody but root can run a Python of this version")


def may_make_namespaces() -> bool:
    command = [*PERSON, "unshare", "--user", "--map-root-user", "--mount", "true"]
    return not subprocess.run(command, check=False).returncode


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("isolation", list(Isolation))
def test_an_ordinary_user_has_the_same_sandboxes(isolation: Isolation, place: Path, tmp_path: Path) -> None:
    asyncio.run(skip_unless_possible(isolation, tmp_path, {STATE_VARIABLE: str(tmp_path / "state")}))
    path = os.pathsep.join(entry for entry in sys.path if entry)
    environ = {"PATH": os.environ["PATH"], "HOME": str(place), "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [*PERSON, python_of_everybody(environ), "-c", WORK, str(place), isolation.value]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environ, cwd=place)
    told, left = done.stdout.split("\n", 1)
    if told.startswith("refused") and not may_make_namespaces():
        pytest.skip(told)
    assert told.split("|") == [
        str(UID),
        "x",
        "create file deep/new",
        "create file folder",
        "delete file folder/inner",
        "delete file gone",
        "modify executable kept",
        "delete file folder",
        "create file folder/inner",
    ]
    assert left.strip() == ""
