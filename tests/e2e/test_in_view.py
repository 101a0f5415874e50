"""What a person sees in an editor that has no code of ours: lenses that keep up, a last word, hovers that help."""

from typing import Any

import pytest

from tests.e2e.raw_client import RawClient
from tests.e2e.site import Site

STATUS, REFRESH, SAID = "agentServer/status", "workspace/codeLens/refresh", "window/showMessage"


async def command(client: RawClient, name: str, uri: str) -> Any:
    return await client.request(
        "workspace/executeCommand", {"command": f"agentServer.{name}", "arguments": [{"uri": uri}]}
    )


async def launch(client: RawClient, site: Site, speed: int) -> str:
    lenses = {"workspace": {"codeLens": {"refreshSupport": True}}}
    await client.initialize(site.root, {**site.options, "speed": speed}, **lenses)
    uri = client.open(site.good_plan)
    await client.diagnostics(uri, lambda codes: True)
    await command(client, "approve", uri)
    await command(client, "launch", uri)
    return uri


def states(message: dict[str, Any]) -> list[str]:
    return [task["state"] for task in message["params"]["tasks"]]


async def test_lenses_follow_what_agents_do_between_changes_of_state(client: RawClient, site: Site) -> None:
    uri = await launch(client, site, speed=5)  # no agent ends meanwhile, however slow the client is
    await client.until(
        lambda message: message.get("method") == STATUS and all(task["activity"] for task in message["params"]["tasks"])
    )
    before = len(client.received)
    await client.until(lambda message: message.get("method") == REFRESH and message in client.received[before:])
    since = [states(message) for message in client.received[before:] if message.get("method") == STATUS]
    assert all(each == ["running"] * 5 for each in since)
    lenses = await client.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
    shown = [title for lens in lenses if (title := lens["command"]["title"]).startswith("running: ")]
    assert len(shown) == 5
    assert all(len(title) <= 80 for title in shown)
    assert await command(client, "cancel", uri) == {"cancelled": True}


async def test_a_landing_has_the_last_word(client: RawClient, site: Site) -> None:
    await launch(client, site, speed=600)
    said = await client.until(lambda message: message.get("method") == SAID)
    assert said["params"] == {"type": 3, "message": "Landed 7 files: wave 1 of `clay-wiki.plan.md`."}


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("data.wood_wiki", "`data.wood_wiki` is `data/wood_wiki.py`."),
        ("data.wood_wiki.WOOD_WIKI", "`data.wood_wiki.WOOD_WIKI` is in `data/wood_wiki.py`."),
        ("data.clay_wiki", "`data.clay_wiki` will be `data/clay_wiki.py`, which `data` creates."),
        ("data.claywiki", "`data.claywiki` is no file of the workspace, and no task creates it."),
        ("data/wood_wiki.py", "`data/wood_wiki.py` is there."),
    ],
)
async def test_a_hover_says_which_file_an_import_means(client: RawClient, site: Site, module: str, told: str) -> None:
    await client.initialize(site.root, site.options)
    text = site.bad_plan.read_text("utf-8").replace("- imports: `data.clay_wiki`", f"- imports: `{module}`", 1)
    uri = client.open(site.bad_plan, text)
    await client.diagnostics(uri, bool)
    line = next(number for number, line in enumerate(text.splitlines()) if line.startswith("- imports"))
    at = {"textDocument": {"uri": uri}, "position": {"line": line, "character": 14}}
    hover = await client.request("textDocument/hover", at)
    assert hover["contents"]["value"] == told
