"""GSD's plans: a folder `.planning/phases/01-name/` is a plan, and each `01-02-PLAN.md` in it the work of one agent.

Source: the template and the commands of gsd-build/get-shit-done. The front matter says `wave`, `depends_on` and
`files_modified`; the plans of one wave run at the same time. A `01-02-SUMMARY.md` beside it says that a plan is done.
Those that say `gap_closure: true` are made after all others have run, and run in waves of their own.
A plan's own `<task>` blocks are one after the other the work of its agent. A need of another phase's plan is met, for
phases come one after the other.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from agent_server.plan.formats.reader import Reader
from agent_server.plan.items import each_once, is_none
from agent_server.plan.model import Item, Status, Task
from agent_server.plan.task_files.keys import FrontMatter, front_matter
from agent_server.plan.task_files.reading import (
    Basis,
    FileDialect,
    body_of,
    folder_of,
    line_of,
    needs_of,
    parse_alone,
    parse_task_files,
    status_span,
    without_zeros,
)
from agent_server.plan.task_files.writer import FileWriter
from agent_server.plan.text import Span

_NEEDS = ("depends_on", "dependencies", "depends")
_WRITES = ("files_modified",)
_PLAN_FILE = re.compile(r"(?:-|\A)PLAN(?:\.md)?\Z", re.IGNORECASE)
_SUMMARY_FILE = re.compile(r"(?:-|\A)SUMMARY(?:\.md)?\Z", re.IGNORECASE)
_NUMBERED = re.compile(r"(?P<phase>\d+(?:\.\d+)*)-(?P<plan>\d+)(?!\d)")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_PLAN_NUMBER = re.compile(r"(?:plan[ _-]?)?(\d+)\Z", re.IGNORECASE)
_TAG = re.compile(r"<(?P<name>files|read_first|context|output|objective)>(?P<body>[^<]*+)", re.IGNORECASE)
_ENTRY = re.compile(r"(?:\([^()\r\n]*+\)|[^,\r\n(]|\((?![^()\r\n]*+\)))++")
_PATH = re.compile(r"[-*`@ \t]*+(?P<path>(?:[^\s`<>{}\[\]()\"':;]|\([^\s()]*+\)|\[[^\s\[\]]*+\])++)")
_NAMED = re.compile(r"(?:^|(?<=[\s(]))@(?P<path>[^\s`<>~{}]++)", re.MULTILINE)
_WORD = re.compile(r"(?P<path>[^\s`'\"{}<>]++)")
_HEADING = re.compile(r"^#{1,3}[ \t]+(?P<title>[^\r\n]*[^\s#])", re.MULTILINE)
_SENTENCE = re.compile(r"\s*+(?P<title>[^\s<](?:(?!\.(?:\s|\Z))[^<\r\n]){0,119}+)")
_STATUSES = {
    **dict.fromkeys(("done", "complete", "completed"), Status.DONE),
    **dict.fromkeys(("skipped", "cancelled", "canceled", "superseded", "deferred"), Status.SKIP),
}


def _id_of(path: str, keys: FrontMatter) -> str | None:
    if stem := _stem(path):
        return stem
    phase, plan = keys.text("phase"), keys.text("plan")
    number = _NUMBER.match(phase)
    folder = folder_of(path).rstrip("/").rpartition("/")[2]
    return "-".join(filter(None, (number[0] if number else phase, plan))) or folder or "plan"


def _stem(path: str) -> str:
    """What a file is called, without what all plans' names end in."""
    return _PLAN_FILE.sub("", path.rpartition("/")[2]).removesuffix(".md")


def _meaning(ids: Sequence[str], _beside: Sequence[str]) -> Callable[[str, str], str | None]:
    """What finds the plan of the folder that `depends_on` means; None for nothing, and for one of another phase."""
    numbered: dict[tuple[str, str] | None, str] = {}
    for task_id in reversed(ids):
        numbered[_numbers_of(task_id)] = task_id
    known = frozenset(ids)

    def meant(written: str, own: str) -> str | None:
        word = _stem(written) or written
        if is_none(word) or word.lower().startswith("phase"):
            return None
        if word in known:
            return word
        numbers, here = _numbers_of(word), _numbers_of(own)
        if numbers is None:
            return None if _NUMBER.match(word) else written  # what begins with one number is a phase's name
        phase = numbers[0] or (here[0] if here else "")
        there = None if here is None or phase == here[0] else phase
        return numbered.get((phase, numbers[1])) or (written if there is None else None)

    return meant


def _numbers_of(word: str) -> tuple[str, str] | None:
    """The phase, empty where none is named, and the plan in it, without zeros in front."""
    both = _NUMBERED.match(word)
    if both is None and (alone := _PLAN_NUMBER.match(word)):
        return "", without_zeros(alone[1])
    numbers = [both["phase"], both["plan"]] if both else _NUMBER.findall(word)
    return (without_zeros(numbers[0]), without_zeros(numbers[-1])) if len(numbers) > 1 else None


