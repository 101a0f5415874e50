"""What holds for every text, however broken: the reader answers, its spans lie in the text, edits do as they say."""

from hypothesis import assume, given
from hypothesis import strategies as st

from agent_server.plan.edits import add_items, append_task, remove_item, set_field
from agent_server.plan.fields import FIELDS
from agent_server.plan.model import Plan, Task, apply_edits
from agent_server.plan.native import parse
from agent_server.plan.text import Span

REAL = """\
---
verify: npm run build
agents: 5
budget: 5 USD, 2M tokens
---
# Clay wiki

Shared by all.

## data: Write the wiki's data file
- writes: `src/data/clay-wiki.ts`, src/{a,b}.ts
- exports: `clayEntries`, `ClayEntry`
- model: capable

Write 17 entries:

```ts
## not a heading
```

## Wave 2: pages
### hub: Build the hub page
- writes:
  - `src/app/page.tsx`
  - `src/app/layout.tsx`
- needs: data, nav
- status: done

- [ ] Build it

### nav
* reads: a,
  b <!-- why -->
* minutes: 5

## Notes
Mind the gap.
"""

PIECES = (
    *("# T", "## a", "## a: One", "### b: Two", "## ", "##", "## Wave 2", "## Wave 1: x", "## Notes", "Prose."),
    *("- writes: ", "- reads:", "* needs: ", "  - ", "- ", "-", "- wri", "- wave: 2", "- status: done", "- x: y"),
    *("`a`", "``", "`", "b", ", ", ",", "{a,b}", "{", "}", "<!--", "-->", "<!-- c -->", "```", "~~~", "````"),
    *("\n", "\n", "\n", "\n\n", "\r\n", "\r", " ", "    ", "\t", "\u2028", "🦊", "é", "---\n", "verify: x\n", "["),
)


def spliced(text: str, splices: list[tuple[int, int, str]]) -> str:
    for at, length, new in splices:
        start = at % (len(text) + 1)
        text = text[:start] + new + text[start + length :]
    return text


MADE_OF_PIECES = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
SPLICE = st.tuples(st.integers(0, 2000), st.integers(0, 80), st.sampled_from(PIECES))
BEING_EDITED = st.lists(SPLICE, min_size=1, max_size=4).map(lambda splices: spliced(REAL, splices))
TEXTS = st.one_of(MADE_OF_PIECES, BEING_EDITED, st.text(max_size=80))

ODD_ITEM = st.text(st.sampled_from("ab`,{} <!->["), min_size=1, max_size=6)
ITEMS = st.lists(st.one_of(st.sampled_from(["a", "b", "src/x.py", "a,b"]), ODD_ITEM), min_size=1, max_size=3)
LISTS = st.sampled_from(["writes", "reads", "needs", "locks"])


def within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start <= inner.end <= outer.end


def values(task: Task, name: str) -> list[str]:
    return [item.text for field in task.fields if field.name == name for item in field.items]


def distinct(items: list[str]) -> list[str]:
    return list(dict.fromkeys(item.strip() for item in items if item.strip()))


def chosen_task(plan: Plan, data: st.DataObject) -> int:
    assume(plan.tasks)
    return data.draw(st.integers(0, len(plan.tasks) - 1))


def assert_nothing_else_changed(before: Plan, after: Plan, changed: int, name: str) -> None:
    assert [task.id for task in before.tasks] == [task.id for task in after.tasks]
    for place, (old, new) in enumerate(zip(before.tasks, after.tasks, strict=True)):
        # Comments above the fields belong to the instructions where there are no fields.
        assert old.instructions == new.instructions or (bool(old.fields) != bool(new.fields) and "<!--" in before.text)
        for field in FIELDS:
            if (place, field) != (changed, name):
                assert values(old, field) == values(new, field)


@given(TEXTS)
def test_problems_lie_in_the_text_and_in_its_order(text: str) -> None:
    plan, problems = parse(text)
    assert plan.text == text
    whole = Span(0, len(text))
    assert all(within(span, whole) for problem in problems for span in (problem.span, problem.related or problem.span))
    assert [problem.span for problem in problems] == sorted(problem.span for problem in problems)
    assert all(problem.message.endswith((".", "?")) for problem in problems)


@given(TEXTS)
def test_tasks_follow_one_another_and_hold_their_parts(text: str) -> None:
    plan, _ = parse(text)
    end = 0
    for task in plan.tasks:
        assert end <= task.span.start < task.span.end <= len(text)
        end = task.span.end
        assert task.id
        assert task.heading.start == task.span.start
        assert within(task.heading, task.span)
        assert within(task.id_span, task.heading)
        assert within(task.title_span, task.heading)
        assert task.title == task.title_span.of(text)
        assert task.instructions == task.instructions_span.of(text)
        assert within(task.instructions_span, Span(task.fields_end, task.span.end))
        assert task.fields_end == len(text) or text[task.fields_end - 1] in "\r\n"


