import pytest

from agent_server.agents.backend import Limits
from agent_server.agents.brief import MAX_PATHS, brief_for
from agent_server.analysis.analyse import analyse
from agent_server.analysis.model import Analysis
from agent_server.analysis.settings import AnalysisSettings, Tier
from agent_server.analysis.tree import Tree
from agent_server.plan.native import parse

PLAN = """\
---
verify: npm run build
---
# Clay wiki

All pages are in English.

## data: Write the entries
- writes: `src/data/clay.ts`
- exports: `clayEntries`, `ClayEntry`
- model: capable

Write 17 entries about pottery.

## hub: Build the hub page
- writes: `src/pages/clay.ts`
- imports: `src/data/clay.ts`, `src/data/wood.ts`
- mirrors: `src/pages/wood.ts`
- verify: npm run lint

Build the page that lists all entries.

## nav: Link the wiki
- writes: `src/nav.ts`, `src/menus/*.ts`, `!src/menus/old.ts`
- reads: `src/pages/*.ts`

Add it to the menu.
"""
TREE = {
    "src/data/wood.ts": "export const woodEntries = [];\n",
    "src/pages/wood.ts": "import { woodEntries } from '../data/wood';\n",
    "src/nav.ts": "",
    "src/menus/main.ts": "",
    "src/menus/old.ts": "",
}


def analysed(text: str = PLAN, settings: AnalysisSettings | None = None) -> Analysis:
    plan, problems = parse(text)
    return analyse(plan, problems, Tree(TREE, TREE), settings or AnalysisSettings())


def prompt(task: str, text: str = PLAN) -> str:
    return brief_for(analysed(text), task).prompt


def section(text: str, title: str) -> list[str]:
    """The bullets of a section of a prompt."""
    _, _, rest = text.partition(f"## {title}\n")
    return [line.removeprefix("- ") for line in rest.partition("\n\n")[0].splitlines()]


def test_it_holds_the_shared_context_and_its_own_instructions() -> None:
    text = prompt("hub")
    for words in ("# The plan: Clay wiki", "All pages are in English.", "# Your task: Build the hub page"):
        assert words in text
    assert "Build the page that lists all entries." in text


@pytest.mark.parametrize("task", ["data", "hub", "nav"])
def test_it_holds_nothing_of_what_the_others_are_told(task: str) -> None:
    told = {
        "data": ("Write the entries", "Write 17 entries about pottery."),
        "hub": ("Build the hub page", "Build the page that lists all entries."),
        "nav": ("Link the wiki", "Add it to the menu."),
    }
    text = prompt(task)
    for other, words in told.items():
        assert all((each in text) == (other == task) for each in words)


def test_it_says_which_files_are_its_own() -> None:
    assert section(prompt("data"), "Your files") == ["`src/data/clay.ts` (new)"]
    assert section(prompt("nav"), "Your files") == [
        "`src/nav.ts` (there now)",
        "`src/menus/*.ts`",
        "not `src/menus/old.ts`",
    ]


def test_it_says_what_to_read_and_what_to_copy() -> None:
    assert section(prompt("nav"), "Read first") == ["`src/pages/*.ts`"]
    (pattern,) = section(prompt("hub"), "Pattern to follow")
    assert pattern.startswith("`src/pages/wood.ts`")


def test_it_says_what_it_may_rely_on_before_it_is_there() -> None:
    (relied_on,) = section(prompt("hub"), "Not there yet, but safe to rely on")
    assert relied_on == (
        "`src/data/clay.ts`: another agent is writing it now. It exports `clayEntries`, `ClayEntry`. "
        "Use it as `src/pages/wood.ts` uses its own counterpart. Import it as if it were there; do not create it."
    )
    assert section(prompt("hub"), "Imports") == ["Your code is meant to import `src/data/wood.ts`"]


def test_a_module_is_named_as_its_language_spells_it() -> None:
    text = PLAN.replace("src/data/clay.ts", "data/clay.py").replace(
        "- imports: `data/clay.py`", "- imports: `data.clay`"
    )
    (relied_on,) = section(prompt("hub", text), "Not there yet, but safe to rely on")
    assert relied_on.startswith("`data/clay.py`, imported as `data.clay`: another agent is writing it now.")