def _statuses(beside: Sequence[str]) -> Callable[[str, str], Status | None]:
    """What tells of a plan that there is a summary of it: by its whole name, or by its numbers."""
    names = {path.rpartition("/")[2] for path in beside}
    done = {_SUMMARY_FILE.sub("", name) for name in names if _SUMMARY_FILE.search(name)}

    def status(task_id: str, path: str) -> Status | None:
        numbered = _NUMBERED.match(task_id)
        stem = _stem(path)
        return Status.DONE if {stem, numbered[0] if numbered else stem} & done else None

    return status


def _read(source: str, keys: FrontMatter, basis: Basis) -> Task:
    body = body_of(source, keys)
    title = _title(source, keys, body)
    named = keys.items("plan")
    id_span = named[0].span if named else title
    said = _STATUSES.get(keys.text("status").lower(), Status.TODO)
    listed = [item for item in keys.items(*_WRITES) if not is_none(item.text)]
    wave = keys.number("wave")
    return Task(
        id=basis.id,
        id_span=id_span,
        title=title.of(source),
        title_span=title,
        heading=line_of(source, id_span.start),
        span=Span(0, len(source)),
        fields=(),
        field_lines=Span(body.start, body.start),
        instructions=body.of(source),
        instructions_span=body,
        writes=each_once([*listed, *_elsewhere(source, body)]),
        reads=each_once(_reads(source, body)),
        needs=needs_of(keys, _NEEDS, basis),
        wave=None if wave is None else wave + basis.after,
        status=basis.status or said,
        status_span=status_span(keys, basis),
    )


def _title(source: str, keys: FrontMatter, body: Span) -> Span:
    """What a plan is called: by a key, a heading, or the first sentence of its objective."""
    named = keys.items("title", "name")
    if named and named[0].span.of(source) == named[0].text:
        return named[0].span
    heading = _HEADING.search(source, body.start, min(body.end, body.start + 200))
    if heading:
        return Span(*heading.span("title"))
    objective = next((tag for tag in _TAG.finditer(source, *body.bounds) if tag["name"].lower() == "objective"), None)
    start = objective.start("body") if objective else body.start
    sentence = _SENTENCE.match(source, start, objective.end("body") if objective else body.end)
    if sentence is None:
        return Span(body.start, body.start)
    return Span(sentence.start("title"), sentence.start("title") + len(sentence["title"].rstrip()))


def _elsewhere(source: str, body: Span) -> Iterator[Item]:
    """The files that the plan's tasks name as theirs, and the summary that its agent writes in the end."""
    for tag in _TAG.finditer(source, *body.bounds):
        name, place = tag["name"].lower(), tag.span("body")
        if name == "files":
            yield from _entries(source, place)
        elif name == "output":
            words = map(_item, _WORD.finditer(source, *place))
            yield from (word for word in words if "/" in word.text and word.text.endswith("SUMMARY.md"))


def _reads(source: str, body: Span) -> Iterator[Item]:
    for tag in _TAG.finditer(source, *body.bounds):
        name, place = tag["name"].lower(), tag.span("body")
        if name == "read_first":
            yield from _entries(source, place)
        elif name == "context":
            yield from (word for word in map(_item, _NAMED.finditer(source, *place)) if _is_path(word.text))


def _entries(source: str, place: tuple[int, int]) -> Iterator[Item]:
    """The files of a list with commas; remarks in brackets behind them are none."""
    for entry in _ENTRY.finditer(source, *place):
        path = _PATH.match(source, *entry.span())
        if path and _is_path(path["path"]):
            yield _item(path)


def _is_path(word: str) -> bool:
    """Whether a word names a file of the workspace. Plans cite the tool's own pages by where they lie on the disk."""
    return not word.startswith(("/", "~", "$")) and not is_none(word) and _names_file(word)


def _names_file(word: str) -> bool:
    return "." in word.rpartition("/")[2].rstrip(".") or "/" in word.rstrip("/")


def _item(found: re.Match[str]) -> Item:
    path = found["path"].rstrip(".,;")
    return Item(path, Span(found.start("path"), found.start("path") + len(path)))


def _named_elsewhere(text: str) -> Sequence[str]:
    return [item.text for item in _elsewhere(text, body_of(text, front_matter(text)))]


DIALECT = FileDialect(
    format="gsd",
    id_of=_id_of,
    needs=_NEEDS,
    meaning=_meaning,
    statuses=_statuses,
    reading=_read,
    title="phase",
    wave="wave",
    is_late=lambda keys: keys.text("gap_closure").lower() == "true",
    writer=FileWriter(needs=_NEEDS, done="done", writes=_WRITES, wave="wave", elsewhere=_named_elsewhere),
)


def _recognises(text: str) -> bool:
    keys = front_matter(text).keys
    return "files_modified" in keys and ("wave" in keys or "depends_on" in keys)


READER = Reader(
    name=DIALECT.format,
    title="GSD",
    globs=("**/.planning/**/*-PLAN.md", "**/.planning/**/PLAN.md"),
    parse=partial(parse_alone, DIALECT),
    recognises=_recognises,
    parse_files=partial(parse_task_files, DIALECT),
    beside=("*SUMMARY.md",),
)
