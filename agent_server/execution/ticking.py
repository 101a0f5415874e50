"""Marking what landed as done, in plan files that no editor holds."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent_server.execution.records.record import RunRecord
from agent_server.plan.edits import set_field
from agent_server.plan.folders import edited, edits_by_file, is_folder
from agent_server.plan.formats import FORMATS, Formats
from agent_server.plan.model import OWN_FORMAT, Edit, Plan, Status, apply_edits
from agent_server.workspace.plan_folders import text_of_folder
from agent_server.workspace.whole_files import drafted, replace_file


class NotTicked(Exception):
    """The wave landed or was undone, but that could not be marked in the plan. The message is for the user."""


def ticks(plan: Plan, landed: Collection[str]) -> tuple[Edit, ...]:
    """The edits that mark the tasks as done that landed and are still open in the plan."""
    tasks = (plan.task(name) for name in landed)
    return tuple(edit for task in tasks if task and task.is_open for edit in set_field(plan, task, "status", "done"))


def unticks(plan: Plan, undone: Collection[str]) -> tuple[Edit, ...]:
    """The edits that let tasks be open again which were done in the plan and are undone."""
    tasks = (plan.task(name) for name in undone)
    done = (task for task in tasks if task and task.status is Status.DONE)
    return tuple(edit for task in done for edit in set_field(plan, task, "status", ()))


def by_hand(plan: str, tasks: str, formats: Formats = FORMATS, *, done: bool) -> str:
    """What a person has to do to mark tasks of a plan as done, or as open again. `plan` is its path."""
    reader = formats.reader_for(plan)
    if reader is None or reader.name == OWN_FORMAT:
        return f"Set `status: done` on {tasks} yourself" if done else f"Take `status: done` away from {tasks} yourself"
    return f"Tick off {tasks} yourself" if done else f"Take the ticks of {tasks} away yourself"


def tick(path: Path, record: RunRecord, formats: Formats = FORMATS, without: Collection[str] = ()) -> None:
    """Tick off what landed of a run in the plan file at `path`, and leave every other byte as it is.

    `formats` says how to read the plan. Where `path` is a symbolic link, the file it leads to is marked; where the plan
    is a folder, the files of the tasks are, but those in `without`. Raises `NotTicked`; all files are then what they
    were.
    """
    try:
        _mark(path, record.approval.plan, formats, lambda plan: ticks(plan, record.landed), without)
    except _NotMarkedError as error:
        raise NotTicked(
            f"The wave landed, but `{path}` could not be marked: {error}. "
            f"{by_hand(record.approval.plan, 'its tasks', formats, done=True)} before you run the plan again."
        ) from error


def untick(
    path: Path,
    record: RunRecord,
    undone: Collection[str],
    formats: Formats = FORMATS,
    without: Collection[str] = (),
) -> None:
    """Let tasks of a run that are undone be open again in the plan file at `path`, as `tick` does it."""
    try:
        _mark(path, record.approval.plan, formats, lambda plan: unticks(plan, undone), without)
    except _NotMarkedError as error:
        raise NotTicked(
            f"The landing was undone, but `{path}` could not be marked: {error}. "
            f"{by_hand(record.approval.plan, 'its tasks', formats, done=False)} before you run the plan again."
        ) from error


class _NotMarkedError(Exception):
    """The plan file is what it was. The message says why, without a full stop."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What becomes of one file of a plan."""

    path: Path
    before: bytes
    after: bytes


def _mark(
    path: Path,
    name: str,
    formats: Formats,
    edits_of: Callable[[Plan], tuple[Edit, ...]],
    without: Collection[str],
) -> None:
    try:
        if is_folder(name):
            changes = _changes_of_folder(path, name, formats, edits_of)
            _make([change for file, change in changes.items() if file not in without])
        else:
            _make(_changes_of_file(path, name, formats, edits_of))
    except UnicodeDecodeError as error:
        raise _NotMarkedError("it is no longer UTF-8 text") from error
    except OSError as error:
        raise _NotMarkedError(error.strerror or "it cannot be written") from error


def _changes_of_file(
    path: Path, name: str, formats: Formats, edits_of: Callable[[Plan], tuple[Edit, ...]]
) -> list[_Change]:
    real = path.resolve(strict=True)
    before = real.read_bytes()
    text = before.decode("utf-8")
    reader = formats.reader_for(name, text)
    edits = edits_of(reader.parse(text)[0]) if reader is not None else ()
    return [_Change(real, before, apply_edits(text, edits).encode("utf-8"))] if edits else []


def _changes_of_folder(
    path: Path, name: str, formats: Formats, edits_of: Callable[[Plan], tuple[Edit, ...]]
) -> dict[str, _Change]:
    """Those of the files of a plan that is a folder, by their paths."""
    root = path.parents[len(Path(name).parts) - 1]
    contents: dict[str, bytes] = {}

    def read(file: str) -> str:
        contents[file] = (root / file).read_bytes()
        return contents[file].decode("utf-8")

    said = text_of_folder(root, name, read, formats)
    if said is None or (plan := said.plan(formats)) is None:
        raise _NotMarkedError("none of its files is there")
    texts = dict(said.files)
    return {
        file: _Change((root / file).resolve(strict=True), contents[file], edited(texts[file], edits).encode("utf-8"))
        for file, edits in edits_by_file(plan, edits_of(plan)).items()
    }


def _make(changes: Sequence[_Change]) -> None:
    """Put what is to be into each file's place, if all are still what was read, and their owners let them be written.

    Each file changes at one stroke. Where one cannot be put into its place, those before it are what they were again.
    """
    drafts: list[Path] = []
    done: list[_Change] = []
    try:
        for change in changes:
            drafts.append(drafted(change.path, change.after))  # noqa: PERF401  # where one fails, those before it go
        if any(change.path.read_bytes() != change.before for change in changes):
            raise _NotMarkedError("it was changed at the same moment")
        for draft, change in zip(drafts, changes, strict=True):
            draft.replace(change.path)
            done.append(change)
    except OSError:
        for change in done:
            replace_file(change.path, change.before)
        raise
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)
