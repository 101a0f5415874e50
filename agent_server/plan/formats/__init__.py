"""The plan formats that Agent Server reads: one file each. Adding a file adds a format.

A format's file exposes `READER`; a file without one is what several formats share. Which format a file has is told by
its path first, then by what it says.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from itertools import chain
from pkgutil import iter_modules

from agent_server.plan.formats.patterns import Patterns, endings
from agent_server.plan.formats.reader import Parse, ParseFiles, Reader, Reading

__all__ = ["FORMATS", "READERS", "Formats", "Parse", "ParseFiles", "Reader", "Reading", "is_plan", "reader_for"]


def _readers() -> Mapping[str, Reader]:
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    readers: list[Reader] = [module.READER for module in modules if hasattr(module, "READER")]
    return {reader.name: reader for reader in sorted(readers, key=_place)}


def _place(reader: Reader) -> tuple[bool, bool, str]:
    """Formats whose path is not enough stand first, and those whose plans lie anywhere behind all with a folder."""
    lies_anywhere = any(glob.removeprefix("**/").startswith("*") for glob in reader.globs)
    return not reader.needs_content, lies_anywhere, reader.name


READERS: Mapping[str, Reader] = _readers()
"""Every reader by the name of its format, in the order in which they are asked."""


@dataclass(frozen=True)
class Formats:
    """Which files are plans, and of which format. `patterns` are a user's own globs, by the names of formats."""

    patterns: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def is_plan(self, path: str) -> bool:
        """Whether a file at the path may be a plan: what it says may yet show that it is none.

        It is asked of every file of a workspace, so nearly all are told by how they end.
        """
        likely = path[-_LONGEST_ENDING:].lower().endswith(_ENDINGS) and _ANYWHERE.match(path)
        return likely or (bool(self.patterns) and self._chosen.match(path))

    def reader_for(self, path: str, text: str | None = None) -> Reader | None:
        """The reader for the file at `path`, or None when it is no plan. Without its text, the likeliest one.

        A user's own pattern decides, then the path together with the text.
        """
        for name, patterns in self._own.items():
            if patterns.match(path):
                return READERS[name]
        likely = [reader for reader in READERS.values() if reader.matches(path)]
        if text is None:
            return likely[-1] if likely else None
        knowing = (reader for reader in likely if reader.recognises(text))
        certain = (reader for reader in likely if reader.is_certain(path))
        suited = (reader for reader in likely if reader.is_suited(path, text))
        return next(chain(knowing, certain, suited), None)

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


def recognised(text: str) -> Reader | None:
    """The reader that knows a text by what it says, wherever it lies.

    Formats whose path is enough ask for more of a text than those that look at nothing but their own files.
    """
    readers = sorted(READERS.values(), key=lambda reader: reader.needs_content)
    return next((reader for reader in readers if reader.recognises(text)), None)


_GLOBS = tuple(dict.fromkeys(glob for reader in READERS.values() for glob in (*reader.globs, *reader.elsewhere)))
_ANYWHERE = Patterns(_GLOBS)
_ENDINGS = endings(_GLOBS)
_LONGEST_ENDING = max(map(len, _ENDINGS))

FORMATS = Formats()
"""The formats without any pattern of a user's."""

is_plan: Callable[[str], bool] = FORMATS.is_plan
reader_for: Callable[..., Reader | None] = FORMATS.reader_for
