"""Kinds of files, by their paths alone, and the kinds of work that a task's words tell of."""

import re
from enum import StrEnum


class Kind(StrEnum):
    """What a file is for."""

    SOURCE = "source"
    TEST = "test"
    DOCUMENT = "document"
    CHANGELOG = "changelog"
    MANIFEST = "manifest"
    LOCK = "lock file"
    AUTOMATION = "automation"
    VENDORED = "vendored or generated"


_LOCKS = re.compile(r"(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|go\.sum|.*\.lock|.*\.lockb?)")
_MANIFESTS = re.compile(
    r"(package\.json|cargo\.toml|go\.mod|pom\.xml|pyproject\.toml|setup\.(py|cfg)|pipfile|gemfile|requirements.*\.txt|"
    r".*\.csproj|.*\.gemspec|composer\.json|(build|settings)\.gradle(\.kts)?|.*\.versions\.toml)"
)
_CHANGELOGS = re.compile(r"(changelog|changes|history|news|release[-_]?notes?)(\.\w+)?")
_AUTOMATION = re.compile(
    r"(dockerfile.*|makefile|justfile|tox\.ini|noxfile\.py|\.(travis|appveyor|gitlab-ci|pre-commit-config)\.ya?ml)"
)
_TEST_NAME = re.compile(r"(test_.*|.*[_.-](test|tests|spec|snap)\.\w+|.*tests?\.(java|kt|cs|swift)|conftest\.py)")
_TEST_FOLDERS = frozenset(
    {"test", "tests", "spec", "specs", "__tests__", "testing", "testdata", "e2e", "__snapshots__"}
)
_DOCUMENT_FOLDERS = frozenset({"doc", "docs", "documentation", "website"})
_AUTOMATION_FOLDERS = frozenset({".github", ".circleci", ".gitlab", ".buildkite"})
_VENDOR_FOLDERS = frozenset({"vendor", "third_party", "node_modules", "dist", "generated"})
_VENDORED = re.compile(r".*(\.min\.(js|css)|\.pb\.go|_pb2\.py|\.generated\.\w+|\.map)")
_DOCUMENTS = (".md", ".mdx", ".rst", ".adoc", ".txt")


def kind_of(path: str) -> Kind:
    """What kind of file a path names."""
    folder, _, name = path.lower().rpartition("/")
    folders = frozenset(folder.split("/"))
    for kind, told in (
        (Kind.LOCK, _LOCKS.fullmatch(name)),
        (Kind.VENDORED, folders & _VENDOR_FOLDERS or _VENDORED.fullmatch(name)),
        (Kind.CHANGELOG, _CHANGELOGS.fullmatch(name) or ".changeset" in folders),
        (Kind.AUTOMATION, folders & _AUTOMATION_FOLDERS or _AUTOMATION.fullmatch(name)),
        (Kind.MANIFEST, _MANIFESTS.fullmatch(name)),
        (Kind.TEST, folders & _TEST_FOLDERS or _TEST_NAME.fullmatch(name)),
        (Kind.DOCUMENT, name.endswith(_DOCUMENTS) or folders & _DOCUMENT_FOLDERS),
    ):
        if told:
            return kind
    return Kind.SOURCE


_WORDS_OF_KIND = {
    Kind.TEST: frozenset("test tests testing tested spec specs coverage flaky fixture fixtures".split()),  # noqa: SIM905  # prose
    Kind.DOCUMENT: frozenset(
        "doc docs document documents documented documentation readme typo typos guide tutorial wording grammar".split()  # noqa: SIM905  # prose
    ),
    Kind.CHANGELOG: frozenset({"changelog", "changeset", "release", "news"}),
    Kind.AUTOMATION: frozenset("ci workflow workflows action actions github pipeline docker tox lint".split()),  # noqa: SIM905  # prose
    Kind.MANIFEST: frozenset(
        "dependency dependencies deps dep bump upgrade msrv requirement requirements packaging version".split()  # noqa: SIM905  # prose
    ),
    Kind.LOCK: frozenset("dependency dependencies deps dep bump upgrade lockfile".split()),  # noqa: SIM905  # prose
    Kind.VENDORED: frozenset({"vendor", "vendored", "generated", "regenerate"}),
}


def kinds_of_work(title: str) -> frozenset[Kind]:
    """The kinds of files that a task's first line speaks of."""
    said = frozenset(re.findall(r"[a-z]+", title.lower()))
    return frozenset(kind for kind, words in _WORDS_OF_KIND.items() if words & said)


_TEST_AFFIX = re.compile(r"^(tests?[_-])|([_.-](tests?|spec))$|(?<=[a-z])(Tests?|Spec)$")


def subject_of(path: str) -> str:
    """What a file is about, by its name: `test_parser.py`, `parser.rs` and `ParserTest.java` are about `parser`."""
    name = path.rpartition("/")[2]
    stem = name.partition(".")[0] if not name.startswith(".") else name
    if name.lower().endswith((".d.ts", ".test.ts", ".spec.ts")):
        stem = name.split(".", 1)[0]
    return _TEST_AFFIX.sub("", stem).lower().replace("-", "_")
