from lsprotocol import types

from agent_server.lsp.features.folding_range import folding_range
from tests.lsp.cursor import URI, plan_at

TEXT = """\
---
agents: 2
---
# P

Shared.

## a: One
- writes:
  - `a`
- reads: `b`,
  `c`

Do it.

```sh
## no heading
```

<!-- Not
sure. -->

### Detail

More.

## Wave 2
### b: Two
Do that.
"""


def folded(text: str, **client: int) -> list[tuple[int, int]]:
    plan, _ = plan_at(text, **client)
    found = folding_range(plan, types.FoldingRangeParams(types.TextDocumentIdentifier(URI)))
    return [(fold.start_line, fold.end_line) for fold in found]


def test_sections_fields_code_comments_and_front_matter_fold() -> None:
    assert folded(TEXT) == [
        (0, 2),  # the front matter
        (3, 28),  # the plan
        (7, 24),  # task a
        (8, 11),  # its fields
        (10, 11),  # the field that goes on
        (15, 17),  # the code
        (19, 20),  # the comment
        (22, 24),  # the heading in its instructions
        (26, 28),  # wave 2
        (27, 28),  # task b
    ]


def test_a_client_that_takes_few_gets_the_outer_ones() -> None:
    assert folded(TEXT, most_folds=4) == [(0, 2), (3, 28), (7, 24), (26, 28)]
    assert folded(TEXT, most_folds=0) == []


def test_what_stands_on_one_line_does_not_fold() -> None:
    assert folded("# P\n\n## a\n\n## b\n") == [(0, 4)]
    assert folded("") == []


def test_a_comment_is_called_one() -> None:
    plan, _ = plan_at("<!-- a\nb -->\n")
    (fold,) = folding_range(plan, types.FoldingRangeParams(types.TextDocumentIdentifier(URI)))
    assert fold.kind is types.FoldingRangeKind.Comment
