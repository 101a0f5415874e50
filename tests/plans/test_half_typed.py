"""Half-typed plans are the normal case in an editor: nothing there may raise, and every fix must still apply."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from agent_server.analysis import rules
from agent_server.plan.model import apply_edits
from tests.plans.literate import Case, load_cases

PIECES = ["\n", "- ", "needs: ", "writes: ", "`", "## ", "wave: 1\n", "**", "/", "[", "!", "---\n", "é🏺", ", ", ":"]

cases = st.sampled_from(load_cases())


@st.composite
def damaged_cases(draw: st.DrawFn) -> Case:
    """A case of which a stretch is missing, or in which something was typed or pasted."""
    case = draw(cases)
    text = case.text
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        pasted = draw(st.sampled_from([*PIECES, "", text[start:end] * 2]))
        text = text[:start] + pasted + text[end:]
    return replace(case, text=text)


@given(damaged_cases())
@settings(max_examples=150, deadline=None)
def test_findings_lie_in_the_text_and_every_fix_applies(case: Case) -> None:
    analysis = case.analysis()
    for found in analysis.diagnostics:
        spans = [found.span, *(other.span for other in found.related)]
        assert all(0 <= span.start <= span.end <= len(case.text) for span in spans)
        for fix in rules.fixes(analysis, found):
            edits = sorted(fix.edits, key=lambda edit: (edit.span.start, edit.span.end))
            assert all(one.span.end <= other.span.start for one, other in pairwise(edits)), fix
            assert fix.edits
            case.read(apply_edits(case.text, fix.edits))
