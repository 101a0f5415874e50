"""One workspace: its live tree, its executor, its plans' analyses, and whoever has it open. Knows no LSP.

A project is shared by all sessions of a process. What a session sees of it depends on the session's own settings and
documents; everything that is dear (the listing, the index, the analyses) is there once.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from agent_server.agents.threads import in_thread
from agent_server.analysis.facts import NO_FACTS, RunFacts, TaskState
from agent_server.analysis.incremental import Analyser
from agent_server.analysis.model import Analysis
from agent_server.analysis.questions import Question
from agent_server.analysis.settings import AnalysisSettings
from agent_server.analysis.tree import Tree
from agent_server.demo.folders import settings_in
from agent_server.execution.executor import Executor
from agent_server.execution.records.run_record import RunRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.run import Progress, Run
from agent_server.execution.ticking import NotTicked, by_hand, tick, ticks, untick, unticks
from agent_server.lsp.worker import Worker
from agent_server.plan.folders import FolderText, is_folder, plan_of
from agent_server.plan.formats import FORMATS, Formats, Reader, Reading, is_plan
from agent_server.plan.model import Edit, Plan
from agent_server.plan.visible import visible
from agent_server.settings import ExecutionSettings
from agent_server.workspace.index.live import Indexing, Known, LiveIndex
from agent_server.workspace.paths import relative
from agent_server.workspace.plan_folders import text_of_folder
from agent_server.workspace.workspace import Workspace

_LOOK_SECONDS = 1.0
"""How often it is looked whether another process, such as a command, has decided something about a run."""

_MOST_SETTINGS = 3  # of one plan, that are kept at once

_log = logging.getLogger(__name__)


class Superseded(Exception):
    """The text that was to be analysed is no longer the plan's latest."""


class Listener(Protocol):
    """A session that has a project open. Everything is called on the event loop."""

    def project_changed(self, project: "Project") -> None:
        """Analyses may have new answers."""

    def project_says(self, project: "Project", message: str) -> None:
        """Here is a sentence for the user."""

    def project_indexes(self, project: "Project", indexing: Indexing | None) -> None:
        """The index is that far, or done."""

    def run_began(self, project: "Project", run: Run) -> None:
        """A run has begun, or goes on once more."""

    def run_ended(self, project: "Project", run: Run, message: str, *, well: bool) -> None:
        """A run has ended, or is held."""

    def run_settled(self, project: "Project", progress: Progress) -> None:
        """Something was decided about a run that does not go on, here or in another process."""

    def document_edited(self, project: "Project", name: str) -> None:
        """Another session has another text of a document now, which may be a plan."""

    async def mark(self, project: "Project", plan: str, marking: "Marking") -> bool:
        """Mark in the open plan what landed, or was undone; False where this session cannot."""


@dataclass(frozen=True, slots=True)
class Marking:
    """What is to be marked in a plan: the `edits` of any version of it, and `why` in a few words for the user.

    `on_disk` makes them in the plan at a path, but for some files of it, and raises `NotTicked`; `by_hand` is what the
    user is told to do where only an editor could, and does not.
    """

    edits: Callable[[Plan], tuple[Edit, ...]]
    why: str
    on_disk: Callable[[Path, Collection[str]], None]
    by_hand: str


@dataclass(slots=True)
class _Known:
    """The last version of one plan under some settings: what it says, what the analysis of it was, and of what.

    `tree` is the workspace's, and `texts` are what was read of it, by what was to be read; `asked` is what was asked of
    the index, over the `answers` that were known.
    """

    settings: AnalysisSettings
    formats: Formats
    analyser: Analyser
    text: str | FolderText | None = None
    reader: Reader | None = None
    parsed: Reading | None = None
    revision: int = -1
    analysis: Analysis | None = None
    tree: Tree | None = None
    facts: RunFacts = NO_FACTS
    texts: tuple[frozenset[str], Mapping[str, str]] = (frozenset(), {})
    answers: Known = field(default_factory=lambda: Known({}))
    asked: set[Question] = field(default_factory=set)

    def read(self, name: str, text: str | FolderText) -> Reading | None:
        """What a text says; None where no reader takes it. What it says now decides that, too."""
        if self.text != text:
            reader = text.reader(self.formats) if isinstance(text, FolderText) else self.formats.reader_for(name, text)
            before = self.parsed[0] if self.parsed is not None and self.reader is reader else None
            self.text, self.reader, self.analysis = text, reader, None
            if isinstance(text, FolderText):
                self.parsed = text.read(self.formats, before)
            else:
                self.parsed = reader.parse(text, before) if reader is not None else None
        return self.parsed

    def note_asked(self, answers: Known) -> None:
        """Take what was asked since the last time; over the same answers that is not asked which was before."""
        asked = answers.take_asked()
        self.asked = self.asked | asked if self.answers is answers else asked
        self.answers = answers


