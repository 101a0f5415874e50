from typing import Any

import msgspec
import pytest

from agent_server.lsp.plan_reports import name_of, plan_report
from tests.lsp.cursor import NAME, URI, plan_at
from tests.lsp.test_schedule import FILES, task
from tests.protocol.conformance import conforms, reference


def told(text: str, blocked: str | None = None) -> dict[str, Any]:
    plan, _ = plan_at(text, FILES)
    sent: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(plan_report(plan, blocked)))
    assert conforms(sent, reference("PlanReport"))
    return sent


def test_a_plan_is_told_with_its_tasks_and_what_is_wrong() -> None:
    sent = told(
        "# P\n\n"
        + task("a", "writes: ../a.py")
        + task("b", "writes: b.py, gone/x.py", "reads: gone.py", "needs: a")
        + task("c", "status: done"),
        "Because.",
    )
    assert (sent["uri"], sent["folder"], sent["path"], sent["title"]) == (URI, "file:///w", NAME, "P")
    assert (sent["waves"], sent["speedup"], sent["errors"], sent["blocked"]) == (2, 1.0, 1, "Because.")
    assert sent["warnings"] > 0
    assert [(each["id"], each["title"], each["line"], each["status"]) for each in sent["tasks"]] == [
        ("a", "Task a", 2, "todo"),
        ("b", "Task b", 8, "todo"),
        ("c", "Task c", 16, "done"),
    ]
    assert [each.get("wave") for each in sent["tasks"]] == [1, 2, None]
    assert {(each["minutes"], each["tier"]) for each in sent["tasks"]} <= {(4.0, "fast"), (4.0, "default")}


def test_of_equal_ids_only_the_first_is_in_a_wave() -> None:
    sent = told("# P\n\n" + task("a", "writes: a.py") + task("a", "writes: b.py"))
    assert [(each["line"], each.get("wave")) for each in sent["tasks"]] == [(2, 1), (8, None)]


def test_an_empty_plan_is_told_too() -> None:
    sent = told("")
    assert (sent["title"], sent["waves"], sent["tasks"]) == ("", 0, [])
    assert "blocked" not in sent


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Tasks: Photo albums", "Photo albums"),
        ("Implementation Plan: Tasks: a list", "Tasks: a list"),
        ("implementation tasks - Search", "Search"),
        ("Plan \N{EM DASH} The map", "The map"),
        ("Tasks\N{FULLWIDTH COLON}搜索", "搜索"),
        ("Implementation Plan", "Implementation Plan"),
        ("Tasks: ", "Tasks: "),
        ("Plan-driven search", "Plan-driven search"),
        ("Planning: the map", "Planning: the map"),
        ("", ""),
    ],
)
def test_a_plan_is_called_by_what_it_is_about(title: str, name: str) -> None:
    assert name_of(title) == name
