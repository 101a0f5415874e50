"""The Markdown plans of Ralph loops: `IMPLEMENTATION_PLAN.md` and `fix_plan.md`, which an agent works off from the top.

Nobody prescribes their form. Most are boxes below headings, phases or priorities; some number their headings
(`### 1. [ ] Text`), some list what remains to be done without any box. Files of such a name that say nothing of tasks
are no plans.

Some name their tasks `T1.1` or `2.3`, which nothing else is called; codes such as `P1-02`, and numbers such as `#12`
or `3.`, are names where at least half of the boxes begin so.
"""

import re
from functools import partial

from agent_server.plan.checklists.dialects import NUMBERED, Dialect
from agent_server.plan.checklists.naming import id_of, name_of, needs_of, parse_in, ways_of_naming
from agent_server.plan.formats.reader import Reader

_EACH = r"(?:T-?\d{1,4}(?:\.\d{1,3}){0,3}[a-z]?|\d{1,3}(?:\.\d{1,3})+)(?![\w-])"


_HEADING = re.compile(
    rf"(?P<called>Task[ \t]++)?(?P<id>{_EACH}|\d{{1,3}}(?:\.\d{{1,3}})*+)[:.)]?[ \t]*+"
    r"(?:\\?\[(?P<box>[ xX])\\?\][ \t]*+|(?(called)|(?!)))"
)
_TO_DO = re.compile(
    r"\W*+(?:(?:prioriti[sz]ed|remaining|open|pending|next|current|outstanding)\s+(?:tasks|items|work|steps)|to-?\s?do"
    r"|(?:high|medium|low|critical|highest)(?:est)?[\s-]+priority|priority\s+\d|p[0-4]\b|tasks?\b|backlog)",
    re.IGNORECASE,
)
_BOX = re.compile(r"^[ \t]*+(?:[-*+]|\d{1,3}[.)]|#{1,6}(?:[ \t]\d{1,3}[.)])?)[ \t]++\[[ xX~-]\][ \t]", re.MULTILINE)
_LISTED = re.compile(
    rf"^#{{2,4}}[ \t]++{_TO_DO.pattern}[^\r\n]*+\s*+(?:[-*+]|\d{{1,3}}[.)])[ \t]", re.MULTILINE | re.IGNORECASE
)

DIALECT = Dialect(
    format="ralph",
    name=name_of(_EACH),
    heading=_HEADING,
    numbered=NUMBERED,
    listed=_TO_DO,
    id=id_of(_EACH),
    needs=needs_of(_EACH),
    takes_all=True,
    holds=frozenset({"status", "needs", "phase", "task"}),
    needs_text="(depends on {})",
)


def _recognises(text: str) -> bool:
    return len(_BOX.findall(text)) > 1 or _LISTED.search(text) is not None


READER = Reader(
    name=DIALECT.format,
    title="Ralph",
    globs=("**/*IMPLEMENTATION_PLAN.md", "**/{,@}fix_plan.md"),
    parse=partial(parse_in, ways_of_naming(DIALECT)),
    recognises=_recognises,
    needs_content=True,
)
