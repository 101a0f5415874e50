"""Ralph's `prd.json`: stories that a loop works off, one after the other, until all of them pass.

Source: github.com/snarktank/ralph, and what people make of it: the stories are the first list whose items have
`passes`, whatever it is called, or the whole text. What decides how they are read:

- The loop takes the story of the highest priority first, and priorities follow what stories rely on. So they are the
  author's order, and each is a wave; where several stories have one, it is a phase, too.
- Where stories name what they depend on, that is the order, and priorities are only that.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from agent_server.plan.assembling import Cut
from agent_server.plan.formats.reader import Reader
from agent_server.plan.ids import FreshIds
from agent_server.plan.json_plans.edits import quoted
from agent_server.plan.json_plans.reading import Basis, Form, plan_of, title_of
from agent_server.plan.json_plans.text import Kind, Value, read_json
from agent_server.plan.json_plans.writer import JsonWriter
from agent_server.plan.model import Phase, Plan, Reading, Status, Task
from agent_server.plan.text import Span

_NEEDS = "dependsOn"
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,9})?")
_JSON = re.compile(r"[\s\ufeff]*+[{\[]")
_STORY = re.compile(r'"passes"\s*+:\s*+(?:true|false)')


def _means(passes: Value) -> Status:
    return Status.DONE if passes.said == "true" else Status.TODO


def _strings(story: Value, *names: str) -> Iterator[Value]:
    for name in names:
        value = story.get(name)
        if value is not None:
            yield from value.strings()


FORM = Form(
    format="ralph-prd",
    title=("title", "name", "description"),
    words=frozenset(("description", "acceptanceCriteria", "steps", "technicalNotes", "notes", "note")),
    status="passes",
    means=_means,
    blockers=lambda story: _strings(story, _NEEDS),
    writes=lambda story: _strings(story, "filesToModify", "filesToCreate"),
    verify="verificationCommand",
)


def _parse(text: str, before: Plan | None = None) -> Reading:
    root, problem = read_json(text)
    stories = [*_stories(root)] if root is not None else []
    names_needs = any(story.get(_NEEDS) is not None for story in stories)
    waves = [None] * len(stories) if names_needs else _waves(stories)
    phases = _phases(stories, waves)
    cuts = [
        Cut(story.start, story.end, Basis(FORM.format, task_id, wave - 1 if wave and phases else None, wave))
        for story, task_id, wave in zip(stories, _ids(stories), waves, strict=True)
    ]
    about = {name: root.get(name) if root is not None else None for name in ("project", "description")}
    title, context = (value if value is not None and value.kind is Kind.STRING else None for value in about.values())
    return plan_of(
        FORM,
        text,
        cuts,
        before,
        # A first dependency would take the place of all priorities.
        writer=WRITER if names_needs else replace(WRITER, needs=""),
        phases=phases,
        title=title,
        context=context.said if context is not None else "",
        problems=() if problem is None else (problem,),
    )


def _stories(root: Value) -> Sequence[Value]:
    """The first list that has stories."""
    for listed in (root, *root.items):
        stories = [story for story in listed.listed() if story.kind is Kind.OBJECT]
        if any(story.get(FORM.status) is not None for story in stories):
            return stories
    return ()


def _ids(stories: Sequence[Value]) -> Iterator[str]:
    """The id of each story; one from its title where it has none."""
    named = [value.said if (value := story.get("id")) is not None else "" for story in stories]
    ids = FreshIds(named)
    for number, (story, own) in enumerate(zip(stories, named, strict=True), 1):
        title = title_of(FORM, story)
        yield own or ids.made(title.said if title is not None else "", number)


def _waves(stories: Sequence[Value]) -> list[int | None]:
    """The place of each story's priority among all of them; none where one has no number for it."""
    said = [value.said if (value := story.get("priority")) is not None else "" for story in stories]
    if not all(map(_NUMBER.fullmatch, said)):
        return [None] * len(stories)
    ranks = {priority: rank for rank, priority in enumerate(sorted({float(each) for each in said}), 1)}
    return [ranks[float(each)] for each in said]


def _phases(stories: Sequence[Value], waves: Sequence[int | None]) -> list[Phase]:
    """The priorities, where there are fewer of them than stories; in the order of waves, one each."""
    of_waves: dict[int, list[Value]] = {}
    for story, wave in zip(stories, waves, strict=True):
        if wave is not None:
            of_waves.setdefault(wave, []).append(story)
    if len(of_waves) == len(stories):
        return []
    return [_phase(of_waves[wave]) for wave in sorted(of_waves)]


def _phase(stories: Sequence[Value]) -> Phase:
    priority = stories[0].get("priority") or stories[0]
    return Phase(f"Priority {priority.said}", priority.inner, Span(stories[0].start, stories[-1].end))


def _spelled(plan: Plan, _task: Task, _value: Value, item: str) -> str | None:
    return quoted(item) if plan.task(item) is not None else None


WRITER = JsonWriter(FORM, {Status.DONE: "true", Status.TODO: "false"}, needs=_NEEDS, spelled=_spelled)
READER = Reader(
    name=FORM.format,
    title="Ralph's prd.json",
    globs=("**/prd.json",),
    parse=_parse,
    recognises=lambda text: _JSON.match(text) is not None and _STORY.search(text) is not None,
    needs_content=True,
)
