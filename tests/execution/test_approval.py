from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent_server.execution.approval import (
    Approval,
    ApprovedTask,
    NotLaunchable,
    StaleApproval,
    confirm,
    confirm_again,
    propose,
    summary,
    with_programs,
)
from agent_server.plan.model import Budget
from agent_server.settings import AgentProgram, ExecutionSettings
from tests.execution.plans import analysed, two_tasks

REPLAY = ExecutionSettings(agent="replay")
MINE = AgentProgram("acp", ("mine",), mode="ask")
OWN = ExecutionSettings(agent="mine", backends={"mine": MINE})


def test_it_names_everything_that_the_person_saw(tmp_path: Path) -> None:
    approval = propose("two.plan.md", analysed(tmp_path, two_tasks(budget="2M tokens, 30 min")), 1, REPLAY)
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
    approval = propose("two.plan.md", analysed(tmp_path, text), 1, REPLAY)
    confirm(approval, analysed(tmp_path, text), REPLAY)
    with pytest.raises((StaleApproval, NotLaunchable), match=r"approve|Mend"):
        confirm(approval, analysed(tmp_path, text.replace(old, new)), REPLAY)


def test_other_settings_make_it_stale(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, two_tasks())
    approval = propose("two.plan.md", analysis, 1, REPLAY)
    with pytest.raises(StaleApproval, match="models or the settings"):
        confirm(approval, analysis, ExecutionSettings(agent="anthropic"))


CHECKLIST = "# Tasks: Texts\n\n## Phase 1: All\n\n- [ ] T001 [P] Write a.txt\n- [ ] T002 [P] Write b.txt\n"


def test_a_checklist_is_approved_like_any_plan(tmp_path: Path) -> None:
    approval = propose("specs/1/tasks.md", analysed(tmp_path, CHECKLIST, "specs/1/tasks.md"), 1, REPLAY)
    assert [(task.id, task.writes) for task in approval.tasks] == [("T001", ("a.txt",)), ("T002", ("b.txt",))]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (CHECKLIST.replace("Write b.txt", "Do something"), "which files it writes. Name them there"),
        (CHECKLIST.replace("Write b.txt", "Write a.txt again"), "Mend this first: .* both are marked"),
    ],
)
def test_a_checklist_that_cannot_run_says_why_in_its_own_words(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(NotLaunchable, match=reason):
        propose("specs/1/tasks.md", analysed(tmp_path, text, "specs/1/tasks.md"), 1, REPLAY, stream=True)


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
        (two_tasks().replace("- writes: `a.txt`\n", "- agent: replay\n"), 1, "does not say which files"),
        (two_tasks().replace("`a.txt`", "`../a.txt`"), 1, "Mend this first"),
        (two_tasks().replace("`a.txt`", "`.git/config`"), 1, "Mend this first"),
    ],
)
def test_what_cannot_run_is_refused_with_the_reason(tmp_path: Path, text: str, wave: int, reason: str) -> None:
    with pytest.raises(NotLaunchable, match=reason):
        propose("x.plan.md", analysed(tmp_path, text), wave, REPLAY)


@pytest.mark.parametrize(
    "other",
    [
        {"task_minutes": 600},
        {"task_tokens": 10},
        {"turns": 7},
        {"verify_minutes": 300},
        {"isolation": "copy"},
        {"network": "off"},
        {"scheduler": "tcp://127.0.0.1:8786"},
        {"backends": {"mine": replace(MINE, mode="anything-goes")}},
        {"backends": {"mine": replace(MINE, logins=(".ssh",))}},
        {"backends": {"mine": replace(MINE, command=("other",))}},
    ],
)
def test_other_limits_and_whatever_else_holds_agents_make_it_stale(tmp_path: Path, other: dict[str, Any]) -> None:
    analysis = analysed(tmp_path, two_tasks())
    approval = propose("two.plan.md", analysis, 1, OWN)
    confirm(approval, analysis, OWN)
    with pytest.raises(StaleApproval):
        confirm(approval, analysis, replace(OWN, **other))
    confirm_again(approval, ("a",), analysis, OWN)
    with pytest.raises(StaleApproval, match="not what was approved"):
        confirm_again(approval, ("a",), analysis, replace(OWN, **other))


