"""Which dependencies a task's words add, update or remove: "add the `zod` package", "bump pydantic to 2.8".

Prose is read sentence by sentence, word by word; commands (`pnpm add -D vitest`) wherever they stand. Words that only
may mean a package are believed where the package is widely known, or where the manifest lists it already: `listed`
says that the caller must check that. What is no order ("zod is already there", "without a new dependency", "install
the handler") is left alone. The tables were read against plans that people published.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from agent_server.analysis.implied.ecosystems import ECOSYSTEMS, MANIFESTS
from agent_server.analysis.implied.known_packages import known_ecosystems
from agent_server.analysis.words.prose import blocks, prose_of
from agent_server.plan.text import Span

# ruff: noqa: SIM905  # A table of words reads better as prose than as a column of strings.


class Step(StrEnum):
    """What happens to a dependency, as the word for the user."""

    ADD = "adding"
    UPDATE = "updating"
    REMOVE = "removing"
    REPLACE = "replacing"


@dataclass(frozen=True, slots=True)
class PackageChange:
    """One package that a text adds, updates or removes, at `span`.

    `name` is empty where the text names none. `ecosystems` are those that the words leave. `listed`: it is a change of
    a package only if a manifest lists that name. `manifest` is the one that the sentence names, as spelled there.
    """

    step: Step
    name: str
    span: Span
    confidence: float
    ecosystems: tuple[str, ...] = tuple(ECOSYSTEMS)
    listed: bool = False
    manifest: str = ""


@lru_cache(maxsize=4096)
def package_changes(text: str) -> tuple[PackageChange, ...]:
    """The changes of dependencies that a Markdown text orders, each package once, in the order of the text."""
    if not _may_tell(text):
        return ()
    prose = prose_of(text)
    found = list(_commands(text))
    for block in blocks(prose):
        for sentence in block.sentences:
            found += _in_sentence(sentence.of(prose)[:_LONGEST], sentence.start)
    best: dict[tuple[str, str], PackageChange] = {}
    for change in sorted(found, key=lambda each: (each.listed, -each.confidence, each.span)):
        best.setdefault((change.step, change.name.lower()), change)
    named = [change for change in best.values() if change.name]
    return tuple(sorted(named or best.values(), key=lambda each: each.span))


_LONGEST = 2000
"""Characters of a sentence that are read."""

# Most texts speak of no package, and a search for a few words is all that they should cost.
_TELLING = (
    "depend", "packag", "librar", "crate", "gem", "install", "npm", "yarn", "bun ", "uv ", "poetry", "pdm ", "cargo ",
    "go get", "composer", "flutter", "bump", "upgrad", "downgrad", "pin ", "requirements",
)  # fmt: skip
_CHANGING = ("remov", "drop", "delet", "replac", "swap", "migrat", "switch", "updat")
_MAKING = ("add", "adopt", "introduc", "includ", "bring", "pull", "use")
_NAME = re.compile(r"[@a-z][\w.@/-]*\w")


def _may_tell(text: str) -> bool:
    """Whether a text may speak of packages at all."""
    lower = text.lower()
    if any(word in lower for word in _TELLING):
        return True
    changes = any(word in lower for word in _CHANGING)
    if changes and "`" in text:
        return True
    return (changes or any(word in lower for word in _MAKING)) and any(map(known_ecosystems, _NAME.findall(lower)))


_ADDING = frozenset("add adding install installing introduce introducing include pull bring adopt adopting use".split())
_NEEDING = frozenset("need needs require requires use uses using via with".split())
_UPDATING = frozenset("bump bumping upgrade upgrading downgrade pin pinning update updating".split())
_REMOVING = frozenset("remove removing drop dropping uninstall uninstalling delete".split())
_REPLACING = frozenset("replace replacing swap swapping migrate migrating switch".split())

_NOUNS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("dependency", "dependencies", "package", "packages", "library", "libraries"), tuple(ECOSYSTEMS)),
    **dict.fromkeys(("crate", "crates"), ("cargo",)),
    **dict.fromkeys(("gem", "gems"), ("ruby",)),
}
"""What a package is called, and the ecosystems where it is called so."""

_LOOSE = frozenset({"package", "packages", "library", "libraries"})
"""Names that the parts of a program have too: "add the shared package", "add a library for dates"."""

_ADJECTIVES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        """
        the a an new latest following required needed missing extra additional external third-party core our frontend
        front-end backend back-end client server shared dev development test testing build runtime production peer
        optional direct project root necessary small lightweight official
        """.split(),
        tuple(ECOSYSTEMS),
    ),
    **dict.fromkeys(("npm", "pnpm", "yarn", "node", "node.js", "js", "javascript"), ("npm",)),
    **dict.fromkeys(("python", "pypi", "pip"), ("python",)),
    **dict.fromkeys(("rust", "cargo"), ("cargo",)),
    **dict.fromkeys(("go", "golang"), ("go",)),
    **dict.fromkeys(("java", "maven", "gradle"), ("java",)),
    "ruby": ("ruby",),
    "php": ("php",),
    "composer": ("php",),
    "nuget": (),
}
"""Words round a package's name that are no name, and the ecosystems that they leave."""

