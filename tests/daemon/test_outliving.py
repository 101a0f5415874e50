"""Runs outlive editors, and what the death of a daemon leaves behind is told by the next one."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from agent_server.daemon import control, place
from agent_server.demo.material import materialise, transcripts_folder
from tests.e2e.raw_client import RawClient
from tests.e2e.verification import HeldVerification

FINAL = {"landed", "held", "cancelled", "failed"}
STATUS = "agentServer/serverStatus"
PROGRESS = {"window": {"workDoneProgress": True}}
SPEAKS = {"experimental": {"agentServer": {"version": "0.2.0"}}}
SLOW, FAST = 1, 600
"""How fast agents work: for minutes, or for a second."""


@pytest.fixture
def site(tmp_path: Path) -> tuple[Path, Path]:
    """A workspace, and a plan of five tasks in it."""
    demo = materialise(tmp_path / "site")
    return demo.root.resolve(), demo.good_plan.resolve()


def options(speed: float) -> dict[str, Any]:
    return {"agent": "replay", "transcripts": str(transcripts_folder()), "speed": speed}


async def launched(
    environ: dict[str, str], site: tuple[Path, Path], speed: float, state: str = "running"
) -> tuple[RawClient, str]:
    """An editor that has launched the plan's wave, which has come to that state by now; and the plan's URI."""
    client = await RawClient.start(environ)
    await client.initialize(site[0], options(speed), **PROGRESS)
    uri = client.open(site[1])
    await client.diagnostics(uri, lambda codes: True)
    for name in ("approve", "launch"):
        argument = {"command": f"agentServer.{name}", "arguments": [{"uri": uri}]}
        await client.request("workspace/executeCommand", argument)
    await client.until(lambda message: is_status(message, {state}))
    return client, uri


def is_status(message: dict[str, Any], states: set[str]) -> bool:
    return message.get("method") == "agentServer/status" and message["params"]["state"] in states


def progress(client: RawClient, kind: str) -> list[dict[str, Any]]:
    return [each for each in client.of("$/progress") if each["params"]["value"]["kind"] == kind]


async def test_a_wave_goes_on_when_its_editor_is_closed_and_is_seen_in_the_next(
    environ: dict[str, str], site: tuple[Path, Path]
) -> None:
    verification = HeldVerification(site[1])
    first, _ = await launched(environ, site, FAST, "verifying")
    assert await first.stop() == 0
    second = await RawClient.start(environ)
    await second.initialize(site[0], options(FAST), **PROGRESS, **SPEAKS)
    answer = await second.request("agentServer/subscribe", {"runs": True, "status": True})
    assert [(run["state"], run["wave"], run["waves"]) for run in answer["runs"]] == [("verifying", 1, 1)]
    await second.until(lambda message: message.get("params", {}).get("value", {}).get("kind") == "begin")
    verification.release()
    end = await second.until(
        lambda message: message.get("method") == "agentServer/runState" and message["params"]["state"] in FINAL
    )
    assert end["params"]["state"] == "landed"
    # Nobody has the plan open, so it is ticked off on the disk; whoever is there hears how it ended.
    told = await second.until(lambda message: message.get("method") == "window/showMessage")
    assert "Landed 7 files" in told["params"]["message"]
    assert site[1].read_text("utf-8").count("- status: done") == 5
    assert len(progress(second, "begin")) == len(progress(second, "end")) == 1
    assert await second.stop() == 0


async def test_all_editors_see_a_wave_and_any_may_cancel_it(environ: dict[str, str], site: tuple[Path, Path]) -> None:
    other = await RawClient.start(environ)
    await other.initialize(site[0], options(SLOW), **PROGRESS)
    uri = other.open(site[1])
    await other.diagnostics(uri, lambda codes: True)
    first, _ = await launched(environ, site, SLOW)
    begun = await other.until(lambda message: message.get("params", {}).get("value", {}).get("kind") == "begin")
    other.notify("window/workDoneProgress/cancel", {"token": begun["params"]["token"]})
    for client in (first, other):
        end = await client.until(lambda message: is_status(message, FINAL))
        assert end["params"]["state"] == "cancelled"
        await client.until(lambda message: message.get("params", {}).get("value", {}).get("kind") == "end")
    await asyncio.gather(first.stop(), other.stop())


async def test_the_next_daemon_tells_what_the_death_of_one_has_cut_short(
    environ: dict[str, str], site: tuple[Path, Path]
) -> None:
    verification = HeldVerification(site[1])
    before = {file: file.read_bytes() for file in site[0].rglob("*") if file.is_file() and ".git" not in file.parts}
    first, uri = await launched(environ, site, SLOW)
    [(_, status)] = control.running(environ[place.RUNTIME_VARIABLE])
    os.kill(status["pid"], signal.SIGKILL)
    assert await first.process.wait() == 1
    await first.kill()

    second = await RawClient.start(environ)
    await second.initialize(site[0], options(FAST), **SPEAKS)
    second.open(site[1])
    said = await second.until(lambda message: message.get("method") == "window/showMessage")
    assert "stopped in the middle of wave 1" in said["params"]["message"]
    found = await second.diagnostics(uri, lambda codes: "task-failed" in codes)
    assert any("stopped" in each["message"] for each in found if each["code"] == "task-failed")
    assert before == {
        file: file.read_bytes() for file in site[0].rglob("*") if file.is_file() and ".git" not in file.parts
    }
    answer = await second.request("agentServer/subscribe", {"runs": True, "status": True})
    assert answer["runs"] == [], "the dead run does not go on"
    await second.until(lambda message: message.get("method") == STATUS and message["params"]["quiescent"])
    second.answers["window/showMessageRequest"] = lambda params: params["actions"][0]
    argument = {"command": "agentServer.launch", "arguments": [{"uri": uri}]}
    await second.request("workspace/executeCommand", argument)
    # What failed is told no longer as soon as it runs again.
    await second.diagnostics(uri, lambda codes: "task-failed" not in codes)
    verification.release()
    end = await second.until(
        lambda message: message.get("method") == "agentServer/runState" and message["params"]["state"] in FINAL
    )
    # `subscribe` was for runs to come, too.
    assert end["params"]["state"] == "landed"
    assert await second.stop() == 0
