"""What verifications say of files, as diagnostics there: for clients that are pushed to, and for those that ask."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from lsprotocol import types

from agent_server.analysis.analyse import analyse
from agent_server.analysis.build_output.model import BuildProblem
from agent_server.analysis.facts import RunFacts, TaskFacts, TaskState, VerifyFacts
from agent_server.analysis.settings import Severity
from agent_server.analysis.tree import Tree
from agent_server.lsp.agent_uris import ProposedUri, uri_of
from agent_server.lsp.build_problems import PushedProblems, file_problems
from agent_server.lsp.features.diagnostics import workspace_diagnostic
from agent_server.lsp.snapshot import PlanSnapshot
from tests.lsp.cursor import NAME, ROOT, URI, plan_at
from tests.lsp.test_diagnostics import decoded, pulled

PLAN = "---\nverify: make\n---\n# P\n\n## a: One\n- writes: `a.py`\n\nDo it.\n\n## b: Two\n- writes: `b.py`\n\nDo it.\n"
FILE = "file:///w/a.py"
PROPOSED = uri_of(ProposedUri(ROOT, "7", "b", "b.py"))
PROBLEMS = (
    BuildProblem("a.py", 2, "Bad [type](command:x)", 4, source="mypy", code="misc", tasks=("a",)),
    BuildProblem("b.py", 0, "Unused", None, Severity.WARNING, "ruff", "F401", ("b",)),
    BuildProblem("gone.py", 0, "Nobody wrote it, and it is not there"),
)


def facts(state: TaskState = TaskState.HELD, *, passed: bool = False) -> RunFacts:
    verify = VerifyFacts("make", passed, "Error 1", PROBLEMS, failing=("a", "b"))
    return RunFacts("7", tasks={"a": TaskFacts(state), "b": TaskFacts(state)}, verify=verify)


def plan_after(run: RunFacts, **client: bool) -> PlanSnapshot:
    plan, _ = plan_at(PLAN, **client)
    parsed = plan.analysis.plan
    return replace(plan, analysis=analyse(parsed, plan.analysis.problems, Tree(["a.py"]), facts=run))


def in_workspace(plan: PlanSnapshot, before: Mapping[str, str] | None = None) -> types.WorkspaceDiagnosticReport:
    known = [types.PreviousResultId(uri, value) for uri, value in (before or {}).items()]
    return decoded(
        workspace_diagnostic([plan], types.WorkspaceDiagnosticParams(known)), types.WorkspaceDiagnosticReport
    )


def test_a_problem_stands_in_its_file_or_in_what_its_task_would_make_of_it() -> None:
    found = file_problems(ROOT, [facts()], {"a.py"})
    assert list(found) == [FILE, PROPOSED]
    (bad,), (unused,) = found.values()
    assert (bad.code, bad.source, bad.severity) == ("misc", "agent-server", types.DiagnosticSeverity.Error)
    assert bad.range.start == types.Position(2, 4)
    assert bad.message.split("\n") == [
        "Bad [type] (command:x)",
        "This is about the file as `a` would write it. Nothing of that has landed.",
    ]
    assert (unused.code, unused.severity) == ("F401", types.DiagnosticSeverity.Warning)
    assert unused.range.start == types.Position(0, 0)


@pytest.mark.parametrize("state", [TaskState.LANDED, TaskState.DISCARDED, TaskState.RUNNING, TaskState.FAILED])
def test_it_stands_there_while_the_run_is_held(state: TaskState) -> None:
    assert file_problems(ROOT, [facts(state)], {"a.py"}) == {}
    assert file_problems(ROOT, [facts(passed=True)], {"a.py"}) == {}


def test_a_plan_keeps_its_diagnostics_to_itself() -> None:
    run = replace(facts(), verify=VerifyFacts("make", False, problems=(BuildProblem(NAME, 0, "Bad"),)))
    assert file_problems(ROOT, [run], {NAME}) == {}


def test_who_asks_for_the_whole_workspace_gets_the_files_too() -> None:
    reports = {report.uri: report for report in in_workspace(plan_after(facts())).items}
    assert list(reports) == [URI, FILE, PROPOSED]
    report = reports[FILE]
    assert isinstance(report, types.WorkspaceFullDocumentDiagnosticReport)
    assert [item.code for item in report.items] == ["misc"]
    assert report.version is None
    again = in_workspace(plan_after(facts()), {uri: each.result_id or "" for uri, each in reports.items()})
    assert {report.kind for report in again.items} == {"unchanged"}
    landed = in_workspace(plan_after(facts(TaskState.LANDED)), {FILE: report.result_id or ""})
    assert types.WorkspaceFullDocumentDiagnosticReport(FILE, ()) in landed.items


def test_the_plan_leads_to_the_places_in_the_files() -> None:
    def of_task(title: str, **client: bool) -> types.Diagnostic:
        plan = plan_after(facts(), **client)
        failed = [item for item in pulled(plan).items if item.code == "verify-failed"]
        return next(item for item in failed if plan.span(item.range).of(plan.document.text) == title)

    (one,) = of_task("One", related_information=True).related_information or ()
    (two,) = of_task("Two", related_information=True).related_information or ()
    assert (one.location.uri, one.location.range.start, one.message) == (
        FILE,
        types.Position(2, 4),
        "Bad [type](command:x)",
    )
    assert two.location.uri == PROPOSED
    assert of_task("One").message.endswith("\na.py, line 3: Bad [type](command:x)")


def test_what_is_pushed_is_pushed_once_and_taken_back() -> None:
    sent: list[types.PublishDiagnosticsParams] = []
    pushed = PushedProblems(sent.append)
    pushed.tell(ROOT, file_problems(ROOT, [facts()], {"a.py"}))
    assert [each.uri for each in sent] == [FILE, PROPOSED]
    pushed.tell(ROOT, file_problems(ROOT, [facts()], {"a.py"}))
    pushed.tell(Path("/elsewhere"), {})
    assert len(sent) == 2
    pushed.tell(ROOT, file_problems(ROOT, [facts()], {"a.py", "b.py"}))
    assert [(each.uri, len(each.diagnostics)) for each in sent[2:]] == [(PROPOSED, 0), ("file:///w/b.py", 1)]
    pushed.forget(ROOT)
    assert [(each.uri, len(each.diagnostics)) for each in sent[4:]] == [(FILE, 0), ("file:///w/b.py", 0)]