_NO_NAMES = frozenset(
    """
    all and any as at by code component config configuration each every existing file files for from handler handlers
    helper helpers hook hooks in into internal is it its local method middleware module more my no not of on one only
    or other own page phase plugin record route row schema script scripts several some state step support table task
    tasks tests that their them these they this those to tool tools type types unused up utility version via was when
    which with without workspace your circular in out
    """.split()
)
"""Words that name no package where one could stand."""

_JOINERS = frozenset({",", "and", "&", "+", "/"})
_OBJECTS = frozenset("a all an any both each every it its our that the their them these this those".split())
_STOPS = frozenset({".", ";", ":", ")", "\u2014", "\u2013", "-"})
_GOES_ON = frozenset("for as so via with using by from and at if which that on to in into".split())
"""After a noun like "dependency", what may follow it; any other word makes it a "dependency graph"."""

_PURPOSES = frozenset("for as so via with using".split())
_NO_PURPOSES = frozenset("the a an our your this that each every all its their both some it them".split())
_SECTIONS = frozenset({"dependencies", "devdependencies", "peerdependencies", "optionaldependencies"})
_NEGATIONS = frozenset("not never don't doesn't without avoid no cannot can't nor needn't shouldn't".split())
_NO_ORDER = re.compile(
    r"\balready\b|\bdependency[ -]injection\b|\buse(?:Effect|Memo|Callback)\b|\bdependency array\b|\bdepends\("
    r"|\bno (?:new |extra |additional |external )*(?:\w+ )?(?:dependenc|package|librar)|\binstead of\b",
    re.IGNORECASE,
)
_ENDPOINTS = frozenset("endpoint endpoints route routes router handler handlers hook effect array task".split())

_TOKEN = re.compile(
    r"`(?P<code>[^`\n]{1,120})`|\"(?P<quoted>[^\"\n]{1,80})\"|(?P<word>[@\w](?:[\w./@+~^-]*[\w+])?(?:'\w+)?)"
    r"|(?P<mark>[,;:()&+/.\u2014\u2013]|(?<=\s)-(?=\s)|[<>=~^]+)"
)
_SPEC = re.compile(
    r"(?P<name>@[a-z0-9][\w.-]*/[\w.-]+|\w[\w-]*(?:\.[\w-]+)*\.[a-z]{2,}/[\w./-]+|[\w.-]+:[A-Za-z][\w.-]*"
    r"|[a-z][\w-]*/[a-z][\w-]*(?=$|:)|[A-Za-z0-9][\w.-]*)(?:\[[\w,\s-]*\])?"
    r"(?P<version>\s*(?:@|:|[=~<>!^]{1,3})\s*[\w.,<>=~^*\s-]+|\s+[vV^~]?\d[\w.]*\+?)?"
)
_COORDINATES = re.compile(r"\w[\w-]*\.[\w.-]+:\w")
"""A package of Java: its group, and its name."""

