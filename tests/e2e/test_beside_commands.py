"""A server and commands at one workspace: what a command decides about a run, the server's editors see."""

import asyncio
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.cli.two_tasks import PLAN, done, made
from tests.e2e.raw_client import ENTRY, RawClient
from tests.e2e.site import Site


async def command(env: Mapping[str, str], root: Path, *words: str) -> tuple[int, str]:
    """A command's exit status, and what it says."""
    process = await asyncio.create_subprocess_exec(
        *ENTRY, *words, cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_what_commands_decide_is_seen_in_editors(site: Site, tmp_path: Path) -> None:
    plan = made(tmp_path / "workspace", tmp_path / "settings.toml")
    root = plan.parent
    env = {**site.env, "AGENT_SERVER_SETTINGS": str(tmp_path / "settings.toml")}
    client = await RawClient.start(env, "--standalone")

    async def state(wanted: str) -> None:
        await client.until(
            lambda message: message.get("method") == "agentServer/status" and message["params"]["state"] == wanted
        )

    try:
        await client.initialize(root)
        uri = client.open(plan)
        for name in ("agentServer.approve", "agentServer.launch"):
            await client.request("workspace/executeCommand", {"command": name, "arguments": [{"uri": uri}]})
        await state("held")
        await client.diagnostics(uri, lambda codes: "verify-failed" in codes)
        status, said = await command(env, root, "retry", PLAN, "--task", "a", "--comment", "mind")
        assert status == 0, said
        await state("landed")
        await client.diagnostics(uri, lambda codes: "verify-failed" not in codes)
        assert done(plan) == 2
        assert (await command(env, root, "undo", PLAN))[0] == 0
        await state("cancelled")  # what clients of version 0.1 are told of a run that is undone
    finally:
        await client.kill()


async def test_a_command_says_that_the_servers_run_goes_on(site: Site, tmp_path: Path) -> None:
    plan = made(tmp_path / "workspace", tmp_path / "settings.toml")
    (plan.parent / "wait").touch()
    env = {**site.env, "AGENT_SERVER_SETTINGS": str(tmp_path / "settings.toml")}
    client = await RawClient.start(env, "--standalone")
    try:
        await client.initialize(plan.parent)
        uri = client.open(plan)
        for name in ("agentServer.approve", "agentServer.launch"):
            await client.request("workspace/executeCommand", {"command": name, "arguments": [{"uri": uri}]})
        await client.until(lambda message: message.get("method") == "agentServer/status")
        status, said = await command(env, plan.parent, "discard", PLAN)
        assert status == 1
        assert f"is in use by process {client.process.pid}, which runs or lands a wave there" in said
        assert "`agent-server status` shows how far it is." in said
    finally:
        await client.kill()
