"""What a command's analyses ask of the whole workspace: answered from its index, which is made when one asks."""

import sys
import time
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from agent_server.analysis.questions import Answer, Question
from agent_server.analysis.tree import Tree

if TYPE_CHECKING:
    from agent_server.workspace.index.index import Index

PATIENCE_SECONDS = 1.0
"""When indexing takes longer, the terminal says what is going on."""


class Answering:
    """Answers about the files of `tree`, the workspace at `root`; `known` is what has been answered."""

    def __init__(self, root: Path, tree: Tree, environ: Mapping[str, str]) -> None:
        self.known: dict[Question, Answer] = {}
        self._root = root
        self._tree = tree
        self._environ = environ
        self._index: Index | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def answer(self, questions: Collection[Question]) -> bool:
        """Answer these questions; False where there is none, or no index to answer them."""
        if not questions:
            return False
        from agent_server.workspace.index.index import NoIndex

        try:
            self.known |= dict(self._refreshed().answers(questions, self._tree))
        except NoIndex:
            return False
        return True

    def _refreshed(self) -> "Index":
        from agent_server.workspace.index.index import Index

        if self._index is None:
            self._index = self._stack.enter_context(Index(self._root, self._environ, _say))
            self._index.refresh(self._tree.paths, None, _Notice(), history=True)
        return self._index


class _Notice:
    """One line on a terminal, once indexing takes long."""

    def __init__(self) -> None:
        self._due = time.monotonic() + PATIENCE_SECONDS
        self._said = not sys.stderr.isatty()

    def __call__(self, done: int, files: int) -> None:
        if not self._said and done < files and time.monotonic() > self._due:
            self._said = True
            _say(f"Reading {files - done:,} files that are new or have changed ...")


def _say(sentence: str) -> None:
    print(f"agent-server: {sentence}", file=sys.stderr)
