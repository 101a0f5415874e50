"""The main job over stdio, with a JSON-RPC client written from the specification."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import MODES
from tests.e2e.raw_client import RICH_DIAGNOSTICS, RawClient, ResponseError
from tests.e2e.site import Site
from tests.e2e.verification import HeldVerification

pytestmark = pytest.mark.parametrize("client", MODES, indirect=True)

PROGRESS = {"window": {"workDoneProgress": True}, "workspace": {"applyEdit": True}}


def progress_kinds(client: RawClient) -> list[str]:
    return [message["params"]["value"]["kind"] for message in client.of("$/progress")]


def states(client: RawClient) -> list[str]:
    return [message["params"]["state"] for message in client.of("agentServer/status")]


async def ended(client: RawClient) -> dict[str, Any]:
    final = {"landed", "held", "cancelled", "failed"}
    message = await client.until(
        lambda message: message.get("method") == "agentServer/status" and message["params"]["state"] in final
    )
    params: dict[str, Any] = message["params"]
    return params


async def test_a_bad_plan_shows_its_conflicts_with_the_other_side(client: RawClient, site: Site) -> None:
    await client.initialize(site.root, site.options, textDocument=RICH_DIAGNOSTICS)
    uri = client.open(site.bad_plan)
    found = await client.diagnostics(uri, lambda codes: "hot-file" in codes or "write-conflict" in codes)
    conflict = next(each for each in found if each["code"] in ("hot-file", "write-conflict"))
    assert conflict["relatedInformation"]
    page = conflict["codeDescription"]["href"]
    assert Path(page.removeprefix("file://")).is_file()


async def test_a_wave_is_launched_by_command_and_lands_verified(
    client: RawClient, site: Site, verification: HeldVerification
) -> None:
    applied: list[Any] = []
    client.answers["workspace/applyEdit"] = lambda params: applied.append(params) or {"applied": True}
    await client.initialize(site.root, site.options, **PROGRESS)
    uri = client.open(site.good_plan)
    await client.diagnostics(uri, lambda codes: not codes & {"write-conflict", "missing-import"})

    approval = await client.request(
        "workspace/executeCommand", {"command": "agentServer.approve", "arguments": [{"uri": uri, "wave": 1}]}
    )
    assert "python3 build.py" in approval["summary"]
    launched = await client.request(
        "workspace/executeCommand", {"command": "agentServer.launch", "arguments": [{"uri": uri, "wave": 1}]}
    )
    await client.until(lambda message: message.get("params", {}).get("value", {}).get("kind") == "begin")
    verification.release()
    end = await ended(client)

    assert end["state"] == "landed", end
    assert end["run"] == launched["run"]
    assert end["counts"] == {"landed": 5}
    await client.until(lambda message: message.get("params", {}).get("value", {}).get("kind") == "end")
    kinds = progress_kinds(client)
    assert kinds[0] == "begin"
    assert "report" in kinds
    assert kinds[-1] == "end"
    shown = [message["params"]["value"] for message in client.of("$/progress")]
    assert all(before != after for before, after in pairwise(shown)), "what is shown is not told again"
    assert (site.root / "data/clay_wiki.py").is_file()
    built = subprocess.run([sys.executable, "build.py"], cwd=site.root, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    await client.until(lambda message: message.get("method") == "workspace/applyEdit")
    assert json.dumps(applied).count("- status: done") == 5
    assert await client.stop() == 0


async def test_launching_what_is_not_approved_asks_first(client: RawClient, site: Site) -> None:
    client.answers["window/showMessageRequest"] = lambda params: params["actions"][0]
    await client.initialize(site.root, site.options)
    uri = client.open(site.good_plan)
    await client.diagnostics(uri, lambda codes: True)
    answer = await client.request(
        "workspace/executeCommand", {"command": "agentServer.launch", "arguments": [{"uri": uri}]}
    )
    assert answer == {"run": None}
    assert (await ended(client))["state"] == "landed"
    asked = client.of("window/showMessageRequest")[0]["params"]["message"]
    assert "data/clay_wiki.py" in asked


async def test_nothing_runs_when_the_answer_is_no(client: RawClient, site: Site) -> None:
    client.answers["window/showMessageRequest"] = lambda params: None
    await client.initialize(site.root, site.options)
    uri = client.open(site.good_plan)
    await client.diagnostics(uri, lambda codes: True)
    arguments = {"command": "agentServer.launch", "arguments": [{"uri": uri}]}
    await client.request("workspace/executeCommand", arguments)
    await client.until(lambda message: message.get("method") == "window/showMessageRequest")
    answer = await client.request(
        "workspace/executeCommand", {"command": "agentServer.cancel", "arguments": [{"uri": uri}]}
    )
    assert answer == {"cancelled": False}
    assert not states(client)


async def test_a_plan_edited_after_its_approval_does_not_start(client: RawClient, site: Site) -> None:
    await client.initialize(site.root, site.options)
    uri = client.open(site.good_plan)
    await client.diagnostics(uri, lambda codes: True)
    arguments = [{"uri": uri, "wave": 1}]
    await client.request("workspace/executeCommand", {"command": "agentServer.approve", "arguments": arguments})
    text = site.good_plan.read_text("utf-8").replace("17 entries", "18 entries")
    change = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": text}]}
    client.notify("textDocument/didChange", change)
    await client.diagnostics(uri, lambda codes: "stale-approval" in codes)
    with pytest.raises(ResponseError, match="changed after it was approved"):
        await client.request("workspace/executeCommand", {"command": "agentServer.launch", "arguments": arguments})


async def test_cancel_stops_the_run_and_lands_nothing(client: RawClient, site: Site) -> None:
    await client.initialize(site.root, {**site.options, "speed": 1}, **PROGRESS)
    uri = client.open(site.good_plan)
    await client.diagnostics(uri, lambda codes: True)
    arguments = [{"uri": uri, "wave": 1}]
    await client.request("workspace/executeCommand", {"command": "agentServer.approve", "arguments": arguments})
    launched = await client.request(
        "workspace/executeCommand", {"command": "agentServer.launch", "arguments": arguments}
    )
    await client.until(
        lambda message: message.get("method") == "agentServer/status" and message["params"]["counts"].get("running")
    )
    client.notify("window/workDoneProgress/cancel", {"token": launched["run"]})
    assert (await ended(client))["state"] == "cancelled"
    assert not (site.root / "data/clay_wiki.py").exists()


async def test_nothing_runs_in_a_workspace_that_is_not_trusted(client: RawClient, site: Site) -> None:
    await client.initialize(site.root, {**site.options, "trusted": False})
    uri = client.open(site.good_plan)
    await client.diagnostics(uri, lambda codes: True)
    with pytest.raises(ResponseError, match="not trusted"):
        await client.request(
            "workspace/executeCommand", {"command": "agentServer.approve", "arguments": [{"uri": uri}]}
        )


async def test_diagnostics_follow_the_workspace_without_touching_the_plan(client: RawClient, site: Site) -> None:
    plan = site.root / "follow.plan.md"
    plan.write_text("# Follow\n\n## a: Use the guide\n- writes: `a.py`\n- reads: `guide.md`\n\nFollow the guide.\n")
    await client.initialize(site.root, site.options)
    uri = client.open(plan)
    await client.diagnostics(uri, lambda codes: "missing-file" in codes)
    guide = site.root / "guide.md"
    guide.write_text("Be kind.\n")
    await client.diagnostics(uri, lambda codes: "missing-file" not in codes)
    guide.rename(site.root / "manual.md")
    await client.diagnostics(uri, lambda codes: "missing-file" in codes)
    (site.root / "manual.md").rename(guide)
    await client.diagnostics(uri, lambda codes: "missing-file" not in codes)
    guide.unlink()
    await client.diagnostics(uri, lambda codes: "missing-file" in codes)


async def test_hover_lens_and_fix(client: RawClient, site: Site) -> None:
    await client.initialize(site.root, site.options)
    uri = client.open(site.bad_plan)
    await client.diagnostics(uri, bool)
    text = site.bad_plan.read_text("utf-8")
    line = next(number for number, line in enumerate(text.splitlines()) if line.startswith("## "))
    at = {"textDocument": {"uri": uri}, "position": {"line": line, "character": 4}}
    hover = await client.request("textDocument/hover", at)
    assert "Writes" in hover["contents"]["value"]
    assert "Estimate: 9 min, as the task says; about " in hover["contents"]["value"]

    lenses = await client.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
    titles = [lens["command"]["title"] for lens in lenses]
    assert any(title.startswith("Launch wave 1 (") for title in titles)
    assert any(title.startswith("wave 2") for title in titles)

    whole = {"start": {"line": 0, "character": 0}, "end": {"line": text.count("\n"), "character": 0}}
    actions = await client.request(
        "textDocument/codeAction", {"textDocument": {"uri": uri}, "range": whole, "context": {"diagnostics": []}}
    )
    assert any("integration" in action["title"] for action in actions)
    assert any(action.get("command", {}).get("command") == "agentServer.launch" for action in actions)
