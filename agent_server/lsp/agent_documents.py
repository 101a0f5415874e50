"""Documents that are made up when they are read: an agent's brief, its transcript, what it would change.

Nothing is found by walking a path that a client sent. A workspace is one of those that are open here, a plan is one of
its files or open documents, a run is one of its records, and a task or a file is one that the plan or the record names.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from pygls.exceptions import JsonRpcInvalidParams

from agent_server.execution.changes.changes import Change, ChangeKind, FileType, type_of
from agent_server.execution.changes.review import hunk_id, hunks
from agent_server.execution.records.event_log import LoggedEvent
from agent_server.execution.records.record import RunRecord, RunStore
from agent_server.execution.runs.run import Run
from agent_server.execution.state import StateError
from agent_server.lsp import convert
from agent_server.lsp.agent_uris import BaseUri, BriefUri, ChangesUri, ProposedUri, TranscriptUri, parsed, uri_of
from agent_server.lsp.briefs import brief_now
from agent_server.lsp.markdown import unlinked
from agent_server.lsp.messages import ChangeSetResult, LineRange, ProposedFile, ProposedHunk
from agent_server.lsp.project import Project
from agent_server.lsp.refusals import refusal
from agent_server.lsp.run_state import FILE_CHANGES
from agent_server.lsp.server import AgentLanguageServer
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.lsp.transcripts import changes_page, transcript
from agent_server.plan.visible import visible

_T = TypeVar("_T")

_LARGEST_FILE = 8 << 20  # bytes of a proposed file
_SHOWN = 200  # characters of what a client sent, in an error


class NotThere(Exception):
    """There is no such run, task or document. The message is for the user."""


async def text_of(session: AgentLanguageServer, uri: str) -> str:
    """The text of a document of ours; raises a `JsonRpcException` where there is none."""
    wanted = parsed(uri)
    if wanted is None:
        raise JsonRpcInvalidParams(unlinked(f"`{visible(uri, _SHOWN)}` names no document of Agent Server."))
    project = next((each for each in session.projects if each.root == wanted.root), None)
    if project is None:
        raise refusal("The workspace of this document is not open here. Open its plan first.")
    match wanted:
        case BriefUri():
            return await _brief(session, project, wanted)
        case TranscriptUri():
            return await read(project, lambda store: _transcript(store, wanted))
        case ChangesUri():
            return await read(project, lambda store: _changes(store, wanted))
        case ProposedUri() | BaseUri():
            return await read(project, lambda store: _side(store, wanted))


def run_behind(session: AgentLanguageServer, uri: str) -> Run | None:
    """The run that a document tells of, while it is going on: so there will be more to read. None for any other."""
    wanted = parsed(uri)
    if not isinstance(wanted, TranscriptUri | ChangesUri):
        return None
    runs = (project.executor.current for project in session.projects if project.root == wanted.root)
    return next((run for run in runs if run and run.id == wanted.run and run.is_going_on), None)


async def read(project: Project, reading: Callable[[RunStore], _T]) -> _T:
    """What `reading` finds in a project's records, in a thread; raises a `JsonRpcException` where it is not there."""
    try:
        return await asyncio.to_thread(reading, project.executor.records())
    except (NotThere, StateError) as error:
        raise refusal(str(error)) from error
    except OSError as error:
        raise refusal(f"The record of the run cannot be read: {error.strerror}.") from error


def record_of(store: RunStore, plan: str, run: str | None) -> RunRecord:
    """That run of the plan, or its last one; raises `NotThere`."""
    record = store.latest(plan) if run is None else store.load(run)
    if record is None or record.approval.plan != plan:
        which = "no run yet" if run is None else f"no run `{visible(run, _SHOWN)}`"
        raise NotThere(f"`{visible(plan, _SHOWN)}` has {which}.")
    return record


def insist_on_task(record: RunRecord, task: str) -> None:
    """Raise `NotThere` where the run has no such task."""
    if task not in record.tasks:
        raise NotThere(f"Run `{record.id}` has no task `{visible(task, _SHOWN)}`.")


def files_changed(store: RunStore, root: Path, plan: str, task: str | None, run: str | None) -> ChangeSetResult:
    """The answer of `agentServer/changeSet`; reads the disk, and raises `NotThere`."""
    record = record_of(store, plan, run)
    if task is not None:
        insist_on_task(record, task)
    names = [name for name in record.tasks if task in (None, name)]
    declared = [(name, change) for name in names for change in store.changes(record.id, name)]
    outside = [(name, change) for name in names for change in store.undeclared(record.id, name)]
    return ChangeSetResult(
        run=record.id,
        files=[_file(root, record.id, name, change) for name, change in declared],
        undeclared=[_file(root, record.id, name, change) for name, change in outside] or None,
    )


