"""The index of a live workspace: kept current from what happens on the disk, and asked in the background.

Nothing runs before an analysis has asked something. From then on two things go on, each in a thread of its own: the
index is brought up to date with the disk, and what open plans ask is answered. A first answer waits until all files
have been looked at. Later ones are given at once, from what is indexed then, and again after every change.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from agent_server.analysis.questions import Answer, Likely, Question
from agent_server.analysis.tree import Tree
from agent_server.workspace.watching import Seen
from agent_server.workspace.workspace import Workspace

if TYPE_CHECKING:
    from agent_server.workspace.index.index import Index

IDLE_SECONDS = 30.0
"""After so long without a change, the processes that read files end. New ones come with the next change."""

SLICE_SECONDS = 0.2
"""Answers are handed over after so long, and then after twice as long each time, while there are more to come."""

_MOST_SLICE_SECONDS = 2.0
_REPEATING_SHARE = 5  # at most one fifth of the time goes into answering again what was answered before

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Indexing:
    """How many files were read, of how many that have to be."""

    done: int
    files: int


class Known(Mapping[Question, Answer]):
    """Answers that note which questions they were asked."""

    def __init__(self, answers: Mapping[Question, Answer]) -> None:
        self.asked: set[Question] = set()
        self._answers = answers

    def __getitem__(self, question: Question) -> Answer:
        self.asked.add(question)
        return self._answers[question]

    def __iter__(self) -> Iterator[Question]:
        return iter(self._answers)

    def __len__(self) -> int:
        return len(self._answers)

    def agree_with(self, others: "Known", questions: Iterable[Question]) -> bool:
        """Whether these questions have the same answers there, or none. Asking that is noted nowhere."""
        mine, theirs = self._answers, others._answers  # noqa: SLF001  # of the same class
        return mine is theirs or all(mine.get(each) == theirs.get(each) for each in questions)

    def take_asked(self) -> set[Question]:
        """What was asked since this was called last."""
        asked, self.asked = self.asked, set()
        return asked


class LiveIndex:
    """Answers to what the analyses of a workspace's plans ask.

    `known` is what is known now: another object whenever that is different, and then `changed` is called. `report` gets
    sentences for the user. `progress` is told how far the reading of files is, and None when it is over. Everything is
    called on the event loop; analyses, which ask `known`, may take place in another thread.
    """

    def __init__(
        self,
        workspace: Workspace,
        environ: Mapping[str, str],
        *,
        changed: Callable[[], None],
        report: Callable[[str], None],
        progress: Callable[[Indexing | None], None] = lambda _indexing: None,
    ) -> None:
        self.known = Known({})
        self._workspace = workspace
        self._environ = environ
        self._changed = changed
        self._report = report
        self._progress = progress
        self._asked: dict[str, tuple[Known, set[Question]]] = {}
        self._answers: dict[Question, _Answered] = {}
        self._pending = Seen(lost=True)
        self._epoch = 0
        self._repeat_at = 0.0
        self._given_up = False
        self._stopped = False
        self._to_index = asyncio.Event()
        self._to_answer = asyncio.Event()
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._index: Index | None = None
        self._threads = ThreadPoolExecutor(2, "index")
        workspace.follow(self._seen)

    @property
    def is_settled(self) -> bool:
        """Whether all that is asked is answered from the disk as it is, as far as that is known."""
        asked = self._questions()
        return not asked or self._given_up or not (self._pending or self._new(asked) or self._old(asked))

    def asked(self, plan: str, known: Known, asked: set[Question], unanswered: Collection[Question]) -> None:
        """The analysis of `plan` has asked `known` all this, and found some of it unanswered."""
        if self._stopped:
            return  # the analysis was under way then
        then, before = self._asked.get(plan, (None, set[Question]()))
        # Over the same answers an analysis may reuse what it worked out before, and not ask for it again.
        self._asked[plan] = (known, asked | before if then is known else asked)
        if asked and self._pending:
            self._begin()
            self._to_index.set()
        if unanswered:
            self._to_answer.set()

    def forget(self, plan: str) -> None:
        """What `plan` asked need not be answered any more."""
        self._asked.pop(plan, None)

    async def stop(self) -> None:
        """End everything, processes included. Stopping twice does nothing."""
        self._stopped = True
        for task in self._tasks:
            task.cancel()
        if self._index is not None:
            self._index.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _seen(self, seen: Seen) -> None:
        self._pending |= seen
        if self._questions():
            self._to_index.set()

    def _begin(self) -> None:
        if not self._tasks:
            loop = asyncio.get_running_loop()
            self._tasks = (loop.create_task(self._keep_current()), loop.create_task(self._keep_answered()))

    # Bringing the index up to date

    async def _keep_current(self) -> None:
        loop = asyncio.get_running_loop()
        Index, NoIndex = await loop.run_in_executor(self._threads, _load)  # noqa: N806  # they are classes

        def report(sentence: str) -> None:
            loop.call_soon_threadsafe(self._report, sentence)

        await self._workspace.listed.wait()
        self._index = Index(self._workspace.root, self._environ, report)
        while True:
            await self._something_happened(self._index)
            seen, self._pending = self._pending, Seen()
            try:
                await loop.run_in_executor(self._threads, self._refresh, self._index, seen, loop)
            except NoIndex:
                self._given_up = True
                return
            except Exception:  # noqa: BLE001  # a fault must not end the following: the next event tries again
                _log.exception("%s could not be indexed", self._workspace.root)
                self._pending |= seen
            else:
                self._epoch += 1
                self._to_answer.set()
            finally:
                self._progress(None)

    async def _something_happened(self, index: "Index") -> None:
        """Waits for it, and lets the processes go meanwhile."""
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                await self._to_index.wait()
        except TimeoutError:
            index.rest()
            await self._to_index.wait()
        self._to_index.clear()

    def _refresh(self, index: "Index", seen: Seen, loop: asyncio.AbstractEventLoop) -> None:
        """In a thread: look at what happened."""

        def progress(done: int, files: int) -> None:
            loop.call_soon_threadsafe(self._progress, Indexing(done, files))

        root = f"{self._workspace.root}/"
        paths = seen.names | seen.written
        inside = None if seen.lost else {path.removeprefix(root) for path in paths if path.startswith(root)}
        # Git's own files say that there may be a new commit. In a linked work tree they lie elsewhere.
        history = seen.lost or any("/.git/" in path or not path.startswith(root) for path in paths)
        index.refresh(self._workspace.tree.paths, inside, progress, history=history)

    # Answering

    async def _keep_answered(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._to_answer.wait()
            self._to_answer.clear()
            if self._epoch and self._index is not None:
                await self._answer_all(self._index, loop)

    async def _answer_all(self, index: "Index", loop: asyncio.AbstractEventLoop) -> None:
        """Answer until everything is answered, or nothing may be answered again yet."""
        seconds = SLICE_SECONDS
        while True:
            asked = self._questions()
            due = self._new(asked)
            repeating = not due
            if repeating:
                due = self._old(asked)
                if due and loop.time() < self._repeat_at:
                    loop.call_at(self._repeat_at, self._to_answer.set)
                    return
            if not due:
                return
            epoch, tree, began = self._epoch, self._workspace.tree, loop.time()
            answers = await loop.run_in_executor(self._threads, _answer_some, index, due, tree, seconds)
            if not answers:
                self._pending |= Seen(lost=True)  # there is nothing to be asked: a refresh mends it, or gives up
                self._to_index.set()
                return
            if repeating:
                now = loop.time()
                self._repeat_at = max(self._repeat_at, now) + (_REPEATING_SHARE - 1) * (now - began)
            self._take(answers, epoch)
            seconds = min(2 * seconds, _MOST_SLICE_SECONDS)

    def _take(self, answers: Mapping[Question, Answer], epoch: int) -> None:
        asked = self._questions()
        different = any(q not in self._answers or self._answers[q].answer != a for q, a in answers.items())
        kept = {question: known for question, known in self._answers.items() if question in asked}
        self._answers = kept | {question: _Answered(answer, epoch) for question, answer in answers.items()}
        if different:
            self.known = Known({question: known.answer for question, known in self._answers.items()})
            self._changed()

    def _questions(self) -> set[Question]:
        """What the open plans ask."""
        return set[Question]().union(*(questions for _, questions in self._asked.values()))

    def _new(self, asked: Iterable[Question]) -> list[Question]:
        """What was never answered, the dearest last."""
        return _by_price(question for question in asked if question not in self._answers)

    def _old(self, asked: Iterable[Question]) -> list[Question]:
        """What was answered before the last change of the index."""
        known = self._answers
        return _by_price(each for each in asked if each in known and known[each].epoch != self._epoch)


@dataclass(frozen=True, slots=True)
class _Answered:
    """An answer, and which state of the index gave it."""

    answer: Answer
    epoch: int


def _load() -> tuple[type["Index"], type[Exception]]:
    """In a thread: what brings SQLite along."""
    from agent_server.workspace.index.index import Index, NoIndex  # noqa: PLC0415  # as above

    return Index, NoIndex


def _by_price(questions: Iterable[Question]) -> list[Question]:
    return sorted(questions, key=lambda question: isinstance(question, Likely))


def _answer_some(
    index: "Index", questions: Sequence[Question], tree: Tree, seconds: float
) -> Mapping[Question, Answer]:
    """In a thread: as many answers as `seconds` allow, in this order; none where there is no index just now."""
    from agent_server.workspace.index.index import NoIndex  # noqa: PLC0415  # is here already

    deadline, found = monotonic() + seconds, dict[Question, Answer]()
    try:
        for question, answer in index.answers(questions, tree):
            found[question] = answer
            if monotonic() > deadline:
                break
    except NoIndex:
        _log.info("%s questions wait for the index of %s", len(questions) - len(found), index.root)
    return found