@given(TEXTS, st.integers(0, 200), st.integers(0, 200))
def test_the_tasks_of_a_span_are_those_that_it_touches(text: str, one: int, other: int) -> None:
    plan, _ = parse(text)
    span = Span(min(one, other), max(one, other))
    assert list(plan.tasks_in(span)) == [task for task in plan.tasks if task.span.overlaps(span)]


@given(TEXTS)
def test_fields_and_items_follow_one_another(text: str) -> None:
    plan, _ = parse(text)
    for task in plan.tasks:
        end = task.heading.end
        for field in task.fields:
            assert end <= field.span.start < field.span.end <= task.fields_end
            end = field.span.end
            assert field.name == field.name_span.of(text)
            assert within(field.name_span, field.span)
            assert within(field.value_span, field.span)
            read = field.name_span.end
            for item in field.items:
                assert read < item.span.start < item.span.end <= field.span.end
                read = item.span.end
                assert item.text == item.span.of(text) or "<!--" in item.span.of(text)


@given(TEXTS, st.data(), LISTS, ITEMS)
def test_added_items_are_there(text: str, data: st.DataObject, name: str, items: list[str]) -> None:
    plan, _ = parse(text)
    place = chosen_task(plan, data)
    after, _ = parse(apply_edits(text, add_items(plan, plan.tasks[place], name, items)))
    old = values(plan.tasks[place], name)
    assert sorted(values(after.tasks[place], name)) == sorted([*old, *(i for i in distinct(items) if i not in old)])
    assert_nothing_else_changed(plan, after, place, name)


@given(TEXTS, st.data(), LISTS, st.one_of(ITEMS, st.just([])))
def test_a_list_that_is_set_has_these_items(text: str, data: st.DataObject, name: str, items: list[str]) -> None:
    plan, _ = parse(text)
    place = chosen_task(plan, data)
    after, _ = parse(apply_edits(text, set_field(plan, plan.tasks[place], name, items)))
    assert values(after.tasks[place], name) == distinct(items)
    assert_nothing_else_changed(plan, after, place, name)


@given(TEXTS, st.data(), st.sampled_from(["verify", "status", "wave", "model"]), ODD_ITEM)
def test_a_value_that_is_set_is_there(text: str, data: st.DataObject, name: str, value: str) -> None:
    plan, _ = parse(text)
    place = chosen_task(plan, data)
    after, _ = parse(apply_edits(text, set_field(plan, plan.tasks[place], name, value)))
    field = after.tasks[place].field(name)
    assert ([item.text for item in field.items] if field else []) == distinct([value])
    assert_nothing_else_changed(plan, after, place, name)


@given(TEXTS, st.data())
def test_a_removed_item_is_gone(text: str, data: st.DataObject) -> None:
    plan, _ = parse(text)
    written = [
        (place, name, item) for place, task in enumerate(plan.tasks) for name in FIELDS for item in values(task, name)
    ]
    assume(written)
    place, name, item = data.draw(st.sampled_from(written))
    task = plan.tasks[place]
    assume(all(field.items for field in task.fields))  # one that is still empty takes in the list that comes next
    after, _ = parse(apply_edits(text, remove_item(plan, task, name, item)))
    assert values(after.tasks[place], name) == [found for found in values(task, name) if found != item]
    assert_nothing_else_changed(plan, after, place, name)


@given(TEXTS, ITEMS)
def test_an_appended_task_is_the_last(text: str, items: list[str]) -> None:
    plan, problems = parse(text)
    fields = {"writes": items, "needs": ["a"]}
    after, _ = parse(apply_edits(text, append_task(plan, "last", "The last", fields, "Do it.\n- And this.\n")))
    assert [task.id for task in after.tasks] == [*(task.id for task in plan.tasks), "last"]
    task = after.tasks[-1]
    assert (task.title, task.wave) == ("The last", None)
    assert values(task, "writes") == distinct(items)
    assert task.instructions.split() == ["Do", "it.", "-", "And", "this."]
    if all(problem.code != "unclosed-block" for problem in problems):
        assert after.context == plan.context
        assert [old.instructions for old in plan.tasks] == [new.instructions for new in after.tasks[:-1]]


@given(st.lists(SPLICE, min_size=1, max_size=6), st.one_of(st.just(REAL), MADE_OF_PIECES))
def test_a_text_that_is_being_edited_reads_as_if_it_were_new(splices: list[tuple[int, int, str]], text: str) -> None:
    plan, _ = parse(text)
    for splice in splices:
        text = spliced(text, [splice])
        read = parse(text, plan)
        assert read == parse(text)
        plan, _ = read