_VERSION = re.compile(r"[vV^~=<>]*\d+(?:\.[\dxX*]+)*(?:[\w.+-]*)?\+?|latest")
_MARKS = re.compile(r"[<>=~^]+")
_BARE = re.compile(r"@[a-z0-9][\w.-]*/[\w.-]+|[A-Za-z][\w.-]*\w|\w[\w.-]*\.[a-z]{2,}/[\w./-]+")


@dataclass(frozen=True, slots=True)
class _Token:
    """A word of a sentence. `text` is without quotes, `lower` the same in lower case; `is_code` stands in backticks."""

    text: str
    lower: str
    span: Span
    is_code: bool = False
    is_mark: bool = False


@dataclass(frozen=True, slots=True)
class _Name:
    """A package as a sentence spells it. `certain`: its spelling alone shows that it is one."""

    text: str
    span: Span
    is_code: bool
    certain: bool = False


_END = _Token("", ".", Span(0, 0), is_mark=True)


def _in_sentence(sentence: str, offset: int) -> Iterator[PackageChange]:
    if not _may_tell(sentence) or _NO_ORDER.search(sentence):
        return
    tokens = tuple(_tokens(sentence, offset))
    manifest = next((token.text for token in tokens if token.text.rpartition("/")[2] in MANIFESTS), "")
    for at, token in enumerate(tokens):
        if token.is_code or token.is_mark or _is_negated(tokens, at):
            continue
        for change in _ordered(tokens, at, token.lower):
            yield replace(change, manifest=manifest)


def _tokens(sentence: str, offset: int) -> Iterator[_Token]:
    for match in _TOKEN.finditer(sentence):
        kind = match.lastgroup or "word"
        text = match[kind]
        span = Span(offset + match.start(kind), offset + match.end(kind))
        yield _Token(text, text.lower(), span, is_code=kind in {"code", "quoted"}, is_mark=kind == "mark")


def _is_negated(tokens: Sequence[_Token], at: int) -> bool:
    return any(token.lower in _NEGATIONS for token in tokens[max(0, at - 3) : at])


def _ordered(tokens: Sequence[_Token], at: int, word: str) -> Iterator[PackageChange]:
    """What the verb at a token, if it is one, does to the packages behind it."""
    if word in _NEEDING:
        yield from _needed(tokens, at + 1)
    if word in _ADDING:
        start = at + 2 if word in {"pull", "bring"} and _at(tokens, at + 1).lower == "in" else at + 1
        yield from _added(tokens, start, word)
    elif word in _UPDATING:
        yield from _updated(tokens, at + 1)
    elif word in _REMOVING:
        yield from _removed(tokens, at + 1)
    elif word in _REPLACING:
        yield from _replaced(tokens, at + 1)


def _at(tokens: Sequence[_Token], index: int) -> _Token:
    """The token at an index; a full stop behind the last one."""
    return tokens[index] if index < len(tokens) else _END


def _added(tokens: Sequence[_Token], start: int, verb: str) -> Iterator[PackageChange]:
    at, told = _adjectives(tokens, start)
    if _at(tokens, at).lower in _NOUNS:
        yield from _listed_behind(tokens, at, told)
        return
    names, at = _names(tokens, at)
    if not names:
        return
    at, more = _adjectives(tokens, _past_brackets(tokens, at))
    told = _both(told, more)
    after = _at(tokens, at)
    if after.lower in _NOUNS and not after.is_code and _ends_noun(tokens, at + 1):
        told = _both(told, _NOUNS[after.lower])
        listed = [each for each in _listed_behind(tokens, at, told) if each.name]
        if verb == "use" and not _is_marked_new(tokens, at + 1):
            return
        yield from listed or _believed(names, told, 0.9, needs_shape=after.lower in _LOOSE and verb != "install")
    elif verb == "use" or _is_marked_new(tokens, at):
        yield from _believed(names, told, 0.9) if _is_marked_new(tokens, at) else ()
    elif _is_into_manifest(tokens, at) or _is_as_dependency(tokens, at):
        yield from _believed(names, told, 0.9)
    elif _is_into_requirements(tokens, at):
        yield from _believed(names, _both(told, ("python",)), 0.9)
    elif after.lower in {*_STOPS, *_PURPOSES, ",", "and", "("} or _is_to_do_something(tokens, at):
        yield from _known(names, told)


