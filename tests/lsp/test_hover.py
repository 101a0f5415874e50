from lsprotocol import types

from agent_server.lsp.features.hover import hover
from tests.lsp.cursor import URI, plan_at


def test_a_path_is_hovered_with_the_files_that_it_means() -> None:
    plan, position = plan_at("# P\n\n## a: One\n- writes: `src/$0*.py`\n\nDo it.\n", {"src/b.py": "", "src/c.py": ""})
    found = hover(plan, types.HoverParams(types.TextDocumentIdentifier(URI), position))
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    assert "src/b.py" in found.contents.value
    assert found.range == types.Range(types.Position(3, 11), types.Position(3, 19))
