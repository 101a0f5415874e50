"""What a task's fields and words claim about files: the common ground of write sets and read sets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent_server.analysis.absolute_paths import is_absolute, relative
from agent_server.analysis.globs.path_sets import BadGlob, PathSet, parse_glob
from agent_server.analysis.inputs import Surroundings
from agent_server.analysis.model import Access, Source
from agent_server.analysis.tree import Tree, fold_case
from agent_server.analysis.words.components import components
from agent_server.analysis.words.mention_words import Use
from agent_server.analysis.words.mentions import Mention, task_mentions
from agent_server.analysis.words.path_shapes import BUILD_FILES, OF_EACH, PROGRAM_FILE, stem_of_code
from agent_server.analysis.words.same_files import same_files
from agent_server.plan.model import Item, Task
from agent_server.plan.text import Span

MOST_ENTRIES = 500
"""A glob that matches more files than this stays one entry, spelled as the glob: no reader wants the list."""

LONGEST_QUOTE = 160
"""Characters of a sentence that a reason quotes."""

_NOTHING = frozenset({"nothing", "none"})


@dataclass(frozen=True, slots=True)
class Claim:
    """One path or glob that the plan gives, at `span`. `paths` is what it means, less what its field excepts.

    `is_vague`: the words leave open which files of this name, or in this folder, they mean.
    """

    text: str
    paths: PathSet
    span: Span
    source: Source
    confidence: float
    because: str
    is_vague: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A written glob that cannot be read, or leaves the workspace: `span` is the faulty part, `message` the reason."""

    item: Item
    message: str
    span: Span


def globs(items: Iterable[Item]) -> tuple[Item, ...]:
    """The items that are globs: all but the words `nothing` and `none`, which say that there are none."""
    return tuple(item for item in items if item.text.lower() not in _NOTHING)


def readable(items: Iterable[Item], tree: Tree) -> tuple[tuple[Item, ...], tuple[Refused, ...]]:
    """The items that are sound globs, and those that are not."""
    good: list[Item] = []
    bad: list[Refused] = []
    for item in items:
        try:
            parse_glob(item.text, tree)
        except BadGlob as error:
            start = item.span.start
            bad.append(Refused(item, str(error), Span(start + error.start, start + error.end)))
        else:
            good.append(item)
    return tuple(good), tuple(bad)


def excepted(items: Iterable[Item], tree: Tree) -> tuple[str, ...]:
    """The sound globs among the items that except something, with their `!`."""
    good, _ = readable((item for item in items if item.text.startswith("!")), tree)
    return tuple(item.text for item in good)


def declared(field: str, items: Iterable[Item], tree: Tree) -> tuple[Claim, ...]:
    """The claims of a field of globs. Bad globs are left out: `readable` tells which they are."""
    items = globs(items)
    less = excepted(items, tree)
    claims = (_declared_claim(field, item, less, tree) for item in items if not item.text.startswith("!"))
    return tuple(claim for claim in claims if claim is not None)


def named(task: Task, around: Surroundings, tree: Tree, uses: frozenset[Use]) -> tuple[Claim, ...]:
    """The claims of the paths that the task's title and instructions use so, each path once: its first mention.

    That is the first which leaves nothing open, where there is one: `Create README.md in docs/README.md`. A task that
    names no path which it writes may name the task whose file it is, or a component by its name.
    """
    found: dict[str, Claim] = {}
    for mention, start in task_mentions(task):
        path = meant_path(mention, around, tree) if mention.use in uses else None
        if path is not None and (path not in found or found[path].is_vague):
            claim = _named_claim(mention, path, start, tree)
            if claim is not None and not (claim.is_vague and path in found):
                found[path] = claim
    if not found and Use.WRITES in uses:
        claims = tuple(_of_other_tasks(task, around, tree)) or tuple(_of_components(task, around, tree))
        found = {claim.text: claim for claim in claims}
    return tuple(found.values())


def _of_other_tasks(task: Task, around: Surroundings, tree: Tree) -> Iterator[Claim]:
    for text, start in task.words:
        for same in same_files(text):
            path = around.file_of(same.task) if same.task else around.file_before(task.id)
            if path is not None and same.fits(path):
                mention = Mention(path, same.span, Use.WRITES, True, "same", same.sentence, 0.7)
                claim = _named_claim(mention, meant_path(mention, around, tree) or path, start, tree)
                if claim is not None:
                    yield claim


def _of_components(task: Task, around: Surroundings, tree: Tree) -> Iterator[Claim]:
    """The files of the components that a title changes by their names, where plan and workspace know one each."""
    for mention in components(task.title):
        planned = around.file_called(mention.path)
        there = _files_called(tree).get(mention.path, ())
        paths = {*there, *((_from_our_root(planned, around, tree),) if planned else ())}
        claim = _named_claim(mention, paths.pop(), task.title_span.start, tree) if len(paths) == 1 else None
        if claim is not None:
            yield claim


def _files_called(tree: Tree) -> Mapping[str, Sequence[str]]:
    """The workspace's files of code, by what they are called without their endings."""
    return tree.derived("files of code", lambda: _by_stem(tree.paths))


