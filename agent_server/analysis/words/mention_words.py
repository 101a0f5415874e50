"""The words that decide how a sentence uses a path: one table a question, so that every verdict can be explained.

Each table was checked against plans that people published (spec-kit, superpowers, OpenSpec, Cursor). Words are in
lower case; verbs stand in their base form, `verb_forms` inflects them.
"""

from enum import StrEnum

# ruff: noqa: SIM905  # A table of words reads better as prose than as a column of strings.


class Use(StrEnum):
    """How a sentence uses a path that it names."""

    WRITES = "writes"
    READS = "reads"
    RUNS = "runs"
    CITES = "cites"
    """Named without being written, read or run: a neighbour, another task's file, one that must be left alone."""


_WRITING = """
    adapt add adjust align alter amend annotate append apply assemble attach author bootstrap build bump capture
    centralise centralize change clean complete compose configure consolidate convert correct cover craft create debug
    declare deduplicate define delete deprecate describe disable display document downgrade download draft drop edit
    emit enable enforce enhance enrich establish expand export expose extend extract fill finalise finalize fix format
    generate handle harden hook implement improve initialise initialize inject insert install instrument integrate
    introduce link localise localize log make merge migrate mock modify mount move normalise normalize note optimise
    optimize override overwrite pass patch persist place polish populate port prepend produce provide prune put
    re-export rebuild record redesign refactor refine regenerate reimplement register remove rename render reorganise
    reorganize replace reset resolve restore restructure restyle retheme revert revise rewire rework rewrite sanitise
    sanitize save scaffold secure seed set setup show simplify split standardise standardize store strengthen strip
    stub style summarise summarize sync synchronise synchronize tighten touch translate trim tune tweak unify update
    upgrade wire wrap write
"""

_READING = """
    analyse analyze assess audit call check compare confirm consult consume cross-check determine double-check examine
    explore follow heed honor honour identify import inspect investigate load locate match mirror parse re-check
    re-confirm re-validate re-verify read recheck reconfirm reference reuse revalidate reverify review scan search
    smoke-test spot-check study test understand unit-test use validate verify view
"""

_RUNNING = "execute invoke launch re-run rerun run start"

VERBS: dict[str, Use] = {
    **dict.fromkeys(_WRITING.split(), Use.WRITES),
    **dict.fromkeys(_READING.split(), Use.READS),
    **dict.fromkeys(_RUNNING.split(), Use.RUNS),
    "copy": Use.READS,
    "leave": Use.CITES,
    "keep": Use.CITES,
    "ensure": Use.CITES,
    "exclude": Use.CITES,
    "ignore": Use.CITES,
    "avoid": Use.CITES,
    "skip": Use.CITES,
}
"""What a verb does to its object. `copy` reads what it copies; what it copies `to` is written, see `COPIES_TO`."""

NOUNS_TOO = frozenset(
    """
    audit change check clean complete copy correct cover debug display document draft drop export fix format handle
    hook import launch leave link load log make match mirror mock mount move pass patch polish port produce read
    record register render review run scan search seed set setup show split start store strip stub study style sync
    test trim tune update upgrade use view wrap
    """.split()
)
"""Verbs that are nouns or adjectives as often ("a unit test in", "the import of"): verbs only where an order begins."""

BEFORE_FILES_TOO = NOUNS_TOO | {"build", "call", "parse", "reference"}
"""Verbs that stand before a file as nouns as often as not: "the build script", "JSON parse checks in"."""

ORDER_OPENERS = frozenset(
    """
    also and but carefully finally first instead just last later must need needs never next not now only or please shall
    should simply still then to will you we
    """.split()
)
"""Words (besides a sentence's start and punctuation) after which one of `NOUNS_TOO` is a verb."""

DETERMINERS = frozenset(
    "a all an any another both each either every existing his its many more my new no one our some that the their these"
    " this those which your".split()
)
"""Words that turn a following verb form into a noun: "the update", "any change", "a new export"."""

BEFORE_NOUNS = DETERMINERS | {"at", "by", "for", "from", "in", "of", "on", "per", "via", "with"}
"""Words before which no order stands: "refused on reuse", "the cost of repair"."""

NEGATIONS = frozenset(
    {"not", "never", "don't", "doesn't", "without", "avoid", "cannot", "can't", "mustn't", "shouldn't"}
)
"""Words that turn a following verb off: what it names is only cited."""

CHECKS = frozenset({"test", "verify", "check", "validate", "confirm"})
"""Verbs that, with a place that is a test file, ask for a test there: "Verify the ranking in `test_search.py`"."""

