"""What a client of 0.4 builds a list of plans, an approval and a picture of hazards from, and does from there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.e2e.raw_client import RawClient, ResponseError
from tests.e2e.site import Site
from tests.e2e.test_beside_commands import command
from tests.e2e.two_agents import BASE, ClientOfTwo, plan_of_two, settings_of_two
from tests.protocol.conformance import conforms, reference

INVALID, FAILED = types.ErrorCodes.InvalidParams.value, types.LSPErrorCodes.RequestFailed.value
TWO = "two.plan.md"
OTHER = "# Other\n\n## only: Write a file\n- writes: `only.txt`\n\nWrite it.\n"


class Lister(ClientOfTwo):
    """A client that lists plans and has none of them open, unless it opens one."""

    async def begin(self, version: str = "0.4.0", **options: Any) -> None:
        experimental = {"agentServer": {"version": version}}
        await self.client.initialize(self.site.root, {**settings_of_two(), **options}, experimental=experimental)
        await self.client.request("agentServer/subscribe", {"runs": True, "status": False, "plans": True})

    async def plans(self, wanted: Callable[[dict[str, Any]], bool] = bool) -> dict[str, Any]:
        """The plans by their paths, once they are as wanted. Between two looks it waits to be told of a change."""
        while True:
            told = self.changes
            found = await self.client.request("agentServer/plans", {})
            assert conforms(found, reference("PlansResult"))
            plans = {each["path"]: each for each in found["plans"]}
            if not found.get("listing") and wanted(plans):
                return plans
            await self.client.until(lambda _, told=told: self.changes > told)  # type: ignore[misc]

    @property
    def changes(self) -> int:
        return len(self.client.of("agentServer/plansChanged"))

    @property
    def changed(self) -> list[str]:
        """The names of the plans in all that was told, in order."""
        told = [message["params"] for message in self.client.of("agentServer/plansChanged")]
        assert all(conforms(each, reference("PlansChangedParams")) for each in told)
        return [Path(uri).name for each in told for uri in each["plans"]]

    async def approval(self, **more: Any) -> dict[str, Any]:
        found = await self.client.request("agentServer/approval", {"plan": self.uri, **more})
        assert conforms(found, reference("ApprovalResult"))
        told: dict[str, Any] = found
        return told

    def edit(self, text: str, version: int) -> None:
        change = {"textDocument": {"uri": self.uri, "version": version}, "contentChanges": [{"text": text}]}
        self.client.notify("textDocument/didChange", change)


@pytest.fixture
async def lister(client: RawClient, site: Site) -> Lister:
    plan_of_two(site)
    return Lister(client, site)


async def test_all_plans_are_listed_and_none_is_opened_for_that(lister: Lister, site: Site) -> None:
    (site.root / "other.plan.md").write_text(OTHER)
    await lister.begin()
    plans = await lister.plans(lambda plans: TWO in plans)
    assert sorted(plans) == sorted([site.bad_plan.name, site.good_plan.name, "other.plan.md", TWO])
    two, bad = plans[TWO], plans[site.bad_plan.name]
    assert (two["uri"], two["folder"], two["title"]) == (lister.uri, site.root.as_uri(), "Two agents")
    assert [(task["id"], task["line"], task["wave"], task["status"]) for task in two["tasks"]] == [
        ("mine", 6, 1, "todo"),
        ("theirs", 11, 1, "todo"),
    ]
    assert (two["waves"], two["errors"], "blocked" in two, "run" in two) == (1, 0, False, False)
    assert bad["errors"] > 0
    assert "Mend this first" in bad["blocked"]
    one_folder = await lister.client.request("agentServer/plans", {"folder": site.root.as_uri()})
    assert len(one_folder["plans"]) == 4
    elsewhere = await lister.client.request("agentServer/plans", {"folder": site.root.parent.as_uri()})
    assert elsewhere["plans"] == []


async def test_changes_are_told_of_the_plan_that_changed_and_of_no_other(lister: Lister, site: Site) -> None:
    await lister.begin()
    await lister.plans(lambda plans: TWO in plans)
    text = (site.root / TWO).read_text()
    lister.client.open(site.root / TWO)
    before = len(lister.changed)
    lister.edit(text.replace("Write my file", "Write mine"), 2)
    plans = await lister.plans(lambda plans: plans[TWO]["tasks"][0]["title"] == "Write mine")
    assert plans[TWO]["tasks"][0]["line"] == 6
    assert set(lister.changed[before:]) <= {TWO}
    lister.client.notify("textDocument/didClose", {"textDocument": {"uri": lister.uri}})
    await lister.plans(lambda plans: plans[TWO]["tasks"][0]["title"] == "Write my file")

    (site.root / "other.plan.md").write_text(OTHER)
    await lister.plans(lambda plans: "other.plan.md" in plans)
    (site.root / "other.plan.md").unlink()
    await lister.plans(lambda plans: "other.plan.md" not in plans)


async def test_what_the_client_did_not_ask_for_it_is_not_told(lister: Lister, site: Site) -> None:
    await lister.begin("0.3.0")
    lister.client.open(site.root / TWO)
    await lister.client.diagnostics(lister.uri, lambda _: True)
    await lister.command("approve")
    await lister.command("launch")
    held = await lister.until("held")
    assert "steps" not in held
    assert not any(task.keys() & {"canRetry", "canLand"} for task in held["tasks"])
    assert lister.changes == 0


async def test_a_wave_that_the_client_showed_starts_without_a_question(lister: Lister, site: Site) -> None:
    await lister.begin()
    with pytest.raises(ResponseError, match="Open the plan first"):
        await lister.approval()
    lister.client.open(site.root / TWO)
    shown = await lister.approval(wave=1)
    assert [(task["id"], task["agent"], task["writes"]) for task in shown["tasks"]] == [
        ("mine", "pair", ["mine.txt"]),
        ("theirs", "pair", ["theirs.txt"]),
    ]
    assert shown["headline"] == f"Wave 1 of {TWO}: 2 agents at once."
    assert any(note.startswith("pair is the program: ") for note in shown["notes"])
    run = (await lister.command("launch", wave=1, approved=shown["approved"]))["run"]
    held = await lister.until("held")
    assert (held["run"], lister.questions) == (run, [])
    assert [(step["way"], step["title"], step.get("tasks")) for step in held["steps"]] == [
        ("retry", "Retry `mine`", ["mine"]),
        ("land", "Land the rest", ["theirs"]),
        ("repair", "Repair", None),
        ("land-anyway", "Land anyway", None),
        ("discard", "Discard", None),
    ]
    assert [(task["canRetry"], task["canLand"]) for task in held["tasks"]] == [(True, True), (True, True)]
    listed = (await lister.plans(lambda plans: plans[TWO].get("run", {}).get("state") == "held"))[TWO]["run"]
    assert listed["steps"] == held["steps"]


async def test_what_is_no_longer_what_was_shown_is_refused(lister: Lister, site: Site) -> None:
    await lister.begin()
    lister.client.open(site.root / TWO)
    shown = await lister.approval()
    lister.edit((site.root / TWO).read_text().replace("Task one.", "Task one. Hurry."), 2)
    with pytest.raises(ResponseError, match=r"The plan changed after it was approved\. Nothing was started") as stale:
        await lister.command("launch", approved=shown["approved"])
    assert stale.value.code == FAILED
    shown = await lister.approval()
    limits = {"settings": {"agentServer": {**settings_of_two(), "turns": 7}}}
    lister.client.notify("workspace/didChangeConfiguration", limits)
    with pytest.raises(ResponseError, match="the models or the settings"):
        await lister.command("launch", approved=shown["approved"])
    for text in ("", "yes", shown["approved"].upper(), shown["approved"][:64], f"{shown['approved']}\n"):
        with pytest.raises(ResponseError) as refused:
            await lister.command("launch", approved=text)
        assert (refused.value.code, "agentServer/approval" in str(refused.value)) == (INVALID, True)
    distrust = {"settings": {"agentServer": {**settings_of_two(), "trusted": False}}}
    lister.client.notify("workspace/didChangeConfiguration", distrust)
    for asked in (lister.approval(), lister.command("launch", approved=shown["approved"])):
        with pytest.raises(ResponseError, match="not trusted"):
            await asked
    blocked = await lister.plans(lambda plans: "not trusted" in plans[TWO].get("blocked", ""))
    assert "run" not in blocked[TWO]
    distrust["settings"]["agentServer"]["trusted"] = True
    lister.client.notify("workspace/didChangeConfiguration", distrust)
    with pytest.raises(ResponseError, match="no wave 9"):
        await lister.approval(wave=9)


async def test_a_closed_plan_is_decided_about_from_the_list(lister: Lister, site: Site) -> None:
    await lister.begin()
    lister.client.open(site.root / TWO)
    await lister.command("launch", approved=(await lister.approval())["approved"])
    await lister.until("held")
    lister.client.notify("textDocument/didClose", {"textDocument": {"uri": lister.uri}})
    for name in ("launch", "approve"):
        with pytest.raises(ResponseError, match="Open the plan first"):
            await lister.command(name)
    shown = await lister.command("showChanges", task="mine")
    assert [each["path"] for each in shown["files"]] == ["mine.txt"]
    assert "Task one." in (await lister.command("showBrief", task="mine"))["text"]
    assert await lister.command("cancel") == {"cancelled": False}

    before = len(lister.client.received)
    await lister.command("land", tasks=["theirs"])
    await lister.until("held", before)
    await lister.command("retry", task="mine", comment="Be kind.")
    await lister.until("landed", before)
    plans = await lister.plans(lambda plans: [task["status"] for task in plans[TWO]["tasks"]] == ["done", "done"])
    assert plans[TWO]["blocked"].startswith("The plan has no task that can run")
    lister.chosen = "Undo"
    await lister.command("undo")
    await lister.plans(lambda plans: [task["status"] for task in plans[TWO]["tasks"]] == ["todo", "done"])
    assert (site.root / "mine.txt").read_text() == BASE


async def test_a_plan_that_is_not_there_is_named_in_kind_words(lister: Lister, site: Site) -> None:
    await lister.begin()
    await lister.plans(lambda plans: TWO in plans)
    missing = "There is no plan"
    for name, words in (("nothing.plan.md", missing), ("README.md", "is no plan"), ("../two.plan.md", missing)):
        lister.uri = f"{site.root.as_uri()}/{name}"
        for each in ("discard", "retry", "cancel", "undo"):
            with pytest.raises(ResponseError, match=words) as refused:
                await lister.command(each)
            assert refused.value.code == INVALID


async def test_a_run_of_an_earlier_process_is_listed_and_what_others_decide_is_told(lister: Lister, site: Site) -> None:
    await lister.begin()
    lister.client.open(site.root / TWO)
    await lister.command("launch", approved=(await lister.approval())["approved"])
    held = await lister.until("held")
    assert await lister.client.stop() == 0
    client = await RawClient.start(site.env, "--standalone")
    try:
        later = Lister(client, site)
        await later.begin()
        found = (await later.plans(lambda plans: TWO in plans))[TWO]["run"]
        same = ("run", "state", "message", "steps", "tasks")
        assert {name: found[name] for name in same} == {name: held[name] for name in same}
        status, said = await command(site.env, site.root, "land", TWO, "--task", "theirs")
        assert status == 0, said
        # What it is told first may still be the run as it stood before.
        message = await client.until(
            lambda message: (
                message.get("method") == "agentServer/runState"
                and message["params"]["state"] == "held"
                and [task["state"] for task in message["params"]["tasks"]] == ["held", "landed"]
            )
        )
        told = message["params"]
        assert [step["way"] for step in told["steps"]][-1] == "undo"
        await later.plans(lambda plans: plans[TWO]["run"]["steps"] == told["steps"])
    finally:
        await client.kill()


async def test_hazards_are_told_of_open_and_of_closed_plans(lister: Lister, site: Site) -> None:
    await lister.begin()
    await lister.plans(lambda plans: TWO in plans)

    async def hazards(path: Path) -> Any:
        found = await lister.client.request("agentServer/hazards", {"plan": path.as_uri()})
        assert found is None or conforms(found, reference("HazardsResult"))
        return found

    closed = await hazards(site.bad_plan)
    assert closed["contentions"]
    assert "version" not in closed
    lister.client.open(site.bad_plan, version=3)
    assert await hazards(site.bad_plan) == {**closed, "version": 3}
    assert await hazards(site.root / "README.md") is None
    assert await hazards(site.root / "nothing.plan.md") is None