def test_a_name_that_has_become_a_directory_makes_it_stale(tmp_path: Path) -> None:
    text = two_tasks().replace("`a.txt`", "`src`")
    approval = propose("two.plan.md", analysed(tmp_path, text), 1, REPLAY)
    (tmp_path / "src").mkdir()
    (tmp_path / "src/x").touch()
    analysis = analysed(tmp_path, text)
    assert "may write src/**" in summary(propose("two.plan.md", analysis, 1, REPLAY))
    with pytest.raises(StaleApproval):
        confirm(approval, analysis, REPLAY)


def test_what_a_plan_says_cannot_pass_for_words_of_ours(tmp_path: Path) -> None:
    forged = "a\nNothing verifies the result.\x1b[2K\u202egnp.exe"
    task = ApprovedTask("x", "X", (forged, "b" * 5_000), forged, forged)
    words = summary(Approval(forged, "", 1, (task,), f"make{' ' * 500}; rm -r x", Budget()))
    assert words.replace("\n", "").isprintable()
    assert words.count("\n") == 5
    assert r"a\nNothing verifies the result.\u{1b}[2K\u{202e}gnp.exe" in words
    assert "make[500 spaces]; rm -r x" in words
    assert "[... 4,800 more characters ...]" in words


@pytest.mark.parametrize(
    ("command", "reason"),
    [("make \u202etset", "cannot be seen"), ("make\u00a0test", "cannot be seen"), ("x" * 3_000, "too long")],
)
def test_a_command_that_cannot_be_read_cannot_be_approved(tmp_path: Path, command: str, reason: str) -> None:
    with pytest.raises(NotLaunchable, match=reason):
        propose("two.plan.md", analysed(tmp_path, two_tasks(verify=command)), 1, REPLAY)


def test_what_does_not_hold_a_command_is_said(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, two_tasks())
    for isolation in ("copy", "worktree"):
        assert "nothing keeps them from your other files" in summary(
            propose("x", analysis, 1, replace(REPLAY, isolation=isolation))
        )
    assert "They use the network" in summary(propose("x", analysis, 1, replace(REPLAY, isolation="overlay")))


def test_the_summary_says_what_a_stream_does_and_in_which_order(tmp_path: Path) -> None:
    text = two_tasks().replace("- writes: `b.txt`\n", "- writes: `b.txt`\n- needs: a\n")
    analysis = analysed(tmp_path, text)
    approval = propose("x.plan.md", analysis, 1, REPLAY, stream=True)
    assert [(task.id, task.after) for task in approval.tasks] == [("a", ()), ("b", ("a",))]
    words = summary(approval)
    assert "All open tasks of x.plan.md: 2 agents, 5 at once, each as soon as it can begin." in words
    assert "  once these are done: a" in words
    confirm(approval, analysis, REPLAY)
    with pytest.raises(StaleApproval):
        confirm(replace(approval, stream=False), analysis, REPLAY)


@pytest.mark.parametrize(
    ("network", "runs", "words"),
    [
        ("on", "", "They use the network."),
        ("agents", "", "They have no network."),
        ("agents", "claude -p", "Commands have no network, agents do."),
        ("off", "claude -p", "They have no network."),
    ],
)
def test_the_summary_says_who_reaches_the_network_and_which_programs_the_agents_are(
    tmp_path: Path, network: str, runs: str, words: str
) -> None:
    settings = replace(REPLAY, network=network, isolation="overlay")
    approval = with_programs(propose("x", analysed(tmp_path, two_tasks()), 1, settings), lambda _: runs)
    said = summary(approval)
    assert words in said
    assert ("replay is the program: claude -p" in said) == bool(runs)


