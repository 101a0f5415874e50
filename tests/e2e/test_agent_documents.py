"""Briefs, transcripts and proposed files over stdio; edits that are resolved; plans that follow what is renamed."""

from typing import Any
from urllib.parse import quote

import pytest
from lsprotocol import types

from tests.e2e.raw_client import RawClient, ResponseError
from tests.e2e.site import Site
from tests.e2e.verification import HeldVerification

SHOWS = {"window": {"showDocument": {"support": True}}, "workspace": {"textDocumentContent": {}}}
FAILED = types.LSPErrorCodes.RequestFailed.value
INVALID = types.ErrorCodes.InvalidParams.value


async def command(client: RawClient, name: str, uri: str, **more: Any) -> Any:
    arguments = {"command": f"agentServer.{name}", "arguments": [{"uri": uri, **more}]}
    return await client.request("workspace/executeCommand", arguments)


async def opened(client: RawClient, site: Site, **capabilities: Any) -> str:
    await client.initialize(site.root, site.options, **capabilities)
    uri = client.open(site.good_plan)
    await client.diagnostics(uri, lambda codes: True)
    return uri


async def landed(client: RawClient, site: Site, **capabilities: Any) -> str:
    """The URI of the good plan, after its first wave has landed."""
    uri = await opened(client, site, **capabilities)
    await command(client, "approve", uri)
    await command(client, "launch", uri)
    end = await client.until(
        lambda message: (
            message.get("method") == "agentServer/status"
            and message["params"]["state"] in {"landed", "held", "failed", "cancelled"}
        )
    )
    assert end["params"]["state"] == "landed", end
    return uri


async def refused(client: RawClient, method: str, params: Any) -> tuple[int, str]:
    with pytest.raises(ResponseError) as error:
        await client.request(method, params)
    return error.value.code, str(error.value)


async def test_what_agents_did_and_changed_is_shown_and_read_after_a_run(client: RawClient, site: Site) -> None:
    uri = await landed(client, site, **SHOWS)
    found = await client.request("agentServer/changeSet", {"plan": uri})
    assert len(found["files"]) >= 5
    for file in found["files"]:
        content = await client.request("workspace/textDocumentContent", {"uri": file["proposed"]})
        assert content["text"] == (site.root / file["path"]).read_text("utf-8")
        assert content == await client.request("agentServer/content", {"uri": file["proposed"]})

    task = found["files"][0]["task"]
    told = await client.request("agentServer/transcript", {"plan": uri, "task": task})
    assert (told["run"], told["task"], told["complete"]) == (found["run"], task, True)
    assert {"said", "tool"} <= {event["kind"] for event in told["events"]}
    rest = await client.request(
        "agentServer/transcript", {"plan": uri, "task": task, "run": told["run"], "after": told["next"]}
    )
    assert (rest["events"], rest["next"], rest["complete"]) == ([], told["next"], True)
    titles = {"showBrief": "# Your task", "showTranscript": "# Transcript of", "showChanges": "# Changes of"}
    for name, title in titles.items():
        client.received.clear()
        answer = await command(client, name, uri, task=task)
        assert answer["shown"] is True
        asked = await client.until(lambda message: message.get("method") == "window/showDocument")
        assert asked["params"]["uri"] == answer["uri"]
        content = await client.request("workspace/textDocumentContent", {"uri": answer["uri"]})
        assert title in content["text"]
    assert answer["files"] == [file for file in found["files"] if file["task"] == task]
    lenses = await client.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
    assert {"Show transcript", "Show changes"} <= {lens["command"]["title"] for lens in lenses}
    # The plan need not be open.
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    of_task = await client.request("agentServer/changeSet", {"plan": uri, "task": task})
    assert of_task["files"] == [file for file in found["files"] if file["task"] == task]


async def test_a_transcript_that_is_read_during_the_run_is_read_again_until_its_end(
    client: RawClient, site: Site, verification: HeldVerification
) -> None:
    uri = await opened(client, site, **SHOWS)
    await command(client, "approve", uri)
    await command(client, "launch", uri)
    await client.until(lambda message: message.get("params", {}).get("counts", {}).get("running"))
    task = client.of("agentServer/status")[-1]["params"]["tasks"][0]["id"]
    shown = (await command(client, "showTranscript", uri, task=task))["uri"]
    told, ended = [], False
    while not ended:
        client.received.clear()
        told.append((await client.request("workspace/textDocumentContent", {"uri": shown}))["text"])
        verification.release()
        ended = ": landed." in told[-1]
        if not ended:
            refresh = await client.until(
                lambda message: message.get("method") == "workspace/textDocumentContent/refresh"
            )
            assert refresh["params"] == {"uri": shown}
    assert len(told) > 1
    assert len(told[-1]) > len(told[0])


