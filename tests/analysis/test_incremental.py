"""One plan, version after version: whatever was analysed before, the answer is that of an analysis from scratch."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from agent_server.analysis.analyse import analyse, sources_needed
from agent_server.analysis.facts import NO_FACTS, RunFacts, TaskFacts, TaskState
from agent_server.analysis.incremental import Analyser
from agent_server.analysis.model import Analysis
from agent_server.analysis.questions import Answer, Likelihood, Likely, Question
from agent_server.analysis.settings import DEFAULT_SETTINGS, AnalysisSettings, Severity, Tier
from agent_server.analysis.tree import Tree
from agent_server.plan.formats import Reading, reader_for
from agent_server.plan.model import Plan, Problem
from agent_server.plan.native import parse

TEXT = """\
---
verify: make
agents: 3
---
# Clay wiki

Every page has a title.

## data: Write the wiki's data file
- writes: `data/clay.py`, `data/*.json`
- exports: `ENTRIES`
- locks: db

Write 17 entries. Add the dependency `httpx`.

## hub: Build the hub page
- writes: `pages/clay.py`
- imports: `data/clay.py`
- mirrors: `pages/glass.py`
- reads: `data/one.json`, `missing.py`

Build the page that lists every `ENTRIES` item. See task 1. Link it in `nav.py`.

## Add it to the navigation

Add the page to `nav.py`, like the other agent did. Then change `pages/about.py`.

## Wave 2: later
### check: Check all
- writes: tests/
- needs: hub, data
- model: fast
- locks: db

Write tests for `pages/clay.py` as described above, after task `data`.

### polish

## Notes
Mind the gap.
"""

PIECES = (
    *("x", " ", "\n", "\n\n", "`", "nav.py", "`nav.py`", "pages/clay.py", "*", "**", "!", ",", "{a,b}", "see above"),
    *("- writes: nav.py\n", "- reads: data/**\n", "- needs: hub\n", "- needs: nowhere\n", "- wave: 1\n"),
    *(
        "- minutes: 3\n",
        "- status: done\n",
        "- locks: db\n",
        "- imports: data.clay\n",
        "- mirrors: pages/about.py\n",
        "- exports: HUB\n",
    ),
    *(
        "## new: A new task\n",
        "## badge: Add it to ClayBadge\n",
        "## new\n",
        "## Wave 3\n",
        "### more\n",
        "# ",
        "## ",
        "```\n",
        "<!--",
        "-->",
        "---\n",
    ),
    *(
        "Create the `ClayBadge` class in `ui/badge.py`. ",
        "Use the clay badge. ",
        "Extend `badge.py`. ",
        "Extend `ClayBadge.vue` in `web/ui/`. ",
        "Create `src/ui/badge.py`. ",
        "Read `.env`. ",
    ),
    *("Emit `clay.fired`. ", "When `clay.fired` comes, ", "Rename `ENTRIES` to `ALL`. ", "`ClayBadge` shows it. "),
    *("Create `nav.py`. ", "Use `ENTRIES`. ", "Install `flask`. ", "After task `hub`, ", "é", "🦊", "data", "hub"),
)
CHECKLIST = """\
# Tasks: Clay wiki

Every page has a title.

## Phase 1: Setup

- [x] T001 Create the project
- [ ] T002 [P] Write data/clay.py with the `ENTRIES`
- [ ] T003 [P] Write pages/clay.py that lists all `ENTRIES`
  - Link it in nav.py
- [ ] T004 [P] Add it to nav.py (depends on T002)

## Phase 2: More

- [ ] T005 Write pages/one.py
- [ ] T006 Write pages/two.py
- [ ] T007 [P] Write tests/test_clay.py
- [ ] T008 Do something else after T005
- [ ] T008 [P] Write nav.py again

## Dependencies

