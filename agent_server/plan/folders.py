"""Plans that are folders: which files belong to one, what they say together, and edits of each of them.

Such a plan is called by its folder, with a slash at the end. Nothing here knows a disk: whoever lists and reads the
files hands over their paths and texts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from agent_server.plan.formats import FORMATS, Formats, Reader, Reading
from agent_server.plan.formats.patterns import Patterns, spellings
from agent_server.plan.model import Edit, FileText, Part, Plan, apply_edits
from agent_server.plan.text import Encoding, LineIndex, Position, Span


@dataclass(frozen=True, slots=True)
class FolderText:
    """What a plan that is a folder says: its files with their texts, and the paths of those that tell by their name."""

    files: tuple[FileText, ...]
    beside: tuple[str, ...]

    def reader(self, formats: Formats = FORMATS) -> Reader | None:
        """The reader of the files."""
        return formats.reader_for(self.files[0].path) if self.files else None

    def read(self, formats: Formats = FORMATS, before: Plan | None = None) -> Reading | None:
        """The plan in the files, and its problems; None where these are no plan."""
        reader = self.reader(formats)
        if reader is None or reader.parse_files is None:
            return None
        return reader.parse_files(self.files, self.beside, before)

    def plan(self, formats: Formats = FORMATS) -> Plan | None:
        """The plan in the files."""
        found = self.read(formats)
        return found[0] if found is not None else None


def is_folder(name: str) -> bool:
    """Whether a plan of that name is a folder."""
    return name.endswith("/")


def plan_of(path: str, formats: Formats = FORMATS) -> str:
    """What the plan is called that a file belongs to: the file itself, or its folder."""
    folder = path[: path.rfind("/") + 1]
    reader = formats.reader_for(path) if folder else None
    return folder if reader is not None and reader.parse_files is not None else path


@dataclass(frozen=True)
class Beside:
    """The files that tell something of a plan that is a folder by being there."""

    folder: str
    globs: tuple[str, ...]

    @classmethod
    @lru_cache(maxsize=64)
    def of(cls, folder: str, reader: Reader) -> "Beside":
        """Those of a folder of the reader's format."""
        spelled = (glob for pattern in reader.beside for glob in spellings(pattern))
        return cls(folder, tuple([found for glob in spelled if (found := _resolved(folder, glob))]))

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders in which such files may lie, with a slash at the end; not the plan's own."""
        found = dict.fromkeys(glob[: glob.rfind("/") + 1] for glob in self.globs)
        return tuple([folder for folder in found if folder != self.folder])

    @cached_property
    def patterns(self) -> Patterns:
        """What their paths match."""
        return Patterns(self.globs)


def own_files(folder: str, paths: Iterable[str], formats: Formats = FORMATS) -> list[str]:
    """Of these paths those that the plan `folder` is made of, sorted."""
    return sorted(path for path in paths if path.startswith(folder) and plan_of(path, formats) == folder)


class FileRange(NamedTuple):
    """A range of one file of a plan."""

    file: str
    start: Position
    end: Position


class Places:
    """Where offsets of a plan's text stand: in which file, and where in that. `name` is the plan's."""

    def __init__(self, plan: Plan, name: str) -> None:
        self._plan = plan
        self._name = name
        self._lines: dict[str, LineIndex] = {}

    def of(self, offset: int, encoding: Encoding = Encoding.UTF16) -> tuple[str, Position]:
        """The file, and the place in it."""
        file, start, _ = self.range(Span(offset, offset), encoding)
        return file, start

    def range(self, span: Span, encoding: Encoding = Encoding.UTF16) -> FileRange:
        """The file, and the places in it; what reaches beyond the file ends with that."""
        part = self._plan.part_at(span.start) or Part(self._name, Span(0, len(self._plan.text)))
        if part.path not in self._lines:
            self._lines[part.path] = LineIndex(part.span.of(self._plan.text))
        lines, by = self._lines[part.path], part.span.start
        start, end = (lines.position(offset - by, encoding) for offset in span.bounds)
        return FileRange(part.path, start, end)


def edits_by_file(plan: Plan, edits: Sequence[Edit]) -> Mapping[str, tuple[Edit, ...]]:
    """The edits of a folder's text as edits of its files, by their paths."""
    found: dict[str, list[Edit]] = {}
    for edit in edits:
        part = plan.part_at(edit.span.start)
        if part is not None:
            span = Span(edit.span.start - part.span.start, edit.span.end - part.span.start)
            found.setdefault(part.path, []).append(Edit(span, edit.new_text))
    return {path: tuple(each) for path, each in found.items()}


def edited(text: str, edits: Sequence[Edit]) -> str:
    """A file's text after edits of it as a part, which has a line end at its end that the file may lack."""
    end = len(text)
    return apply_edits(text, tuple(Edit(Span(min(e.span.start, end), min(e.span.end, end)), e.new_text) for e in edits))


def _resolved(folder: str, glob: str) -> str | None:
    """A glob that is relative to a folder, from where that folder's path begins; None where it leads above that."""
    parts = folder.rstrip("/").split("/")
    for step in glob.split("/"):
        if step != "..":
            parts.append(step)
        elif parts:
            parts.pop()
        else:
            return None
    return "/".join(parts)


def tasks_first(plan: Plan) -> Iterator[Part]:
    """The files of a plan that have work left first, each in its order."""
    open_parts = {part.path for task in plan.tasks if task.is_open and (part := plan.part_at(task.span.start))}
    yield from (part for part in plan.parts if part.path in open_parts)
    yield from (part for part in plan.parts if part.path not in open_parts)