def test_it_says_what_others_rely_on() -> None:
    exported, used = section(prompt("data"), "What others rely on")
    assert exported == "Export exactly these names: `clayEntries`, `ClayEntry`"
    assert used == (
        "`src/data/clay.ts`: files that are being written now import it. They use `clayEntries`. "
        "They are made after `src/pages/wood.ts`, so offer what those use of its counterpart."
    )


def test_it_says_how_the_work_is_verified() -> None:
    whole = "When all agents are done, `npm run build` must pass on their combined work"
    own = "When you are done, `npm run lint` must pass on your work alone"
    assert section(prompt("data"), "How it is verified") == [whole]
    assert section(prompt("hub"), "How it is verified") == [own, whole]


def test_it_has_no_empty_sections() -> None:
    text = prompt("tidy", "# Tidy\n\n## tidy: Tidy up\n- writes: `src/nav.ts`\n")
    assert "\n\n\n" not in text
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## Your files"]


def test_a_long_list_is_cut() -> None:
    reads = ", ".join(f"`src/{number}.ts`" for number in range(MAX_PATHS + 5))
    listed = section(prompt("tidy", f"## tidy: Tidy up\n- writes: `a`\n- reads: {reads}\n\nTidy.\n"), "Read first")
    assert len(listed) == MAX_PATHS + 1
    assert listed[-1] == "... and 5 more"


def test_it_carries_the_write_set_the_model_and_the_limits() -> None:
    settings = AnalysisSettings(models={Tier.FAST: "f", Tier.DEFAULT: "d", Tier.CAPABLE: "c"})
    brief = brief_for(analysed(settings=settings), "data", Limits(turns=3))
    assert (brief.task, brief.title, brief.model, brief.tier) == ("data", "Write the entries", "c", Tier.CAPABLE)
    assert brief.limits == Limits(turns=3)
    assert brief.writes.matches("src/data/clay.ts")
    assert not brief.writes.matches("src/nav.ts")


def test_an_agent_with_tools_of_its_own_is_told_of_its_sandbox_and_not_of_ours() -> None:
    own = brief_for(analysed(), "data", own_tools=True).prompt
    assert "You are in a sandbox" in own
    assert "If you have a shell" in own
    assert "`search`" not in own
    ours = prompt("data")
    assert "There is no shell" in ours
    assert "sandbox" not in ours
    assert own.partition("# The plan")[2] == ours.partition("# The plan")[2]


def test_it_says_how_an_earlier_attempt_ended_and_what_its_author_says() -> None:
    brief = brief_for(analysed(), "data", before="`npm run lint` failed.\nTwo errors.", comment="Use\nfewer words.")
    assert section(brief.prompt, "Tried before") == [
        "This task was tried before. What that attempt wrote is not in your copy of the workspace",
        "How it ended: `npm run lint` failed.",
        "  Two errors.",
        "What the author of the plan says to that: Use",
        "  fewer words.",
    ]
    assert section(brief_for(analysed(), "data", comment="Again.").prompt, "Tried before")[1:] == [
        "What the author of the plan says to that: Again."
    ]
    assert "Tried before" not in prompt("data")


def test_the_workspaces_own_words_for_agents_are_read() -> None:
    text = "## tidy: Tidy up\n- writes: `CLAUDE.md`\n- reads: `a`\n\nTidy.\n"
    plan, problems = parse(text)
    analysis = analyse(plan, problems, Tree(("AGENTS.md", "CLAUDE.md", "a", "docs/AGENTS.md")))
    assert section(brief_for(analysis, "tidy").prompt, "Read first") == ["`a`", "`AGENTS.md`"]


def test_a_task_that_there_is_not() -> None:
    with pytest.raises(KeyError):
        brief_for(analysed(), "missing")


def test_a_folder_is_told_with_what_lies_below_it_and_a_write_set_that_nobody_knows_as_such() -> None:
    text = "# X\n\n## a: B\n- writes: `src/`, `src/menus`, `src/**`\n\nDo it.\n"
    assert section(prompt("a", text), "Your files") == [
        "`src/` with all that lies below it",
        "`src/menus` with all that lies below it",
        "`src/**`",
    ]
    unknown = section(prompt("a", "# X\n\n## a: B\n\nDo something.\n"), "Your files")
    assert unknown == ["The plan does not say which. Nothing runs before it does"]


def test_it_says_what_holds_where_the_plan_asks_for_something_else() -> None:
    assert "what stands above holds" in prompt("data").partition("# The plan")[0]