def _needed(tokens: Sequence[_Token], start: int) -> Iterator[PackageChange]:
    """What "parse dates with the `chrono` crate" adds, where no manifest lists it: only what is widely known."""
    at, told = _adjectives(tokens, start)
    names, at = _names(tokens, at)
    after = _at(tokens, at)
    if names and after.lower in _NOUNS and not after.is_code:
        yield from _known(names, _both(told, _NOUNS[after.lower]))


def _listed_behind(tokens: Sequence[_Token], noun: int, told: tuple[str, ...]) -> Iterator[PackageChange]:
    """The packages behind a noun: "dependencies: a, b", "dependencies (a, b)", "a dependency on a", "the package a"."""
    loose = _at(tokens, noun).lower in _LOOSE
    told = _both(told, _NOUNS[_at(tokens, noun).lower])
    at = noun + 1
    if _at(tokens, at).lower == "on" and not loose:
        names, end = _names(tokens, at + 1 + (_at(tokens, at + 1).lower == "the"))
        if _at(tokens, end).lower not in {"task", "step", "module", "service", "table", "class"}:
            yield from _believed(names, told, 0.8)
        return
    beside, _ = _names(tokens, at)
    at, has_manifest = _past_place(tokens, at)
    if _is_marked_new(tokens, at):
        return
    if _at(tokens, at).lower in {":", "("}:
        names, _ = _names(tokens, at + 1)
        yield from _believed(names, told, 0.85, needs_shape=loose)
    elif beside:  # Programs have dependencies and packages of their own: "add the dependency `require_staff`".
        shaped = [name for name in beside if name.is_code and ("-" in name.text or _COORDINATES.match(name.text))]
        yield from _believed(shaped, told, 0.85)
        yield from _known([name for name in beside if name not in shaped], told)
    elif has_manifest and not loose:
        span = Span(tokens[noun].span.start, tokens[noun].span.end)
        yield PackageChange(Step.ADD, "", span, 0.8, told)


def _updated(tokens: Sequence[_Token], start: int) -> Iterator[PackageChange]:
    """What "bump a and b to 2.8" and "upgrade `a` from 1 to 2" say, if the manifest lists these."""
    at, told = _adjectives(tokens, start)
    names, at = _names(tokens, at)
    if _at(tokens, at).lower in _NOUNS or _at(tokens, at).lower == "version":
        at += 1
    if _at(tokens, at).lower == "from":
        at += 2
    if not names or _at(tokens, at).lower not in {"to", "at"}:
        return
    at += 1
    while _at(tokens, at).lower in {"the", "version", "at", "least", "a"} or _MARKS.fullmatch(_at(tokens, at).text):
        at += 1
    if _VERSION.fullmatch(_at(tokens, at).lower):
        for name in names:
            yield PackageChange(Step.UPDATE, name.text, name.span, 0.9, told, listed=True)


def _removed(tokens: Sequence[_Token], start: int) -> Iterator[PackageChange]:
    """What "remove the `a` dependency" and "drop a from package.json" say, if the manifest lists these."""
    at, told = _adjectives(tokens, start)
    while _at(tokens, at).lower in {"unused", "old", "obsolete"}:
        at += 1
    names, at = _names(tokens, at)
    is_noun = _at(tokens, at).lower in _NOUNS
    at += is_noun
    after = _at(tokens, at)
    whole = after.lower in _STOPS or after.lower in {"entirely", "altogether", "completely"}
    outright = is_noun or all(name.is_code for name in names)
    if (whole and outright) or (after.lower == "from" and _names_manifest(tokens, at + 1)) or (is_noun and not whole):
        for name in names:
            yield PackageChange(Step.REMOVE, name.text, name.span, 0.85, told, listed=True)


