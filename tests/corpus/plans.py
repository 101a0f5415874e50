"""Plans that people wrote, from the folder that `AGENT_SERVER_CORPUS` names: nothing of them is in this repository.

Its `index.tsv` has a line for each plan: format, repository, path, commit, tasks, marked tasks, file.
"""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from agent_server.analysis.analyse import analyse
from agent_server.analysis.model import Analysis
from agent_server.analysis.settings import DEFAULT_SETTINGS
from agent_server.analysis.tree import Tree
from agent_server.plan.formats import Reader, reader_for, recognised

FOLDER = Path(os.environ["AGENT_SERVER_CORPUS"]) if "AGENT_SERVER_CORPUS" in os.environ else None


@dataclass(frozen=True)
class CorpusPlan:
    """A plan as it stands in its repository. `kind` is its format, as the corpus calls it, and `file` lies in that.

    `tasks` is how many a careful script found; 0 where it did not look.
    """

    kind: str
    path: str
    tasks: int
    file: str
    text: str

    @property
    def reader(self) -> Reader | None:
        """The reader that takes it, by its path in its repository, or else by what it says."""
        return reader_for(self.path, self.text) or recognised(self.text)

    def analysis(self) -> Analysis | None:
        """The analysis of the plan alone, without its workspace."""
        reader = self.reader
        return analyse(*reader.parse(self.text), Tree(), DEFAULT_SETTINGS) if reader is not None else None


needs_corpus = pytest.mark.skipif(
    FOLDER is None, reason="it takes a corpus of plans: set AGENT_SERVER_CORPUS to its folder"
)


@cache
def corpus(*kinds: str) -> tuple[CorpusPlan, ...]:
    """The plans of these kinds, or all; none where there is no corpus."""
    plans = _plans(FOLDER) if FOLDER is not None else ()
    return tuple(plan for plan in plans if not kinds or plan.kind in kinds)


def _plans(folder: Path) -> Iterator[CorpusPlan]:
    with (folder / "index.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            text = (folder / row["file"]).read_bytes().decode("utf-8", "replace")
            yield CorpusPlan(row["format"], row["path"], int(row["n_tasks"] or 0), row["file"], text)
