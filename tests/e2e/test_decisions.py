"""What a person decides about a run that has stopped, from any LSP client."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from lsprotocol import types

from tests.e2e.raw_client import DEADLINE, RawClient, ResponseError
from tests.e2e.site import Site
from tests.e2e.two_agents import BASE, UNKIND, ClientOfTwo, plan_of_two, settings_of_two
from tests.protocol.conformance import conforms, reference

INVALID, FAILED = types.ErrorCodes.InvalidParams.value, types.LSPErrorCodes.RequestFailed.value
LENSES = ["Retry `mine`", "Land the rest", "Repair", "Discard"]


class Editor(ClientOfTwo):
    """A client with the plan of two agents open, which answers questions by `chosen`."""

    def __init__(self, client: RawClient, site: Site) -> None:
        super().__init__(client, site)
        self.version = 1

    async def begin(self, version: str = "0.3.0", **options: Any) -> None:
        experimental = {"agentServer": {"version": version}}
        await self.client.initialize(self.site.root, {**settings_of_two(), **options}, experimental=experimental)
        self.client.open(self.site.root / "two.plan.md")
        await self.client.request("agentServer/subscribe", {"runs": True, "status": False})
        await self.client.diagnostics(self.uri, lambda _: True)

    async def run(self) -> dict[str, Any]:
        """Launch the plan, and wait until its run is held."""
        await self.command("approve")
        await self.command("launch")
        return await self.until("held")

    async def lenses(self) -> list[str]:
        """What stands above the plan."""
        found = await self.client.request("textDocument/codeLens", {"textDocument": {"uri": self.uri}})
        return [lens["command"]["title"] for lens in found if lens["range"]["start"]["line"] == 4]

    def file(self, name: str) -> str | None:
        path = self.site.root / name
        return path.read_text() if path.exists() else None

    @property
    def done(self) -> int:
        """How many tasks are marked as done in the plan on the disk."""
        return (self.file("two.plan.md") or "").count("- status: done")

    async def marked(self, number: int) -> None:
        """Wait until so many are, and read the file anew, as editors do that apply no edits."""
        await eventually(lambda: self.done == number)
        self.version += 1
        document, text = {"uri": self.uri, "version": self.version}, self.file("two.plan.md")
        change = {"textDocument": document, "contentChanges": [{"text": text}]}
        self.client.notify("textDocument/didChange", change)

    @property
    def now(self) -> int:
        return len(self.client.received)

    async def says(self, words: str, kind: types.MessageType) -> None:
        await self.client.until(
            lambda message: (
                message.get("method") == "window/showMessage"
                and words in message["params"]["message"]
                and message["params"]["type"] == kind.value
            )
        )

    async def problems(self, name: str, number: int) -> None:
        """Wait until the client was told of that many problems in a file."""

        def newest() -> int:
            pushed = [message["params"] for message in self.client.of("textDocument/publishDiagnostics")]
            of_file = [each for each in pushed if each["uri"].endswith(f"/{name}")]
            return len(of_file[-1]["diagnostics"]) if of_file else 0

        await self.client.until(lambda _: newest() == number)


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not holds():  # noqa: ASYNC110  # the disk tells nobody
            await asyncio.sleep(0.02)


@pytest.fixture
async def editor(client: RawClient, site: Site) -> Editor:
    plan_of_two(site)
    return Editor(client, site)


async def test_a_retry_with_a_comment_lands_and_is_undone(editor: Editor) -> None:
    await editor.begin()
    held = await editor.run()
    assert [(task["id"], task["state"], task["attempt"]) for task in held["tasks"]] == [
        ("mine", "held", 1),
        ("theirs", "held", 1),
    ]
    assert await editor.lenses() == LENSES
    await editor.problems("mine.txt", 1)

    before = editor.now
    await editor.command("retry", task="mine", comment="Be kind.")
    landed = await editor.until("landed", before)
    assert [(task["attempt"], task.get("comment")) for task in landed["tasks"]] == [(2, "Be kind."), (1, None)]
    assert editor.file("mine.txt") == UNKIND.replace("unkind", "kind")
    await editor.marked(2)
    await editor.problems("mine.txt", 0)
    assert "Undo" in await editor.lenses()

    editor.chosen = "Not now"
    await editor.command("undo")
    await eventually(lambda: len(editor.questions) == 1)
    assert "2 files (`mine.txt` and `theirs.txt`)" in editor.questions[0]
    editor.chosen = "Undo"
    await editor.command("undo")
    undone = await editor.until("undone")
    assert [task["state"] for task in undone["tasks"]] == ["undone", "undone"]
    assert (editor.file("mine.txt"), editor.file("theirs.txt")) == (BASE, None)
    await editor.marked(0)
    assert [title.partition(" (")[0] for title in (await editor.lenses())[1:]] == ["Launch wave 1"]


async def test_an_older_client_is_told_in_states_and_words_that_it_knows(editor: Editor) -> None:
    await editor.begin("0.2.0")
    await editor.run()
    editor.client.errors = {"window/showMessageRequest"}
    await editor.command("discard")
    await editor.says("`agent-server discard` does it in a terminal", types.MessageType.Error)
    assert await editor.lenses() == LENSES
    editor.client.errors, editor.chosen = set(), "Discard"
    await editor.command("discard")
    given_up = await editor.until("cancelled")
    assert [task["state"] for task in given_up["tasks"]] == ["cancelled", "cancelled"]


async def test_the_rest_lands_and_what_failed_lands_only_after_a_yes(editor: Editor) -> None:
    await editor.begin()
    await editor.run()
    editor.client.silent = {"window/showMessageRequest"}
    await editor.command("discard")
    asked = await editor.client.until(lambda message: message.get("method") == "window/showMessageRequest")
    editor.client.silent = set()

    before = editor.now
    await editor.command("land", tasks=["theirs"])
    part = await editor.until("held", before)
    editor.client.send({"id": asked["id"], "result": {"title": "Discard"}})
    await editor.says("the run has gone on since you were asked", types.MessageType.Warning)
    assert [task["state"] for task in part["tasks"]] == ["held", "landed"]
    assert (editor.file("theirs.txt"), editor.file("mine.txt")) == ("theirs\n", BASE)
    await editor.marked(1)

    editor.chosen = None
    assert await editor.command("land", unverified=True) == {"run": None}
    await eventually(lambda: len(editor.questions) == 1)
    assert editor.file("mine.txt") == BASE
    editor.chosen = "Land anyway"
    await editor.command("land", unverified=True)
    await editor.until("landed", before)
    assert editor.file("mine.txt") == UNKIND
    await editor.marked(2)
    found = await editor.client.diagnostics(editor.uri, lambda codes: "verify-failed" not in codes)
    assert "not-landed" not in {each["code"] for each in found}


async def test_what_is_discarded_is_gone_and_cannot_be_had_again(editor: Editor) -> None:
    await editor.begin()
    await editor.run()
    await editor.problems("mine.txt", 1)
    editor.chosen = "Discard"
    await editor.command("discard")
    given_up = await editor.until("discarded")
    assert given_up["message"].startswith("Discarded")
    assert "`mine` and `theirs` made 2 files" in editor.questions[0]
    await editor.problems("mine.txt", 0)
    await editor.client.diagnostics(editor.uri, lambda codes: not codes & {"verify-failed", "not-landed"})
    for name in ("retry", "land", "repair", "discard", "undo"):
        with pytest.raises(ResponseError) as refused:
            await editor.command(name)
        assert refused.value.code == FAILED
    assert (editor.file("mine.txt"), editor.done) == (BASE, 0)


async def test_a_review_leaves_hunks_out_of_what_lands(editor: Editor) -> None:
    await editor.begin()
    await editor.run()
    asked = {"plan": editor.uri, "task": "mine"}
    found = await editor.client.request("agentServer/changeSet", asked)
    assert conforms(found, reference("ChangeSetResult"))
    (mine,) = found["files"]
    assert [each["path"] for each in found["undeclared"]] == ["stray.txt"]
    base, proposed = [
        (await editor.client.request("agentServer/content", {"uri": mine[side]}))["text"]
        for side in ("base", "proposed")
    ]
    assert (base, proposed) == (BASE, UNKIND)
    stray = await editor.client.request("agentServer/content", {"uri": found["undeclared"][0]["proposed"]})
    assert stray["text"] == "not asked for"
    first, second = mine["hunks"]
    assert (first["base"]["start"], second["proposed"]) == (0, {"start": 16, "end": 20})
    lines = proposed.split("\n")[second["proposed"]["start"] : second["proposed"]["end"]]
    assert lines[-1] == "new"

    left = await editor.command("dropChanges", task="mine", path="mine.txt", hunks=[first["id"]])
    assert [hunk["id"] for hunk in left["files"][0]["hunks"]] == [second["id"]]
    before = editor.now
    await editor.command("land")
    await editor.until("landed", before)
    assert editor.file("mine.txt") == BASE.replace("old 19\n", "new\n")
    assert editor.file("stray.txt") is None


async def test_the_next_server_offers_the_same(editor: Editor, site: Site) -> None:
    await editor.begin()
    await editor.run()
    assert await editor.client.stop() == 0
    client = await RawClient.start(site.env, "--standalone")
    try:
        later = Editor(client, site)
        await later.begin()
        assert await later.lenses() == LENSES
        await later.problems("mine.txt", 1)
        later.chosen = "Discard"
        await later.command("discard")
        await later.client.diagnostics(later.uri, lambda codes: "verify-failed" not in codes)
        assert (await later.lenses())[-1] == "Launch wave 1 (2 agents)"
    finally:
        await client.kill()


async def test_all_waves_are_launched_as_one(editor: Editor) -> None:
    plan = editor.site.root / "two.plan.md"
    plan.write_text(plan.read_text().replace("- writes: `theirs.txt`", "- writes: `theirs.txt`\n- needs: mine"))
    await editor.begin()
    assert (await editor.lenses())[1:] == ["Launch wave 1 (1 agent)", "Launch all (2 agents)"]
    editor.chosen = "Launch 2 agents"
    assert await editor.command("launch", stream=True) == {"run": None}
    held = await editor.until("held")
    assert held["stream"] is True
    assert "once these are done: mine" in editor.questions[0]
    assert "pair is the program: " in editor.questions[0]
    assert [task["id"] for task in held["tasks"]] == ["mine", "theirs"]


NO_ARGUMENTS: list[tuple[str, Mapping[str, Any]]] = [
    ("retry", {"task": 7}),
    ("retry", {"tasks": "mine"}),
    ("retry", {"tasks": []}),
    ("retry", {"comment": ["Be kind."]}),
    ("land", {"tasks": [1]}),
    ("land", {"tasks": []}),
    ("land", {"unverified": 1}),
    ("launch", {"stream": "yes"}),
    ("approve", {"stream": 0}),
    ("dropChanges", {}),
    ("dropChanges", {"task": "mine"}),
    ("dropChanges", {"task": "mine", "path": "mine.txt", "hunks": [0]}),
]


async def test_bad_arguments_and_untrusted_workspaces_are_refused(editor: Editor) -> None:
    await editor.begin(trusted=False)
    for name, more in NO_ARGUMENTS:
        params = {"command": f"agentServer.{name}", "arguments": [{"uri": editor.uri, **more}]}
        with pytest.raises(ResponseError) as refused:
            await editor.client.request("workspace/executeCommand", params)
        assert (refused.value.code, f"agentServer.{name}" in str(refused.value)) == (INVALID, True), (name, more)
    for name in ("retry", "land", "repair", "discard", "undo"):
        with pytest.raises(ResponseError, match="not trusted"):
            await editor.command(name)
    with pytest.raises(ResponseError, match="not trusted"):
        await editor.command("dropChanges", task="mine", path="mine.txt")
    trusted = {"settings": {"agentServer": {**settings_of_two(), "trusted": True}}}
    editor.client.notify("workspace/didChangeConfiguration", trusted)
    for name in ("retry", "land", "repair", "discard", "undo"):
        with pytest.raises(ResponseError, match="has not been run yet"):
            await editor.command(name)
