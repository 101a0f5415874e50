"""What sections and list items of documents are called, in the languages that people write plans in.

A `Task 3` or a `Phase 2` is known by its word and its number, other sections by their whole name.
"""

import re

from agent_server.plan import other_languages
from agent_server.plan.ids import CODE

_STOP = r"(?=[*_`~)\]]{0,4}[ \t]*+(?:[:.|(\uff1a\u3001\u2013\u2014-]|$))"
_ORDINAL = rf"(?:\d{{1,4}}(?:[.-]\d{{1,4}}){{0,4}}[a-z]?|(?:[A-Z]\d{{0,3}}|[IVX]{{2,5}}){_STOP})(?![^\W_])"
_BEFORE = r"(?:[^\w\r\n]|\d{1,3}[.)][ \t])*+"
_REMARK = r"(?:\([^()\r\n]{1,20}\)[ \t]*+)?"
_BEHIND = rf"[*_`~)\]]{{0,4}}(?:[ \t]*+{_REMARK}(?:[:.|\uff1a\u3001]|[-\u2013\u2014](?=[ \t]))[*_]{{0,3}})?[ \t]*+"
_WORDS = {
    "task": (
        r"task|tarefa|tarea|t\u00e2che|aufgabe|attivit\u00e0|\u0437\u0430\u0434\u0430\u0447\u0430|\u4efb\u52a1"
        r"|\u4efb\u52d9|\u30bf\u30b9\u30af|\uc791\uc5c5"
    ),
    "step": (
        r"step|paso|passo|\u00e9tape|schritt|\u0448\u0430\u0433|\u6b65\u9aa4|\u6b65\u9a5f"
        r"|\u30b9\u30c6\u30c3\u30d7"
    ),
    "phase": (
        r"phase|stage|milestone|sprint|iteration|workstream|fase|etapa|\u0444\u0430\u0437\u0430"
        r"|\u044d\u0442\u0430\u043f|\u9636\u6bb5|\u968e\u6bb5|\u30d5\u30a7\u30fc\u30ba|\ub2e8\uacc4"
    ),
}
# Words that mean much else besides, so that a number with a full stop, a colon or the like must follow.
_RISKY = {
    "task": "(?:work )?item",
    "step": "change",
    "phase": "wave|batch|bundle|chunk|part|slice|lot|lote|increment|epic|session|ws|week|day",
}

TITLE_WORDS = "|".join((*_WORDS.values(), *_RISKY.values()))
"""All words for a task, a step or a phase with a number."""

CALLED = {
    kind: re.compile(
        rf"{_BEFORE}(?i:{words}|(?P<risky>{_RISKY[kind]}))[ \t]*+[-#]?(?P<id>{_ORDINAL})(?(risky){_STOP}){_BEHIND}"
    )
    for kind, words in _WORDS.items()
}
"""What stands in front of the title of a task, a step or a phase that is a section: `Task 3: `, with its `id`."""

NUMBERED = re.compile(r"[*_]{0,3}(?P<id>\d{1,3}(?:(?:\.\d{1,3}){1,3}|(?=[.):])))[.):]?[*_]{0,3}[ \t]++(?=\S)")
"""A number in front of the title of a section."""

NAMED_ITEM = re.compile(
    rf"[*_`~]{{0,4}}(?:(?i:{_WORDS['task']}|{_WORDS['step']})[ \t]*+#?(?P<id>{_ORDINAL})"
    rf"|(?P<short>{CODE}){_STOP}"
    rf"|(?P<bare>\d{{1,3}}(?:\.\d{{1,3}}){{1,3}})(?![^\W_])){_BEHIND}"
)
"""What names a task that is an item of a list: `**Task 3**: `, `T3 - ` or `1.2 `."""

CODED = re.compile(
    rf"{_BEFORE}(?P<id>(?P<code>[A-Z]{{1,4}})-?(?P<numbers>\d{{1,4}}(?:[.-](?:[A-Z]{{0,2}}\d{{1,3}}|[A-Z])){{0,3}}"
    rf"[a-z]?))(?![^\W_]){_STOP}{_BEHIND}"
)
"""A code in front of the title of a section, as in `PR-2: `, `T045 - ` or `P0-1: `: its letters, and its numbers."""

WORK_CODE = re.compile(r"T|TK|PR|MR|CL|WI|WS|WP")
"""The letters of codes that name work."""

ASIDE_CODE = re.compile(r"AC|ADR|A|D|EC|FR|G|H|NFR|O|P|Q|R|REQ|RISK|SC|US|V")
"""The letters of codes that name criteria, decisions, priorities, questions and the like."""

STAMP = re.compile(r"\(\d{4}-\d\d-\d\d[^()\r\n]{0,30}\)[ \t]*+")
"""When a step was done, in front of what it was."""

LISTED = re.compile(r"[ \t]*+(?P<id>\d{1,9})[.)]")
"""The number of an item in a numbered list."""