def _replaced(tokens: Sequence[_Token], start: int) -> Iterator[PackageChange]:
    """What "replace a with b" and "migrate from a to b" say, if the manifest lists the old one."""
    at = start
    if _at(tokens, at).lower == "out":
        at += 1
    joints = {"with", "by", "for"}
    for ahead in range(at, min(at + 4, len(tokens))):
        if _at(tokens, ahead).lower == "from":
            at, joints = ahead + 1, {"to"}
            break
    at, told = _adjectives(tokens, at)
    names, at = _names(tokens, at)
    if len(names) == 1 and _at(tokens, at).lower in joints:
        at, _ = _adjectives(tokens, at + 1)
        new, _ = _names(tokens, at)
        if new:
            yield PackageChange(Step.REPLACE, names[0].text, names[0].span, 0.8, told, listed=True)


def _adjectives(tokens: Sequence[_Token], at: int) -> tuple[int, tuple[str, ...]]:
    told = tuple(ECOSYSTEMS)
    while not _at(tokens, at).is_code and _at(tokens, at).lower in _ADJECTIVES:
        told = _both(told, _ADJECTIVES[_at(tokens, at).lower])
        at += 1
    return at, told


def _names(tokens: Sequence[_Token], at: int) -> tuple[list[_Name], int]:
    """The packages that are listed from a token on, and where the list ends."""
    found: list[_Name] = []
    while True:
        names = _name(_at(tokens, at))
        if not names:
            return found, at
        found += names
        at = _past_version(tokens, at + 1)
        ahead = at
        while _at(tokens, ahead).lower in _JOINERS and not _at(tokens, ahead).is_code:
            ahead += 1
        if ahead == at or not _name(_at(tokens, ahead)) or _opens_clause(tokens, ahead, found[-1]):
            return found, at
        at = ahead


def _opens_clause(tokens: Sequence[_Token], at: int, before: _Name) -> bool:
    """Whether a plain word behind "and" is the next order, and no package: "add zod, and check the form"."""
    word, behind = _at(tokens, at), _at(tokens, at + 1)
    if word.is_code or not word.text.isalpha():
        return False
    return behind.is_code or behind.lower in _OBJECTS or (before.is_code and not known_ecosystems(word.text))


def _name(token: _Token) -> list[_Name]:
    """The packages that a token names: a word, or a code span with one or several."""
    if token.is_mark or (not token.is_code and (token.lower in _NO_NAMES or token.lower in _NOUNS)):
        return []
    if not token.is_code:
        spec = None if token.lower in _ADJECTIVES else _SPEC.fullmatch(token.text)
        if spec is None or not _BARE.match(token.text) or _is_file(spec["name"]):
            return []
        return [_Name(spec["name"], token.span, is_code=False, certain=_is_certain(spec))]
    parts = _parts(token.text)
    specs = [_SPEC.fullmatch(part) for part in parts]
    if not all(specs) or parts[0] in _TOOLS:  # Commands are read for themselves.
        return []
    return [
        _Name(spec["name"], token.span, is_code=True, certain=_is_certain(spec))
        for spec in specs
        if spec is not None and not _is_file(spec["name"])
    ]


def _parts(code: str) -> list[str]:
    """A code span as packages: `a b` are two, `a >= 2` is one."""
    return [code] if re.search(r"[=<>~^]|\s[vV]?\d", code) else code.replace(",", " ").split()


def _is_file(name: str) -> bool:
    return name.rpartition("/")[2] in MANIFESTS or name.endswith((".md", ".ts", ".tsx", ".py", ".json", ".rs", ".yml"))


def _is_certain(spec: re.Match[str]) -> bool:
    name = spec["name"]
    return bool(spec["version"]) or name.startswith("@") or ":" in name or ("/" in name and "." in name)


