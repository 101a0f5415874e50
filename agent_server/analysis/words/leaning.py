"""Words that lean on what their reader has not seen: "as above", "the previous task", "as we agreed", "same as `hub`".

A previous step, session or agent may be one of the program, and a hero may stand "above the fold". So most of these
words count only as what the work is taken from ("from the previous step", but not "return to the previous step"), or
where nothing follows that they could be about.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from agent_server.plan.text import Span

_WORD = r"\b"


def _phrases(*patterns: str, flags: int = 0) -> re.Pattern[str]:
    """Finds any of some patterns, in which a space is any white space. The last named group is what is found.

    Nearly all begin with a word, so they are tried only where one begins, and not at each of its letters.
    """
    words = [f"(?:{each.removeprefix(_WORD)})" for each in patterns if each.startswith(_WORD)]
    others = [f"(?:{each})" for each in patterns if not each.startswith(_WORD)]
    found = [rf"{_WORD}(?:{'|'.join(words)})", *others] if words else others
    return re.compile("|".join(found).replace(" ", r"\s+"), re.IGNORECASE | flags)


# Code and quotations are not the author speaking. They are blanked, not removed, so that offsets stay.
_FENCED = re.compile(r"^(?P<fence>`{3,}|~{3,}).*?(?:^(?P=fence)|\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`|\"[^\"\n]{1,200}\"|\u201c[^\u201d\n]{1,200}\u201d")

_LAST = "(?:previous|preceding|prior|last)"
_OF_PLAN = "(?:task|agent|wave|phase)"
_TAKEN = (
    "(?:from|in|by|per|as|like|see|than|use|using|reuse|repeat|extend|follow|following|finish|complete|continue|copy"
    "|same as)"
)
_ENDS = r"(?=\s*(?:[.,;:)]|$))"

# What follows such words where they are about something of the program; and where what was said can be read.
_OF_PROGRAM = r"\b(?! (?:in|of|on|is|are|gets?|has|should|must|will|can|that|which|who|when|button|item|list)\b)"
_NOT_IN = r"\b(?! (?:in|on|at|by|with|upon)\b)"

_ANYWHERE = _phrases(
    rf"\b{_TAKEN} (?P<source>(?:(?:the|your|our|my) )?(?:{_LAST}|earlier)"
    rf" (?:{_OF_PLAN}|session|conversation|chat|discussion)s?){_OF_PROGRAM}",
    rf"\bof (?P<owner>the {_LAST} {_OF_PLAN}){_OF_PROGRAM}",
    rf"\bthe {_LAST} {_OF_PLAN}s? (?:has )?"
    r"(?:added|built|created|defined|did|introduced|left|made|produced|set up|started|wrote)\b",
    rf"\b(?:continue|carry on|pick up) (?:from|with) (?:the|our|your) (?:{_LAST}|earlier|other|first)"
    rf" (?:task|step|agent|part|work|session)s?{_OF_PROGRAM}",
    r"\b(?:continue|start|carry on|pick up) where (?:we|you|i) left off\b",
    rf"\bwhere (?:the )?(?:{_LAST}|other|first) (?:{_OF_PLAN}|one|session) (?:left off|stopped|ended)\b",
    # What was said.
    rf"\b(?:described|discussed|mentioned|explained|agreed|decided) (?:earlier|before|previously){_NOT_IN}",
    r"\b(?:as|what) (?:we|you|i) (?:(?:have|had) )?(?:discussed|agreed|decided|talked about)\b",
    rf"\bwe (?:(?:have|had) )?(?:agreed|settled)(?: (?:up)?on)?{_NOT_IN}",
    rf"\bas (?:already )?(?:discussed|agreed){_NOT_IN}",
    r"\bper (?:our|the) (?:discussion|conversation|chat|call|meeting)\b",
    # What somebody has done.
    r"\b(?:we|you|i)(?:'ve| have)? (?:[a-z]{2,20}ed|wrote|built|made|chose) (?:earlier|before|previously)" + _ENDS,
    r"\bthe (?:new )?(?:file|module|component|function|class|page|table|script|code)s? (?:that )?(?:we|you|i)"
    r"(?:'ve| have)? (?:just|already|previously|earlier) (?:created|wrote|written|made|added|built)\b",
    r"\b(?:as|like) (?:(?:we|you|i) did|last time)\b",
    r"\b(?:do (?:it|this|that|so)|(?:the )?same(?: [a-z]+)?|just) (?:like|as) (?:(?:we|you) did )?before\b",
    r"(?:^|(?<=[.!?]\s))[ \t]*(?:[-*+][ \t]+)?(?P<start>ditto\b|(?:like|as) before(?=\s*(?:[,.;:]|but\b|$)))",
    # Other agents and tasks.
    r"\bthe other agents?(?:'s|')? (?:work|output|result|notes|code|changes|version|approach|did|has|have|wrote|made"
    r"|will (?:give|provide|tell))\b",
    r"\b(?:ask|tell|wait for|check with|coordinate with|talk to|like|as) the"
    r" (?:other agents?\b(?! (?:in|of|on|who)\b)|agents? (?:who|that|working|for|on)\b)",
    rf"\b(?:like|as|see|with) the other tasks?{_OF_PROGRAM}",
    r"\b(?:same as|as in|as for|like|see) (?:in )?(?:wave|phase) \d+\b",
    flags=re.MULTILINE,
)

# These point at the lines above: at other tasks, unless the section itself has lines above.
_UPWARDS = _phrases(
    r"\b(?:as|like|see|per|described|mentioned|explained|listed|shown|defined|tasks?) (?:\w+ ){0,2}?above\b"
    r"(?=\s*(?:[^\s\w-]|$)| (?:and|but|except|for|in|on|so|then|to|with|without)\b)",
    r"\bthe above\b(?![-\w])",
    rf"\b(?:from|in|of|as|like|per|see|repeat|same as|use|follow) (?P<step>(?:the|your) {_LAST} (?:step|section)s?)\b"
    r"(?! (?:of|in|on|that|which)\b)",
    rf"\b(?:same as|as in|see) (?:step \d+|(?:the )?(?:previous|earlier){_ENDS})",
    r"\b(?:see|as) earlier\b",
    r"\b(?:continue|carry on) (?:from|with) (?:the )?step \d+\b",
)

# What opens the instructions can lean only on what stands before them.
_AT_FIRST = _phrases(
    r"(?:[-*+][ \t]+)?(?P<first>(?:and )?(?:now )?"
    r"(?:(?:do )?(?:the same(?: thing)?|likewise|idem)|repeat(?: (?:it|this|that))?|do (?:it|this|that)),? for)\b"
    r"(?! (?:each|every|all|up|\d))",
)

_ANOTHER_TASK = _phrases(
    r"\b(?<!\btasks\s)(?:same(?: [a-z]+){0,2}? as(?: (?:in|for))?|as in|as for|like(?: in)?|see|follow) (?:the )?"
    r"(?P<task>tasks? )?(?P<tick>`?)#?(?P<name>[\w-]+)(?P=tick)(?P<called> task\b)?"
    r"(?P<ends>(?=\s*(?:[,.;:]|but\b|\Z)))?",
)
_NUMBERED = re.compile(r"t\d{2,4}[a-z]?", re.IGNORECASE)


@lru_cache(maxsize=4096)
def leaning(text: str) -> tuple[Span, ...]:
    """Where a Markdown text leans on what its reader has not seen. From its second paragraph on, "above" is in it."""
    prose = _CODE.sub(_blank, _FENCED.sub(_blank, text))
    start = len(prose) - len(prose.lstrip())
    first_paragraph = prose.find("\n\n", start) if "\n\n" in prose[start:] else len(prose)
    opening = _AT_FIRST.match(prose, start)
    upwards = _UPWARDS.finditer(prose, 0, first_paragraph)
    found: Iterable[re.Match[str]] = (*_ANYWHERE.finditer(prose), *upwards, *([opening] if opening else ()))
    return tuple(Span(*match.span(match.lastgroup or 0)) for match in found)


@lru_cache(maxsize=4096)
def pointers(text: str) -> tuple[tuple[str, Span], ...]:
    """What a Markdown text points at as another task, in lower case, and where: "same as task 2", "like `hub`"."""
    return tuple(
        (match["name"].lower(), Span(*match.span()))
        for match in _ANOTHER_TASK.finditer(_FENCED.sub(_blank, text))
        if match["task"] or (_is_called_task(match) and not match["name"].isdecimal())
    )


def _is_called_task(match: re.Match[str]) -> bool:
    """Whether a name is spelled as that of a task: `hub` in backticks, the hub task, T012, "same as hub, but"."""
    is_all = match["ends"] is not None and match[0].lower().startswith("same")
    return bool(match["tick"] or match["called"] or is_all or _NUMBERED.fullmatch(match["name"]))


def _blank(code: re.Match[str]) -> str:
    return " " * len(code[0])