def _by_stem(paths: Iterable[str]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(stem_of_code(path), []).append(path)
    return found


def entries(claims: Iterable[Claim], tree: Tree) -> tuple[Access, ...]:
    """The claims spelled out over the live workspace, each file once: the first claim counts."""
    found: dict[str, Access] = {}
    for claim in claims:
        for path, exists in _spelled_out(claim, tree):
            if path not in found:
                found[path] = Access(path, exists, claim.source, claim.confidence, claim.because, claim.span)
    return tuple(found.values())


def path_set(patterns: tuple[str, ...], tree: Tree) -> PathSet:
    """The set that the patterns spell in this tree; what was compiled for it once is kept. Raises `BadGlob`."""
    return tree.derived(("path set", patterns), lambda: PathSet.of(patterns, tree))


def files(paths: PathSet, tree: Tree) -> tuple[str, ...]:
    """The existing files of a set, sorted; what was expanded once is kept."""
    return tree.derived(("files", paths), lambda: paths.expand(tree))


def meant_path(mention: Mention, around: Surroundings, tree: Tree) -> str | None:
    """The path that a mention means in this workspace; None if it is no path here, or if nobody can tell which.

    A path that does not exist as it stands means the one file whose path ends with it: prose says `nav.py` for
    `site/pages/nav.py`. Where several do, none is meant for certain. So is what is not there yet, where the plan spells
    out the one file whose path ends so; a bare `README.md` or a `.gitignore` may be another one. A `Dockerfile` or a
    `main.py` that a task adds to is that one, unless some task makes another.
    """
    path = _from_our_root(mention.path, around, tree)
    is_file = mention.sure or (path in BUILD_FILES and not mention.is_vague)
    if not path or (path in BUILD_FILES and not is_file):
        return None
    if path in tree or (mention.is_at_root and is_file):
        return path
    if tree.is_directory(path):
        return f"{path.rstrip('/')}/"
    if not is_file:
        return None
    ending = f"/{path}"
    alike = [known for known in tree.named(path.rpartition("/")[2]) if known.endswith(ending)]
    if not alike:
        return _planned(mention, path, around, tree)
    return alike[0] if len(alike) == 1 else None


def _planned(mention: Mention, path: str, around: Surroundings, tree: Tree) -> str | None:
    """The path that a mention means of which the workspace has nothing yet: one that the plan spells out, or itself."""
    full = around.full_path(path) if _may_be_short(mention, path, tree) else None
    if full is not None:
        return _from_our_root(full, around, tree)
    return path if mention.sure else None


def _may_be_short(mention: Mention, path: str, tree: Tree) -> bool:
    """Whether a name or a path may stand for a longer one that the plan spells out."""
    folder, slash, _ = path.partition("/")
    if "*" in path or path.endswith("/") or (slash and tree.is_directory(folder)):
        return False
    name = path.rpartition("/")[2]
    if not OF_EACH.fullmatch(name):
        return True
    is_known = not mention.is_vague and not (slash and mention.is_made)
    return is_known and (bool(slash) or name in BUILD_FILES or PROGRAM_FILE.fullmatch(name) is not None)


def _from_our_root(path: str, around: Surroundings, tree: Tree) -> str:
    return relative(path, around.absolute, around.folders, tree) if is_absolute(path) else path


def _declared_claim(field: str, item: Item, less: tuple[str, ...], tree: Tree) -> Claim | None:
    try:
        paths = path_set((item.text, *less), tree)
    except BadGlob:
        return None
    return Claim(item.text, paths, item.span, Source.DECLARED, 1.0, f"{field}: {item.text}")


def _spelled_out(claim: Claim, tree: Tree) -> Iterator[tuple[str, bool]]:
    """The existing files of a claim, then the missing ones that it spells out; else the glob itself."""
    existing = files(claim.paths, tree)
    if len(existing) > MOST_ENTRIES:
        yield claim.text, True
        return
    yield from ((path, True) for path in existing)
    missing = [path for path in claim.paths.literals if not _exists(path, tree)]
    yield from ((path, False) for path in missing)
    if not existing and not missing and not claim.paths.is_literal:
        yield claim.text, False


def _exists(path: str, tree: Tree) -> bool:
    return path in tree if tree.case_sensitive else fold_case(path) in tree.folded


def _named_claim(mention: Mention, path: str, offset: int, tree: Tree) -> Claim | None:
    try:
        paths = path_set((path,), tree)
    except BadGlob:
        return None
    span = Span(mention.span.start + offset, mention.span.end + offset)
    because = f"“{_quoted(mention.sentence, mention.path)}”"
    is_vague = mention.is_vague and (mention.sure or path.endswith("/"))
    return Claim(path, paths, span, Source.NAMED, mention.confidence, because, is_vague)


def _quoted(sentence: str, path: str) -> str:
    """The sentence, cut to a readable length round the path."""
    if len(sentence) <= LONGEST_QUOTE:
        return sentence
    at = max(0, sentence.find(path))
    start = max(0, min(at - LONGEST_QUOTE // 2, len(sentence) - LONGEST_QUOTE))
    end = start + LONGEST_QUOTE
    return f"{'…' if start else ''}{sentence[start:end].strip()}{'…' if end < len(sentence) else ''}"