CODES = frozenset({"call", "consume", "import", "load", "parse", "reference"})
"""Verbs of reading that, with a place that is code, ask for the code that does so: "Parse the flags in `cli.py`"."""

WORKS = CODES | {"reuse", "use", "validate"}
"""Verbs of reading that, behind the file that they are to happen in, change it: "In `nav.py`, use the new icons"."""

DATA_ENDINGS = frozenset(
    "csv gif html ico jpeg jpg json jsonl md mdx pdf png rst sql svg toml tsv txt webp xml yaml yml".split()
)
"""Endings of files that are no code."""

DOCUMENT_ENDINGS = frozenset({"adoc", "md", "mdx", "rst", "txt"})
"""Endings of files that people read."""

PASSES = frozenset({"pass", "passes", "passing", "run", "runs", "green", "succeed", "succeeds", "fail", "fails"})
"""Words that make it a check of tests that are there: "Verify that all tests pass in `tests/`"."""

TAKES_FROM = frozenset({"re-export", "move", "remove", "delete", "drop", "extract", "strip", "split", "link", "export"})
"""Verbs after which `from` names a file that changes: "remove the entry from `nav.py`". Data is copied out, not cut."""

TAKES_OF = frozenset({"inject", "insert", "integrate", "merge", "place", "put"})
"""Verbs that put what is `of` a file of data elsewhere: "insert the rows of `x.json`"."""

COPIES_TO = frozenset({"to", "into", "as", "in"})
"""After `copy`, the words before the file that is written."""

PLACES = frozenset({"in", "to", "at", "into", "inside", "onto", "under", "within", "as"})
"""Words that only say where something is put."""

WITHIN = PLACES - {"to", "as"}
"""Words before the file at a sentence's end that say where all that the sentence asks for is to happen."""

CREATES = frozenset("add bootstrap create establish generate initialise initialize make scaffold set setup".split())
"""Verbs of something new: a folder that is made says nothing of what others put into it."""

WHOLE = frozenset({"all", "any", "each", "entire", "every", "everything", "whole"})
"""Words for all that lies in a folder."""

SOURCES = frozenset({"as", "based", "cf", "depends", "from", "like", "needs", "per", "ref", "requires", "see"})
"""Words at the start of brackets in which a source is named."""

WHOLE_PROJECT = frozenset({"app", "application", "feature", "project", "repo", "repository", "root", "workspace"})
"""What a file at the root is for: "a `README.md` for the project"."""

DOCUMENTS = frozenset("create document draft edit revise rewrite update write".split())
"""Verbs that have a document of the spec, in brackets behind it, as their object: "Write the spec (spec.md)"."""

BY_HAND = frozenset("checkpoint e2e manual manually smoke validation verification".split())
"""Words that open a task without a verb in which something is tried out."""

NO_OBJECT = PLACES | {"for", "of", "from", "with", "by", "and", "or", ",", ")", "."}
"""Words after a word of `NOUNS_TOO` that show it to be a noun: an order would have its object there."""

POINTERS = frozenset(
    f"{noun}{plural} to"
    for noun in ("link", "pointer", "reference", "redirect", "path", "route")
    for plural in ("", "s")
)
"""What points at a path: "a link to `hub.py`". But "the link to" adds a certain one to the path that follows."""

HANDED = frozenset({"path to", "paths to", "route to", "routes to"})
"""Those of `POINTERS` that are put into a file as often: "add the route to `router.py`"."""

CUES: dict[str, Use | None] = {
    # Where something is put: the verb decides.
    **dict.fromkeys(PLACES, None),
    # What something is made from or looks like.
    **dict.fromkeys(
        (
            "renders", "loads", "reads", "uses", "shows", "displays", "parses", "wraps", "consumes", "serves",
            "from", "per", "see", "using", "based on", "like", "unlike", "mirroring", "mirrors", "same as", "as in",
            "against", "following", "according to", "similar to", "identical to", "analogous to", "equivalent to",
            "modelled on", "modeled on", "modelled after", "modeled after", "copied from", "adapted from",
            "derived from", "copy of", "consistent with", "compatible with", "in line with", "in sync with", "refer to",
            "compared to", "compared with", "for", "covering", "about", "via", "depends on", "relies on", "imports",
            "pattern of", "pattern in", "style of", "example of", "example in", "shape of", "the way", "matching",
            "same structure as", "same shape as", "same props as", "same form as", "reference to", "covered by",
            "tested by", "validated by", "verified by", "with the contents of", "with the content of",
            "port of", "version of", "demonstrated in", "tested in", "verified in",
            "recorded in", "captured in", "noted in", "logged in", "logged to",
            "leveraging", "encoding", "extends", "requires", "wired to", "connected to", "bound to",
        ),
        Use.READS,
    ),
    # Where something is already.
    **dict.fromkeys(
        (
            "defined in", "declared in", "documented in", "described in", "specified in", "listed in", "found in",
            "shown in", "outlined in", "given in", "used in", "implemented in", "exported from", "imported from",
            "exported by", "provided by", "import from", "already in", "exists in", "exist in", "lives in",
        ),
        Use.READS,
    ),
    # What something points at, or stays away from.
    **dict.fromkeys(POINTERS, Use.CITES),
    **dict.fromkeys(
        (
            "linking to", "linked to", "linked from", "pointing to", "points to", "redirecting to", "relative to",
            "next to",
            "related to", "used by", "called by", "imported by", "called from", "by", "except", "except for", "but not",
            "other than", "apart from", "instead of", "rather than", "without", "not", "excluding", "belongs to",
            "owned by", "before", "after", "only for", "just for", "only to", "only in", "applies to",
        ),
        Use.CITES,
    ),
}  # fmt: skip
"""The words right before a path. None: the sentence's verb decides. The longest cue that fits counts."""