async def test_a_client_that_shows_no_documents_gets_the_text(client: RawClient, site: Site) -> None:
    uri = await opened(client, site)
    lenses = await client.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
    assert not [lens for lens in lenses if lens["command"]["command"] == "agentServer.showBrief"]
    task = site.good_plan.read_text("utf-8").partition("\n## ")[2].partition(":")[0]
    answer = await command(client, "showBrief", uri, task=task)
    assert "# Your task" in answer["text"]
    assert "shown" not in answer
    assert not client.of("window/showDocument")


async def test_the_brief_is_that_of_the_agent_that_will_run(client: RawClient, site: Site) -> None:
    text = site.good_plan.read_text("utf-8")
    task = text.partition("\n## ")[2].partition(":")[0]
    site.good_plan.write_text(text.replace("\n- writes", "\n- agent: claude\n- writes", 1), "utf-8")
    uri = await opened(client, site)
    assert "You are in a sandbox" in (await command(client, "showBrief", uri, task=task))["text"]


async def test_a_client_that_does_not_show_a_document_holds_nothing_up(client: RawClient, site: Site) -> None:
    client.errors = {"window/showDocument"}
    uri = await opened(client, site, **SHOWS)
    task = site.good_plan.read_text("utf-8").partition("\n## ")[2].partition(":")[0]
    assert (await command(client, "showBrief", uri, task=task))["shown"] is True
    client.errors, client.silent = set(), {"window/showDocument"}
    assert (await command(client, "showBrief", uri, task=task))["shown"] is True
    assert await client.stop() == 0


async def test_only_what_a_plan_or_a_record_names_is_served(client: RawClient, site: Site) -> None:
    uri = await landed(client, site)
    (site.root / "secret.md").write_text("secret")
    (site.root / "link.plan.md").symlink_to("/etc/passwd")
    file = (await client.request("agentServer/changeSet", {"plan": uri}))["files"][0]
    run, task = file["proposed"].split("/")[2:4]
    root = f"?root={quote(str(site.root), safe='')}"
    hostile = {
        f"agent-server:/brief/{site.good_plan.name}/nobody.brief.md{root}": "no task",
        f"agent-server:/brief/secret.md/{task}.brief.md{root}": "There is no plan",
        f"agent-server:/brief/link.plan.md/{task}.brief.md{root}": "There is no plan",
        f"agent-server:/brief/..%2F..%2Fetc/passwd.brief.md{root}": "There is no plan",
        f"agent-server:/transcript/..%2F{run}/{task}.transcript.md{root}": "no run",
        f"agent-server:/transcript/../{task}.transcript.md{root}": "no run",
        f"agent-server:/transcript/{run}/nobody.transcript.md{root}": "no task",
        f"agent-server:/proposed/{run}/{task}/../../../etc/passwd{root}": "did not change",
        f"agent-server:/proposed/{run}/{task}//etc/passwd{root}": "did not change",
        f"agent-server:/proposed/{run}/{task}/secret.md{root}": "did not change",
        f"agent-server:/proposed/{run}/../{task}/{file['path']}{root}": "no task",
        f"agent-server:/transcript/{run}/{task}.transcript.md?root=%2F": "not open here",
        f"agent-server:/changes/{run}/{task}.changes.md?root={quote(str(site.root / '..'), safe='')}": "not open here",
    }
    for each, reason in hostile.items():
        code, message = await refused(client, "workspace/textDocumentContent", {"uri": each})
        assert (code, reason in message) == (FAILED, True), (each, message)
    for each in ("", "file:///etc/passwd", "agent-server:/", "agent-server:/brief/x"):
        code, message = await refused(client, "agentServer/content", {"uri": each})
        assert (code, "names no document" in message) == (INVALID, True), (each, message)


async def test_what_is_not_known_is_refused_in_words(client: RawClient, site: Site) -> None:
    uri = await opened(client, site)
    elsewhere = (site.root.parent / "elsewhere" / "a.plan.md").as_uri()
    asked: list[tuple[Any, int, str]] = [
        ({"plan": uri, "task": "data"}, FAILED, "no run yet"),
        ({"plan": uri, "task": "data", "run": "../.."}, FAILED, "no run `../..`"),
        ({"plan": elsewhere, "task": "data"}, FAILED, "not open here"),
        ({"plan": "untitled:a", "task": "data"}, INVALID, "URI of a file"),
        ({"plan": uri}, INVALID, "do not fit"),
        ({"plan": uri, "task": 7}, INVALID, "do not fit"),
        ({"plan": uri, "task": "data", "after": -1}, INVALID, "do not fit"),
        ({"plan": uri, "task": "data", "after": True}, INVALID, "do not fit"),
        (None, INVALID, "do not fit"),
    ]
    for params, code, words in asked:
        answer = await refused(client, "agentServer/transcript", params)
        assert (answer[0], words in answer[1]) == (code, True), (params, answer)
    assert (await refused(client, "agentServer/changeSet", {"plan": uri}))[0] == FAILED
    assert (await refused(client, "agentServer/content", {}))[0] == INVALID
    for name in ("showTranscript", "showChanges"):
        arguments = {"command": f"agentServer.{name}", "arguments": [{"uri": uri, "task": "data"}]}
        assert await refused(client, "workspace/executeCommand", arguments) == (
            FAILED,
            f"`{site.good_plan.relative_to(site.root)}` has no run yet.",
        )


