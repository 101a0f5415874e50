"""Files that the instructions order to write although the task's `writes` leaves them out: one of the two is a slip.

Where not even the folder is there, the path is rather one of another place: `OUT_DIR/names.rs`. A bare name that is not
there is mostly something else.
"""

from collections.abc import Iterator

from agent_server.analysis.claims import Claim, excepted, named
from agent_server.analysis.implied.work import Kind, Work, implied_claim
from agent_server.analysis.words.mention_words import Use

CONFIDENCE = 0.75
"""Prose may tell of what another task does."""

_WRITES = frozenset({Use.WRITES})


def _implied(work: Work) -> Iterator[Claim]:
    if not work.task.writes or excepted(work.task.writes, work.tree):
        return  # Whoever excepts files has thought of what stays out.
    for claim in named(work.task, work.around, work.tree, _WRITES):
        folder = claim.text.rpartition("/")[0]
        is_near = folder in work.folders() or work.tree.is_directory(folder)
        is_here = claim.text in work.tree or (bool(folder) and is_near)
        if claim.paths.is_literal and not claim.text.endswith("/") and is_here:
            because = f"its instructions say {claim.because}"
            yield from implied_claim(claim.text, claim.span, min(claim.confidence, CONFIDENCE), because, work.tree)


KIND = Kind(_implied)