REPORTED = frozenset(
    {"documented in", "recorded in", "captured in", "noted in", "logged in", "logged to", "implemented in", "tested in"}
    | {"demonstrated in", "verified in"}
)
"""Cues that, without any order, say where the outcome goes: "Screen reader testing documented in `a11y.md`"."""

REPORTING = frozenset({"capture", "describe", "document", "log", "note", "record", "summarise", "summarize"})
"""Verbs that write down what came of the work, in a document of the spec as well."""

MAKES = frozenset({"emits", "generates", "outputs", "produces", "writes"})
"""What a thing that is built does when it runs: "Build the command that generates `app.toml` in `cli/new.go`"."""

REPLACING = frozenset({"replace", "swap"})
"""Verbs whose object stands in the file that changes."""

STAND_IN = frozenset(
    f"{word} in" for word in ("exist", "exists", "found", "defined", "declared", "documented", "listed")
)
"""Cues of something that is already there. After "ensure" it is to be put there, and after "when none" it is not."""

MODELS = frozenset({"pattern in", "example in", "pattern of", "example of"})
KNOWN = DETERMINERS - {"a", "an", "new", "no"} | {"following", "follow", "per"}
"""Cues of a model, where one of `KNOWN` says that it is there: "the example in", but not "add an example in"."""

FOLLOWED = frozenset(
    """
    adopt apply applying as based copy existing follow following follows like match matches matching mirror mirroring
    per reuse reusing same see use uses using via
    """.split()
)
"""Words that make a pattern one to follow: "follow the pattern in `x.py`", but not "test the pattern in `x.py`"."""

NAMED_TOO = frozenset("apply applying match matches matching use uses using".split())
"""Those that tell of a pattern by its name as often: "build it using the builder pattern in `x.py`"."""

TRIALS = frozenset("bench benchmark benchmarks example fuzz perf performance property test tests".split())
"""Labels of work that measures or tries something: "Benchmark: compare both in `benches/x.rs`" asks for its code."""

SAMPLES = frozenset(
    """
    example examples fixture fixtures sample samples stub template templates
    \u30b5\u30f3\u30d7\u30eb \u30c6\u30f3\u30d7\u30ec\u30fc\u30c8 \u30d5\u30a3\u30af\u30b9\u30c1\u30e3
    """.split()
)
"""What a bare name before it only describes: "a spec.md sample in `fixtures/valid.md`"."""

TAKERS = frozenset("generator loader parser reader support validation validator".split())
"""What a bare name before it is only given to: "the tasks.md parser", "add .env support"."""

TESTED = frozenset({"coverage", "specs", "test", "tests"})
"""What a task that asks for tests begins with, behind its verb."""

OWNERS = frozenset("admin android api backend client frontend ios mobile server web worker".split())
"""Parts of a project, each of which has files of its own: "the backend tsconfig.json"."""

ANNOTATIONS = frozenset({"implemented in", "defined in", "documented in"})
"""Cues that say where the work itself is where they open an aside: "Track the level (implemented in `x.py`)"."""

GOES_ON = frozenset(
    "and as by for if instead so that then to using via when where which while with without <code>".split()
)
"""Words behind the file in which something is to be done, with which the sentence goes on."""

RELATING = frozenset({"compose", "extend", "implement", "wrap"})
"""Verbs whose participle, right behind a thing, says what it rests on: "`Form` extending `base.py`"."""

RELATIVE = frozenset({"that", "which", "who"})
"""Words that open a clause about the thing before them."""