def _past_version(tokens: Sequence[_Token], at: int) -> int:
    while not _at(tokens, at).is_code and (
        _MARKS.fullmatch(_at(tokens, at).text) or _VERSION.fullmatch(_at(tokens, at).text)
    ):
        at += 1
    return at


def _past_brackets(tokens: Sequence[_Token], at: int) -> int:
    """Behind brackets that stand at a token; the token itself where they hold what counts, or none stand there."""
    if _at(tokens, at).text != "(" or _is_marked_new(tokens, at):
        return at
    close = next((index for index in range(at, len(tokens)) if tokens[index].text == ")"), None)
    return at if close is None or _at(tokens, close + 1).lower not in {"to", "in", "into", "as"} else close + 1


def _past_place(tokens: Sequence[_Token], at: int) -> tuple[int, bool]:
    """Behind "to `backend/pyproject.toml`", and whether it names a manifest."""
    if _at(tokens, at).lower not in {"to", "in", "into", "for"}:
        return at, False
    has_manifest = _names_manifest(tokens, at + 1)
    at += 1
    while at < len(tokens) and at < len(tokens) and not tokens[at].is_mark:
        at += 1
    return at, has_manifest


def _names_manifest(tokens: Sequence[_Token], at: int) -> bool:
    """Whether the next words are a manifest, or its list of dependencies."""
    for token in tokens[at : at + 4]:
        if token.text.rpartition("/")[2] in MANIFESTS or re.fullmatch(r"requirements[\w-]*\.(?:txt|in)", token.lower):
            return True
        if token.lower in _SECTIONS:
            return True
        if token.is_mark or token.lower in {"of", "for", "from"}:
            return False
    return False


def _is_into_requirements(tokens: Sequence[_Token], at: int) -> bool:
    """Whether a sentence ends in "to the requirements", as those who keep them in a file of that name say."""
    if _at(tokens, at).lower not in {"to", "in", "into"}:
        return False
    at, _ = _adjectives(tokens, at + 1)
    return _at(tokens, at).lower == "requirements" and _at(tokens, at + 1).is_mark


def _is_into_manifest(tokens: Sequence[_Token], at: int) -> bool:
    if _at(tokens, at).lower not in {"to", "in", "into"}:
        return False
    behind = [token.lower for token in tokens[at + 1 : at + 6]]
    scripts = {"scripts", "script", "exports", "files", "keywords", "bin", "engines", "workspaces"}
    return _names_manifest(tokens, at + 1) and not scripts.intersection(behind) and not _ENDPOINTS.intersection(behind)


def _is_as_dependency(tokens: Sequence[_Token], at: int) -> bool:
    if _at(tokens, at).lower != "as":
        return False
    at, _ = _adjectives(tokens, at + 1)
    return _at(tokens, at).lower in {"dependency", "dependencies", "devdependency", "dev-dependency"} and _ends_noun(
        tokens, at + 1
    )


def _is_to_do_something(tokens: Sequence[_Token], at: int) -> bool:
    """Whether a purpose stands at a token: "to check them", but not "to the list" or "to `x`"."""
    purpose = _at(tokens, at + 1)
    return _at(tokens, at).lower == "to" and not (purpose.is_code or purpose.is_mark or purpose.lower in _NO_PURPOSES)


def _is_marked_new(tokens: Sequence[_Token], at: int) -> bool:
    """Whether "(new dependency)" or the like stands at a token."""
    words = [token.lower for token in tokens[at : at + 6]]
    return words[:1] == ["("] and "new" in words and any(word in {"dependency", "package", "crate"} for word in words)


def _ends_noun(tokens: Sequence[_Token], at: int) -> bool:
    """Whether a noun ends before a token: it is no "dependency graph", and goes to no endpoint."""
    after = _at(tokens, at)
    if after.is_code or after.lower in _STOPS or after.lower in {"(", ","}:
        return True
    behind = {token.lower for token in tokens[at : at + 6]}
    return after.lower in _GOES_ON and not behind & _ENDPOINTS