async def test_an_action_gets_its_edit_when_it_is_chosen_and_none_when_it_is_late(
    client: RawClient, site: Site
) -> None:
    action = {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}}
    await client.initialize(
        site.root,
        site.options,
        textDocument={"codeAction": action},
        workspace={"workspaceEdit": {"documentChanges": True}},
    )
    uri = client.open(site.bad_plan)
    await client.diagnostics(uri, bool)
    everything = {"start": {"line": 0, "character": 0}, "end": {"line": 999, "character": 0}}
    params = {"textDocument": {"uri": uri}, "range": everything, "context": {"diagnostics": [], "only": ["quickfix"]}}
    offered = await client.request("textDocument/codeAction", params)
    assert offered
    assert not [each for each in offered if "edit" in each]
    chosen = await client.request("codeAction/resolve", offered[0])
    assert chosen["title"] == offered[0]["title"]
    assert chosen["edit"]["documentChanges"][0]["textDocument"] == {"uri": uri, "version": 1}

    change = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "# Anew\n"}]}
    client.notify("textDocument/didChange", change)
    code, _ = await refused(client, "codeAction/resolve", offered[0])
    assert code == types.LSPErrorCodes.ContentModified.value


async def test_plans_follow_what_a_client_is_about_to_rename(client: RawClient, site: Site) -> None:
    (site.root / "closed.plan.md").write_text("# C\n\n## a: Read it\n- reads: `build.py`\n- writes: x.md\n\nRead it.\n")
    edits = {"documentChanges": True, "changeAnnotationSupport": {}}
    files = {"willRename": True, "didRename": True}
    result = await client.initialize(
        site.root, workspace={"applyEdit": True, "workspaceEdit": edits, "fileOperations": files}
    )
    asked = result["capabilities"]["workspace"]["fileOperations"]["willRename"]
    assert asked == {"filters": [{"pattern": {"glob": "**"}, "scheme": "file"}]}
    uri = client.open(site.root / "a.plan.md", "# A\n\n## a: Write it\n- writes: `build.py`\n\nWrite it.\n", version=7)
    await client.diagnostics(uri, lambda codes: True)
    old, new = (site.root / "build.py").as_uri(), (site.root / "make.py").as_uri()
    edit = await client.request("workspace/willRenameFiles", {"files": [{"oldUri": old, "newUri": new}]})
    closed = (site.root / "closed.plan.md").as_uri()
    assert {
        change["textDocument"]["uri"]: (
            change["textDocument"]["version"],
            [each["newText"] for each in change["edits"]],
        )
        for change in edit["documentChanges"]
        if change["textDocument"]["uri"] in (uri, closed)
    } == {uri: (7, ["make.py"]), closed: (None, ["make.py"])}
    (why,) = edit["changeAnnotations"].values()
    assert why["label"] == "Keep the plan's paths true"
    # A client that has asked before is not asked afterwards.
    client.notify("workspace/didRenameFiles", {"files": [{"oldUri": old, "newUri": new}]})
    assert await client.stop() == 0
    assert not client.of("window/showMessageRequest")


@pytest.mark.parametrize("yes", [True, False])
async def test_a_client_that_only_tells_of_renames_is_offered_the_edits(
    client: RawClient, site: Site, yes: bool
) -> None:
    client.answers["window/showMessageRequest"] = lambda params: params["actions"][0 if yes else 1]
    client.answers["workspace/applyEdit"] = lambda _: {"applied": True}
    await client.initialize(site.root, workspace={"applyEdit": True})
    uri = client.open(site.root / "a.plan.md", "# A\n\n## a: Write it\n- writes: `build.py`\n\nWrite it.\n")
    await client.diagnostics(uri, lambda codes: True)
    old, new = site.root / "build.py", site.root / "make.py"
    old.rename(new)
    files = {"files": [{"oldUri": old.as_uri(), "newUri": new.as_uri()}]}
    client.notify("workspace/didRenameFiles", files)
    await client.until(lambda message: message.get("method") == "window/showMessageRequest")
    if yes:
        asked = await client.until(lambda message: message.get("method") == "workspace/applyEdit")
        (edit,) = asked["params"]["edit"]["changes"][uri]
        assert edit["newText"] == "make.py"
    assert await client.stop() == 0
    assert len(client.of("workspace/applyEdit")) == yes
