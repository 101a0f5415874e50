"""Files that a sentence names apart from the folder that they lie in: "create `hub.py` in `src/pages/`".

A sentence may also name a file first and spell its path out behind that: "add a `hub.py` (file: `src/pages/hub.py`)".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agent_server.analysis.words.mention_words import ASIDES, CREATES, DATA_ENDINGS, FILLERS, LIST_WORDS, PLACES, Use
from agent_server.analysis.words.path_shapes import BUILD_FILES, WrittenPath, extension


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a path is used, the word that decided it, and how far to trust that (0 to 1)."""

    use: Use
    word: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Used:
    """A path of a sentence and how it is used.

    `between` are the words since the path before it, or since the sentence began, without those in brackets; `cue` are
    those right before it that tell something. `is_vague` says that it leaves open which files are meant, `is_at_root`
    that it lies at the root of the workspace.
    """

    path: WrittenPath
    verdict: Verdict
    cue: str
    between: Sequence[str]
    is_vague: bool = False
    is_at_root: bool = False

    @property
    def is_listed(self) -> bool:
        """Whether it only continues a list."""
        return all(word in LIST_WORDS for word in self.between)


_NO_CODE = frozenset({"", *DATA_ENDINGS})

_MOST_WORDS = 2
"""Words between a name and its folder that say what it is: "the `hub.py` module in `src/`"."""


def in_their_folders(used: Sequence[Used]) -> Iterator[Used]:
    """The paths of a sentence, where a bare name stands for the file of that name in the folder beside it.

    Such a folder is only where something is written, not what is written.
    """
    folders = [_folder(used, at) for at in range(len(used))]
    named = {at for at in folders if at is not None and not _is_file(used[at])}
    for at, each in enumerate(used):
        folder = folders[at]
        spelled_out = () if folder is not None or "/" in each.path.path else _spelled_out(used, at)
        if len(spelled_out) == 1:
            yield replace(each, path=replace(each.path, path=spelled_out[0]))
        elif spelled_out:
            yield replace(each, verdict=Verdict(Use.CITES, each.cue, each.verdict.confidence))
        elif folder is not None:
            place = (
                used[folder].path.path.rpartition("/")[0]
                if _is_file(used[folder])
                else used[folder].path.path.rstrip("/")
            )
            yield replace(each, path=replace(each.path, path=f"{place}/{each.path.path}", sure=True))
        elif at in named:
            yield replace(each, verdict=Verdict(Use.CITES, each.cue, each.verdict.confidence))
        else:
            yield each


def _spelled_out(used: Sequence[Used], at: int) -> Sequence[str]:
    """The paths that are spelled out behind a bare name that is written; not those of a list that it is in."""
    if not _is_bare(used[at]):
        return ()
    ending = f"/{used[at].path.path}"
    first = next((later for later in range(at + 1, len(used)) if not used[later].is_listed), len(used))
    behind = (each for each in used[first:] if each.verdict.use is Use.WRITES and each.path.path.endswith(ending))
    return tuple(dict.fromkeys([each.path.path for each in behind]))


def _folder(used: Sequence[Used], at: int) -> int | None:
    """Where the folder of a bare name stands, or a path with it: right behind its list, as a place, else before."""
    if not _is_bare(used[at]):
        return None
    first, last = at, at
    while first > 0 and used[first].is_listed and _is_bare(used[first - 1]):
        first -= 1
    while last + 1 < len(used) and used[last + 1].is_listed and _is_bare(used[last + 1]):
        last += 1
    if last + 1 < len(used) and _is_behind(used[last + 1]) and _are_one(used[first], used[last + 1]):
        return None if used[first].cue else last + 1
    if first > 0 and _is_before(used[first - 1], used[first]):
        return first - 1
    return first - 1 if first > 0 and used[first].is_listed and _are_new(used[first - 1], used[at]) else None


def _are_new(first: Used, other: Used) -> bool:
    """Whether a file is made in the folder of the one that its list begins with: "create `src/a.py` and `b.py`"."""
    endings = {extension(first.path.path), extension(other.path.path)}
    is_making = not first.verdict.word or first.verdict.word in CREATES
    return (
        _is_file(first) and is_making and _are_one(first, other) and len(endings) == 1 and endings.isdisjoint(_NO_CODE)
    )


def _is_file(each: Used) -> bool:
    return each.path.sure and "/" in each.path.path and not each.path.path.endswith("/")


def _is_behind(folder: Used) -> bool:
    """Whether it is a folder in which the names before it lie: "`hub.py` and `nav.py` in `src/`".

    What is moved there lies elsewhere.
    """
    words = [word for word in folder.between if word not in FILLERS and word not in folder.cue.split()]
    is_vague = folder.cue in PLACES and folder.verdict.word != "move"
    return _is_folder(folder) and is_vague and len(words) <= _MOST_WORDS and ASIDES.isdisjoint(words)


def _is_before(folder: Used, name: Used) -> bool:
    """Whether it is a folder in which the names behind it lie: "files in `src/`: `hub.py`", "`src/` with `hub.py`"."""
    is_vague = folder.cue in PLACES and not name.is_listed
    is_folder = folder.path.path.endswith("/") and _is_folder(folder)
    return is_folder and not name.cue and (is_vague or "with" in name.between) and _are_one(folder, name)


def _is_bare(each: Used) -> bool:
    is_file = each.path.sure or each.path.path in BUILD_FILES
    return is_file and "/" not in each.path.path and each.verdict.use is Use.WRITES


def _is_folder(each: Used) -> bool:
    return each.verdict.use is Use.WRITES and (each.path.path.endswith("/") or not each.path.sure)


def _are_one(one: Used, other: Used) -> bool:
    """Whether one verb is about both."""
    return one.verdict.word == other.verdict.word
