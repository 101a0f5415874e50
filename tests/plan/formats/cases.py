"""Literate cases of plan formats: see `README.md` here."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent_server.plan.edits import append_task, set_field
from agent_server.plan.folders import own_files, plan_of
from agent_server.plan.formats import Reading, reader_for
from agent_server.plan.model import Plan, Status, Task, apply_edits
from agent_server.plan.text import Span

FOLDER = Path(__file__).parent
_BLOCK = re.compile(
    r"^(?P<fence>`{3,})(?P<kind>plan|tasks|edit)(?::(?P<about>[^\n]*))?\n(?P<body>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
_CASE = re.compile(r"^## (?P<title>[^\n]+)\n(?P<body>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
NEW = "+"
LISTS = ("needs", "writes", "reads")


@dataclass(frozen=True)
class Block:
    """A fenced block of a case, and where its body stands in the file."""

    kind: str
    about: str
    body: str
    place: Span


@dataclass(frozen=True)
class Case:
    """One plan of a format, the tasks that are expected of it, and changes."""

    file: Path
    title: str
    blocks: tuple[Block, ...]

    @property
    def id(self) -> str:
        """A name for test reports."""
        return f"{self.file.stem}: {self.title}"

    @property
    def files(self) -> list[tuple[str, str]]:
        """The plan's files: their paths and texts."""
        return [(block.about, block.body) for block in self.blocks if block.kind == "plan"]

    def read(self, files: Sequence[tuple[str, str]]) -> Reading:
        """What the files say, in the format of the first one's path."""
        reader = reader_for(*files[0])
        assert reader is not None, f"no format has plans called `{files[0][0]}`"
        if not reader.parse_files:
            return reader.parse(files[0][1])
        own = own_files(plan_of(files[0][0]), dict(files))
        return reader.parse_files(
            [file for file in files if file[0] in own], [path for path, _ in files if path not in own]
        )

    def beside(self, plan: Plan) -> list[tuple[str, str]]:
        """The files that are no part of the plan, and tell something by being there."""
        return [file for file in self.files if file[0] not in {part.path for part in plan.parts}]

    def changes(self) -> Iterator[Block]:
        """The blocks that tell of edits."""
        return (block for block in self.blocks if block.kind == "edit")


def load_cases() -> list[Case]:
    """The cases of every file here."""
    return [case for file in sorted(FOLDER.glob("*.md")) if file.name != "README.md" for case in _cases(file)]


def _cases(file: Path) -> Iterator[Case]:
    text = _without_plans(file.read_text("utf-8"))
    whole = file.read_text("utf-8")
    for found in _CASE.finditer(text):
        blocks = (
            Block(block["kind"], (block["about"] or "").strip(), block["body"], Span(*block.span("body")))
            for block in _BLOCK.finditer(whole, *found.span("body"))
        )
        yield Case(file, found["title"], tuple(blocks))


def _without_plans(text: str) -> str:
    """The text with spaces in place of all blocks: headings in a plan start no case."""
    return _BLOCK.sub(lambda block: re.sub(r"[^\n]", " ", block[0]), text)


def told(plan: Plan) -> list[str]:
    """One line for each task: what was read of it, its title last."""
    return [" | ".join([task.id, *_traits(task), task.title]) for task in plan.tasks]


def _traits(task: Task) -> Iterator[str]:
    if task.phase is not None:
        yield f"phase {task.phase + 1}"
    if task.wave is not None:
        yield f"wave {task.wave}"
    if task.parallel:
        yield "parallel"
    if task.optional:
        yield "optional"
    if task.status is not Status.TODO:
        yield task.status.value
    for name in LISTS:
        if items := getattr(task, name):
            yield f"{name} {', '.join(item.text for item in items)}"


def edited(plan: Plan, change: str) -> tuple[str, list[str]]:
    """The text after a change, and the lines that differ."""
    task_id, name, *items = change.split()
    if task_id == NEW:
        edits = append_task(plan, "", change.removeprefix(NEW), {}, "")
    else:
        task = plan.task(task_id)
        assert task is not None, f"there is no task `{task_id}`"
        edits = set_field(plan, task, name, items)
    text = apply_edits(plan.text, edits)
    differing = difflib.unified_diff(plan.text.split("\n"), text.split("\n"), n=0, lineterm="")
    return text, [line for line in differing if not line.startswith(("---", "+++", "@@"))]


def parts_of(plan: Plan, text: str, after: str) -> list[tuple[str, str]]:
    """The files of a folder after an edit of their joined text, which changed one of them."""
    start = next((at for at, (one, other) in enumerate(zip(text, after, strict=False)) if one != other), len(text))
    grown = len(after) - len(text)
    changed = plan.part_at(min(start, len(text) - 1))
    files: list[tuple[str, str]] = []
    by = 0
    for part in plan.parts:
        end = part.span.end + by + (grown if part is changed else 0)
        files.append((part.path, after[part.span.start + by : end]))
        by += grown if part is changed else 0
    return files


def update(case: Case, bodies: Sequence[tuple[Block, str]]) -> None:
    """Write what was found into the blocks."""
    text = case.file.read_text("utf-8")
    for block, body in sorted(bodies, key=lambda pair: pair[0].place, reverse=True):
        text = f"{text[: block.place.start]}{body}{text[block.place.end :]}"
    case.file.write_text(text, "utf-8")
