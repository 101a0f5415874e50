"""The plan formats that Agent Server reads: one file each. Adding a file adds a format.

A format's file exposes `READER`; a file without one is what several formats share. What has to be known of a format
before its reader is imported stands in `places.py`, which `python -m protocol.generate` writes from the readers. Which
format a file has is told by its path first, then by what it says.

To add a format:

1. Write `plan/formats/NAME.py` with a docstring that says where such plans come from, and a `READER` (`reader.py`).
   Most formats only tell an engine what they are like: `Dialect` for lists of boxes (as `conductor.py`), `Shape` for
   documents (`execplan.py`), `Form` for JSON (`ralph_prd.py`), `FileDialect` for a file a task (`backlog.py`). `parse`
   may also be a function of its own, from a text to a `Plan` and its problems.
2. Write `tests/plan/formats/NAME.md` with small plans of it; its README tells how the rest is filled in. The tests of
   odd input and of edits find the new reader by these.
3. Run `python -m protocol.generate`: the server, each editor and the pre-commit hook learn where such plans lie.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module

from agent_server.plan.formats.patterns import Patterns, endings
from agent_server.plan.formats.places import PLACES
from agent_server.plan.formats.reader import ENOUGH, Parse, ParseFiles, Reader
from agent_server.plan.model import Reading

__all__ = [
    "FORMATS",
    "READERS",
    "Formats",
    "Parse",
    "ParseFiles",
    "Reader",
    "Reading",
    "is_plan",
    "reader_for",
    "recognised",
]


class _Readers(Mapping[str, Reader]):
    """The readers by the names of their formats. Each is imported when somebody asks for it, which takes a moment."""

    def __getitem__(self, name: str) -> Reader:
        reader: Reader = import_module(f"{__name__}.{PLACES[name].module}").READER
        return reader

    def __iter__(self) -> Iterator[str]:
        return iter(PLACES)

    def __len__(self) -> int:
        return len(PLACES)


READERS: Mapping[str, Reader] = _Readers()
"""Every reader by the name of its format, in the order in which they are asked."""


@dataclass(frozen=True)
class Formats:
    """Which files are plans, and of which format. `patterns` are a user's own globs, by the names of formats."""

    patterns: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def is_plan(self, path: str) -> bool:
        """Whether a file at the path may be a plan: what it says may yet show that it is none.

        It is asked of every file of a workspace, so nearly all are told by how they end.
        """
        likely = path[-_LONGEST_ENDING:].lower().endswith(_ENDINGS) and _ANYWHERE.match(path) and not _NEVER.match(path)
        return likely or (bool(self.patterns) and self._chosen.match(path))

    def reader_for(self, path: str, text: str | None = None) -> Reader | None:
        """The reader for the file at `path`, or None when it is no plan. Without its text, the likeliest one.

        A user's own pattern decides, then the path together with the text.
        """
        for name, patterns in self._own.items():
            if patterns.match(path):
                return READERS[name]
        likely = () if _NEVER.match(path) else [name for name in PLACES if PLACES[name].everywhere.match(path)]
        if text is None:
            return READERS[likely[-1]] if likely else None
        return next(map(READERS.__getitem__, _surest_first(likely, path, text)), None)

    @property
    def globs(self) -> tuple[str, ...]:
        """All globs of plans, the user's own last."""
        return tuple(dict.fromkeys((*_GLOBS, *(glob for name in self._own for glob in self.patterns[name]))))

    @cached_property
    def _own(self) -> Mapping[str, Patterns]:
        return {name: Patterns(globs) for name, globs in self.patterns.items() if name in READERS and globs}

    @cached_property
    def _chosen(self) -> Patterns:
        return Patterns([glob for name in self._own for glob in self.patterns[name]])


def _surest_first(likely: Sequence[str], path: str, text: str) -> Iterator[str]:
    """The formats that a text at a path may have, the surest first: those that know it, then those of the path."""
    start = text[:ENOUGH]
    for name in likely:
        if PLACES[name].word in start and READERS[name].recognises(start):
            yield name
    for name in likely:
        if PLACES[name].is_certain(path):
            yield name
    for name in likely:
        if PLACES[name].needs_content and PLACES[name].patterns.match(path) and READERS[name].suits(start):
            yield name


def recognised(text: str) -> Reader | None:
    """The reader that knows a text by what it says, wherever it lies.

    Formats whose path is enough ask for more of a text than those that look at nothing but their own files.
    """
    start = text[:ENOUGH]
    readers = sorted(READERS.values(), key=lambda reader: reader.needs_content)
    return next((reader for reader in readers if reader.recognises(start)), None)


_GLOBS = tuple(dict.fromkeys(glob for place in PLACES.values() for glob in (*place.globs, *place.elsewhere)))
_ANYWHERE = Patterns(_GLOBS)
_NEVER = Patterns(
    (
        "**/.*/**/{commands,command,prompts,workflows,agents,skills,templates}/**",
        "**/{README,CLAUDE,AGENTS,GEMINI}.md",
    )
)
"""What is no plan wherever it lies: tools' own prompts, such as `speckit.plan.md`, and pages about plans."""

_ENDINGS = endings(_GLOBS)
_LONGEST_ENDING = max(map(len, _ENDINGS), default=0)

FORMATS = Formats()
"""The formats without any pattern of a user's."""

is_plan: Callable[[str], bool] = FORMATS.is_plan
reader_for: Callable[..., Reader | None] = FORMATS.reader_for
