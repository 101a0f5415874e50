"""Clients that lack something, answer late, or never: each gets what it can use, and no run waits for them."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.raw_client import DEADLINE, RawClient, ResponseError
from tests.e2e.site import Site
from tests.e2e.verification import HeldVerification

FIX, REWRITE, LAUNCH = "quickfix", "refactor.rewrite", "source.launch"
FINAL = {"landed", "held", "cancelled", "failed"}
CONFLICT = (
    "# 🦀🦀 Two\n\n## a: 🦀 One\n- writes: `🦀/nav.py`\n\nAdd it.\n\n## b: Other\n- writes: `🦀/nav.py`\n\nAdd it.\n"
)


async def command(client: RawClient, name: str, uri: str, **more: Any) -> Any:
    arguments = {"command": f"agentServer.{name}", "arguments": [{"uri": uri, **more}]}
    return await client.request("workspace/executeCommand", arguments)


async def launch(client: RawClient, site: Site, **capabilities: Any) -> str:
    """Approve and launch the good plan; returns its URI."""
    await client.initialize(site.root, site.options, **capabilities)
    uri = client.open(site.good_plan)
    await client.diagnostics(uri, lambda codes: True)
    await command(client, "approve", uri)
    await command(client, "launch", uri)
    return uri


async def ended(client: RawClient) -> str:
    message = await client.until(
        lambda message: message.get("method") == "agentServer/status" and message["params"]["state"] in FINAL
    )
    state: str = message["params"]["state"]
    return state


async def heard(client: RawClient) -> None:
    """Return once the server has taken in all that was said before."""
    await client.request("workspace/symbol", {"query": ""})


def is_warning(message: dict[str, Any]) -> bool:
    """Whether the user is told that something is wrong."""
    return message.get("method") == "window/showMessage" and message["params"]["type"] <= 2


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not holds():  # noqa: ASYNC110  # the disk tells nobody
            await asyncio.sleep(0.02)


def ticked(path: Path) -> int:
    return path.read_text("utf-8").count("- status: done")


@pytest.mark.parametrize(("encoding", "unit"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1), ("utf-7", 2)])
async def test_positions_count_as_negotiated_from_the_first_document_on(
    client: RawClient, site: Site, encoding: str, unit: int
) -> None:
    general = {"positionEncodings": [encoding]}
    params = {"processId": None, "rootUri": site.root.as_uri(), "capabilities": {"general": general}}
    result = await client.request("initialize", params)
    assert result["capabilities"]["positionEncoding"] == (encoding if encoding != "utf-7" else "utf-16")
    uri = client.open(site.root / "crab.plan.md", CONFLICT)  # no `initialized` in between
    found = await client.diagnostics(uri, lambda codes: "write-conflict" in codes)
    start = len("- writes: `")
    (first, *_) = (each["range"] for each in found if each["code"] == "write-conflict")
    assert first["start"] == {"line": 8, "character": start}
    assert first["end"] == {"line": 8, "character": start + unit + len("/nav.py")}
    change = {"range": {**first, "end": first["start"] | {"character": start + unit}}, "text": "other"}
    client.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [change]})
    await client.diagnostics(uri, lambda codes: "write-conflict" not in codes)


async def test_a_client_without_versioned_edits_gets_plain_changes(client: RawClient, site: Site) -> None:
    await client.initialize(site.root, site.options)
    uri = client.open(site.bad_plan)
    await client.diagnostics(uri, bool)
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 999, "character": 0}}
    context = {"diagnostics": [], "only": ["quickfix"]}
    actions = await client.request(
        "textDocument/codeAction", {"textDocument": {"uri": uri}, "range": whole, "context": context}
    )
    assert actions
    assert all(list(action["edit"]) == ["changes"] and list(action["edit"]["changes"]) == [uri] for action in actions)


async def test_a_client_that_shows_no_related_places_reads_of_them_in_the_message(
    client: RawClient, site: Site
) -> None:
    await client.initialize(site.root)
    uri = client.open(site.root / "crab.plan.md", CONFLICT)
    found = await client.diagnostics(uri, lambda codes: "write-conflict" in codes)
    conflict = next(each for each in found if each["code"] == "write-conflict")
    assert "relatedInformation" not in conflict
    assert "codeDescription" not in conflict
    assert "\nLine 4: " in conflict["message"]


@pytest.mark.parametrize(
    ("only", "trigger", "kinds"),
    [
        (None, None, {FIX, REWRITE, LAUNCH}),
        ([], None, {FIX, REWRITE, LAUNCH}),
        ([""], None, {FIX, REWRITE, LAUNCH}),
        (["quickfix"], None, {FIX}),
        (["source"], None, {LAUNCH}),
        (["source.launch"], 1, {LAUNCH}),
        (["source"], 2, set()),
        (["source.fixAll"], 1, set()),
        (["refactor"], None, {REWRITE}),
        (["quick"], None, set()),
    ],
)
async def test_code_actions_are_of_the_kinds_that_were_asked_for(
    client: RawClient, site: Site, only: Any, trigger: Any, kinds: set[str]
) -> None:
    await client.initialize(site.root, site.options)
    uri = client.open(site.bad_plan)
    await client.diagnostics(uri, bool)
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 999, "character": 0}}
    context = {"diagnostics": []} | ({"only": only} if only is not None else {})
    context |= {"triggerKind": trigger} if trigger else {}
    actions = await client.request(
        "textDocument/codeAction", {"textDocument": {"uri": uri}, "range": whole, "context": context}
    )
    assert {action["kind"] for action in actions} == kinds


@pytest.mark.parametrize("folders", [None, []])
async def test_a_client_without_any_folder_is_served_all_the_same(client: RawClient, site: Site, folders: Any) -> None:
    params = {"processId": None, "rootUri": None, "capabilities": {}, "workspaceFolders": folders}
    await client.request("initialize", params)
    client.notify("initialized", {})
    untitled = {"uri": "untitled:a.plan.md", "languageId": "markdown", "version": 1, "text": "# A\n"}
    client.notify("textDocument/didOpen", {"textDocument": untitled})
    uri = client.open(site.bad_plan)
    assert await client.diagnostics(uri, bool)
    at = {"textDocument": {"uri": untitled["uri"]}, "position": {"line": 0, "character": 2}}
    assert await client.request("textDocument/hover", at) is None
    with pytest.raises(ResponseError, match=r"is no plan\. A plan is a file"):
        await command(client, "launch", "untitled:a.plan.md")
    assert await client.stop() == 0


async def test_a_folder_that_is_reached_through_a_link_is_the_same_folder(
    client: RawClient, site: Site, tmp_path: Path
) -> None:
    subprocess.run(["rm", "-rf", ".git"], cwd=site.root, check=True)
    (site.root / "plans").mkdir()
    link = tmp_path / "link"
    link.symlink_to(site.root)
    await client.initialize(link)
    plan = "# A\n\n## a: Read it\n- writes: `a.py`\n- reads: `build.py`\n\nRead it.\n"
    found = await client.diagnostics(client.open(link / "plans/a.plan.md", plan), lambda codes: True)
    assert "missing-file" not in {each["code"] for each in found}


async def test_documents_follow_the_folders_that_come_and_go(client: RawClient, site: Site, tmp_path: Path) -> None:
    inner = tmp_path / "outer/inner"
    inner.mkdir(parents=True)
    (inner.parent / "guide.md").write_text("Be kind.\n")
    await client.initialize(site.root)
    uri = client.open(inner / "a.plan.md", "# A\n\n## a: Read\n- writes: `a.py`\n- reads: `guide.md`\n\nRead it.\n")
    await client.diagnostics(uri, lambda codes: "missing-file" in codes)
    outer = {"uri": inner.parent.as_uri(), "name": "outer"}
    unknown = {"uri": (tmp_path / "unknown").as_uri(), "name": "unknown"}
    for added, removed, missing in (([outer], [unknown], False), ([], [outer], True)):
        event = {"event": {"added": added, "removed": removed}}
        client.notify("workspace/didChangeWorkspaceFolders", event)
        await client.diagnostics(uri, lambda codes, missing=missing: ("missing-file" in codes) is missing)
    assert await client.stop() == 0


async def test_an_edit_is_answered_once_and_an_opened_plan_is_pushed_once(client: RawClient, site: Site) -> None:
    await client.initialize(site.root)
    uri = client.open(site.bad_plan)
    await client.diagnostics(uri, bool)
    text = site.bad_plan.read_text("utf-8")
    for version in (2, 3):
        change = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text + " " * version}]}
        client.notify("textDocument/didChange", change)
    other = client.open(site.root / "build.py")
    client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    client.notify("textDocument/didClose", {"textDocument": {"uri": other}})
    await client.until(lambda message: message.get("params", {}).get("version") == 3)
    await client.stop()
    pushed = [message["params"] for message in client.of("textDocument/publishDiagnostics")]
    versions = [params["version"] for params in pushed]
    assert {params["uri"] for params in pushed} == {uri}
    # The second version may have been out of date before anybody could look at it.
    assert versions in ([1, 2, 3], [1, 3])


async def test_unsaved_changes_come_and_go_with_the_document(client: RawClient, site: Site) -> None:
    await client.initialize(site.root)
    plan = "# A\n\n## a: Write it\n- writes: `build.py`\n\nWrite it.\n"
    uri = client.open(site.root / "a.plan.md", plan)
    await client.diagnostics(uri, lambda codes: "unsaved-changes" not in codes)
    build = client.open(site.root / "build.py", "changed = True\n")
    await client.diagnostics(uri, lambda codes: "unsaved-changes" in codes)
    (site.root / "build.py").write_text("changed = True\n")
    client.notify("textDocument/didSave", {"textDocument": {"uri": build}})
    await client.diagnostics(uri, lambda codes: "unsaved-changes" not in codes)
    change = {"textDocument": {"uri": build, "version": 2}, "contentChanges": [{"text": "changed = False\n"}]}
    client.notify("textDocument/didChange", change)
    await client.diagnostics(uri, lambda codes: "unsaved-changes" in codes)
    client.notify("textDocument/didClose", {"textDocument": {"uri": build}})
    await client.diagnostics(uri, lambda codes: "unsaved-changes" not in codes)


async def test_a_file_that_is_open_and_saved_is_landed_in_and_taken_back(client: RawClient, site: Site) -> None:
    """The editor has not read it again yet, so it still has the text of before; but nobody has typed in it."""
    await client.initialize(site.root, site.options)
    changed = site.root / "navigation.py"
    before = changed.read_text("utf-8")
    client.open(changed)
    uri = client.open(site.good_plan)
    await client.diagnostics(uri, lambda codes: True)
    await command(client, "approve", uri)
    await command(client, "launch", uri)
    assert await ended(client) == "landed"
    landed = changed.read_text("utf-8")
    assert landed != before
    change = {"textDocument": {"uri": changed.as_uri(), "version": 2}, "contentChanges": [{"text": landed}]}
    client.notify("textDocument/didChange", change)
    client.answers["window/showMessageRequest"] = lambda params: params["actions"][0]
    await command(client, "undo", uri)
    await eventually(lambda: changed.read_text("utf-8") == before)


async def test_trust_is_not_lost_or_won_by_other_settings(client: RawClient, site: Site) -> None:
    await client.initialize(site.root, {**site.options, "trusted": False})
    uri = client.open(site.good_plan)
    await client.diagnostics(uri, lambda codes: True)
    for settings in (None, {}, {"agentServer": None}, {"python": {}}, {"agentServer": {"agents": 3}}, {"agents": 4}):
        client.notify("workspace/didChangeConfiguration", {"settings": settings})
        with pytest.raises(ResponseError, match="not trusted"):
            await command(client, "approve", uri)
    client.notify("workspace/didChangeConfiguration", {"settings": {"agentServer": {**site.options, "trusted": True}}})
    assert (await command(client, "approve", uri))["wave"] == 1
    assert not client.of("window/showMessage")


async def test_settings_of_the_start_survive_a_client_that_sends_none(client: RawClient, site: Site) -> None:
    await client.initialize(site.root, site.options)
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    uri = client.open(site.good_plan)
    await client.diagnostics(uri, lambda codes: True)
    assert "(replay, " in (await command(client, "approve", uri))["summary"]


async def test_a_client_that_applies_no_edits_finds_the_ticks_on_the_disk(client: RawClient, site: Site) -> None:
    await launch(client, site)
    assert await ended(client) == "landed"
    await eventually(lambda: ticked(site.good_plan) == 5)
    assert not client.of("workspace/applyEdit")


async def test_a_plan_that_is_closed_during_its_run_is_ticked_off_on_the_disk(
    client: RawClient, site: Site, verification: HeldVerification
) -> None:
    uri = await launch(client, site, workspace={"applyEdit": True})
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    await heard(client)
    verification.release()
    assert await ended(client) == "landed"
    await eventually(lambda: ticked(site.good_plan) == 5)
    assert not client.of("workspace/applyEdit")


async def test_a_plan_that_is_deleted_during_its_run_is_missed_in_words(
    client: RawClient, site: Site, verification: HeldVerification
) -> None:
    uri = await launch(client, site)
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    await heard(client)
    site.good_plan.unlink()
    verification.release()
    said = await client.until(is_warning)
    assert "could not be marked" in said["params"]["message"]


async def test_a_plan_with_unsaved_changes_is_left_to_its_editor(
    client: RawClient, site: Site, verification: HeldVerification
) -> None:
    uri = await launch(client, site)
    change = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "# Anew\n"}]}
    client.notify("textDocument/didChange", change)
    await heard(client)
    verification.release()
    said = await client.until(is_warning)
    assert "your editor did not mark it" in said["params"]["message"]
    assert ticked(site.good_plan) == 0


async def test_an_edit_that_was_refused_as_stale_is_made_anew(client: RawClient, site: Site) -> None:
    text = site.good_plan.read_text("utf-8")
    offered: list[Any] = []

    def answer(params: Any) -> Any:
        offered.append(params["edit"]["documentChanges"][0])
        if len(offered) == 1:
            document = {"uri": site.good_plan.as_uri(), "version": 2}
            client.notify(
                "textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text + "\n"}]}
            )
        return {"applied": len(offered) == 2}

    client.answers["workspace/applyEdit"] = answer
    await launch(client, site, workspace={"applyEdit": True, "workspaceEdit": {"documentChanges": True}})
    await eventually(lambda: len(offered) == 2)
    assert [change["textDocument"]["version"] for change in offered] == [1, 2]
    assert await client.stop() == 0
    assert not any(map(is_warning, client.received))


@pytest.mark.parametrize("answer", ["refused", "nonsense", "error", "unanswered"])
async def test_no_progress_and_no_edit_hold_a_run_up(client: RawClient, site: Site, answer: str) -> None:
    wrong = {"refused": {"applied": False}, "nonsense": 7}
    client.answers["workspace/applyEdit"] = lambda _: wrong.get(answer)
    client.errors = {"window/workDoneProgress/create", "workspace/applyEdit"} if answer == "error" else set()
    client.silent = {"window/workDoneProgress/create"} if answer == "unanswered" else set()
    await launch(client, site, workspace={"applyEdit": True}, window={"workDoneProgress": True})
    assert await ended(client) == "landed"
    await eventually(lambda: ticked(site.good_plan) == 5)
    if answer == "unanswered":  # until now, when nobody waits for it any more
        late = client.of("window/workDoneProgress/create")[0]
        client.send({"id": late["id"], "result": None})
    assert await client.stop() == 0
    assert answer != "unanswered" or not client.of("$/progress")


async def test_a_question_without_an_answer_starts_nothing(client: RawClient, site: Site) -> None:
    client.silent = {"window/showMessageRequest"}
    await client.initialize(site.root, site.options)
    uri = client.open(site.good_plan)
    await client.diagnostics(uri, lambda codes: True)
    assert await command(client, "launch", uri) == {"run": None}
    asked = await client.until(lambda message: message.get("method") == "window/showMessageRequest")
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    client.send({"id": asked["id"], "result": asked["params"]["actions"][0]})
    said = await client.until(is_warning)
    assert "no longer open" in said["params"]["message"]
    assert not client.of("agentServer/status")


async def test_a_client_that_cannot_ask_is_told_what_to_do(client: RawClient, site: Site) -> None:
    client.errors = {"window/showMessageRequest"}
    await client.initialize(site.root, site.options)
    uri = client.open(site.good_plan)
    await client.diagnostics(uri, lambda codes: True)
    await command(client, "launch", uri)
    said = await client.until(is_warning)
    assert "`agentServer.approve`" in said["params"]["message"]


async def test_two_plans_of_one_workspace_take_turns(
    client: RawClient, site: Site, verification: HeldVerification
) -> None:
    await launch(client, site)
    other = client.open(site.root / "b.plan.md", "# B\n\n## b: Write\n- writes: `b.py`\n\nWrite it.\n")
    await client.diagnostics(other, lambda codes: True)
    assert await command(client, "cancel", other) == {"cancelled": False}
    await command(client, "approve", other)
    with pytest.raises(ResponseError, match="still going on"):
        await command(client, "launch", other)
    verification.release()
    assert await ended(client) == "landed"


async def test_a_run_that_lands_at_the_second_try_is_reported_anew(
    client: RawClient, site: Site, verification: HeldVerification
) -> None:
    client.answers["workspace/applyEdit"] = lambda _: {"applied": True}
    await client.initialize(site.root, site.options, window={"workDoneProgress": True}, workspace={"applyEdit": True})
    uri = client.open(site.good_plan)
    await client.diagnostics(uri, lambda codes: True)
    await command(client, "approve", uri)
    await command(client, "launch", uri)
    in_the_way = client.open(site.root / "data/clay_wiki.py", "mine = True\n")
    await heard(client)
    verification.release()
    assert await ended(client) == "held"
    lenses = await client.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
    assert "Land again" in {lens["command"]["title"] for lens in lenses}
    client.notify("textDocument/didClose", {"textDocument": {"uri": in_the_way}})
    client.received.clear()
    await command(client, "land", uri)
    await client.until(lambda message: message.get("method") == "workspace/applyEdit")
    states = [message["params"]["state"] for message in client.of("agentServer/status")]
    assert "held" not in states
    assert states[-1] == "landed"
    assert not client.of("$/progress") or {message["params"]["token"] for message in client.of("$/progress")} == {
        message["params"]["token"] for message in client.of("window/workDoneProgress/create")
    }


@pytest.mark.parametrize("politely", [True, False])
async def test_shutdown_in_the_middle_of_a_run_lands_nothing(client: RawClient, site: Site, politely: bool) -> None:
    slow = Site(site.root, site.good_plan, site.bad_plan, site.env, {**site.options, "speed": 1})
    await launch(client, slow)
    await client.until(
        lambda message: message.get("method") == "agentServer/status" and message["params"]["counts"].get("running")
    )
    if politely:
        assert await client.stop() == 0
    else:  # `exit` on the heels of `shutdown`
        client.send({"id": "last", "method": "shutdown", "params": None})
        client.notify("exit", None)
        assert await client.process.wait() == 0
    assert not (site.root / "data/clay_wiki.py").exists()
    assert (
        subprocess.run(["git", "status", "--porcelain"], cwd=site.root, capture_output=True, check=True).stdout == b""
    )


async def test_the_server_does_not_outlive_its_editor(client: RawClient, site: Site) -> None:
    editor = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    params = {"processId": editor.pid, "rootUri": site.root.as_uri(), "capabilities": {}}
    await client.request("initialize", params)
    editor.kill()
    await editor.wait()
    async with asyncio.timeout(DEADLINE):
        assert await client.process.wait() == 1


async def test_an_editor_that_cannot_be_seen_is_not_missed(client: RawClient, site: Site) -> None:
    editor = await asyncio.create_subprocess_exec("true")
    await editor.wait()
    await client.request("initialize", {"processId": editor.pid, "rootUri": None, "capabilities": {}})
    assert await client.stop() == 0


async def test_what_prints_does_not_reach_the_client(client: RawClient, site: Site) -> None:
    noisy = site.root / "noisy.plan.md"
    noisy.write_text("---\nverify: echo noise; cat\n---\n" + site.good_plan.read_text("utf-8").split("---\n", 2)[2])
    quiet = Site(site.root, noisy, site.bad_plan, site.env, site.options)
    await launch(client, quiet)
    assert await ended(client) == "landed"  # and `cat` found no message of ours on its standard input
    assert await client.stop() == 0


async def test_a_client_that_pulls_diagnostics_is_not_pushed_to(client: RawClient, site: Site) -> None:
    abilities = {"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": True}}}
    await client.initialize(site.root, site.options, **abilities)
    uri = client.open(site.bad_plan)
    asked = {"textDocument": {"uri": uri}}
    report = await client.request("textDocument/diagnostic", asked)
    assert "missing-import" in {each["code"] for each in report["items"]}
    again = await client.request("textDocument/diagnostic", {**asked, "previousResultId": report["resultId"]})
    assert again == {"kind": "unchanged", "resultId": report["resultId"]}
    (site.root / "data").mkdir(exist_ok=True)
    (site.root / "data" / "claywiki.py").write_text("ENTRIES = []\n")
    await client.until(lambda message: message.get("method") == "workspace/diagnostic/refresh")
    assert not client.of("textDocument/publishDiagnostics")
    other = client.open(site.root / "build.py")
    assert await client.request("textDocument/diagnostic", {"textDocument": {"uri": other}}) == {
        "kind": "full",
        "items": [],
    }


async def test_a_client_that_cannot_be_told_to_pull_again_is_pushed_to(client: RawClient, site: Site) -> None:
    answer = await client.initialize(site.root, site.options, textDocument={"diagnostic": {}})
    assert "diagnosticProvider" not in answer["capabilities"]
    uri = client.open(site.bad_plan)
    await client.diagnostics(uri, lambda codes: "missing-import" in codes)
    (site.root / "data" / "claywiki.py").write_text("ENTRIES = []\n")
    await client.diagnostics(uri, lambda codes: "missing-import" not in codes)


async def test_settings_are_pulled_from_a_client_that_answers(client: RawClient, site: Site) -> None:
    (site.root / "two.plan.md").write_text(CONFLICT)
    quiet = {"severities": {"write-conflict": "hint"}}
    client.answers["workspace/configuration"] = lambda params: [quiet] if params["items"] else []
    abilities = {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}}
    await client.initialize(site.root, site.options, workspace=abilities)
    uri = client.open(site.root / "two.plan.md")
    registered = await client.until(lambda message: message.get("method") == "client/registerCapability")
    [registration] = registered["params"]["registrations"]
    assert registration["method"] == "workspace/didChangeConfiguration"
    await severity(client, uri, 4)
    quiet["severities"] = {"write-conflict": "error"}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    await severity(client, uri, 1)


async def test_settings_that_are_sent_hold_against_an_older_answer_that_comes_along_with_them(
    client: RawClient, site: Site
) -> None:
    (site.root / "two.plan.md").write_text(CONFLICT)
    client.silent.add("workspace/configuration")
    await client.initialize(site.root, site.options, workspace={"configuration": True})
    asked = await client.until(lambda message: message.get("method") == "workspace/configuration")
    older = {"id": asked["id"], "result": [{"severities": {"write-conflict": "hint"}}]}
    newer = {"settings": {"agentServer": {"severities": {"write-conflict": "error"}}}}
    client.send(older, {"method": "workspace/didChangeConfiguration", "params": newer})
    uri = client.open(site.root / "two.plan.md")
    await severity(client, uri, 1)


async def severity(client: RawClient, uri: str, wanted: int) -> None:
    """Wait until the conflict has this severity."""

    def has_it(message: dict[str, Any]) -> bool:
        params = message.get("params") or {}
        found = params.get("diagnostics", ()) if params.get("uri") == uri else ()
        return any((each["code"], each["severity"]) == ("write-conflict", wanted) for each in found)

    await client.until(has_it)
