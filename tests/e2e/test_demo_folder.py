"""The demo's folder in an editor: recorded agents play there by themselves, from the bad plan to the finished site."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agent_server.demo.folders import note_demo
from agent_server.demo.material import BAD_PLAN, materialise
from tests.e2e.raw_client import RawClient
from tests.e2e.test_decisions import eventually
from tests.e2e.test_lists_of_plans import Lister

FAST = 6000.0


@pytest.fixture
def env(tmp_path: Path, runtime_folder: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")},
        "HOME": str(tmp_path / "home"),
        "AGENT_SERVER_STATE_DIR": str(tmp_path / "state"),
        "AGENT_SERVER_RUNTIME_DIR": runtime_folder,
        "AGENT_SERVER_SETTINGS": str(tmp_path / "settings.toml"),
    }


class Visitor(Lister):
    """Somebody who opens a folder in an editor, with another agent in their settings, and edits by code actions."""

    def __init__(self, client: RawClient, root: Path) -> None:
        self.client, self.root = client, root
        self.questions: list[str] = []
        self.chosen: str | None = None
        self.version = 1
        self.uri = (root / BAD_PLAN).as_uri()
        client.answers["window/showMessageRequest"] = self._answer

    async def enter(self, **settings: Any) -> None:
        capabilities = {"experimental": {"agentServer": {"version": "0.4.0"}}}
        await self.client.initialize(self.root, {"agent": "claude", "speed": FAST, **settings}, **capabilities)
        await self.client.request("agentServer/subscribe", {"runs": True, "status": False, "plans": True})

    async def mend(self, code: str, title: str) -> None:
        """Apply the fix of a diagnostic as an editor does: edit the document, and save it."""
        document = {"uri": self.uri}
        found = await self.client.diagnostics(self.uri, lambda codes: code in codes)
        mended = next(each for each in found if each["code"] == code)
        params = {"textDocument": document, "range": mended["range"], "context": {"diagnostics": [mended]}}
        actions = await self.client.request("textDocument/codeAction", params)
        action = next(each for each in actions if each["title"] == title)
        lines = self.path.read_text().splitlines(keepends=True)
        edits = action["edit"]["changes"][self.uri]
        for edit in sorted(
            edits, key=lambda edit: (edit["range"]["start"]["line"], edit["range"]["start"]["character"])
        )[::-1]:
            start, end = (
                sum(map(len, lines[: edit["range"][side]["line"]])) + edit["range"][side]["character"]
                for side in ("start", "end")
            )
            text = "".join(lines)
            lines = f"{text[:start]}{edit['newText']}{text[end:]}".splitlines(keepends=True)
        self.path.write_text("".join(lines))
        await self.read_anew()
        await self.client.diagnostics(self.uri, lambda codes: code not in codes)

    @property
    def path(self) -> Path:
        return self.root / BAD_PLAN

    async def read_anew(self) -> None:
        self.version += 1
        self.edit(self.path.read_text(), self.version)

    async def launch(self, *, hesitates: bool = False) -> dict[str, Any]:
        """Launch the first wave, and wait for its end. Who hesitates stops it, and tries again."""
        await self.plans(lambda plans: "blocked" not in plans[BAD_PLAN])  # what landed before is seen
        before, done = len(self.client.received), self.done
        shown = await self.approval()
        assert {task["agent"] for task in shown["tasks"]} == {"replay"}
        assert any("plays recorded agents" in note for note in shown["notes"])
        await self.command("launch", approved=shown["approved"])
        if hesitates:
            await self.stop_and_retry()
        landed = await self.until("landed", before)
        await eventually(lambda: self.done == done + len(landed["tasks"]))
        await self.read_anew()
        return landed

    async def stop_and_retry(self) -> None:
        """Stop the wave while all its agents work, and let them try again, faster."""
        await self.client.until(
            lambda message: (
                message.get("method") == "agentServer/runState"
                and {task["state"] for task in message["params"]["tasks"]} == {"running"}
            )
        )
        assert await self.command("cancel") == {"cancelled": True}
        await self.until("cancelled")
        hurry = {"settings": {"agentServer": {"agent": "claude", "speed": FAST}}}
        self.client.notify("workspace/didChangeConfiguration", hurry)
        await self.command("retry")

    @property
    def done(self) -> int:
        """How many tasks are marked as done in the plan on the disk."""
        return self.path.read_text().count("- status: done")


@pytest.fixture
async def visitor(tmp_path: Path, env: dict[str, str]) -> AsyncIterator[Visitor]:
    root = materialise(tmp_path / "demo").root.resolve()
    note_demo(root, env)  # as `demo --only-files` does
    client = await RawClient.start(env, "--standalone")
    yield Visitor(client, root)
    await client.kill()


@pytest.mark.parametrize("style", [False, True], ids=["two files", "three files"])
async def test_the_bad_plan_mended_by_its_fixes_runs_to_the_end(visitor: Visitor, style: bool) -> None:
    """Also where the first wave is stopped, and tried again."""
    await visitor.enter(speed=1.0 if style else FAST)
    visitor.client.open(visitor.path)
    await visitor.mend("missing-import", "Change to `data.clay_wiki`")
    await visitor.mend("hot-file", "Give `navigation.py` to an integration task")
    if style:
        await visitor.mend("write-conflict", "Give `static/style.css` to an integration task")
    waves = [await visitor.launch(hesitates=style)]
    assert {task["attempt"] for task in waves[0]["tasks"]} == {2 if style else 1}
    while (await visitor.plans())[BAD_PLAN]["waves"]:
        waves.append(await visitor.launch())
    assert all(wave["verification"]["passed"] for wave in waves)
    assert not [task for wave in waves for task in wave["tasks"] if task["undeclared"]]
    done = [task["id"] for wave in waves for task in wave["tasks"]]
    last = ["integrate-navigation", "integrate-style"] if style else ["integrate-navigation"]
    assert sorted(done) == sorted(["data", "hub", "entry", "nav", "check", *last])
    assert all(task["files"] for wave in waves for task in wave["tasks"])
    built = subprocess.run([sys.executable, "build.py"], cwd=visitor.root, capture_output=True, text=True, check=False)
    assert built.stdout == "Built 37 pages for 3 wikis into `out/`. Every link holds.\n", built.stderr
