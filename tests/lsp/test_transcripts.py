from pathlib import Path

import pytest

from agent_server.agents.backend import Denied, Event, Retrying, Said, ToolCall, ToolStatus, Used
from agent_server.analysis.facts import TaskState
from agent_server.execution.approval import Approval, ApprovedTask
from agent_server.execution.changes.changes import Change, ChangeKind, FileType
from agent_server.execution.records.event_log import LoggedEvent
from agent_server.execution.records.record import RunRecord, TaskRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.lsp import transcripts
from agent_server.lsp.transcripts import changes_page, event_words, transcript
from agent_server.plan.model import Budget

RUN = "20260101T000000-abcdef"


def record(**task: object) -> RunRecord:
    approved = ApprovedTask("hub", "Build it", ("a.py",), "model", "replay")
    approval = Approval("x.plan.md", "digest", 2, (approved,), None, Budget())
    return RunRecord(RUN, approval, RunState.RUNNING, {"hub": TaskRecord(**{"state": TaskState.RUNNING, **task})})


def page(*events: Event, **task: object) -> str:
    return transcript(record(**task), "hub", [LoggedEvent(61.5, event) for event in events])


def test_a_transcript_reads_like_a_report() -> None:
    told = page(
        Said("I look.\n\n```py\nx = 1"),
        ToolCall("read", ("a.py",), ToolStatus.STARTED),
        ToolCall("read", ("a.py",), ToolStatus.DONE),
        ToolCall("edit", ("a.py",), ToolStatus.FAILED),
        Denied("write", "../b", "it is outside"),
        Retrying(2, "the line was cut"),
        Used(1_234, 5),
        state=TaskState.HELD,
        message="The `build` failed.",
    )
    assert (
        told
        == f"""\
# Transcript of `hub`

Wave 2 of `x.plan.md`, run `{RUN}`: held.

**1:01** says

> I look.
>
> ```py
> x = 1

**1:01** `read` `a.py`

**1:01** `edit` `a.py` failed

**1:01** was refused `write` `../b`: it is outside

**1:01** tries again, attempt 2: the line was cut

**1:01** used 1,234 tokens in, 5 out


Ended: The `build` failed.
"""
    )


def test_nothing_that_an_agent_says_or_touches_stands_among_our_words() -> None:
    told = page(
        Said("# Ours?\r\n\u202e\x1b[31m\n> x"),
        ToolCall("x`y", ("a`](command:do)\n# Ours?",), ToolStatus.STARTED),
        Denied("read", "*b*", "[click](http://x)\n# Ours?"),
    )
    assert [line for line in told.splitlines() if line.startswith("# ")] == ["# Transcript of `hub`"]
    assert not {"\u202e", "\x1b"} & set(told)
    assert "\\[click\\]" in told


def test_a_transcript_without_an_event_says_so() -> None:
    assert "Nothing has happened yet." in page()


def test_of_a_long_transcript_the_end_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcripts, "MOST_SHOWN", 500)
    told = page(*(Said(f"number {number}") for number in range(50)))
    assert "number 49" in told
    assert "number 9\n" not in told
    shown = told.count("says")
    assert f"The first {50 - shown} entries are left out." in told


@pytest.mark.parametrize(
    ("event", "kind", "text"),
    [
        (Said("a\nb\x07"), "said", "a\nb\\u{7}"),
        (ToolCall("write", ("a", "b"), ToolStatus.DONE), "tool", "write a b (done)"),
        (Denied("write", "a\n", "no"), "denied", "write a\\n: no"),
        (Retrying(1, "why"), "retrying", "attempt 1: why"),
        (Used(1_000, 2), "used", "1,000 tokens in, 2 out"),
    ],
)
def test_an_event_has_a_kind_and_words(event: Event, kind: str, text: str) -> None:
    assert event_words(event) == (kind, text)


def test_changes_are_listed_with_what_was_left_out() -> None:
    changes = [
        Change("a b.py", ChangeKind.CREATE, FileType.FILE, None, "file-1", Path("/x")),
        Change("c.py", ChangeKind.DELETE, FileType.FILE, "file-1", None, None),
    ]
    told = changes_page(Path("/w"), record(undeclared=("d.py",)), "hub", changes)
    assert f"- created [`a b.py`](agent-server:/proposed/{RUN}/hub/a%20b.py?root=%2Fw)" in told
    assert "- deleted [`c.py`]" in told
    assert "never landed:\n\n- `d.py`" in told
    outside = [Change("d.py", ChangeKind.MODIFY, FileType.FILE, "file-1", "file-2", Path("/x"))]
    told = changes_page(Path("/w"), record(undeclared=("d.py", "e.py")), "hub", changes, outside)
    assert f"never landed:\n\n- changed [`d.py`](agent-server:/proposed/{RUN}/hub/d.py?root=%2Fw)\n- `e.py`" in told
    assert "No file is changed." in changes_page(Path("/w"), record(), "hub", [])