ASIDE = re.compile(
    r"(?:(?:post-?\w+|pre-?\w+|self-?\w+|(?:sprint|phase) \d+|final|manual|overall|project|design|technical|key|open"
    r"|known|important|implementation|security|performance|integration|unit|e2e|end-to-end|full|quick|regression"
    r"|functional) )*+"
    r"(?:acceptance(?: criteria| tests?| checks?)?|success(?: criteria| metrics)?|definition of (?:done|ready)"
    r"|(?:completion|exit) (?:criteria|gates?)|verification.{0,20}|validation.{0,20}|how to (?:verify|test)"
    r"|test(?:ing)?(?: (?:plan|strategy|checklist|standards|requirements|instructions))?|tests? to run"
    r"|quality (?:assurance|gates?|checks?)|(?:qa|safety|security|review|release|deployment|merge|pr) check(?:list|s)"
    r"|check(?:list|s) before merg(?:e|ing)|rollback.{0,20}|risks?.{0,30}|out of scope|non-?goals|references?"
    r"|appendix|notes?.{0,30}|future.{0,20}|background|context|overview|summary|alternatives.{0,20}|questions"
    r"|decision log|decisions|dependencies|prerequisites?|dev agent record|change ?log|file list"
    rf"|files (?:modified|created|changed|updated).{{0,20}}|{other_languages.CRITERIA}|{other_languages.VERIFICATION})",
    re.IGNORECASE,
)
"""The names of sections about something else than the work: how it is verified, what it is for, what was done."""

BEFORE_WORK = re.compile(
    r"(?:(?:project|technical|implementation|key|important) )*+"
    r"(?:background|context|overview|summary|prerequisites?|dependencies|notes?.{0,30})",
    re.IGNORECASE,
)
"""The names of sections that tell what the work is about. Tasks may follow below them, without a section of theirs."""

NOT_NOW = re.compile(
    r".{0,30}\b(?:out of scope|non-?goals?|future|alternatives|appendix|references?|decisions?|decision log|rollback"
    r"|questions|change ?log|dev agent record)\b.{0,30}",
    re.IGNORECASE,
)
"""The names of sections whose tasks nobody is to do now."""

CRITERIA = re.compile(
    rf".{{0,40}}\b(?:criteria|definition of (?:done|ready)|acceptance|gates?|metrics)|{other_languages.CRITERIA}",
    re.IGNORECASE,
)
"""The names of sections whose boxes say what must be true in the end. They are never tasks."""

WORK = re.compile(
    r"(?:(?:the|proposed|planned|required|necessary|key|detailed|code|implementation|execution|development|action"
    r"|concrete|high-level|suggested|step-by-step|ordered|remaining|work) )*+"
    r"(?:changes(?: (?:required|needed|to make))?|steps|tasks|plan(?: of work)?|implementation|approach|work"
    r"|(?:work )?items|order(?: of (?:operations|work))?|sequence|proposal|fix(?:es)?|work ?streams|phases|milestones"
    r"|to-?dos?(?: list)?|what to (?:implement|build|do|change)"
    r"|files to (?:modify|change|edit|update|create)(?:(?: ?/ ?| and | or )(?:modify|change|edit|update|create)){0,2})"
    rf"|(?:execution|implementation)(?: plan| scope)?|{other_languages.WORK}",
    re.IGNORECASE,
)
"""The names of sections that hold the work, and nothing else."""

IMPERATIVE = re.compile(
    r"(?:what to )?(?:add|adjust|adopt|apply|build|bump|change|clean|collect|configure|connect|convert|create|define"
    r"|delete|deprecate|design|document|drop|enable|enforce|ensure|expose|extend|extract|fix|generate|handle|harden"
    r"|implement|improve|install|integrate|introduce|keep|link|make|map|merge|migrate|modify|move|normali[sz]e"
    r"|optimi[sz]e|port|prepare|provide|publish|refactor|register|remove|rename|reorgani[sz]e|replace|restructure"
    r"|rewire|rework|rewrite|separate|ship|simplify|split|support|switch|teach|tighten|turn|unify|update|upgrade|use"
    r"|wire|wrap|write)\b",
    re.IGNORECASE,
)
"""The words with which a title says what is to be done."""

_NUMBER_BEFORE = re.compile(r"(?:[^\w(]|\d{1,3}(?:\.\d{1,3}){0,3}[.):]?(?=\s))*+")
_LONGEST = 200


def plain_name(title: str) -> str:
    """What a section is called: without number, decoration, and what stands behind a colon or in brackets."""
    title = _NUMBER_BEFORE.sub("", title[:_LONGEST], count=1)
    for mark in ("(", ":", "\uff1a", " \u2014 ", " \u2013 ", " - "):
        title = title.partition(mark)[0] or title
    return " ".join(title.strip("*_`~#. \t!?").split()).lower()
