"""Which files are plans, and of which format."""

import re
import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.plan import formats
from agent_server.plan.formats import FORMATS, READERS, Formats, is_plan, reader_for
from agent_server.plan.formats.patterns import MOST_SPELLINGS, Patterns, endings, spellings

CHOSEN = Formats({"spec-kit": ["docs/features/**/tasks.md", "todo.txt"]})
CHECKLIST = "# Tasks\n\n- [ ] T001 Create `a.py`\n- [ ] T002 Create `b.py`\n"


@pytest.mark.parametrize("path", ["clay.plan.md", "docs/plans/clay.plan.md", "C:/work/CLAY.PLAN.MD", "/a/b.plan.md"])
def test_a_plan_is_known_by_its_name(path: str) -> None:
    assert is_plan(path)


@pytest.mark.parametrize("path", ["README.md", "plan.md", "clay.plan.md.bak", "clay.plan.txt", ""])
def test_other_files_are_none(path: str) -> None:
    assert reader_for(path) is None


@pytest.mark.parametrize(
    "path", [".claude/commands/kit.plan.md", ".specify/templates/specs/a/tasks.md", "docs/plans/README.md"]
)
def test_tools_own_prompts_and_pages_about_plans_are_none(path: str) -> None:
    assert not is_plan(path)
    assert reader_for(path, CHECKLIST) is None


def test_a_reader_is_imported_when_a_plan_needs_it() -> None:
    script = (
        "import sys; from agent_server.plan.formats import reader_for; reader_for('a.plan.md', '# A');"
        " print([name for name in sys.modules if name.endswith(('cursor', 'spec_kit', 'json_text'))])"
    )
    told = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert told.stdout == "[]\n"


def test_the_reader_reads() -> None:
    reader = reader_for("clay.plan.md")
    assert reader is not None
    plan, problems = reader.parse("# Clay\n")
    assert (reader.name, plan.format, plan.title, problems) == ("agent-plan", "agent-plan", "Clay", ())


@pytest.mark.parametrize(
    "path", ["docs/features/tasks.md", "docs/features/a/b/tasks.md", "Docs/Features/a/TASKS.md", "todo.txt"]
)
def test_a_user_adds_places(path: str) -> None:
    assert CHOSEN.is_plan(path)
    assert CHOSEN.reader_for(path, CHECKLIST) is READERS["spec-kit"]
    assert not FORMATS.is_plan(path)


def test_the_usual_places_stay() -> None:
    assert CHOSEN.is_plan("a.plan.md")
    assert not CHOSEN.is_plan("other/features/tasks.md")


def test_what_a_user_says_outweighs_the_usual() -> None:
    assert Formats({"spec-kit": ["**/*.plan.md"]}).reader_for("a.plan.md", "# A\n") is READERS["spec-kit"]


def test_all_globs_are_told() -> None:
    assert {*FORMATS.globs, "todo.txt"} < {*CHOSEN.globs}


# Globs

_PATHS = st.lists(st.text("ab.", min_size=1, max_size=4), min_size=1, max_size=5).map("/".join)
_SEGMENTS = ("a", "b", "*", "**", "**", "?", "a*", "*b", "*a*b*", ".*a", "{a,b}", "{a,b/*}", "{a,ab}*")
_GLOBS = st.lists(st.sampled_from(_SEGMENTS), min_size=1, max_size=5).map("/".join)


def plainly(glob: str) -> str:
    """A regular expression with backtracking for a glob without braces, straight from what the parts mean."""
    found = ""
    for part in re.findall(r"(?:(?<=/)|^)\*\*/|(?:(?<=/)|^)\*\*$|\*+|\?|[^*?]+", glob):
        match part:
            case "**/":
                found += "(?:[^/]+/)*"
            case "**":
                found += ".*"
            case "?":
                found += "[^/]"
            case _:
                found += "[^/]*" if part.startswith("*") else re.escape(part)
    return found


@given(_GLOBS, _PATHS)
def test_a_glob_matches_what_it_says(glob: str, path: str) -> None:
    wanted = any(re.fullmatch(plainly(each), path, re.IGNORECASE | re.DOTALL) for each in spellings(glob))
    assert Patterns([glob]).match(path) == wanted


@given(_GLOBS, _PATHS)
def test_a_path_ends_as_its_glob_says(glob: str, path: str) -> None:
    assert not Patterns([glob]).match(path) or path.lower().endswith(endings([glob]))


def test_braces_stand_for_a_bounded_number_of_globs() -> None:
    assert spellings("{a,b}/{c,d}.md") == ["a/c.md", "a/d.md", "b/c.md", "b/d.md"]
    assert len(spellings("{a,b}" * 100)) == MOST_SPELLINGS


@pytest.mark.parametrize("glob", ["**/a/**/a/**/a/**/b.md", "*a*a*a*a*a*a*a*a*b.md", "**/*a*/**/*a*/**/*a*/b.md"])
def test_a_hostile_path_costs_linear_time(glob: str) -> None:
    patterns = Patterns([glob])
    for piece in ("a/", "a", "/", "aa/"):  # quadratic time would not end within the time that a test has
        assert not patterns.match(piece * 200_000 + "c.md")


def test_no_two_formats_have_one_name() -> None:
    modules = [import_module(f"{formats.__name__}.{found.name}") for found in iter_modules(formats.__path__)]
    named = sorted(module.READER.name for module in modules if hasattr(module, "READER"))
    assert named == sorted(READERS)
