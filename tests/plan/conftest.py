"""Plans for the property tests: made of the format's own pieces, and real ones that somebody is in the middle of editing."""

import pytest
from hypothesis import strategies as st

REAL = """\
---
verify: npm run build
agents: 5
budget: 5 USD, 2M tokens
---
# Clay wiki

Shared by all.

## data: Write the wiki's data file
- writes: `src/data/clay-wiki.ts`, src/{a,b}.ts
- exports: `clayEntries`, `ClayEntry`
- model: capable

Write 17 entries:

```ts
## not a heading
```

## Wave 2: pages
### hub: Build the hub page
- writes:
  - `src/app/page.tsx`
  - `src/app/layout.tsx`
- needs: data, nav
- status: done

- [ ] Build it

### nav
* reads: a,
  b <!-- why -->
* minutes: 5

## Notes
Mind the gap.
"""

PIECES = (
    *("# T", "## a", "## a: One", "### b: Two", "## ", "##", "## Wave 2", "## Wave 1: x", "## Notes", "Prose."),
    *("- writes: ", "- reads:", "* needs: ", "  - ", "- ", "-", "- wri", "- wave: 2", "- status: done", "- x: y"),
    *("`a`", "``", "`", "b", ", ", ",", "{a,b}", "{", "}", "<!--", "-->", "<!-- c -->", "```", "~~~", "````"),
    *("\n", "\n", "\n", "\n\n", "\r\n", "\r", " ", "    ", "\t", "\u2028", "🦊", "é", "---\n", "verify: x\n", "["),
)


def _spliced(text, splices):
    for at, length, new in splices:
        start = at % (len(text) + 1)
        text = text[:start] + new + text[start + length :]
    return text


def texts():
    pieces = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
    splice = st.tuples(st.integers(0, 2000), st.integers(0, 80), st.sampled_from(PIECES))
    edited = st.lists(splice, min_size=1, max_size=4).map(lambda splices: _spliced(REAL, splices))
    return st.one_of(pieces, edited, st.text(max_size=80))


@pytest.fixture
def real_plan():
    return REAL