def _file(root: Path, run: str, task: str, change: Change) -> ProposedFile:
    is_known = change.kind is ChangeKind.CREATE or change.before is not None
    return ProposedFile(
        path=change.path,
        kind=FILE_CHANGES[change.kind],
        task=task,
        proposed=uri_of(ProposedUri(root, run, task, change.path)),
        base=uri_of(BaseUri(root, run, task, change.path)) if is_known else None,
        hunks=_hunks(change) or None,
    )


def _hunks(change: Change) -> list[ProposedHunk]:
    """The hunks of a change, as far as its contents are of a size that is shown, and can be read."""
    try:
        if any(side.stat().st_size > _LARGEST_FILE for side in (change.before, change.content) if side):
            return []
        found = hunks(change)
    except OSError:
        return []
    return [
        ProposedHunk(
            id=hunk_id(hunk),
            base=LineRange(start=hunk.old_start, end=hunk.old_end),
            proposed=LineRange(start=hunk.new_start, end=hunk.new_end),
        )
        for hunk in found
    ]


async def _brief(session: AgentLanguageServer, project: Project, wanted: BriefUri) -> str:
    plan = await _plan(session, project, wanted.plan)
    if plan is None:
        raise refusal(f"There is no plan `{visible(wanted.plan, _SHOWN)}` in this workspace.")
    if wanted.task not in plan.analysis.tasks:
        raise refusal(f"The plan has no task `{visible(wanted.task, _SHOWN)}`.")
    return brief_now(plan, wanted.task)


async def _plan(session: AgentLanguageServer, project: Project, name: str) -> PlanSnapshot | None:
    """The plan of that name, as the client has it open, or else as its file says."""
    for document in session.documents:
        path = document.path
        if path is not None and session.plan_name(project, path) == name and session.project_of(path) is project:
            return await session.plan(document.uri)
    found = await session.closed_plan(convert.to_uri(project.root / name))
    return found[0] if found is not None and found[1] is project else None


def _named_by(store: RunStore, wanted: TranscriptUri | ChangesUri | ProposedUri | BaseUri) -> RunRecord:
    record = store.load(wanted.run)
    if record is None:
        raise NotThere(f"There is no run `{visible(wanted.run, _SHOWN)}` in this workspace.")
    insist_on_task(record, wanted.task)
    return record


def _transcript(store: RunStore, wanted: TranscriptUri) -> str:
    record = _named_by(store, wanted)
    return transcript(record, wanted.task, _all_events(store, wanted))


def _all_events(store: RunStore, wanted: TranscriptUri) -> Iterator[LoggedEvent]:
    page = store.events(wanted.run, wanted.task)
    yield from page.events
    while not page.at_end:
        page = store.events(wanted.run, wanted.task, page.next)
        yield from page.events


def _changes(store: RunStore, wanted: ChangesUri) -> str:
    record = _named_by(store, wanted)
    run, task = wanted.run, wanted.task
    return changes_page(wanted.root, record, task, store.changes(run, task), store.undeclared(run, task))


def _side(store: RunStore, wanted: ProposedUri | BaseUri) -> str:
    """The text of a path before or behind a change; what was not declared is shown, too."""
    _named_by(store, wanted)
    changes = (*store.changes(wanted.run, wanted.task), *store.undeclared(wanted.run, wanted.task))
    change = next((each for each in changes if each.path == wanted.path), None)
    if change is None:
        raise NotThere(f"`{wanted.task}` did not change `{visible(wanted.path, _SHOWN)}` in run `{wanted.run}`.")
    if isinstance(wanted, ProposedUri):
        return _text(change.path, change.content, change.type)
    if change.base is not None and change.before is None:
        raise NotThere(f"What stood at `{visible(change.path, _SHOWN)}` before was not kept.")
    return _text(change.path, change.before, change.type if change.base is None else type_of(change.base))


def _text(path: str, content: Path | None, file_type: FileType) -> str:
    """What a kept content says: where there is no file nothing, of a link where it leads to."""
    if content is None:
        return ""
    descriptor = os.open(content, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        read_bytes = file.read(_LARGEST_FILE + 1)
    if file_type is FileType.SYMLINK:
        return visible(os.fsdecode(read_bytes))
    if len(read_bytes) > _LARGEST_FILE:
        raise NotThere(f"`{visible(path, _SHOWN)}` is too large to be shown (over {_LARGEST_FILE >> 20} MB).")
    try:
        return read_bytes.decode("utf-8")
    except UnicodeDecodeError:
        raise NotThere(f"`{visible(path, _SHOWN)}` is no text, so there is nothing to show of it.") from None