T003 comes before T004.
"""

CHECKLIST_PIECES = (
    *("[P] ", "[x]", "[ ]", "- [ ] T009 [P] Write nav.py\n", "- [ ] Write pages/two.py\n", "## Phase 3: Last\n"),
    *("(depends on T006)", "(depends on T099)", "T002", "  - Write pages/clay.py\n", "pages/one.py", "- [ ] T005 "),
    *("- [ ] T010 Add a footer to the same file\n", "the same file as T005", "Write /home/ann/wiki/nav.py. ", "\n\n"),
)
PATHS = (
    *("pages/glass.py", "pages/about.py", "data/glass.py", "data/one.json", "nav.py", "tests/test_glass.py"),
    *("pyproject.toml", "uv.lock", "data/clay.py", "pages/clay.py", "src/app.ts"),
)
SOURCES = (
    "from data.glass import ENTRIES\n",
    "from data.one import ENTRIES\n",
    "import pages.glass\nimport pages.about\n",
    "PAGES = ['glass', 'about']\n",
    "[project]\ndependencies = []\n",
    "",
)
ANSWERS: tuple[Answer, ...] = (
    (),
    ("nav.py",),
    ("data/glass.py", "pages/about.py"),
)
LIKELY: tuple[Answer, ...] = ((), (Likelihood("nav.py", 0.8, "it is named like this"),))


@dataclass(frozen=True)
class World:
    """All that an analysis is given. `path` is the plan's, which tells its format."""

    text: str
    paths: tuple[str, ...]
    sources: tuple[str, ...]
    answers: dict[Question, Answer]
    settings: AnalysisSettings = DEFAULT_SETTINGS
    facts: RunFacts = NO_FACTS
    path: str = "a.plan.md"

    def read(self, before: Plan | None = None) -> Reading:
        reader = reader_for(self.path)
        assert reader is not None
        return reader.parse(self.text, before)

    def tree(self) -> Tree:
        contents = dict(zip(self.paths, self.sources * len(self.paths), strict=False))
        return Tree(self.paths, contents).with_answers(self.answers)


SPLICES = st.tuples(st.integers(0, 2000), st.sampled_from((0, 0, 0, 1, 1, 5, 40)), st.sampled_from(("", *PIECES)))
SETTINGS = st.builds(
    AnalysisSettings,
    agents=st.sampled_from((1, 2, 5)),
    severities=st.sampled_from(({}, {"missing-file": Severity.OFF}, {"shared-context": Severity.ERROR})),
    minutes=st.just({Tier.FAST: 1.0, Tier.DEFAULT: 2.0, Tier.CAPABLE: 5.0}),
    protected=st.sampled_from(((".git/**",), ("nav.py",))),
)
FACTS = st.builds(
    RunFacts,
    unsaved=st.frozensets(st.sampled_from(PATHS), max_size=2),
    tasks=st.sampled_from(({}, {"data": TaskFacts(TaskState.FAILED, "It broke", ("nav.py",))})),
)
TREES = st.lists(st.sampled_from(PATHS), unique=True).map(tuple)
CHECKLIST_STEPS = st.tuples(
    st.just("text"),
    st.tuples(st.integers(0, 800), st.sampled_from((0, 0, 0, 1, 4, 40)), st.sampled_from(CHECKLIST_PIECES)),
)
STEPS = st.one_of(
    *([st.tuples(st.just("text"), SPLICES)] * 6),
    st.tuples(st.just("paths"), TREES),
    st.tuples(st.just("sources"), st.permutations(SOURCES).map(tuple)),
    st.tuples(st.just("answers"), st.integers(0, 5)),
    st.tuples(st.just("settings"), SETTINGS),
    st.tuples(st.just("facts"), FACTS),
    st.just(("undo", None)),
)


def stepped(world: World, step: tuple[str, object], analysis: Analysis, before: World) -> World:
    kind, value = step
    if kind == "undo":
        return before
    if kind == "text":
        at, length, new = value  # type: ignore[misc]  # a splice
        at %= len(world.text) + 1
        return replace(world, text=world.text[:at] + new + world.text[at + length :])
    if kind == "answers":
        known = dict(world.answers)
        for number, question in enumerate(sorted(analysis.unanswered, key=repr)):
            pool = LIKELY if isinstance(question, Likely) else ANSWERS
            if (number + int(str(value))) % 3:
                known[question] = pool[number % len(pool)]
        return replace(world, answers={} if value == 0 else known)
    return replace(world, **{kind: value})


def from_scratch(world: World, tree: Tree) -> Analysis:
    plan, problems = world.read()
    return analyse(plan, problems, tree, world.settings, world.facts)


@settings(max_examples=max(60, settings.default.max_examples))
@given(st.lists(STEPS, min_size=1, max_size=12), TREES)
def test_every_version_is_analysed_as_if_it_were_the_first(
    steps: list[tuple[str, object]], paths: tuple[str, ...]
) -> None:
    expect_as_from_scratch(World(TEXT, paths, SOURCES, {}), steps)


@settings(max_examples=max(60, settings.default.max_examples))
@given(st.lists(st.one_of(CHECKLIST_STEPS, STEPS), min_size=1, max_size=12), TREES)
def test_every_version_of_a_checklist_is_analysed_as_if_it_were_the_first(
    steps: list[tuple[str, object]], paths: tuple[str, ...]
) -> None:
    expect_as_from_scratch(World(CHECKLIST, paths, SOURCES, {}, path="specs/1/tasks.md"), steps)


