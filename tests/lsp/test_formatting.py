"""What formatting does to a text is tested beside `plan.formatting`; here, that it reaches the client."""

from lsprotocol import types

from agent_server.lsp.features.formatting import formatting, range_formatting
from agent_server.plan.text import Encoding
from tests.lsp.cursor import URI, plan_at

DOCUMENT = types.TextDocumentIdentifier(URI)
OPTIONS = types.FormattingOptions(4, insert_spaces=False)
TEXT = "# P\n\n## 🦊\n- writes: `🦊`,b\n\n## b\n- writes:c\n"


def line(number: int) -> types.Range:
    return types.Range(types.Position(number, 0), types.Position(number, 1))


def test_edits_are_small_and_in_the_clients_units() -> None:
    for encoding, character in ((Encoding.UTF8, 17), (Encoding.UTF16, 15), (Encoding.UTF32, 14)):
        plan, _ = plan_at(TEXT, encoding=encoding)
        first, *_ = formatting(plan, types.DocumentFormattingParams(DOCUMENT, OPTIONS))
        start = types.Position(3, character)
        assert first == types.TextEdit(types.Range(start, types.Position(3, character + 1)), " `b`")


def test_a_range_is_formatted_alone() -> None:
    plan, _ = plan_at(TEXT)
    edits = range_formatting(plan, types.DocumentRangeFormattingParams(DOCUMENT, line(6), OPTIONS))
    assert {edit.range.start.line for edit in edits} == {6}
    assert range_formatting(plan, types.DocumentRangeFormattingParams(DOCUMENT, line(0), OPTIONS)) == []