ASIDES = RELATIVE | {"to", "with", "so"}
"""Behind the file that a verb is about, words after which another file is no longer its object."""

SUBORDINATORS = frozenset(
    {"if", "once", "when", "because", "since", "unless", "until", "while", "whether", "where", "whose"}
)
"""Words that open a clause which says how things are, not what to do: the verb before them rules no more."""

LIST_WORDS = frozenset(
    {",", "and", "or", "&", "plus", "+", "both", "the", "a", "also", "then", "well", "/", "(", ")"}
    | {"e", "et", "i", "oder", "ou", "und", "y", "и", "和", "及", "与", "與"}
)
"""Between two paths, words that only continue a list: the second path is used as the first."""

STATES = frozenset(
    {"is", "are", "was", "were", "has", "have", "had", "does", "contains", "contain", "holds", "lists", "exists"}
)
"""Verbs of a sentence that tells how things are. Without them and without an order, "Tests in `x`" is work to do."""

OBLIGES = frozenset({"must", "should", "shall", "needs", "need", "gets", "get"})
"""After a path, words that ask for a change of it: "`nav.py` must list the new page"."""

STAYS = frozenset({"not", "stay", "remain", "exist", "pass", "already", "be", "never", "run", "work", "still", "only"})
"""After one of `OBLIGES`, words that ask for no change."""

LABELS: dict[str, Use] = {
    **dict.fromkeys(
        (
            "file",
            "files",
            "location",
            "output",
            "outputs",
            "path",
            "paths",
            "target",
            "targets",
            "test",
            "tests",
            "archivo",
            "archivos",
            "ruta",
            "arquivo",
            "arquivos",
            "caminho",
            "fichier",
            "fichiers",
            "chemin",
            "datei",
            "dateien",
            "pfad",
            "dosya",
            "\u0444\u0430\u0439\u043b",
            "\u6587\u4ef6",
            "\u6a94\u6848",
            "\u8def\u5f91",
            "\u8def\u5f84",
            "\u30d5\u30a1\u30a4\u30eb",
            "\ud30c\uc77c",
        ),
        Use.WRITES,
    ),
    **dict.fromkeys(
        (
            "context",
            "input",
            "inputs",
            "pattern",
            "ref",
            "reference",
            "references",
            "refs",
            "see",
            "source",
            "sources",
            "spec",
        ),
        Use.READS,
    ),
}
"""At a sentence's start and before a colon, words that stand for a verb: "Files: `a.py`, `b.py`"."""

MARKS: dict[str, Use] = {
    **dict.fromkeys(
        ("new", "create", "created", "add", "added", "modify", "modified", "edit", "update", "updated"), Use.WRITES
    ),
    **dict.fromkeys(("reference", "read-only", "readonly", "unchanged"), Use.READS),
    **dict.fromkeys(("verification only", "read only", "no change", "no changes", "for context"), Use.READS),
}
"""In brackets right after a path, words that mark it: "`src/x.py` (new)", "`api.md` (reference only)"."""

FILLERS = DETERMINERS | frozenset(
    "class code component directory file files folder module page path root script".split()
)
"""Between a cue and its path, words that change nothing: "in the existing file `x.py`"."""


def verb_forms() -> dict[str, tuple[str, Use, str]]:
    """Every written form of every verb, with its base form, its use, and which form it is: base, s, ing or ed."""
    forms: dict[str, tuple[str, Use, str]] = {}
    for base, use in VERBS.items():
        for kind, written in inflections(base):
            forms.setdefault(written, (base, use, kind))
    return forms


def inflections(base: str) -> tuple[tuple[str, str], ...]:
    """The written forms of a verb by their kinds: base, s, ing and ed."""
    stem = base.removesuffix("e")
    doubled = base + base[-1] if base in _DOUBLES else stem
    past = _IRREGULAR.get(base, f"{base[:-1]}ied" if base[-1] == "y" else f"{doubled}ed")
    third = f"{base[:-1]}ies" if base[-1] == "y" else base + ("es" if base.endswith(("ch", "sh", "s", "x")) else "s")
    return ("base", base), ("s", third), ("ing", f"{doubled}ing"), ("ed", past)


_DOUBLES = frozenset({"drop", "put", "re-run", "run", "scan", "set", "skip", "split", "strip", "wrap", "rerun"})
_IRREGULAR = {
    "write": "written", "rewrite": "rewritten", "overwrite": "overwritten", "make": "made", "put": "put", "set": "set",
    "split": "split", "run": "run", "re-run": "re-run", "read": "read", "keep": "kept", "leave": "left",
    "understand": "understood", "build": "built",
}  # fmt: skip
