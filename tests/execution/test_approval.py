from pathlib import Path

import pytest

from agent_server.execution.approval import NotLaunchable, StaleApproval, confirm, propose, summary
from tests.execution.plans import analysed, two_tasks


def test_it_names_everything_that_the_person_saw(tmp_path: Path) -> None:
    approval = propose("two.plan.md", analysed(tmp_path, two_tasks(budget="2M tokens, 30 min")), 1, "replay")
    assert [(task.id, task.writes, task.agent) for task in approval.tasks] == [
        ("a", ("a.txt",), "replay"),
        ("b", ("b.txt",), "replay"),
    ]
    words = summary(approval)
    for seen in ("2 agents", "a.txt", "b.txt", "replay", approval.tasks[0].model, "test -f a.txt", "2,000,000 tokens"):
        assert seen in words


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("`a.txt`", "`*.txt`"),
        ("Write the text", "Write a text"),
        ("# Two", "# Three"),
        ("test -f b.txt", "true"),
    ],
)
def test_an_edit_of_the_plan_makes_it_stale(tmp_path: Path, old: str, new: str) -> None:
    text = two_tasks()
    approval = propose("two.plan.md", analysed(tmp_path, text), 1, "replay")
    confirm(approval, analysed(tmp_path, text), "replay")
    with pytest.raises((StaleApproval, NotLaunchable), match=r"approve|Mend"):
        confirm(approval, analysed(tmp_path, text.replace(old, new)), "replay")


def test_other_settings_make_it_stale(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, two_tasks())
    approval = propose("two.plan.md", analysis, 1, "replay")
    with pytest.raises(StaleApproval, match="models or the settings"):
        confirm(approval, analysis, "anthropic")


@pytest.mark.parametrize(
    ("text", "wave", "reason"),
    [
        ("# Nothing\n", 1, "no task that can run"),
        (two_tasks(), 2, "no wave 2"),
        (
            two_tasks().replace("## b: Write the file b\n", "## b: Write the file b\n- needs: a\n"),
            2,
            "waits for wave 1",
        ),
        (two_tasks(land="commit"), 1, "land: commit"),
        (two_tasks(budget="5 USD"), 1, "USD"),
        (two_tasks().replace("- writes: `a.txt`\n", "- agent: replay\n"), 1, "does not say which files"),
        (two_tasks().replace("`a.txt`", "`../a.txt`"), 1, "Mend this first"),
        (two_tasks().replace("`a.txt`", "`.git/config`"), 1, "Mend this first"),
    ],
)
def test_what_cannot_run_is_refused_with_the_reason(tmp_path: Path, text: str, wave: int, reason: str) -> None:
    with pytest.raises(NotLaunchable, match=reason):
        propose("x.plan.md", analysed(tmp_path, text), wave, "replay")
