"""What holds for every text and every place in it, however broken: each request is answered, and renames keep sense."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent_server.analysis.analyse import analyse
from agent_server.analysis.model import Analysis
from agent_server.analysis.occurrences import Occurrences, Role
from agent_server.analysis.renaming import renamed
from agent_server.lsp.features.call_hierarchy import incoming_calls, outgoing_calls, prepare_call_hierarchy
from agent_server.lsp.features.completion import completion
from agent_server.lsp.features.definition import definition
from agent_server.lsp.features.references import document_highlight, references
from agent_server.lsp.features.rename import prepare_rename, rename
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.model import apply_edits
from agent_server.plan.native import parse
from agent_server.plan.text import Encoding, Span
from tests.lsp.cursor import URI, plan_at

DOCUMENT = types.TextDocumentIdentifier(URI)
FILES = {"src/a.py": "", "src/b.py": "def b(): ...\n", "src/app/[slug]/page.tsx": "", "README.md": ""}

# ruff: noqa: SIM905  # A table of lines reads better than a column of strings.

HEADINGS = "## a: One|## b|## Build it|## T004|### c: C|## Wave 2|## a:|## b ##|# P|## |---".split("|")
FIELD_NAMES = "needs needs writes reads imports mirrors locks model wri exports verify status wave".split()
ITEMS = (
    *"a|b|`b`|build-it|t004|c|nowhere|`src/a.py`|src/*.py|src/|!src/b.py|./src/a.py|src.b|`src/new.py`".split("|"),
    *"src/app/[slug]/|{x,y}|`|| |nothing|🦊|../x|fast|``a`b``|done|1".split("|"),
)
PROSE = (
    *("After task `b`, do it.", "Uses the output of Task 1.", "Wait for task build-it once `a` is done."),
    *("Depends on T004.", "Create src/new.py like `src/a.py`.", "Requires: the Build task."),
    *("```", "<!-- x", "- Add it.", "", "model: fast"),
)
ENDS = st.sampled_from(["\n", "\n", "\n\n", "\r\n", "\r", " ", "\u2028"])
FIELDS = st.builds(
    "{}{}: {}".format,
    st.sampled_from(["- ", "- ", "* ", "  - ", "-"]),
    st.sampled_from(FIELD_NAMES),
    st.lists(st.sampled_from(ITEMS), max_size=4).map(", ".join),
)
LINES = st.one_of(st.sampled_from(HEADINGS), FIELDS, FIELDS, st.sampled_from(PROSE), st.sampled_from(ITEMS))
TEXTS = st.lists(st.tuples(LINES, ENDS).map("".join), max_size=16).map("".join)
NAMES = st.one_of(st.sampled_from(["wiki", "a", "notes", "src/new.py", "x,y", "{", "", "b c"]), st.text(max_size=5))


def snapshot(text: str, cursor: int, encoding: Encoding) -> tuple[PlanSnapshot, types.Position]:
    at = cursor % (len(text) + 1)
    text = text.replace("$0", "")
    plan, position = plan_at(f"{text[:at]}$0{text[at:]}", FILES, encoding=encoding)
    offset = plan.offset(position)  # between the halves of a line end no cursor can stand
    return plan, plan.range(Span(offset, offset)).start


@given(TEXTS, st.integers(0, 400), NAMES, st.sampled_from(Encoding))
@settings(max_examples=120, deadline=None)
def test_every_request_is_answered_at_every_place(text: str, cursor: int, name: str, encoding: Encoding) -> None:
    plan, position = snapshot(text, cursor, encoding)
    context = types.ReferenceContext(include_declaration=True)
    definition(plan, types.DefinitionParams(DOCUMENT, position))
    found = references(plan, types.ReferenceParams(context, DOCUMENT, position))
    highlights = document_highlight(plan, types.DocumentHighlightParams(DOCUMENT, position))
    assert [each.range for each in highlights or ()] == [each.range for each in found or ()]
    offered = prepare_rename(plan, types.PrepareRenameParams(DOCUMENT, position))
    if offered is not None:
        assert within(position, offered.range)
        with suppress(JsonRpcException):
            rename(plan, types.RenameParams(DOCUMENT, position, name))
    for item in prepare_call_hierarchy(plan, types.CallHierarchyPrepareParams(DOCUMENT, position)) or ():
        incoming_calls(plan, types.CallHierarchyIncomingCallsParams(item))
        outgoing_calls(plan, types.CallHierarchyOutgoingCallsParams(item))


@given(TEXTS, st.integers(0, 400), st.sampled_from(Encoding))
@settings(max_examples=120, deadline=None)
def test_what_completes_replaces_part_of_the_line_round_the_cursor(text: str, cursor: int, encoding: Encoding) -> None:
    plan, position = snapshot(text, cursor, encoding)
    found = completion(plan, types.CompletionParams(DOCUMENT, position))
    for item in found.items if found else ():
        assert isinstance(item.text_edit, types.TextEdit)
        assert item.text_edit.range.start.line == item.text_edit.range.end.line
        assert within(position, item.text_edit.range)


@given(TEXTS, st.integers(0, 9), st.sampled_from(["wiki", "t007", "x-1"]))
@settings(max_examples=100, deadline=None)
def test_a_renamed_task_is_the_same_task_for_all_others(text: str, number: int, name: str) -> None:
    analysis = plan_at(f"## first: F\n- needs: a\n\n{text}", FILES)[0].analysis
    before, known = analysis.plan, Occurrences(analysis)
    at = number % len(before.tasks)
    edits = renamed(analysis, known, known.of_task(at)[0], name)
    after, _ = parse(apply_edits(before.text, edits))
    is_first = known.first(before.tasks[at].id) == at
    assert [task.id for task in after.tasks] == [
        name if each == at else task.id for each, task in enumerate(before.tasks)
    ]
    for old, task in zip(before.tasks, after.tasks, strict=True):
        follows = {before.tasks[at].id: name} if is_first else {}
        assert [need.text for need in task.needs] == [follows.get(need.text, need.text) for need in old.needs]
    if len({task.id for task in before.tasks}) == len(before.tasks):
        renamed_too = analyse(after, (), analysis.tree)
        assert roles(renamed_too, at) == roles(analysis, at)


def roles(analysis: Analysis, at: int) -> list[tuple[int, Role]]:
    """Who names a task, and how; but for titles, which do not follow a rename where they are ids."""
    found = Occurrences(analysis).of_task(at)
    titles = [analysis.plan.tasks[each.at].title_span for each in found]
    return [
        (each.at, each.role)
        for each, title in zip(found, titles, strict=True)
        if each.role is not Role.RELIES or not title.contains(each.span.start)
    ]


def within(position: types.Position, place: types.Range) -> bool:
    return place.start <= position <= place.end