class Project:
    """A workspace folder that is open in at least one editor.

    `revision` grows whenever an analysis may have a new answer although the plan's text is the same. `ready` is set
    once the workspace has been listed, or never will be. `settled` gives settings as they hold in it.
    `waves` says of each run how many waves its plan had. Whoever analyses does so in the thread of `worker`; everything
    else belongs to the event loop, unless it says otherwise.
    """

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        self.root = root
        self.workspace = Workspace(root, report=self.say)
        self.index = LiveIndex(
            self.workspace, environ, changed=self.touch, report=self.say, progress=self._tell_indexing
        )
        self.executor = Executor(root, ExecutionSettings(), environ, self.workspace.unsaved)
        self.worker = Worker(f"analysis of {root}")
        self.revision = 0
        self.waves: dict[str, int] = {}
        self.ready = asyncio.Event()
        self.settled = partial(settings_in, root, environ)
        self._loop = asyncio.get_running_loop()
        self._opening: asyncio.Task[None] | None = None
        self._catching_up: asyncio.Task[None] | None = None
        self._listeners: list[Listener] = []
        self._texts: dict[str, dict[Listener, str]] = {}
        self._names: dict[Path, str] = {}
        self._known: dict[str, list[_Known]] = {}
        self._plans: tuple[Tree, Formats, tuple[str, ...]] | None = None
        self._unsaved: frozenset[str] = frozenset()
        self._following: set[asyncio.Task[None]] = set()
        self._deciding: set[asyncio.Task[RunRecord]] = set()

    def open(self) -> None:
        """List the workspace, follow it, and put in order what a crash left behind. Returns at once."""
        if self._opening is None:
            self._opening = self._loop.create_task(self._open())

    async def close(self) -> None:
        """Follow nothing any more. A run that is going on is cancelled; a landing or its recovery goes to its end."""
        self.worker.stop()
        if self._opening is not None and not self.ready.is_set():
            self._opening.cancel()  # first, since it may not have begun
            await self.workspace.stop()
            await asyncio.gather(self._opening, return_exceptions=True)
            self.ready.set()
        if self._catching_up is not None:
            self._catching_up.cancel()
            await asyncio.gather(self._catching_up, return_exceptions=True)
        await self.index.stop()
        await asyncio.gather(*self._deciding, return_exceptions=True)
        await self.executor.close()
        await asyncio.gather(*self._following, return_exceptions=True)
        await self.workspace.stop()

    @property
    def is_quiescent(self) -> bool:
        """Whether nothing is being listed, indexed or analysed."""
        return self.ready.is_set() and self.worker.is_idle and self.index.is_settled

    # Who has it open

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """The sessions that have it open."""
        return tuple(self._listeners)

    def attach(self, listener: Listener) -> None:
        """Tell `listener` what happens from now on; of a run that is going on, and of what is wrong, at once.

        Where the workspace is listed already, whatever else there is to look at is there now, and no event will say so.
        """
        self._listeners.append(listener)
        for problem in self.workspace.problems:
            listener.project_says(self, problem)
        if (run := self.executor.going_on) is not None:
            listener.run_began(self, run)
        if self.ready.is_set():
            listener.project_changed(self)

    def detach(self, listener: Listener) -> None:
        """Tell `listener` nothing any more, and let go of its documents."""
        if listener in self._listeners:
            self._listeners.remove(listener)
        for name in [name for name, texts in self._texts.items() if listener in texts]:
            self._close_text(listener, name)

    def follow(self, run: Run, by: Listener, waves: int, formats: Formats) -> None:
        """Tell everybody of a run that `by` has launched, and see to it that its plan is ticked off when it landed.

        `waves` is how many waves the plan has at that time, and `formats` say how to read it. This belongs to the
        project, whatever becomes of the sessions.
        """
        self.waves.setdefault(run.id, waves)
        for listener in self.listeners:
            listener.run_began(self, run)
        task = self._loop.create_task(self._see_through(run, by, len(run.record.landings), formats))
        self._following.add(task)
        task.add_done_callback(self._following.discard)
        self.touch()  # what the run before has left is told no longer

    async def discard(self, plan: str, run: str) -> RunRecord:
        """Give up what a run holds; raises `NotLaunchable`. Like all decisions it goes to its end, whoever waits."""
        return await self._decided(plan, self.executor.discard(plan, run))

    async def drop(self, plan: str, task: str, path: str, hunks: Collection[str] | None) -> RunRecord:
        """Leave something out of what a held task would land, as `Executor.drop` does."""
        return await self._decided(plan, self.executor.drop(plan, task, path, hunks))

    async def undo(self, plan: str, run: str, by: Listener, formats: Formats) -> RunRecord:
        """Take back the last landing of a run, and let its tasks be open again in the plan; raises `NotLaunchable`."""
        return await self._decided(plan, self._undo(plan, run, by, formats))

    def say(self, message: str) -> None:
        """Tell everybody something."""
        _log.info("%s: %s", self.root, message)
        for listener in self.listeners:
            listener.project_says(self, message)

    def touch(self) -> None:
        """Something that analyses rest on has changed."""
        self.revision += 1
        if self.ready.is_set():
            for listener in self.listeners:
                listener.project_changed(self)

    # Documents

    def open_document(self, listener: Listener, path: Path, text: str) -> None:
        """A document is open in a session, or has changed or been saved there; its text is now `text`.

        Where several sessions have it open, the text that was heard of last holds.
        """
        name = self._names[path] = self.name_of(path)
        texts = self._texts.setdefault(name, {})
        texts.pop(listener, None)
        texts[listener] = text
        self.workspace.open_buffer(name, text)
        self.worker.submit(self._compare)
        self._tell_of_edit(listener, name)

    def close_document(self, listener: Listener, path: Path) -> None:
        """A document is no longer open in a session: another one says what it holds, or the disk does."""
        name = self.name_of(path)
        self._close_text(listener, name)
        self._tell_of_edit(listener, name)

    def files_changed(self, paths: Iterable[Path]) -> None:
        """An editor saw these files appear, vanish or change. Files that lie elsewhere are left out."""
        inside = [name for path in paths if (name := relative(self.root, path))]
        if inside:
            self.workspace.files_changed(inside)

    def name_of(self, path: Path) -> str:
        """A file's path as plans and runs name it: relative to the root where it lies below, else absolute.

        Links are followed, which asks the disk; for open documents that is asked once, since each key asks it thrice.
        """
        return self._names.get(path) or relative(self.root, path) or str(path)

    # In the worker's thread

    def plans(self, formats: Formats) -> tuple[str, ...]:
        """The names of what may be plans in the workspace: files, and folders. Called in the worker's thread."""
        tree = self.workspace.tree
        if self._plans is None or self._plans[0] is not tree or self._plans[1] != formats:
            found = dict.fromkeys(plan_of(path, formats) for path in tree.paths if formats.is_plan(path))
            self._plans = (tree, formats, tuple(found))
            open_texts = frozenset(plan_of(path, formats) for path in tuple(self._texts))
            for gone in [name for name in self._known if name not in tree and name not in {*found, *open_texts}]:
                self._forget(gone)
        return self._plans[2]

    def text_of(
        self, name: str, formats: Formats = FORMATS, opened: Mapping[str, str] = MappingProxyType({})
    ) -> str | FolderText | None:
        """What a plan of the workspace says; None where it, or a part of it, cannot be read.

        `opened` are texts of files as who asks has them open; what others have open counts next, and the disk last.
        Called in the worker's thread.
        """

        def read(path: str) -> str | None:
            return opened[path] if path in opened else self._file_text(path)

        if not is_folder(name):
            return opened[name] if name in opened else self.workspace.text_of(name)
        return text_of_folder(self.root, name, read, formats, (*opened, *self._texts))

    def _file_text(self, path: str) -> str | None:
        """What a file of a plan's folder says, which may be ignored."""
        text = self.workspace.text_of(path)
        if text is not None:
            return text
        try:
            return (self.root / path).read_bytes().decode("utf-8")
        except (OSError, ValueError):
            return None

    def analyse(
        self,
        name: str,
        text: str | FolderText,
        settings: AnalysisSettings,
        is_wanted: Callable[[], bool] = lambda: True,
        formats: Formats = FORMATS,
    ) -> Analysis | None:
        """The analysis of a plan's text over the live workspace; None where no reader takes such a file.

        It is broken off, and `Superseded` raised, as soon as it is no longer wanted; what was worked out by then is
        kept for the next. Called in the worker's thread.
        """
        known = self._known_of(name, settings, formats)
        parsed = known.read(name, text)
        if parsed is None:
            return None
        revision = self.revision
        if known.analysis is not None and known.revision == revision:
            return known.analysis
        facts = replace(self.executor.facts(name), unsaved=self._unsaved_files())
        answers = self.index.known
        if known.analysis is not None and self._is_over_the_same(known, facts, answers):
            known.revision = revision
            return known.analysis

        def checkpoint() -> None:
            if not is_wanted():
                raise Superseded

        def read(paths: frozenset[str]) -> Mapping[str, str]:
            known.texts = (paths, self.workspace.tree_with(paths).contents)
            return known.texts[1]

        plan, problems = parsed
        known.analysis = None
        known.tree, known.facts = self.workspace.tree, facts
        try:
            tree = known.analyser.with_sources(plan, known.tree.with_answers(answers), read, checkpoint)
            found = known.analyser.analyse(plan, problems, tree, settings, facts, checkpoint)
        finally:
            known.note_asked(answers)
        known.analysis, known.revision = found, revision
        known.asked |= found.unanswered
        self._loop.call_soon_threadsafe(self.index.asked, name, answers, set(known.asked), found.unanswered)
        return found

    def _is_over_the_same(self, known: _Known, facts: RunFacts, answers: Known) -> bool:
        """Whether an analysis would see just what the last one saw: then an edit of another plan was all that was."""
        if known.tree is not self.workspace.tree or known.facts != facts:
            return False
        return (
            answers.agree_with(known.answers, known.asked)
            and self.workspace.tree_with(known.texts[0]).contents == known.texts[1]
        )

    def _known_of(self, name: str, settings: AnalysisSettings, formats: Formats) -> _Known:
        """What is known of a plan under these settings. Sessions differ in them, and so do moments."""
        versions = self._known.setdefault(name, [])
        for known in versions:
            if (known.settings is settings or known.settings == settings) and known.formats == formats:
                return known
        versions.append(_Known(settings, formats, Analyser()))
        del versions[:-_MOST_SETTINGS]
        return versions[-1]

    def _forget(self, name: str) -> None:
        self._known.pop(name, None)

    def _unsaved_files(self) -> frozenset[str]:
        """The files with unsaved changes. A plan has some at every other key, and what tasks write is no plan."""
        return frozenset(name for name in self.workspace.unsaved() if not is_plan(name) and name not in self._known)

    def _compare(self) -> None:
        """Step the revision where another set of files has unsaved changes now."""
        unsaved = self._unsaved_files()
        if unsaved != self._unsaved:
            self._unsaved = unsaved
            self._loop.call_soon_threadsafe(self.touch)

    # The rest

    async def _open(self) -> None:
        self.workspace.subscribe(self.touch)
        try:
            await self.workspace.start()
            for message in await self.executor.recover():
                self.say(message)
        except OSError as error:
            _log.warning("%s cannot be opened: %s", self.root, error.strerror)
            self.say(f"This workspace cannot be read: {error.strerror}.")
        except Exception:  # noqa: BLE001  # whatever it is, plans are better analysed without than never
            _log.exception("%s could not be opened as it should", self.root)
            self.say("Agent Server met a fault while it opened this workspace. Its log says more; please report it.")
        self.ready.set()
        self.touch()
        self._catching_up = self._loop.create_task(self._follow_other_processes())

    async def _follow_other_processes(self) -> None:
        """Tell everybody what commands, or other servers, do with the runs of this workspace.

        The record is one file, so a look at its times tells; unlike a watch on it, that also holds on network disks.
        """
        before: object = None  # what was written since the first analysis is news, too
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            now = await self.executor.moment()
            if now == before or self.executor.going_on is not None:
                continue
            before = now
            plans = await self.executor.catch_up()
            if plans is None:
                continue
            self.touch()
            for plan in plans:
                await self._tell_settled(plan)

    async def _decided(self, plan: str, work: Coroutine[Any, Any, RunRecord]) -> RunRecord:
        task = self._loop.create_task(work)
        self._deciding.add(task)
        task.add_done_callback(self._deciding.discard)
        record = await asyncio.shield(task)
        self.touch()
        await self._tell_settled(plan)
        return record

    async def _tell_settled(self, plan: str) -> None:
        """Tell everybody how the last run of a plan stands."""
        progress = await in_thread(self.executor.last_progress, plan)
        for listener in self.listeners:
            if progress is not None:
                listener.run_settled(self, progress)

    async def _undo(self, plan: str, run: str, by: Listener, formats: Formats) -> RunRecord:
        before = self.executor.last_record(plan)
        record = await self.executor.undo(plan, run)
        undone = tuple(
            name
            for name, task in record.tasks.items()
            if task.state is TaskState.UNDONE and (before is None or before.tasks[name] != task)
        )
        await self._mark(plan, by, _undone_marking(record, undone, formats))
        return record

    async def _see_through(self, run: Run, by: Listener, landed_before: int, formats: Formats) -> None:
        record = await run.wait()
        self.touch()
        well = len(record.landings) > landed_before
        if well:
            await self._mark(record.approval.plan, by, _landed_marking(record, formats))
        if well and record.state is RunState.LANDED:
            message = f"{run.progress.message}: {record.approval.part} of `{visible(record.approval.plan)}`."
        elif well:
            message = run.progress.message
        elif record.state is not RunState.CANCELLED:
            message = record.problem
        else:
            return
        # Who launched it hears of it; where that editor has gone, all others do.
        for listener in (by,) if by in self._listeners else self.listeners:
            listener.run_ended(self, run, message, well=well)

    async def _mark(self, plan: str, by: Listener, marking: Marking) -> None:
        """Mark the plan in an editor that has it open, in that of who decided first, else on the disk."""
        marked: frozenset[str] = frozenset()
        for listener in sorted(self.listeners, key=lambda listener: listener is not by):
            if await listener.mark(self, plan, marking):
                # What an editor has not open of a plan that is a folder is marked on the disk.
                marked = frozenset(name for name, texts in self._texts.items() if listener in texts)
                if not is_folder(plan):
                    return
                break
        try:
            await asyncio.to_thread(self._mark_on_disk, plan, marking, marked)
        except NotTicked as error:
            self.say(str(error))

    def _mark_on_disk(self, plan: str, marking: Marking, marked: frozenset[str]) -> None:
        unsaved = self.workspace.unsaved() - marked
        if plan in unsaved or (is_folder(plan) and any(name.startswith(plan) for name in unsaved)):
            raise NotTicked(marking.by_hand)
        marking.on_disk(self.root / plan, marked)

    def _close_text(self, listener: Listener, name: str) -> None:
        texts = self._texts.get(name, {})
        texts.pop(listener, None)
        if texts:
            self.workspace.open_buffer(name, next(reversed(texts.values())))
        else:
            self._texts.pop(name, None)
            self._names = {path: known for path, known in self._names.items() if known != name}
            self.index.forget(name)
            self.workspace.close_buffer(name)
            folder = name[: name.rfind("/") + 1]
            if not any(other.startswith(folder) for other in self._texts):
                self.index.forget(folder)
                self.worker.submit(lambda: self._forget(folder))
            self.worker.submit(lambda: self._forget(name))
        self.worker.submit(self._compare)

    def _tell_of_edit(self, by: Listener, name: str) -> None:
        """Tell the others of a document's new text. Where it is a plan, no analysis but that plan's rests on it."""
        for listener in self._listeners:
            if listener is not by:
                listener.document_edited(self, name)

    def _tell_indexing(self, indexing: Indexing | None) -> None:
        for listener in self.listeners:
            listener.project_indexes(self, indexing)


def _landed_marking(record: RunRecord, formats: Formats) -> Marking:
    names = ", ".join(f"`{name}`" for name in record.landed)
    return Marking(
        edits=lambda plan: ticks(plan, record.landed),
        why="Mark what landed as done",
        on_disk=lambda path, without: tick(path, record, formats, without),
        by_hand="It landed, but your editor did not mark it in the plan. "
        f"{by_hand(record.approval.plan, names, formats, done=True)} before you run the plan again.",
    )


def _undone_marking(record: RunRecord, tasks: tuple[str, ...], formats: Formats) -> Marking:
    names = ", ".join(f"`{name}`" for name in tasks)
    return Marking(
        edits=lambda plan: unticks(plan, tasks),
        why="Mark what was undone as open",
        on_disk=lambda path, without: untick(path, record, tasks, formats, without),
        by_hand="It was undone, but your editor did not mark it in the plan. Take `status: done` away from "
        f"{names} yourself before you run the plan again.",
    )
