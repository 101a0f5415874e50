"""Handlers that edit plans, over whatever people type: they answer, and what they edit is the plan."""

from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from agent_server.lsp.features.code_action import code_action, code_action_resolve
from agent_server.lsp.features.code_lens import code_lens
from agent_server.lsp.features.renamed_files import will_rename_files
from agent_server.plan.text import Encoding
from tests.lsp.cursor import URI, plan_at

FRAGMENTS = st.sampled_from(
    [
        *("---\n", "verify: make\n", "# P 🦀\n", "## a: One\n", "## a\n", "## \n", "## :\n", "### b: Two\n"),
        *("## Wave 1\n", "## Wave 2: x\n", "- wave: 2\n", "- wave: x\n", "- status: done\n", "\r\n", "\u2028", "\n"),
        *(
            "- writes: `src/a.py`\n",
            "- writes: src/*.py, `src/\n",
            "- writes:\n  - src\n  - `!src/a.py`\n",
            "- writes:",
        ),
        *("- imports: `src.a`\n", "- imports: from src.a import b\n", "- mirrors: `src/a.py`", "- needs: a, b\n"),
        *("Write `src/a.py`.\n", "```\n", "<!--", "- reads: ``src/`a``\n", "\ud800"),
    ]
)
TEXTS = st.lists(st.one_of(FRAGMENTS, st.text(max_size=5)), max_size=14).map("".join)
PATHS = st.sampled_from(["src", "src/a.py", "lib/b.py", "lib", "a`b", "x,y", "b.py", "[z]"])
POSITIONS = st.builds(types.Position, st.integers(0, 12), st.integers(0, 12))


@settings(max_examples=60)
@given(TEXTS, POSITIONS, POSITIONS, PATHS, PATHS, st.sampled_from(Encoding), st.booleans())
def test_every_plan_is_answered(
    text: str,
    start: types.Position,
    end: types.Position,
    old: str,
    new: str,
    encoding: Encoding,
    able: bool,
) -> None:
    abilities = {"versioned_edits": able, "annotated_edits": able, "annotated_actions": able, "disabled_actions": able}
    plan, _ = plan_at(
        text, {"src/a.py": "b = 1\n"}, encoding=encoding, resolves_edits=able, opens_documents=able, **abilities
    )
    document = types.TextDocumentIdentifier(URI)
    for only in (None, ["quickfix"], ["refactor"], ["source"]):
        context = types.CodeActionContext([], only=only)
        for action in code_action(plan, types.CodeActionParams(document, types.Range(start, end), context)):
            if action.data is not None:
                assert code_action_resolve(plan, action).edit is not None
    code_lens(plan, types.CodeLensParams(document))
    renamed = types.RenameFilesParams([types.FileRename(f"file:///w/{old}", f"file:///w/{new}")])
    will_rename_files((plan,), renamed)
