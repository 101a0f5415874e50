"""Real plans of other people, to test on: a folder that the environment variable `AGENT_SERVER_CORPUS` names.

Its `index.tsv` has a line a file: the columns `format`, `path` (in its own repository) and `file` (in the folder).
The texts are not ours, so none of them is in this repository; without the folder such tests are skipped.
"""

import csv
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

CORPUS = os.environ.get("AGENT_SERVER_CORPUS", "")

needs_corpus = pytest.mark.skipif(not CORPUS, reason="AGENT_SERVER_CORPUS names no folder with other people's plans")


@dataclass(frozen=True)
class RealPlan:
    """A file of the corpus, and where it lay in its repository."""

    format: str
    path: str
    file: Path

    @property
    def text(self) -> str:
        """What it says, with its own line ends."""
        return self.file.read_bytes().decode("utf-8", "replace")


def real_plans(*formats: str, where: Callable[[RealPlan], bool] = lambda _plan: True) -> list[RealPlan]:
    """The files of these formats, as the corpus calls them; all where none is given."""
    if not CORPUS:
        return []
    with (Path(CORPUS) / "index.tsv").open(encoding="utf-8", newline="") as index:
        found = [
            RealPlan(row["format"], row["path"], Path(CORPUS) / row["file"])
            for row in csv.DictReader(index, delimiter="\t")
        ]
    return [plan for plan in found if (not formats or plan.format in formats) and where(plan)]
