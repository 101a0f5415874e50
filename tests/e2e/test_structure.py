"""What editors show of a plan's structure, over stdio: outline, folds, tokens, links, hints, pulled diagnostics."""

from typing import Any

from tests.e2e.raw_client import RawClient
from tests.e2e.site import Site

CAPABILITIES: dict[str, Any] = {
    "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
    "foldingRange": {"lineFoldingOnly": True, "rangeLimit": 5000},
    "semanticTokens": {
        "requests": {"full": {"delta": True}, "range": True},
        "tokenTypes": ["function", "property", "string", "keyword"],
        "tokenModifiers": ["declaration"],
        "formats": ["relative"],
    },
}


async def test_the_structure_of_a_plan_is_told_and_its_diagnostics_can_be_pulled(client: RawClient, site: Site) -> None:
    refreshes = {"diagnostics": {"refreshSupport": True}}
    answer = await client.initialize(site.root, site.options, textDocument=CAPABILITIES, workspace=refreshes)
    server = answer["capabilities"]
    legend = server["semanticTokensProvider"]["legend"]["tokenTypes"]
    assert server["semanticTokensProvider"]["full"] == {"delta": True}
    assert server["diagnosticProvider"] == {
        "identifier": "agent-server",
        "interFileDependencies": True,
        "workspaceDiagnostics": True,
    }
    uri = client.open(site.bad_plan)
    await client.diagnostics(uri, lambda codes: "write-conflict" in codes or "hot-file" in codes)
    text = site.bad_plan.read_text("utf-8")
    last = {"line": text.count("\n"), "character": 0}
    whole = {"start": {"line": 0, "character": 0}, "end": last}

    async def ask(method: str, **params: Any) -> Any:
        return await client.request(f"textDocument/{method}", {"textDocument": {"uri": uri}, **params})

    (plan,) = await ask("documentSymbol")
    assert [task["name"] for task in plan["children"]] == ["data", "hub", "entry", "nav", "check"]
    assert [field["name"] for field in plan["children"][0]["children"]] == ["writes", "minutes"]
    folds = await ask("foldingRange")
    assert all(fold["startLine"] < fold["endLine"] for fold in folds)
    (chain,) = await ask("selectionRange", positions=[last])
    assert chain["parent"]["range"] == whole
    tokens = await ask("semanticTokens/full")
    assert {legend[kind] for kind in tokens["data"][3::5]} <= set(CAPABILITIES["semanticTokens"]["tokenTypes"])
    delta = await ask("semanticTokens/full/delta", previousResultId=tokens["resultId"])
    assert delta == {"edits": [], "resultId": tokens["resultId"]}
    assert (await ask("semanticTokens/range", range=whole))["data"] == tokens["data"]
    assert any(link["target"].startswith(site.root.as_uri()) for link in await ask("documentLink"))
    assert any(hint["label"] == "wave 1 · capable · 9 min" for hint in await ask("inlayHint", range=whole))
    options = {"tabSize": 4, "insertSpaces": True}
    assert isinstance(await ask("formatting", options=options), list)
    assert isinstance(await ask("rangeFormatting", options=options, range=whole), list)
    report = await ask("diagnostic")
    assert report["kind"] == "full"
    assert report["items"]
    again = await ask("diagnostic", previousResultId=report["resultId"])
    assert again == {"kind": "unchanged", "resultId": report["resultId"]}
    assert await client.stop() == 0


async def test_all_plans_are_searched_and_reported_closed_ones_too(client: RawClient, site: Site) -> None:
    await client.initialize(site.root, site.options)
    client.open(site.bad_plan)
    found = await client.request("workspace/symbol", {"query": "hub"})
    assert {symbol["location"]["uri"] for symbol in found} == {site.bad_plan.as_uri(), site.good_plan.as_uri()}
    report = await client.request("workspace/diagnostic", {"previousResultIds": []})
    versions = {item["uri"]: item["version"] for item in report["items"]}
    assert versions == {site.bad_plan.as_uri(): 1, site.good_plan.as_uri(): None}
    known = [{"uri": item["uri"], "value": item["resultId"]} for item in report["items"]]
    again = await client.request("workspace/diagnostic", {"previousResultIds": known})
    assert [item["kind"] for item in again["items"]] == ["unchanged", "unchanged"]
    assert await client.stop() == 0
