"""What holds for every plan that a reader of any format makes, whatever the text."""

from collections.abc import Iterator

from agent_server.plan.formats import Reader, Reading
from agent_server.plan.model import Item, Task
from agent_server.plan.text import Span

_SPANS = ("id_span", "title_span", "heading", "field_lines", "instructions_span", "parallel", "status_span")
_ITEMS = ("writes", "reads", "imports", "exports", "mirrors", "needs", "locks")


def check_sound(reading: Reading, text: str) -> None:
    """The plan is of this text, its tasks stand in order and apart, and every span lies where it belongs.

    Files of a plan that is a folder end with a line end, so that they can stand one behind the other.
    """
    plan, problems = reading
    assert plan.text in {text, f"{text}\n"}
    whole = Span(0, len(plan.text))
    end = 0
    for task in plan.tasks:
        assert within(task.span, whole)
        assert task.span.start >= end, f"`{task.id}` stands before the task before it, or in it"
        end = task.span.end
        for name, span in _spans(task):
            assert within(span, task.span), f"{name} of `{task.id}` is outside of it"
        assert task.id
        assert task.phase is None or 0 <= task.phase < len(plan.phases)
        assert task.wave is None or task.wave > 0
    spans = [plan.title_span, plan.front_matter, *(problem.span for problem in problems)]
    spans += [span for phase in plan.phases for span in (phase.span, phase.title_span)]
    assert all(within(span, whole) for span in spans)
    assert [problem.span for problem in problems] == sorted(problem.span for problem in problems)


def read_after(reader: Reader, before: str, text: str) -> None:
    """An earlier version of the plan changes no answer, and neither does none."""
    reading = reader.parse(text)
    check_sound(reading, text)
    assert reader.parse(text, reader.parse(before)[0]) == reading


def within(inner: Span, outer: Span) -> bool:
    """Whether a span lies in another one."""
    return outer.start <= inner.start <= inner.end <= outer.end


def _spans(task: Task) -> Iterator[tuple[str, Span]]:
    yield from ((name, span) for name in _SPANS if (span := getattr(task, name)) is not None)
    for name in _ITEMS:
        items: tuple[Item, ...] = getattr(task, name)
        yield from ((name, item.span) for item in items)
