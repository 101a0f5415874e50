"""What a block is there for, as its language, its first line and the words above it say.

Code in a plan is to be written, unless something says otherwise. What stands in brackets is an aside, and says nothing.
"""

import re
from dataclasses import dataclass

from agent_server.plan.code.model import Role
from agent_server.plan.code.names import DATA


@dataclass(frozen=True, slots=True)
class Lead:
    """What stands above a block: the sentence that leads to it, and the heading of the part that it stands in."""

    sentence: str
    heading: str


_ASIDE = re.compile(r"\([^()]*\)|`[^`]*`|\u300c[^\u300d]*\u300d|\uff08[^\uff08\uff09]*\uff09")
"""What is left out of a sentence: brackets, and code, in which words mean nothing."""

_REFUSED = re.compile(
    r"\b(?:do(?:es)? not|don['\u2019]t|never|avoid|(?:must|should|may) not|mustn['\u2019]t|shouldn['\u2019]t|cannot"
    r"|instead of|rather than|not like (?:this|so|that)|unlike|as opposed to|no longer|anti-?pattern|forbidden"
    r"|rejected)\b"
    r"|\b(?:wrong|bad|incorrect|invalid)\b(?=[^.:]{0,40}:?\W*\Z)|\u274c|\U0001f6ab",
    re.IGNORECASE,
)
_BUT = re.compile(r"(?:\bbut\b|\binstead(?! of)|[,;] *(?:add|call|do|use|write)\b)[^.;]{0,60}:\W*\Z", re.IGNORECASE)
"""Behind what is not to be done, what is: "Do not import the store, but call it:"."""

_DOES = re.compile(
    r"\b(?:add|append|create|creates|define|extend|implement|implements|include|insert|introduce|move|paste|prepend|put"
    r"|rename|set|update|wire|wrap|write)\b|\b(?:with|to|becomes?|should (?:be|read|look like this))\W*\Z|\bnew\b",
    re.IGNORECASE,
)
_SHOWN = re.compile(
    r"\b(?:current(?:ly)?|today|existing|as (?:it )?(?:is|stands)|at present|at the moment|presently|right now|already"
    r"|original(?:ly)?|previous(?:ly)?|for reference|legacy|defined (?:in|by)|exposes?)\b"
    r"|\A\W*(?:before|old|reference|today|now)\b\W*\Z"
    r"|\b(?:pattern|style|shape|signature)s? (?:in|of|from|to follow)\b",
    re.IGNORECASE,
)
_FOUND = re.compile(
    r"\b(?:change|delete|drop|find|locate|look for|remove|replace|from)\b[^.]{0,100}:\W*\Z", re.IGNORECASE
)
"""An order that shows what there is: "Replace:", "Change the line from:"; but not "Replace the body with:"."""
_BY = re.compile(r"\b(?:with|to|by|into|so that|becomes?)\b[^.]{0,60}:\W*\Z", re.IGNORECASE)

_EXAMPLE = re.compile(
    r"\b(?:for (?:example|instance)|e\.g\.?|examples?|sample|usage|used (?:like|as|so)|callers (?:can|may|will|then)"
    r"|illustrat\w+|sketch|pseudo-?code|consumers? (?:can|may|will)|hypothetical\w*|imagine|suppose)\b"
    r"|\u4f8b\u5982|\u793a\u4f8b|\u7bc4\u4f8b|\u4f8b:",
    re.IGNORECASE,
)
_OUTPUT = re.compile(
    r"\b(?:outputs?|prints?|printed|responses?|responds?|returns?|results?|reports?|expect(?:ed)?|fails? with|errors?"
    r"|warnings?|logs?|stack ?trace|traceback|you(?:'ll| will| should)? (?:see|get))\b[^.]{0,60}:?\W*\Z",
    re.IGNORECASE,
)
_CREATES = re.compile(r"\b(?:create[sd]?|creating|new file|overwrite|scaffold)\b|\(new\)", re.IGNORECASE)

_COMMENT = re.compile(r"[ \t]*+(?://+|#+|--|/\*+|<!--|\{/\*|;+)[ \t]*+(?P<words>[^\n]*+)")
_SHOWN_FIRST = re.compile(
    r"(?:before|old|current(?:ly)?|existing|today|remove|delete)\b\W{0,6}(?:[\w/]+\W{0,3}){0,4}\Z"
    r"|(?:\.\.\.|\u2026)?[ \t]*existing (?:code|file)\b",
    re.IGNORECASE,
)
_REFUSED_FIRST = re.compile(
    r"\W*(?:\u274c|\U0001f6ab|(?:wrong|bad|don'?t|do not|never|avoid|incorrect|anti-?pattern|not)\b)", re.IGNORECASE
)

_PROMPTED = re.compile(r"[$%>] |\w+@[\w.-]+[:~$]")
_CONSOLE = frozenset({"console", "shell-session", "shellsession", "terminal"})
_TOLD = frozenset({"", "http", "mermaid", "output", "text"})
"""Languages of what programs, people and diagrams say."""


def role_of(language: str, info: str, text: str, lead: Lead, *, has_file: bool) -> Role:
    """What a block is there for that is no diff. `has_file`: the plan says of which file it is."""
    told = _told(text, lead)
    if language == "shell":
        return _of_commands(info, text, told, has_file=has_file)
    if has_file:
        return told or Role.WRITTEN
    if language in DATA and language not in _TOLD:
        return told or Role.DATA
    says = _ASIDE.sub(" ", lead.sentence)
    if told is None and not _DOES.search(says) and (language in _TOLD or _OUTPUT.search(says)):
        return Role.OUTPUT
    return told or Role.WRITTEN


def creates_all(text: str, lead: Lead) -> bool:
    """Whether a block that becomes a file is all of a new one."""
    return _CREATES.search(lead.sentence) is not None and "..." not in text


def is_refused(lead: Lead) -> bool:
    """Whether the words above a block say that it is not to be done."""
    return _told("", lead) is Role.REFUSED


def _of_commands(info: str, text: str, told: Role | None, *, has_file: bool) -> Role:
    is_prompted = _PROMPTED.match(text) is not None
    if (has_file and not is_prompted) or text.startswith("#!"):
        return told or Role.WRITTEN
    if info.partition(" ")[0].lower() in _CONSOLE and not is_prompted and told is None:
        return Role.OUTPUT
    return told if told in {Role.REFUSED, Role.EXAMPLE} else Role.COMMAND


def _told(text: str, lead: Lead) -> Role | None:
    """What words say of a block, if anything: those in its first line, else those above it."""
    first = _COMMENT.match(text)
    if first is not None:
        if _REFUSED_FIRST.match(first["words"]):
            return Role.REFUSED
        if _SHOWN_FIRST.search(first["words"]):
            return Role.SHOWN
    says = _ASIDE.sub(" ", lead.sentence)
    refused = _REFUSED.search(says)
    if refused is not None and not _BUT.search(says, refused.end()) and not _DOES.search(says, 0, refused.start()):
        return Role.REFUSED
    if _EXAMPLE.search(says) or _EXAMPLE.search(lead.heading):
        return Role.EXAMPLE
    if _FOUND.search(says) and not _BY.search(says) and not _DOES.search(says):
        return Role.SHOWN
    return Role.SHOWN if _SHOWN.search(says) and not _DOES.search(says) else None