def expect_as_from_scratch(world: World, steps: list[tuple[str, object]]) -> None:
    analyser = Analyser()
    before: World | None = None
    plan: Plan | None = None
    analysis: Analysis | None = None
    for step in [None, *steps]:
        if step is not None:
            assert analysis is not None
            before, world = world, stepped(world, step, analysis, before or world)
        tree = world.tree()
        plan, problems = world.read(plan)
        assert analyser.sources_needed(plan, tree) == sources_needed(plan, tree)
        analysis = analyser.analyse(plan, problems, tree, world.settings, world.facts)
        assert analysis == from_scratch(world, tree)
        assert tuple(found.placed(analysis.roster) for found in analysis.findings) == tuple(analysis.diagnostics)


class Abandoned(Exception):
    """The text has changed meanwhile."""


class Patience:
    """A checkpoint that lets so many pieces of work be done."""

    def __init__(self, pieces: int) -> None:
        self.left = pieces

    def __call__(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Abandoned


@settings(max_examples=max(60, settings.default.max_examples))
@given(st.lists(st.tuples(STEPS, st.integers(0, 80)), min_size=1, max_size=8), TREES)
def test_an_analysis_that_was_abandoned_leaves_nothing_behind(
    steps: list[tuple[tuple[str, object], int]], paths: tuple[str, ...]
) -> None:
    analyser = Analyser()
    world = before = World(TEXT, paths, SOURCES, {})
    plan: Plan | None = None
    for step, pieces in steps:
        tree = world.tree()
        plan, problems = parse(world.text, plan)
        patience = Patience(pieces)
        with suppress(Abandoned):
            analyser.sources_needed(plan, tree, patience)
            analyser.analyse(plan, problems, tree, world.settings, world.facts, patience)
        before, world = world, stepped(world, step, from_scratch(world, tree), before)
    tree = world.tree()
    plan, problems = parse(world.text, plan)
    assert analyser.sources_needed(plan, tree) == sources_needed(plan, tree)
    assert analyser.analyse(plan, problems, tree, world.settings, world.facts) == from_scratch(world, tree)


def pieces_of(analyser: Analyser, plan: Plan, problems: Sequence[Problem], tree: Tree, most: int = 10_000) -> int:
    """How many pieces of work an analysis takes. It is abandoned behind `most` of them."""
    patience = Patience(most)
    with suppress(Abandoned):
        analyser.analyse(plan, problems, tree, checkpoint=patience)
    return most - patience.left


def test_what_was_worked_out_before_an_analysis_was_abandoned_is_not_done_again() -> None:
    tree = World(TEXT, PATHS, SOURCES, {}).tree()
    plan, problems = parse(TEXT)

    whole, analyser = pieces_of(Analyser(), plan, problems, tree), Analyser()
    done = whole // 2
    assert pieces_of(analyser, plan, problems, tree, done) == done + 1
    assert pieces_of(analyser, plan, problems, tree) == whole - done
    assert pieces_of(analyser, plan, problems, tree) == 0


def test_a_new_line_has_no_task_behind_it_analysed_again() -> None:
    text = CHECKLIST.replace("T008 [P]", "T009 [P]")
    world = World(text, PATHS, SOURCES, {}, path="specs/1/tasks.md")
    tree, analyser = world.tree(), Analyser()
    plan, problems = world.read()
    whole = pieces_of(analyser, plan, problems, tree)
    first = "## Phase 0\n\n- [ ] T000 Write pages/zero.py\n\n"
    longer = replace(world, text=text.replace("## Phase 1", f"{first}## Phase 1"))
    shifted, problems = longer.read(plan)
    assert [task.phase for task in shifted.tasks][1:] == [(task.phase or 0) + 1 for task in plan.tasks]
    assert pieces_of(analyser, shifted, problems, tree) == whole / len(plan.tasks)
    assert analyser.analyse(shifted, problems, tree) == from_scratch(longer, tree)


def test_a_letter_in_a_title_has_no_hazards_looked_for_again() -> None:
    world = World(CHECKLIST, PATHS, SOURCES, {}, path="specs/1/tasks.md")
    tree, analyser = world.tree(), Analyser()
    plan, problems = world.read()
    before = analyser.analyse(plan, problems, tree)
    other = replace(world, text=CHECKLIST.replace("Do something else", "Do something elsey"))
    after = analyser.analyse(*other.read(plan), tree)
    assert after == from_scratch(other, tree)
    assert after.schedule is before.schedule


def test_a_task_that_is_gone_is_asked_for_nothing() -> None:
    last = "- [ ] T002 Add a footer to the same file\n"
    world = World(f"- [ ] T001 Write pages/one.py\n{last}", PATHS, SOURCES, {}, path="specs/1/tasks.md")
    tree, analyser = world.tree(), Analyser()
    plan, problems = world.read()
    written = analyser.analyse(plan, problems, tree).tasks["T002"].writes
    assert [access.path for access in written.entries] == ["pages/one.py"]
    shorter = replace(world, text=world.text.removesuffix(last))
    assert analyser.analyse(*shorter.read(plan), tree) == from_scratch(shorter, tree)
