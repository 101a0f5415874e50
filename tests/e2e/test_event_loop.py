"""No turn of the event loop takes long, whatever is opened, edited, asked or launched: see `watched_server.py`."""

import json
import sys
from pathlib import Path
from typing import Any

from tests.benchmarks.large_plans import path_of, plan_text
from tests.e2e.raw_client import RawClient
from tests.e2e.site import Site

TASKS, FILES = 400, 500
MOST_MS = 5.0
FINAL = {"landed", "held", "cancelled", "failed"}
ASKED = ("hover", "codeLens", "codeAction")


async def test_no_turn_takes_long(site: Site, tmp_path: Path) -> None:
    for number in range(FILES):
        file = site.root / path_of(number)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    report = tmp_path / "longest.json"
    program = (sys.executable, "-m", "tests.e2e.watched_server", str(report))
    client = await RawClient.start_program(program, {**site.env, "PYTHONPATH": str(Path.cwd())})
    await client.initialize(site.root, site.options, window={"workDoneProgress": True})
    text = plan_text(TASKS, FILES)
    large = client.open(site.root / "large.plan.md", text)
    await client.diagnostics(large, bool)
    for version in range(2, 22):
        line = 20 * version
        position = {"line": line, "character": 0}
        change = {"range": {"start": position, "end": position}, "text": "x"}
        client.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": large, "version": version}, "contentChanges": [change]},
        )
        await client.until(lambda message, version=version: message.get("params", {}).get("version") == version)
        for name in ASKED:
            await client.request(f"textDocument/{name}", asked(large, line))
    small = client.open(site.good_plan)
    await client.diagnostics(small, lambda codes: True)
    for name in ("approve", "launch"):
        argument = {"command": f"agentServer.{name}", "arguments": [{"uri": small}]}
        await client.request("workspace/executeCommand", argument)
    await client.until(
        lambda message: message.get("method") == "agentServer/status" and message["params"]["state"] in FINAL
    )
    assert await client.stop() == 0
    longest = json.loads(report.read_text())
    assert longest[0][0] <= MOST_MS, "\n".join(f"{spent} ms: {what}" for spent, what in longest)


def asked(uri: str, line: int) -> dict[str, Any]:
    position = {"line": line, "character": 3}
    return {
        "textDocument": {"uri": uri},
        "position": position,
        "range": {"start": position, "end": position},
        "context": {"diagnostics": []},
    }
