"""What the words of a task tell about its work: how many there are, and what kind of work they ask for."""

import re
from dataclasses import dataclass
from functools import lru_cache

MANY_PIECES = 10
"""How many entries, examples or the like make a task a work of composition."""

_CREATIVE = re.compile(
    r"\b(architect(?:ure|ural)?|brainstorm|design(?! tokens?\b| system\b)|devise|explore|from scratch|invent"
    r"|investigate|prototype|redesign|research|rethink)\b",
    re.IGNORECASE,
)
_COMPOSE = re.compile(
    r"\b(?:write|compose|author|draft|create|add|invent|produce)\s+(?:\w+\s+){0,2}?(?P<count>\d{1,5})\s+"
    r"(?:[\w-]+\s+){0,2}?(?P<pieces>articles|cards|chapters|definitions|descriptions|entries|essays|examples|exercises"
    r"|facts|guides|items|lessons|pages|paragraphs|poems|posts|questions|quotes|recipes|records|sections|stories|texts"
    r"|topics|tutorials)\b",
    re.IGNORECASE,
)
_REWORK = re.compile(
    r"\b(convert|decouple|migrate|modernise|modernize|overhaul|port|refactor|restructure|rewrite)\b(?! the link)",
    re.IGNORECASE,
)
# Only where the title or the instructions begin with it: "remove the flag" is such work, "find the cause and remove it"
# is none.
_MECHANICAL = re.compile(
    r"\s*(alphabetise|alphabetize|bump|delete|fix (?:a |the )?typos?|format|reformat|remove|rename|reorder"
    r"|sort)\b",
    re.IGNORECASE,
)
_ALIKE = re.compile(
    r"\b(?:like (?:the|its|all) (?:others?|existing|rest|siblings|neighbou?rs)|same (?:way|pattern|shape|form) as"
    r"|(?:after|follow(?:ing|s)?|by|copy(?:ing)?) the (?:same |existing )?(?:pattern|example|manner|shape)"
    r"|in the (?:manner|style) of)\b",
    re.IGNORECASE,
)
_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,}).*?(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_PHRASES = {"from scratch": "start from scratch"}


@dataclass(frozen=True, slots=True)
class Wording:
    """What the words tell; the texts are clauses for the user, and empty where there is nothing of the kind.

    `composes` and `creative` are work for a capable model, `reworks` is where it spans files. `mechanical` is work
    that needs no thought. `alike`: the words send the agent to what is there already.
    """

    words: int
    composes: str = ""
    creative: str = ""
    reworks: str = ""
    mechanical: str = ""
    alike: bool = False


@lru_cache(maxsize=4096)
def wording(title: str, instructions: str) -> Wording:
    """What a task's title and instructions tell. Fenced code is not read."""
    prose = _FENCED.sub("", instructions)
    pieces = next((found for found in _COMPOSE.finditer(prose) if int(found["count"]) >= MANY_PIECES), None)
    return Wording(
        words=len(prose.split()),
        composes=f"it composes {pieces['count']} {pieces['pieces'].lower()}" if pieces else "",
        creative=_asked(_CREATIVE, title, prose),
        reworks=_asked(_REWORK, title, prose),
        mechanical=_as_clause(_MECHANICAL.match(title) or _MECHANICAL.match(prose)),
        alike=_ALIKE.search(prose) is not None,
    )


def _asked(pattern: re.Pattern[str], title: str, prose: str) -> str:
    return _as_clause(pattern.search(title) or pattern.search(prose))


def _as_clause(found: re.Match[str] | None) -> str:
    return f"it asks to {_as_work(found[1].lower())}" if found else ""


def _as_work(word: str) -> str:
    return "work out an architecture" if word.startswith("architect") else _PHRASES.get(word, word)
