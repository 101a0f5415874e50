from lsprotocol import types

from agent_server.lsp.features.hover import hover
from tests.lsp.cursor import URI, plan_at

FILES = {"src/b.py": "", "src/c.py": ""}


def hovered(text: str) -> tuple[str, types.Range | None]:
    plan, position = plan_at(text, FILES)
    found = hover(plan, types.HoverParams(types.TextDocumentIdentifier(URI), position))
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    return found.contents.value, found.range


def test_a_glob_is_hovered_with_the_files_that_it_means() -> None:
    words, span = hovered("# P\n\n## a: One\n- writes: `src/$0*.py`\n\nDo it.\n")
    assert words == "`src/*.py` matches 2 files now\n- `src/b.py`\n- `src/c.py`"
    assert span == types.Range(types.Position(3, 11), types.Position(3, 19))


def test_a_path_that_is_a_file_is_not_listed_as_its_own_match() -> None:
    words, _ = hovered("## a: One\n- writes: `src/$0b.py`\n\n## b: Two\n- writes: `src/*.py`\n")
    assert words == "`src/b.py` is there.\n\nAlso written by `b`."