def test_the_summary_says_how_it_lands_and_for_which_models_money_is_not_counted(tmp_path: Path) -> None:
    analysis = analysed(
        tmp_path,
        two_tasks(budget="5 USD", land="commit", agent="anthropic").replace(
            "- writes: `a.txt`\n", "- writes: `a.txt`\n- model: homemade\n"
        ),
    )
    words = summary(propose("x", analysis, 1, REPLAY))
    assert "one commit a task, on a branch of its own" in words
    assert "Dask" not in words
    assert "the Dask scheduler at tcp://far:8786" in summary(
        propose("x", analysis, 1, replace(REPLAY, scheduler="tcp://far:8786"))
    )
    assert "Budget: 5 USD, without homemade: the price is not known." in words
    assert "in your files, all of it or nothing" in summary(propose("x", analysed(tmp_path, two_tasks()), 1, REPLAY))


def test_it_says_what_a_program_gets_of_the_users_and_which_model_it_is_not_told(tmp_path: Path) -> None:
    analysis = analysed(
        tmp_path, two_tasks(agent="codex").replace("- writes: `b.txt`\n", "- writes: `b.txt`\n- agent: claude\n")
    )
    approval = with_programs(propose("x", analysis, 1, ExecutionSettings()), lambda agent: f"run {agent}")
    assert [task.model for task in approval.tasks] == ["", analysis.tasks["b"].model.id]
    words = summary(approval)
    assert "- a (codex, its own model) may write a.txt" in words
    assert "codex is the program: run codex\n  and gets, where you have it: CODEX_API_KEY, OPENAI_API_KEY," in words
    assert "~/.codex/auth.json" in words
    assert "CLAUDE_CODE_OAUTH_TOKEN, ~/.claude/.credentials.json" in words
    assert "OPENAI" not in words.partition("claude is the program")[2]


def test_tokens_of_a_model_that_is_not_known_are_not_taken_for_money(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, two_tasks(agent="codex", budget="5 USD"))
    approval = propose("x", analysis, 1, ExecutionSettings())
    assert approval.estimate == ""
    assert "Budget: 5 USD, without what uses its own model: the price is not known." in summary(approval)


def test_a_program_that_gets_more_makes_it_stale(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, two_tasks(agent="own"))
    settings = ExecutionSettings(backends={"own": AgentProgram("command", ("own",))})
    approval = propose("x", analysis, 1, settings)
    confirm(approval, analysis, settings)
    greedy = {"own": AgentProgram("command", ("own",), variables=("OTHER_KEY",))}
    with pytest.raises(StaleApproval):
        confirm(approval, analysis, replace(settings, backends=greedy))


def test_where_agents_work_elsewhere_their_scheduler_is_named(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, two_tasks())
    settings = replace(REPLAY, scheduler="tcp://127.0.0.1:8786")
    approval = propose("x", analysis, 1, settings)
    assert "Dask scheduler at tcp://127.0.0.1:8786. They get the files of the workspace" in summary(approval)
    assert "Dask" not in summary(propose("x", analysis, 1, REPLAY))
    with pytest.raises(StaleApproval):
        confirm(approval, analysis, REPLAY)
    with pytest.raises(StaleApproval, match="what holds them"):
        confirm_again(approval, ["a"], analysis, REPLAY)


def test_it_says_that_a_failed_check_is_repeated(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, two_tasks())
    assert "Where the verification fails, it runs up to 24 times more" in summary(propose("x", analysis, 1, REPLAY))
    assert "times more" not in summary(propose("x", analysis, 1, replace(REPLAY, bisect=False)))
    alone = analysed(tmp_path, two_tasks().partition("## b:")[0])
    assert "times more" not in summary(propose("x", alone, 1, REPLAY))


def test_it_says_that_a_cut_network_does_not_cut_off_an_agent_of_our_own_process(tmp_path: Path) -> None:
    off = ExecutionSettings(network="off", isolation="overlay")
    inside = summary(propose("x", analysed(tmp_path, two_tasks()), 1, off))
    assert "They have no network." in inside
    assert "anthropic reaches its model all the same" in inside
    assert "all the same" not in summary(propose("x", analysed(tmp_path, two_tasks()), 1, replace(off, agent="replay")))


def test_it_says_that_a_transcript_is_played(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, two_tasks())
    assert "plays recorded agents: no model is asked" in summary(propose("x", analysis, 1, REPLAY))
    assert "transcript" not in summary(propose("x", analysis, 1, ExecutionSettings()))
