"""An approval as data: it shows all that the summary does, and stands for exactly that."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agent_server.agents.backend import Limits
from agent_server.execution.approval import (
    Approval,
    NotLaunchable,
    StaleApproval,
    expect_unchanged,
    fingerprint,
    is_fingerprint,
    propose,
    summary,
    with_programs,
)
from agent_server.lsp.features.approval import as_told
from agent_server.plan.model import Budget, Landing
from agent_server.settings import AgentProgram, ExecutionSettings
from tests.execution.plans import analysed, two_tasks
from tests.protocol.conformance import conforms, reference

REPLAY = ExecutionSettings(agent="replay")
OWN = {"own": AgentProgram("command", ("own",), variables=("KEY",), logins=(".own",))}
SERIAL = two_tasks().replace("- writes: `b.txt`\n", "- writes: `b.txt`\n- needs: a\n- verify: test -s b.txt\n")


def told(root: Path, text: str, chosen: ExecutionSettings, *, stream: bool) -> tuple[Approval, dict[str, Any]]:
    analysis = analysed(root, text)
    bare = propose("two.plan.md", analysis, 1, chosen, stream=stream)
    approval = with_programs(bare, lambda agent: "own --fast" if agent == "own" else "")
    sent = msgspec.json.decode(msgspec.json.encode(as_told("file:///w/two.plan.md", approval, analysis)))
    assert conforms(sent, reference("ApprovalResult"))
    return approval, sent


def sentences(sent: dict[str, Any]) -> list[str]:
    """What a client shows that shows all of it, in the words of the summary."""
    lines = [sent["headline"], *sent["notes"]]
    for task in sent["tasks"]:
        model = task.get("model", "its own model")
        lines.append(f"- {task['id']} ({task['agent']}, {model}) may write {', '.join(task['writes'])}")
        lines += [f"  once these are done: {', '.join(task['after'])}"] if task["after"] else []
        lines += [f"  and must pass: {task['verify']}"] if "verify" in task else []
    lines.append(f"Then verify with: {sent['verify']}" if "verify" in sent else "Nothing verifies the result.")
    lines += [f"{name.capitalize()}: {sent[name]}." for name in ("budget", "estimate") if name in sent]
    return sorted(lines)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        (two_tasks(), REPLAY),
        (SERIAL, replace(REPLAY, network="off", isolation="copy", task_minutes=7, task_tokens=100, turns=3)),
        (two_tasks().replace('verify: "test -f a.txt && test -f b.txt"\n', ""), REPLAY),
        (two_tasks(budget="5 USD, 1M tokens, 9 min", land="commit", agents="1"), ExecutionSettings()),
        (two_tasks(agent="own", budget="5 USD"), ExecutionSettings(backends=OWN, network="agents")),
        (two_tasks(), ExecutionSettings(network="off", scheduler="tcp://far:8786", bisect=False)),
        (two_tasks(verify="test   -f      a.txt"), ExecutionSettings(isolation="overlay")),
    ],
)
def test_it_shows_all_that_the_summary_does(tmp_path: Path, text: str, chosen: ExecutionSettings, stream: bool) -> None:
    approval, sent = told(tmp_path, text, chosen, stream=stream)
    lines = [line.replace("  and gets, where", "own gets, where") for line in summary(approval).split("\n")]
    assert sentences(sent) == sorted(lines)


def test_what_a_plan_says_cannot_pass_for_words_of_ours(tmp_path: Path) -> None:
    strange = two_tasks().replace("Write the file a", "Write \u202ea").replace("`a.txt`", "`a\u202e.txt`")
    sent = told(tmp_path, strange, REPLAY, stream=False)[1]
    assert "\u202e" not in str(sent)
    assert sent["tasks"][0]["writes"] == [r"a\u{202e}.txt"]


def test_it_takes_as_long_as_the_longest_of_a_wave_and_as_all_that_wait_for_one_another(tmp_path: Path) -> None:
    text = SERIAL.replace("- needs: a\n", "- needs: a\n- minutes: 5\n").replace("`a.txt`\n", "`a.txt`\n- minutes: 2\n")
    assert told(tmp_path, text, REPLAY, stream=False)[1]["minutes"] == 2
    assert told(tmp_path, text, REPLAY, stream=True)[1]["minutes"] == 7


OTHERS: dict[str, object] = {
    "plan": "other.plan.md",
    "digest": "0" * 64,
    "wave": 2,
    "tasks": (),
    "verify": "true",
    "budget": Budget(usd=1.0),
    "limits": Limits(turns=1),
    "verify_minutes": 1.0,
    "isolation": "copy",
    "scheduler": "tcp://far:8786",
    "network": "off",
    "land": Landing.COMMIT,
    "stream": True,
    "agents": 1,
    "unpriced": ("model",),
    "bisects": False,
}


@pytest.mark.parametrize("name", [each.name for each in fields(Approval) if each.compare])
def test_it_stands_for_everything_that_the_person_saw(tmp_path: Path, name: str) -> None:
    approval, sent = told(tmp_path, two_tasks(), REPLAY, stream=False)
    assert is_fingerprint(sent["approved"])
    expect_unchanged(approval, sent["approved"])
    other = replace(approval, **{name: OTHERS[name]})
    assert other != approval
    with pytest.raises(StaleApproval, match="The plan changed" if name == "digest" else "the models or the settings"):
        expect_unchanged(other, sent["approved"])


def test_it_stands_for_each_task_whole_and_not_for_the_estimate(tmp_path: Path) -> None:
    approval, sent = told(tmp_path, two_tasks(agent="own"), ExecutionSettings(backends=OWN), stream=False)
    first, second = approval.tasks
    for other in (
        replace(first, writes=("b.txt",)),
        replace(first, model="other"),
        replace(first, agent="other"),
        replace(first, verify="true"),
        replace(first, runs="own --slow"),
        replace(first, given=("KEY", "OTHER")),
        replace(first, program="another digest"),
        replace(first, after=("b",)),
    ):
        with pytest.raises(StaleApproval):
            expect_unchanged(replace(approval, tasks=(other, second)), sent["approved"])
    assert fingerprint(replace(approval, estimate="1 USD")) == sent["approved"]


@pytest.mark.parametrize(
    "text", ["", "0", "0" * 127, "0" * 129, "g" * 128, "A" * 128, f"{'0' * 127}\n", f"{'0' * 128}\n"]
)
def test_a_text_that_is_no_fingerprint_is_none(text: str) -> None:
    assert not is_fingerprint(text)


def test_what_cannot_run_has_no_data(tmp_path: Path) -> None:
    with pytest.raises(NotLaunchable, match="no task that can run"):
        told(tmp_path, "# Nothing\n", REPLAY, stream=False)
