"""A plan that is a folder, from any LSP client: each file shows its own, and all of them are one plan."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli import gsd_folder
from tests.e2e.raw_client import DEADLINE, RawClient
from tests.e2e.site import Site
from tests.protocol.conformance import conforms, reference

FIRST, SECOND, THIRD = (f"01-0{number}-PLAN.md" for number in (1, 2, 3))
EDITS = {"workspace": {"workspaceEdit": {"documentChanges": True}, "applyEdit": True}}
SHOWN = {"textDocument": {"publishDiagnostics": {"relatedInformation": True}}}
LINKS = {"textDocument": {"definition": {"linkSupport": True}}}
TREES = {"textDocument": {"documentSymbol": {"hierarchicalDocumentSymbolSupport": True}}}


class Editor:
    """A client with the first two files of the folder open; the third is closed."""

    def __init__(self, client: RawClient, folder: Path) -> None:
        self.client, self.folder = client, folder
        self.edits: list[Any] = []
        client.answers["workspace/applyEdit"] = self._apply

    async def begin(self, **capabilities: Any) -> None:
        worker = self.folder.parents[2] / "agent.sh"
        settings = {"backends": {"worker": {"protocol": "command", "command": ["sh", str(worker)]}}, "agent": "worker"}
        experimental = {"agentServer": {"version": "0.4.0"}}
        await self.client.initialize(self.folder.parents[2], settings, experimental=experimental, **capabilities)
        self.client.open(self.folder / FIRST)
        self.client.open(self.folder / SECOND)

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def change(self, name: str, text: str, version: int = 2) -> None:
        document = {"uri": self.uri(name), "version": version}
        self.client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    async def ask(self, method: str, name: str, **more: Any) -> Any:
        return await self.client.request(f"textDocument/{method}", {"textDocument": {"uri": self.uri(name)}, **more})

    async def at(self, method: str, name: str, line: int, character: int, **more: Any) -> Any:
        return await self.ask(method, name, position={"line": line, "character": character}, **more)

    def _apply(self, params: Any) -> Any:
        self.edits.append(params["edit"])
        return {"applied": True}


@pytest.fixture
def folder(site: Site) -> Path:
    return gsd_folder.made(site.root / "work", site.root / "unused.toml").resolve()


@pytest.fixture
async def editor(client: RawClient, folder: Path) -> Editor:
    (folder.parents[2] / "agent.sh").write_text(gsd_folder.WORKER)
    return Editor(client, folder)


async def eventually(wanted: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not wanted():  # noqa: ASYNC110  # files have no events here
            await asyncio.sleep(0.02)


async def test_each_open_file_shows_its_own_findings_and_an_edit_of_one_changes_the_others(editor: Editor) -> None:
    await editor.begin(**SHOWN)
    await editor.client.diagnostics(editor.uri(SECOND), lambda codes: "write-conflict" not in codes)
    editor.change(SECOND, gsd_folder.plan(2, 1, '["01-09"]', "a"))
    there = await editor.client.diagnostics(editor.uri(SECOND), lambda codes: "write-conflict" in codes)
    here = await editor.client.diagnostics(editor.uri(FIRST), lambda codes: "write-conflict" in codes)
    assert "unknown-task" not in {each["code"] for each in here}
    (unknown,) = [each for each in there if each["code"] == "unknown-task"]
    assert unknown["range"]["start"] == {"line": 4, "character": 14}
    (conflict,) = [each for each in here if each["code"] == "write-conflict"]
    assert conflict["range"]["start"] == {"line": 5, "character": 17}
    (related,) = conflict["relatedInformation"]
    assert related["location"]["uri"] == editor.uri(SECOND)
    assert related["location"]["range"]["start"] == {"line": 5, "character": 17}


async def test_what_a_closed_file_says_is_what_the_disk_says(editor: Editor) -> None:
    await editor.begin()
    editor.change(SECOND, gsd_folder.plan(2, 1, "[]", "a"))
    await editor.client.diagnostics(editor.uri(FIRST), lambda codes: "write-conflict" in codes)
    editor.client.notify("textDocument/didClose", {"textDocument": {"uri": editor.uri(SECOND)}})
    await editor.client.diagnostics(editor.uri(FIRST), lambda codes: "write-conflict" not in codes)
    (editor.folder / SECOND).write_text(gsd_folder.plan(2, 1, "[]", "a"))
    await editor.client.diagnostics(editor.uri(FIRST), lambda codes: "write-conflict" in codes)
    (editor.folder / SECOND).unlink()
    await editor.client.diagnostics(editor.uri(FIRST), lambda codes: "write-conflict" not in codes)


async def test_a_client_that_shows_no_related_places_is_told_the_file(editor: Editor) -> None:
    await editor.begin()
    editor.change(SECOND, gsd_folder.plan(2, 1, "[]", "a"))
    found = await editor.client.diagnostics(editor.uri(FIRST), lambda codes: "write-conflict" in codes)
    (conflict,) = [each for each in found if each["code"] == "write-conflict"]
    assert f"\n{SECOND}, line 6: " in conflict["message"]


async def test_a_fix_edits_the_file_that_holds_its_task(editor: Editor) -> None:
    await editor.begin(**EDITS)
    editor.change(SECOND, gsd_folder.plan(2, 1, "[]", "a"))
    await editor.client.diagnostics(editor.uri(FIRST), lambda codes: "write-conflict" in codes)
    everywhere = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    context = {"diagnostics": [], "only": ["quickfix"]}
    actions = await editor.ask("codeAction", FIRST, range=everywhere, context=context)
    edited = {
        change["textDocument"]["uri"]: (change["textDocument"]["version"], change["edits"])
        for action in actions
        for change in action.get("edit", {}).get("documentChanges", [])
    }
    wave = {"start": {"line": 3, "character": 6}, "end": {"line": 3, "character": 7}}
    assert edited == {editor.uri(FIRST): (1, [{"range": wave, "newText": "2"}])}, [each["title"] for each in actions]
    actions = await editor.ask("codeAction", SECOND, range=everywhere, context=context)
    assert [action["title"] for action in actions] == ["Move `01-02` to wave 2"]
    (change,) = actions[0]["edit"]["documentChanges"]
    assert change == {
        "textDocument": {"uri": editor.uri(SECOND), "version": 2},
        "edits": [{"range": wave, "newText": "2"}],
    }


async def test_lenses_symbols_and_hovers_of_a_file_are_its_own(editor: Editor) -> None:
    await editor.begin(**TREES)
    await editor.client.diagnostics(editor.uri(SECOND), lambda _: True)
    lenses = await editor.ask("codeLens", SECOND)
    assert ["wave 1" in lens["command"]["title"] for lens in lenses if lens["range"]["start"]["line"] == 2] == [True]
    assert "Launch wave 1 (2 agents)" in {lens["command"]["title"] for lens in lenses}
    (plan,) = await editor.ask("documentSymbol", SECOND)
    assert [task["name"] for task in plan["children"]] == ["01-02"]
    assert plan["children"][0]["selectionRange"]["start"] == {"line": 2, "character": 6}
    hover = await editor.at("hover", SECOND, 2, 7)
    assert hover["contents"]["value"].startswith("01-02")
    assert hover["range"]["start"]["line"] == 2
    end = {"line": 15, "character": 0}
    hints = await editor.ask("inlayHint", SECOND, range={"start": {"line": 0, "character": 0}, "end": end})
    assert {hint["position"]["line"] for hint in hints} <= set(range(15))
    folds = await editor.ask("foldingRange", SECOND)
    assert {"startLine": 0, "endLine": 6} in folds
    tokens = (await editor.ask("semanticTokens/full", SECOND))["data"]
    lines = sum(tokens[::5])
    assert 0 < lines < 15
    (chain,) = await editor.ask("selectionRange", SECOND, positions=[{"line": 5, "character": 18}])
    while "parent" in chain:
        chain = chain["parent"]
    assert chain["range"]["start"] == {"line": 0, "character": 0}


async def test_a_need_leads_to_the_file_of_its_task_and_back(editor: Editor) -> None:
    await editor.begin(**LINKS)
    editor.change(SECOND, gsd_folder.plan(2, 2, '["01-01"]', "b"))
    (link,) = await editor.at("definition", SECOND, 4, 16)
    assert link["targetUri"] == editor.uri(FIRST)
    assert link["targetSelectionRange"]["start"] == {"line": 2, "character": 6}
    found = await editor.at("references", FIRST, 2, 7, context={"includeDeclaration": False})
    assert {(each["uri"], each["range"]["start"]["line"]) for each in found} == {
        (editor.uri(SECOND), 4),
        (editor.uri(THIRD), 4),
    }
    shown = await editor.at("documentHighlight", SECOND, 4, 16)
    assert [each["range"]["start"]["line"] for each in shown] == [4]
    (item,) = await editor.at("prepareCallHierarchy", SECOND, 2, 7)
    (call,) = await editor.client.request("callHierarchy/outgoingCalls", {"item": item})
    assert call["to"]["uri"] == editor.uri(FIRST)


async def test_all_diagnostics_are_told_file_by_file_closed_ones_too(editor: Editor) -> None:
    (editor.folder / THIRD).write_text(gsd_folder.plan(3, 2, '["01-07"]', "c"))
    await editor.begin(textDocument={"diagnostic": {}}, workspace={"diagnostics": {"refreshSupport": True}})
    found = await editor.client.request("workspace/diagnostic", {"previousResultIds": []})
    codes = {each["uri"]: {item["code"] for item in each["items"]} for each in found["items"]}
    assert {editor.uri(FIRST), editor.uri(SECOND), editor.uri(THIRD)} <= codes.keys()
    assert [uri for uri, each in codes.items() if "unknown-task" in each] == [editor.uri(THIRD)]


async def test_the_list_names_a_folder_once_and_opens_its_first_file_that_is_not_done(editor: Editor) -> None:
    await editor.begin()
    (editor.folder / "01-01-SUMMARY.md").write_text("Done.\n")
    await editor.client.request("agentServer/subscribe", {"runs": True, "status": False, "plans": True})
    while True:
        found = await editor.client.request("agentServer/plans", {})
        assert conforms(found, reference("PlansResult"))
        plan = next((each for each in found["plans"] if each["path"] == gsd_folder.FOLDER), None)
        if plan is not None and plan["uri"] == editor.uri(SECOND):
            break
        await editor.client.until(lambda message: message.get("method") == "agentServer/plansChanged")
    assert sum(each["path"].startswith(".planning") for each in found["plans"]) == 1
    assert [(task["id"], task.get("uri"), task["line"], task["status"]) for task in plan["tasks"]] == [
        ("01-01", editor.uri(FIRST), 2, "done"),
        ("01-02", None, 2, "todo"),
        ("01-03", editor.uri(THIRD), 2, "todo"),
    ]


async def test_a_wave_runs_and_open_files_are_marked_by_the_editor_closed_ones_on_the_disk(editor: Editor) -> None:
    await editor.begin(**EDITS)
    editor.client.notify("textDocument/didClose", {"textDocument": {"uri": editor.uri(SECOND)}})
    await editor.client.request("agentServer/subscribe", {"runs": True, "status": False})
    before = {path.name: path.read_bytes() for path in editor.folder.iterdir()}
    argument = {"uri": editor.uri(FIRST), "wave": 1}
    for name in ("approve", "launch"):
        params = {"command": f"agentServer.{name}", "arguments": [argument]}
        await editor.client.request("workspace/executeCommand", params)
    landed = await editor.client.until(
        lambda message: message.get("method") == "agentServer/runState" and message["params"]["state"] == "landed"
    )
    assert landed["params"]["plan"] in {editor.uri(name) for name in (FIRST, SECOND, THIRD)}
    await eventually(lambda: b"status: done" in (editor.folder / SECOND).read_bytes())
    after = {path.name: path.read_bytes() for path in editor.folder.iterdir()}
    # The agent of the first has written its summary, so nothing has to be marked there.
    assert after.pop("01-01-SUMMARY.md") == b"Done.\n"
    assert after[SECOND].replace(b"status: done\n", b"") == before[SECOND]
    assert {name: after[name] for name in (FIRST, THIRD)} == {name: before[name] for name in (FIRST, THIRD)}
    # What is undone is open again: the second file is open now, so its editor is asked.
    editor.client.open(editor.folder / SECOND)
    await editor.client.diagnostics(editor.uri(SECOND), lambda _: True)
    editor.client.answers["window/showMessageRequest"] = lambda params: params["actions"][0]
    await editor.client.request(
        "workspace/executeCommand", {"command": "agentServer.undo", "arguments": [{"uri": editor.uri(THIRD)}]}
    )
    await eventually(lambda: bool(editor.edits))
    (change,) = editor.edits[-1]["documentChanges"]
    assert change["textDocument"] == {"uri": editor.uri(SECOND), "version": 1}
    assert [edit["newText"] for edit in change["edits"]] == [""]
