"""Completion, definition, references, rename and call hierarchy over stdio, as an editor asks for them."""

from typing import Any

import pytest

from tests.e2e.raw_client import RawClient, ResponseError
from tests.e2e.site import Site

PLAN = """\
# Wiki

## data: Write the data
- writes: `data/new_wiki.py`
- exports: `NEW`

## Link the page
- needs: data
- reads: `data/new_wiki.py`
- imports:
"""

NAVIGATING = {"definition": {"linkSupport": True}, "rename": {"prepareSupport": True}}


def place(before: str) -> dict[str, int]:
    """Where the cursor stands behind the first place in the plan that reads so."""
    lines = PLAN[: PLAN.index(before) + len(before)].split("\n")
    return {"line": len(lines) - 1, "character": len(lines[-1])}


async def test_an_editor_finds_its_way_through_a_plan(client: RawClient, site: Site) -> None:
    capabilities = (await client.initialize(site.root, site.options, textDocument=NAVIGATING))["capabilities"]
    assert "/" in capabilities["completionProvider"]["triggerCharacters"]
    assert capabilities["renameProvider"] == {"prepareProvider": True}
    for provider in ("definition", "references", "documentHighlight", "callHierarchy"):
        assert capabilities[f"{provider}Provider"]

    uri = client.open(site.root / "new.plan.md", PLAN)
    await client.diagnostics(uri, lambda codes: True)

    async def ask(method: str, before: str, **more: Any) -> Any:
        params = {"textDocument": {"uri": uri}, "position": place(before), **more}
        return await client.request(f"textDocument/{method}", params)

    offered = await ask("completion", "- imports:")
    assert offered["items"][0]["textEdit"]["newText"] == " data.new_wiki"
    assert offered["items"][0]["detail"] == "data/new_wiki.py, created by data, exports NEW"

    (link,) = await ask("definition", "needs: da")
    assert (link["targetUri"], link["targetSelectionRange"]["start"]["line"]) == (uri, 2)

    everywhere = await ask("references", "reads: `data/", context={"includeDeclaration": True})
    assert [each["range"]["start"]["line"] for each in everywhere] == [3, 8]
    highlights = await ask("documentHighlight", "needs: da")
    assert [each["kind"] for each in highlights] == [3, 2]

    assert (await ask("prepareRename", "## Link"))["placeholder"] == "link-the-page"
    edit = await ask("rename", "needs: da", newName="wiki")
    assert [each["newText"] for each in edit["changes"][uri]] == ["wiki", "wiki"]
    with pytest.raises(ResponseError, match="Another task is called") as refused:
        await ask("rename", "needs: da", newName="link-the-page")
    assert refused.value.code == -32803

    (item,) = await ask("prepareCallHierarchy", "needs: da")
    (call,) = await client.request("callHierarchy/incomingCalls", {"item": item})
    assert call["from"]["name"] == "link-the-page"
    assert "needs: data" in call["from"]["detail"]
    assert await client.request("callHierarchy/outgoingCalls", {"item": item}) == []
    assert await client.stop() == 0
