"""The normal form: the plan says the same in it, prose and code stay, and it stays as it is."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.plan.fields import FIELDS
from agent_server.plan.formatting import normal_form
from agent_server.plan.model import Plan, Problem, Task, apply_edits
from agent_server.plan.native import parse
from agent_server.plan.text import Span
from tests.plan.test_properties import PIECES, REAL, TEXTS

UNEVEN = st.text(st.sampled_from(" \t\n"), max_size=3)
LINES = st.lists(st.tuples(UNEVEN, st.sampled_from((*REAL.split("\n"), *PIECES)), UNEVEN), max_size=25).map(
    lambda parts: "".join(f"{before}{line}{after}\n" for before, line, after in parts)
)


def formatted(text: str, within: Span | None = None) -> str:
    plan, _ = parse(text)
    return apply_edits(text, normal_form(plan, within))


def said(plan: Plan, problems: tuple[Problem, ...]) -> tuple[Any, ...]:
    """All that a plan says, but where."""
    return (
        plan.title,
        plan.context,
        plan.settings,
        [said_by(task) for task in plan.tasks],
        sorted((problem.code, problem.message, problem.suggestion or "") for problem in problems),
    )


def said_by(task: Task) -> tuple[Any, ...]:
    order = [*FIELDS]
    fields = [(field.name, [item.text for item in field.items]) for field in task.fields]
    fields.sort(key=lambda field: order.index(field[0]) if field[0] in order else len(order))
    lists = [[item.text for item in getattr(task, name)] for name in ("writes", "reads", "imports", "needs", "locks")]
    single = [item and item.text for item in (task.model, task.agent, task.verify)]
    return (
        (task.id, task.title, task.instructions, task.minutes, task.wave, task.status),
        (fields, lists, single),
    )


@given(st.one_of(TEXTS, LINES))
def test_a_plan_says_the_same_in_its_normal_form_and_keeps_it(text: str) -> None:
    normal = formatted(text)
    assert said(*parse(normal)) == said(*parse(text))
    assert formatted(normal) == normal


@given(st.one_of(TEXTS, LINES))
def test_only_fields_and_white_space_are_touched(text: str) -> None:
    plan, _ = parse(text)
    fields = [field.span for task in plan.tasks for field in task.fields]
    for edit in normal_form(plan):
        touches_a_field = any(field.overlaps(edit.span) for field in fields)
        assert touches_a_field or not (edit.span.of(text) + edit.new_text).strip()
        assert edit.span.of(text) != edit.new_text
        assert not re.match(r"\n", text[edit.span.start :]) or text[edit.span.start - 1 : edit.span.start] != "\r"


@given(st.one_of(TEXTS, LINES), st.integers(0, 400), st.integers(0, 400))
def test_of_a_range_only_its_lines_are_formatted(text: str, start: int, length: int) -> None:
    plan, problems = parse(text)
    start = min(start, len(text))
    within = Span(start, min(start + length, len(text)))
    edits = normal_form(plan, within)
    assert said(*parse(apply_edits(text, edits))) == said(plan, problems)
    assert all(re.split(r"\r\n|\r|\n", text[: edit.span.start]) for edit in edits)
    for edit in edits:
        assert "\n" not in text[edit.span.end : within.start]
        assert "\n" not in text[within.end : edit.span.start]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- writes:a\n", "- writes: `a`\n"),
        ("-   writes:   a ,b,\n", "- writes: `a`, `b`\n"),
        ("* writes: ``a``\n", "- writes: `a`\n"),
        ("- writes: a, `b,c`\n", "- writes: `a`, `b,c`\n"),
        (" - writes:\n     * a\n     * `b`\n", "- writes:\n  - `a`\n  - `b`\n"),
        ("- needs: `b`, c\n", "- needs: b, c\n"),
        ("- status: `done`\n", "- status: done\n"),
        ("- verify: make  check, please\n", "- verify: `make  check, please`\n"),
        ("- writes:\n", "- writes:\n"),
        ("- writes: \n", "- writes:\n"),
        ("- needs: b\n- writes: `a`\n", "- writes: `a`\n- needs: b\n"),
        ("- writes: `a`\n\n- reads: `b`\n", "- writes: `a`\n- reads: `b`\n"),
        ("\n- writes: `a`\nDo it.\n", "- writes: `a`\n\nDo it.\n"),
        ("Do it.\n", "\nDo it.\n"),
        ("- writes: `a`\n\n\n\nDo it.\n\n\nAnd that.\n\n\n", "- writes: `a`\n\nDo it.\n\n\nAnd that.\n"),
        ("- writes: `a`\n\n```sh\n\n\n- writes:b\n```", "- writes: `a`\n\n```sh\n\n\n- writes:b\n```\n"),
        ("- writes: `a`\n## b\n- writes:c\n", "- writes: `a`\n\n## b\n- writes: `c`\n"),
    ],
)
def test_fields_and_gaps_are_written_one_way(before: str, after: str) -> None:
    assert formatted(f"## a\n{before}") == f"## a\n{after}"


@pytest.mark.parametrize(
    "fields",
    [
        "- writes: a <!-- why -->\n",
        "- writes: `a\n",
        "- writes: `a` (new)\n",
        "- Writes: a\n",
        "- owner:  me\n",
        "- writes: a,\n  b\n",
        "- needs: b\n<!-- c -->\n- writes: `a`\n",
        "- needs: b\n- writes: `a`\n- writes: `c`\n",
        "- needs: b\n- owner: me\n- writes: `a`\n",
        "- wri\n",
        "\n```\nnever closed\n\n\n",
    ],
)
def test_what_is_odd_stays_as_its_author_wrote_it(fields: str) -> None:
    text = f"# P\n\n## a\n{fields}"
    assert formatted(text) == text


def test_line_ends_stay_what_they_are() -> None:
    assert formatted("# P\r\n## a\r\n- writes:a\r\nDo it.") == "# P\r\n\r\n## a\r\n- writes: `a`\r\n\r\nDo it.\r\n"


def test_front_matter_and_a_comment_above_a_heading_stay_close() -> None:
    text = "---\nagents:   2\n---\n# P\n\n## a\n\nDo it.\n\n<!-- of b -->\n## b\n\nDo that.\n"
    assert formatted(text) == text


def test_an_edit_is_no_larger_than_what_it_changes() -> None:
    text = "# P\n\n## a\n- writes: `src/a.py`, src/b.py\n"
    plan, _ = parse(text)
    edits = normal_form(plan)
    assert [edit.span.of(text) for edit in edits] == ["src/b.py"]
