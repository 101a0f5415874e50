import json

import pytest

from agent_server.analysis.report import exit_status, report
from tests.analysis.analysed import analysed

PLAN = """
---
verify: make check
---
# Clay 🧱 wiki

## data: Write the data
- writes: data/clay.py
- minutes: 12

Write it.

## nav: Link it, 🧱 wisely
- writes: `nav.py`
- reads: data/clay.py

Link the page.

## home: Show it
- writes: nav.py

Show the wiki.

## old: Was done
- writes: nav.py
- status: done

It was.
"""


def test_the_report_says_everything_in_plain_json() -> None:
    analysis = analysed(PLAN, ("nav.py",))
    document = report("/home/me/site", [("clay.plan.md", analysis)])
    assert json.loads(json.dumps(document)) == document
    (plan,) = document["plans"]
    assert (document["version"], document["workspace"]) == (1, "/home/me/site")
    assert (plan["path"], plan["format"], plan["title"]) == ("clay.plan.md", "agent-plan", "Clay 🧱 wiki")
    assert plan["waves"] == [["data", "home"], ["nav"]]
    assert plan["schedule"] == {
        "sequential_minutes": 30.0,
        "parallel_minutes": 21.0,
        "speedup": 1.43,
        "critical_path": ["data", "nav"],
    }


def test_costs_are_estimates_with_their_reasons_for_tasks_waves_and_the_plan() -> None:
    (plan,) = report("", [("p", analysed(PLAN.replace("- minutes: 12", "- model: other-model-7"), ("nav.py",)))])[
        "plans"
    ]
    data, nav, home, _ = plan["tasks"]
    assert data["cost"]["tokens"] > 0
    assert data["cost"]["usd"] is None
    assert data["cost"]["because"] == "by its tier, its files and the length of its brief"
    assert nav["minutes_because"] == "as `default` tasks take"
    assert nav["cost"]["because"].endswith("; prices as of 2026-10-24")
    assert nav["cost"]["usd"] is not None
    assert home["cost"]["usd"] is not None
    assert [each["tokens"] for each in plan["wave_costs"]] == [
        data["cost"]["tokens"] + home["cost"]["tokens"],
        nav["cost"]["tokens"],
    ]
    assert plan["cost"]["tokens"] == sum(each["tokens"] for each in plan["wave_costs"])
    assert plan["cost"]["usd"] == pytest.approx(nav["cost"]["usd"] + home["cost"]["usd"], abs=1e-3)


def test_a_task_tells_its_sets_its_waits_and_its_model() -> None:
    analysis = analysed(PLAN, ("nav.py",))
    tasks = {task["id"]: task for task in report("", [("p", analysis)])["plans"][0]["tasks"]}
    nav = tasks["nav"]
    assert (nav["line"], nav["status"], nav["wave"], nav["minutes"]) == (12, "todo", 2, 9.0)
    assert nav["writes"] == [
        {"path": "nav.py", "exists": True, "source": "declared", "confidence": 1.0, "because": "writes: nav.py"}
    ]
    assert nav["reads"] == [
        {
            "path": "data/clay.py",
            "exists": False,
            "source": "declared",
            "confidence": 1.0,
            "because": "reads: data/clay.py",
        }
    ]
    assert nav["needs"] == [
        {"task": "data", "because": "output-dependency", "path": "data/clay.py"},
        {"task": "home", "because": "write-conflict", "path": "nav.py"},
    ]
    assert nav["model"] == {
        "tier": "default",
        "id": "claude-sonnet-5-5",
        "because": "it writes one file without a pattern to copy",
    }
    assert (tasks["old"]["status"], tasks["old"]["wave"], tasks["old"]["needs"]) == ("done", None, [])


def test_ranges_are_zero_based_in_utf16() -> None:
    analysis = analysed("# P\n\n## a: A\n- writes: 🧱.py, ../up.py\n\nDo it.\n")
    (found,) = [
        found for found in report("", [("p", analysis)])["plans"][0]["diagnostics"] if found["code"] == "bad-glob"
    ]
    assert found["range"]["start"] == {"line": 3, "character": 17}
    assert found["tasks"] == ["a"]


def test_the_exit_status_tells_errors_and_if_strict_warnings() -> None:
    good = analysed("# P\n\n## a: A\n- writes: a.py\n\nDo it.\n")
    warned = analysed("# P\n\n## a: A\n\nMake it nice.\n")
    wrong = analysed("# P\n\n## a: A\n- writes: ../up.py, a.py\n\nDo it.\n")
    assert [exit_status([each]) for each in (good, warned, wrong)] == [0, 0, 1]
    assert [exit_status([each], strict=True) for each in (good, warned, wrong)] == [0, 1, 1]
    assert exit_status([good, wrong]) == 1
    assert exit_status([]) == 0