def _believed(
    names: Sequence[_Name], told: tuple[str, ...], confidence: float, *, needs_shape: bool = False
) -> Iterator[PackageChange]:
    for name in names:
        known = known_ecosystems(name.text)
        if needs_shape and not (name.is_code or name.certain or known or re.search(r"[-\d]", name.text)):
            continue
        if not name.is_code and not name.certain and not known and re.search(r"^[a-z]+[A-Z]|^(?:get|use)_", name.text):
            continue
        yield PackageChange(Step.ADD, name.text, name.span, confidence, told)


def _known(names: Sequence[_Name], told: tuple[str, ...]) -> Iterator[PackageChange]:
    """What "Add zod" adds: only packages that are widely known, or spelled with a version or a scope."""
    for name in names:
        ecosystems = _both(told, known_ecosystems(name.text) or (told if name.certain else ()))
        if ecosystems:
            yield PackageChange(Step.ADD, name.text, name.span, 0.85, ecosystems)


def _both(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in left if each in right)


_TOOLS: dict[str, str] = {
    "npm": "npm", "pnpm": "npm", "yarn": "npm", "bun": "npm", "uv": "python", "poetry": "python", "pdm": "python",
    "pipenv": "python", "cargo": "cargo", "go": "go", "composer": "php", "bundle": "ruby", "flutter": "dart",
}  # fmt: skip
_ADDS, _REMOVES, _UPDATES = (
    frozenset({"add", "get", "require"}),
    frozenset({"remove", "rm", "uninstall"}),
    frozenset({"upgrade", "up", "update"}),
)
_INSTALLERS = frozenset({"npm", "pnpm", "bun", "pipenv"})
"""Tools whose `install x` adds x to the manifest; that of `uv pip` and of `go` does not."""

_COMMAND = re.compile(
    r"(?<![\w/.-])(?P<tool>npm|pnpm|yarn|bun|uv|poetry|pdm|pipenv|cargo|go|composer|bundle|flutter)[ \t]+(?:pub[ \t]+)?"
    r"(?P<rest>[^\n`|;&()#]{1,400})"
)
_VALUED = frozenset("-F --filter -w --workspace -C --dir --prefix --group -G -p --package --features --cwd".split())
"""Flags whose next word is their value."""


def _commands(text: str) -> Iterator[PackageChange]:
    for match in _COMMAND.finditer(text):
        words = match["rest"].split()
        order = next((at for at, word in enumerate(words) if not _is_option(words, at)), len(words))
        step = _step(match["tool"], words[order]) if order < len(words) else None
        before = {word.lower() for word in text[max(0, match.start() - 40) : match.start()].split()[-4:]}
        if step is None or before & _NEGATIONS or {"-g", "--global"} & set(words):
            continue
        span = Span(match.start(), match.start() + len(match[0].rstrip()))
        for name in _arguments(words[order + 1 :]):
            yield PackageChange(step, name, span, 0.9, (_TOOLS[match["tool"]],))


def _is_option(words: Sequence[str], at: int) -> bool:
    return (
        words[at].startswith("-")
        or (at > 0 and words[at - 1] in _VALUED)
        or words[at] == "workspace"
        or (at > 0 and words[at - 1] == "workspace")
    )


def _step(tool: str, order: str) -> Step | None:
    if order in _REMOVES:
        return Step.REMOVE
    if order in _UPDATES:
        return Step.UPDATE
    adds = order in _ADDS or (order in {"install", "i"} and tool in _INSTALLERS)
    return Step.ADD if adds and (tool == "go") == (order == "get") else None


def _arguments(words: Sequence[str]) -> Iterator[str]:
    """The packages among the words behind an order, up to where prose goes on."""
    for at, word in enumerate(words):
        if _is_option(words, at):
            continue
        spec = _SPEC.fullmatch(word.strip("\"'").rstrip(",."))
        if spec is None or spec["name"].lower() in _NO_NAMES:
            return
        yield spec["name"]
        if word.endswith((",", ".")):
            return
