"""`agent-server check --format json` and the language server say the same of every literate case."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from agent_server.analysis.facts import NO_FACTS, RunFacts
from agent_server.cli import main
from agent_server.execution.approval import Approval, ApprovedTask
from agent_server.execution.records.record import RunRecord, RunStore, TaskRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.state import StateDirectory
from agent_server.plan.model import Budget
from tests.e2e.raw_client import RICH_DIAGNOSTICS, RawClient
from tests.e2e.site import environment
from tests.plans.literate import PATH, Case, load_cases

PATIENCE = 30.0
"""Seconds until the server's word on a plan is taken for its last."""

SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}


def seen(diagnostic: Mapping[str, Any]) -> tuple[str, str, str, str]:
    severity = diagnostic["severity"]
    return (
        diagnostic["code"],
        SEVERITIES.get(severity, severity),
        diagnostic["message"],
        json.dumps(diagnostic["range"], sort_keys=True),
    )


def record_run(root: Path, plan: Path, facts: RunFacts, env: Mapping[str, str]) -> None:
    """Leave on the disk what a run leaves. Approvals and unsaved buffers live in an editor's session, not there."""
    approval = Approval(
        plan.name, "", 1, tuple(ApprovedTask(name, "", (), "", "") for name in facts.tasks), None, Budget()
    )
    tasks = {name: TaskRecord(task.state, task.message, (), task.undeclared) for name, task in facts.tasks.items()}
    run = facts.run or "20260101T000000-000000"
    record = RunRecord(run, approval, RunState.HELD, tasks, "", facts.verify, facts.problem)
    RunStore(StateDirectory.for_workspace(root, env).runs).save(record)


def as_toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(str(key))} = {as_toml(each)}" for key, each in value.items()) + "}"
    return json.dumps(value)


CASES = {file: [*cases] for file, cases in groupby(load_cases(), key=lambda case: case.file.stem)}


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    folder = tmp_path_factory.mktemp("agreement")
    return environment(folder, str(folder))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(env: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RawClient]:
    """One server for all files: nothing of one workspace reaches another."""
    client = await RawClient.start(env, "--standalone")
    await client.initialize(tmp_path_factory.mktemp("other"), textDocument=RICH_DIAGNOSTICS)
    yield client
    await client.kill()


@pytest.mark.parametrize("file", CASES)
@pytest.mark.asyncio(loop_scope="module")
async def test_on_every_literate_case(
    file: str,
    server: RawClient,
    env: Mapping[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("AGENT_SERVER_STATE_DIR", "AGENT_SERVER_SETTINGS", "HOME"):
        monkeypatch.setenv(name, env[name])
    differing: dict[str, Any] = {}
    for number, cases in enumerate(sharing(CASES[file])):
        root = tmp_path / f"workspace-{number}"
        (root / ".git").mkdir(parents=True)  # the plans of other formats lie in folders of it
        plans = [case.write_to(root, _name(case, at)) for at, case in enumerate(cases)]
        raw_settings, facts = cases[0].raw_settings, cases[0].facts
        if facts != NO_FACTS:
            record_run(root, plans[0], facts, env)
        printed = checked(raw_settings, plans, Path(env["AGENT_SERVER_SETTINGS"]), capsys)
        server.received.clear()
        server.notify("workspace/didChangeConfiguration", {"settings": {"agentServer": dict(raw_settings)}})
        uris = [server.open(plan) for plan in plans]
        for case, uri, expected in zip(cases, uris, printed, strict=True):
            pushed = await pushed_in_the_end(server, uri, expected)
            if expected != pushed:
                differing[case.id] = {"check": expected, "server": pushed}
        for uri in uris:
            server.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert differing == {}


def _name(case: Case, at: int) -> str:
    """A name that is no other case's; the format of a plan that is not ours goes by its path."""
    return f"case-{at}.plan.md" if case.path == PATH else f"case-{at}/{case.path}"


def sharing(cases: Iterable[Case]) -> list[list[Case]]:
    """The cases by workspace: those that have no run behind them share one where their files and settings are equal.

    So each workspace is indexed once by the command and once by the server, and not once for each case.
    """
    workspaces: list[list[Case]] = []
    for case in cases:
        same = (
            known
            for known in workspaces
            if case.facts == known[0].facts == NO_FACTS
            and (case.files, case.raw_settings) == (known[0].files, known[0].raw_settings)
        )
        found = next(same, None)
        if found is None:
            workspaces.append([case])
        else:
            found.append(case)
    return workspaces


async def pushed_in_the_end(client: RawClient, uri: str, printed: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """What the server says, as soon as that is `printed`: its first word comes before any indexing. Else its last."""

    def newest(messages: list[dict[str, Any]]) -> list[tuple[str, ...]] | None:
        pushed = [message["params"] for message in messages if message["params"]["uri"] == uri]
        return sorted(map(seen, pushed[-1]["diagnostics"])) if pushed else None

    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await client.until(lambda _: newest(client.of("textDocument/publishDiagnostics")) == printed)
    return newest(client.of("textDocument/publishDiagnostics")) or []


def checked(
    raw_settings: Mapping[str, Any], plans: Iterable[Path], settings: Path, capsys: pytest.CaptureFixture[str]
) -> list[list[tuple[str, ...]]]:
    settings.write_text("".join(f"{json.dumps(name)} = {as_toml(value)}\n" for name, value in raw_settings.items()))
    main(["check", "--format", "json", *map(str, plans)])
    settings.unlink()
    found = json.loads(capsys.readouterr().out)["plans"]
    return [sorted(map(seen, plan["diagnostics"])) for plan in found]
