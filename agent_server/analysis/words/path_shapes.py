"""Which words of a text are paths, by their shape alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent_server.analysis.words.mention_words import VERBS
from agent_server.plan.text import Span

# ruff: noqa: SIM905  # A table of words reads better as prose than as a column of strings.

KNOWN_EXTENSIONS = frozenset(
    """
    adoc asm astro avsc bash bat bazel bicep bzl c cc cfg cjs clj cljs cmake coffee conf cpp cs cshtml csproj css
    csv cts cu cuh cxx dart ejs elm entitlements erb erl ex exs f90 fs fsproj ftl gd glsl go gql gradle graphql
    graphqls groovy h haml hbs hcl hpp hs htm html hx ico ini ipynb java jinja jinja2 jl jpeg jpg js json json5
    jsonc jsonl jsonnet jsp jsx kt kts less lhs lisp lua m markdown md mdc mdx mjml mjs ml mm mts nim nix njk pas
    pbxproj pcss pen php phtml pl plist png po prisma proto ps1 psm1 pug purs py pyi pyx r rake razor rb rego resx
    rkt rs rst sass scala scm scss sh sln slnx snap sol sql storyboard styl sv svelte svg swift tcl tex tf tfvars
    thrift tmpl toml tpl ts tsv tsx twig txt typ v vb vhd vue wasm webp wgsl xaml xcconfig xib xml xsd xsl xslt
    yaml yml zig zsh
    """.split()
)
"""Endings that make a word a file's name, in lower case and without the dot."""

_OF_CODE = frozenset(
    """
    astro c cc clj cljs cpp cs cshtml cu cxx dart erb ex exs f90 fs go groovy h hpp hs hx java jl js jsx kt kts lua m
    mjs ml mm mts nim pas php pl py pyx r razor rb rs scala sol svelte swift ts tsx v vb vue xaml zig
    """.split()
)
"""Those of files of code, which mostly are called like what they hold."""

_KNOWN_NAMES = frozenset(
    "application.properties brewfile caddyfile cargo.lock codeowners composer.lock directory.build.props"
    " directory.build.targets directory.packages.props dockerfile flake.lock gemfile gemfile.lock go.mod go.sum"
    " gradle.properties jenkinsfile justfile license makefile pipfile.lock podfile podfile.lock poetry.lock procfile"
    " rakefile uv.lock vagrantfile yarn.lock".split()
)
BUILD_FILES = frozenset(
    "Brewfile Caddyfile Dockerfile Gemfile Jenkinsfile Justfile Makefile Podfile Procfile Rakefile".split()
)
"""Names of files that prose says without any markup."""

_KNOWN_DOT_FILES = re.compile(
    r"\.(?:env(?:[.\-_].+)?|dev\.vars(?:\..+)?|\w+ignore|\w+rc|\w+-versions?|gitattributes|gitkeep|gitmodules"
    r"|editorconfig|htaccess|keep)"
)
_SAMPLE = re.compile(r"\.(?:dist|example|j2|sample|template)$")

_PRODUCTS = frozenset(
    "alpine.js angular.js babylon.js backbone.js bun.js chart.js commander.js d3.js day.js deno.js discord.js"
    " electron.js ember.js ethers.js express.js fastify.js hono.js knex.js koa.js moment.js nest.js next.js node.js"
    " nuxt.js p5.js pdf.js phaser.js pixi.js react.js solid.js tensorflow.js three.js vue.js web3.js".split()
)
"""Names of software that look like files."""

_WIDE = r"\u00b7\u2026\u3000-\u3004\u3008-\u301f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_UNSPACED = r"\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
"""Punctuation of full width, and the letters of languages that set no space between a path and the words round it."""

# A link, a code span, a web address, a bare word with a slash or a dot in it, or one of `BUILD_FILES`. A piece of a
# word in square brackets (`app/[slug]/page.tsx`) belongs to it, unless it is a link's label; a comma ends it, unless it
# stands in braces (`src/{a,b}.py`), and so does punctuation of full width. Lengths are bounded, so that a hostile line
# costs linear time.
_CANDIDATE = re.compile(
    r"""
      !?\[ (?P<label> [^\]\n]{0,500} ) \]
          \( <? (?P<link> [^()\s<>]{1,500} (?: \([^()\s]{0,100}\) [^()\s<>]{0,500} )? ) >?
          (?: \s+ "[^"\n]{0,500}" )? \)
    | (?P<ticks> `{1,3} ) (?!`) (?P<code> [^\n]{1,500}? ) (?<!`) (?P=ticks) (?!`)
    | (?P<address> \b [A-Za-z][A-Za-z0-9+.\-]{0,20} :// [^\s)>\]]{0,2000} )
    | (?<! [\w/.@~\-] ) (?P<bare> (?: [^\s`\[/.,{WIDE] | BRACED | \[[^\]\s]{0,100}\](?!\() ){0,200}+ [/.]
          (?: [^\s`\[,{WIDE] | BRACED | \[[^\]\s]{0,100}\](?!\() ){1,500}+ )
    | (?<! [\w/.@~\-] ) (?P<name> NAMES ) (?! [\w/\-] )
    """.replace("NAMES", "|".join(sorted(BUILD_FILES)))
    .replace("WIDE", _WIDE)
    .replace("BRACED", r"\{[^{}\s]{0,100}\} | \{(?![^{}\s]{0,100}\})"),
    re.VERBOSE,
)
# What may follow a path: lines, an anchor, or something in the file, such as `test_x.py::test_login` of pytest.
_PLACE = re.compile(r"(?::L?\d+(?:[-:\u2013]L?\d+)?|(?<=\w)::?[A-Za-z_][\w.:]*(?:\(\))?|#[\w-]*)$")
_ASCII = re.compile(r"[A-Za-z0-9]")
_GLUED_BEFORE = re.compile(
    rf"[{_UNSPACED}]+(?=[A-Za-z0-9_.@])|[^/]{{1,100}}[\u304c\u3067\u3068\u306b\u306e\u306f\u3078\u3082\u3092](?=[A-Za-z0-9_@-]*[./])"
)
# What stands between two paths where no spaces do: any letters behind a file's ending, but behind a folder only a
# particle with what follows it, or a Chinese word for where something moves, since a folder may be called anything.
_BETWEEN = re.compile(
    rf"(?:\.(?P<ending>[A-Za-z][A-Za-z0-9]{{0,9}})(?P<file>[{_UNSPACED}]{{1,80}}+)"
    rf"|/(?P<folder>(?:\u304b\u3089|[\u304c\u3067\u3068\u306b\u306e\u306f\u3078\u3092])[{_UNSPACED}]{{0,80}}+"
    r"|(?:\u79fb\u52a8|\u8fc1\u79fb)[\u5230\u81f3]))(?=[A-Za-z0-9_.@])"
)
_GLUED_BEHIND = re.compile(
    rf"(?<=\.)([A-Za-z0-9]{{1,10}})(?:[{_UNSPACED}]|\((?=[{_UNSPACED}]))[^/]*$|(?<=/)[{_UNSPACED}]+$"
)
# A path from the root of the repository, with a file that has an ending: `/src/app.js`. On a machine, other folders lie
# at the root.
_FROM_ROOT = re.compile(
    r"/(?!(?:bin|boot|dev|etc|home|lib|mnt|media|opt|proc|root|run|sbin|srv|sys|tmp|usr|var|Users|Library|Volumes)/)"
    r"(?=[^/\s][^\s]*\.\w+$)"
)
# A path from the root of a machine, in a folder where people keep their work.
_ABSOLUTE = re.compile(r"(?:/(?:Users|home|Volumes|workspaces|root|(?:mnt/)?[a-z]/Users)|[A-Za-z]:)/\.?\w[\w.-]*+/")
_WINDOWS = re.compile(r"(?:[A-Za-z]:\\)?\w[\w.-]*(?:\\\.?[A-Za-z0-9_][\w.-]*)+")
_SEGMENT = re.compile(r"\.?[\w@+*?!{\[][\w@.+*?!{},\[\]-]*|\([\w.-]+\)|\*\*")
# A folder or a file that is called by several words, spelled like a title: `My App/`, `Terms of Use.md`. A command is
# not: `cat docs/a.md`, `GET Users/a.json`, `Get-Item A/b.md`. Nor are two paths: only the last word has an ending.
_TITLE = re.compile(
    r"(?!(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|[A-Z][a-z]++-[A-Z][a-z]++) )[A-Z0-9][\w&+'()@-]*+"
    r"(?: (?:[A-Z0-9(][\w&+'()@-]*+|&|-|and|for|in|of|on|the|to))++(?:\.[\w.-]++)?"
)


@dataclass(frozen=True, slots=True)
class WrittenPath:
    """A path as a text spells it: `whole` covers its markup too, `span` the path alone.

    `path` is without a leading `./`, line number or anchor, and with slashes for backslashes of Windows. It is absolute
    where the text spells it from the root of a machine. `sure`: its shape alone makes it a path; otherwise it is one
    only where the workspace has it (`and/or` looks like one, too), or of `BUILD_FILES` where the plan spells it out.
    """

    path: str
    span: Span
    whole: Span
    sure: bool


@dataclass(frozen=True, slots=True)
class Opaque:
    """A code span or a web address that is no path. Its words are no words of the sentence."""

    whole: Span


def written_paths(text: str) -> Iterator[WrittenPath | Opaque]:
    """What a Markdown text spells as a path, and what else in it is no prose, in the text's order."""
    for match in _CANDIDATE.finditer(text):
        kind = next(name for name in ("link", "code", "address", "name", "bare") if match[name] is not None)
        whole = Span(*match.span())
        if kind == "name":
            yield WrittenPath(match[kind], whole, whole, sure=False)
            continue
        start = match.start(kind) + (_climbing(match["link"], match["label"]) if kind == "link" else 0)
        raw = match.string[start : match.end(kind)]
        if kind == "bare":
            yield from _bare(raw, start, text)
            continue
        found = None if kind == "address" else _shaped(raw, start, bare=False)
        if found is not None and not _is_package(found[0], text, whole):
            path, span, sure = found
            yield from _each(WrittenPath(path, span, whole, sure))
        else:
            yield Opaque(whole)


def _bare(raw: str, start: int, text: str) -> Iterator[WrittenPath]:
    """The paths of a word without markup: several where letters join them, as in "src/a.ts\u3092src/b/\u306b"."""
    at = 0
    for between in (*_BETWEEN.finditer(raw), None):
        if between is not None and between["ending"] and between["ending"].lower() not in KNOWN_EXTENSIONS:
            continue
        end = len(raw) if between is None else between.start("file" if between["file"] else "folder")
        found = _shaped(raw[at:end], start + at, bare=True)
        if found is not None and not _is_package(found[0], text, Span(start + at, start + end)):
            path, span, sure = found
            yield from _each(WrittenPath(path, span, span, sure))
        at = end if between is None else between.end()


def _each(path: WrittenPath) -> Iterator[WrittenPath]:
    """Each of several names with slashes between them, `setup.py/setup.cfg`; else the path."""
    names = path.path.split("/")
    if len(names) < 2 or any(extension(name) not in KNOWN_EXTENSIONS for name in names):
        yield path
        return
    start = path.span.start
    for name in names:
        span = Span(start, start + len(name))
        first = path.whole.start if name is names[0] else span.start
        last = path.whole.end if name is names[-1] else span.end
        yield WrittenPath(name, span, Span(first, last), sure=True)
        start = span.end + 1


_CLIMBING = re.compile(r"(?:\.\./)++")


def _climbing(link: str, label: str) -> int:
    """How much of a link only climbs from the plan's folder to the file that it is labelled with."""
    climbing = _CLIMBING.match(link)
    is_labelled = climbing and f"/{link[climbing.end() :]}".endswith(f"/{label.strip(' `*')}")
    return climbing.end() if climbing and is_labelled and label.strip() else 0


def _is_package(name: str, text: str, whole: Span) -> bool:
    """Whether the words around say that what is called like a file is a package: "the `fuse.js` library"."""
    if "/" in name or extension(name) not in _OF_PACKAGES:
        return False
    before = text[max(0, whole.start - _LONGEST_CUE) : whole.start]
    return bool(_PACKAGE_BEHIND.match(text, whole.end) or _PACKAGE_BEFORE.search(before))


_OF_PACKAGES = frozenset({"js", "swift"})
"""Endings that names of packages have, too."""

_LONGEST_CUE = 40
_PACKAGE = r"(?:packages?|librar(?:y|ies)|dependenc(?:y|ies)|modules? from npm)"
_PACKAGE_BEHIND = re.compile(rf"[*_]{{0,3}}\s+(?:(?:npm|SPM|Swift)\s+)?{_PACKAGE}\b", re.IGNORECASE)
_PACKAGE_BEFORE = re.compile(
    rf"\b(?:{_PACKAGE}|install(?:s|ing)?|(?:npm|pnpm|yarn|bun)\s+(?:i|install|add))\s+(?:the\s+)?[*_\"']{{0,3}}$",
    re.IGNORECASE,
)


OF_EACH = re.compile(
    r"(?:index|main|mod|__init__|setup|conftest|lib|app)\.\w+|readme[^/.]*\.\w+|(?:package|tsconfig|jsconfig|composer|deno)[\w.]*\.json"
    r"|(?:pyproject|cargo|wrangler|config|settings)\.\w+|package-info\.java|pom\.xml|changelog\.\w+|vite\.config\.\w+"
    r"|pubspec\.yaml|docker-compose[\w.-]*|[^/.]+|\.[^/]+",
    re.IGNORECASE,
)
"""Names of files that each of several packages has."""

PROGRAM_FILE = re.compile(r"(?:main|app|lib|conftest|settings)\.(?!json|ya?ml|toml)\w+", re.IGNORECASE)
"""Those of them that hold the code of a program, which the root of a workspace seldom has beside folders of code."""

_PLACEHOLDER = re.compile(r"\{\w{1,40}\}")
"""In a name without a folder, what a program puts there when it writes the file: `export-{date}.json`."""

IN_PACKAGES = frozenset({"__init__.py", "mod.rs", "package-info.java", ".gitkeep"})
"""Names of files that never stand at the root."""

_OF_SPEC = re.compile(
    r"(?:^|/)(?:spec|plan|research|data-model|quickstart|tasks|memory/constitution)\.md$"
    r"|(?:^|/)contracts?/(?:[^/]+/)*(?:[^/]+\.(?:md|ya?ml|json))?$",
    re.IGNORECASE,
)


def is_of_spec(path: str) -> bool:
    """Whether a file is one of those in which a spec says what is to be made: most tasks only rest on them."""
    return bool(_OF_SPEC.search(path))


def is_path(text: str) -> bool:
    """Whether a value that is a path or a dotted module is spelled as a path: with a slash or a known extension."""
    return "/" in text or (extension(text) in KNOWN_EXTENSIONS and text.lower() not in _PRODUCTS)


def _shaped(raw: str, offset: int, *, bare: bool) -> tuple[str, Span, bool] | None:
    start, end = _trimmed(raw) if bare else (len(raw) - len(raw.lstrip()), len(raw.rstrip()))
    if bare:
        start, end = _unglued(raw, start, end)
    spelled = raw[start:end]
    place = _PLACE.search(spelled)
    if place:
        spelled = spelled[: place.start()]
    path = spelled.removeprefix("./")
    if _WINDOWS.fullmatch(path):
        path = path.replace("\\", "/")
    if _FROM_ROOT.match(path):
        path = path[1:]
    start += len(spelled) - len(path)
    absolute = _ABSOLUTE.match(path)
    segments = path[absolute.end() if absolute else 0 :].removesuffix("/").split("/")
    if bare and not _ASCII.search(path):
        return None  # Words of a language that writes no spaces, with slashes between them.
    if not all(_SEGMENT.fullmatch(segment) or _TITLE.fullmatch(segment) for segment in segments) or "..." in path:
        return None
    if " " in path and not _is_titled(path, segments, bare=bare):
        return None
    sure = _is_sure(path, segments, bare=bare)
    if not sure and (len(segments) < 2 or absolute):
        return None
    return path, Span(offset + start, offset + start + len(path)), sure


def _is_titled(path: str, segments: list[str], *, bare: bool) -> bool:
    """Whether words with spaces between them are a path: in a code span, with a folder, and no order: `Add A/b.md`."""
    is_path = len(segments) > 1 and bool(path.endswith("/") or extension(path))
    return is_path and not bare and path.partition(" ")[0].lower() not in VERBS


def _unglued(raw: str, start: int, end: int) -> tuple[int, int]:
    """Where a path starts and ends without the letters that are written right up to it: "\u5728src/a.py\u4e2d"."""
    before = _GLUED_BEFORE.match(raw, start, end)
    start = before.end() if before else start
    behind = _GLUED_BEHIND.search(raw, start, end)
    return start, (behind.end(1) if behind[1] else behind.start()) if behind else end


def _is_sure(path: str, segments: list[str], *, bare: bool) -> bool:
    name = segments[-1].lower()
    if len(segments) == 1 and _PLACEHOLDER.search(name):
        return False
    if path.endswith("/"):
        return len(segments) > 1 or not bare
    if name in _PRODUCTS and len(segments) == 1:
        return False
    if extension(_SAMPLE.sub("", name)) in KNOWN_EXTENSIONS or _KNOWN_DOT_FILES.fullmatch(name):
        return True
    return name in _KNOWN_NAMES and (not bare or "." in name or len(segments) > 1)


def extension(path: str) -> str:
    """The ending of the file's name in lower case, without its dot; empty for `.env` and the like."""
    stem, dot, extension = path.rpartition("/")[2].rpartition(".")
    return extension.lower() if dot and stem else ""


def stem_of_code(path: str) -> str:
    """What a file of code is called without its one ending; empty for any other file: `x.test.ts`, `notes.md`."""
    stem, _, ending = path.rpartition("/")[2].partition(".")
    return stem if ending.lower() in _OF_CODE else ""


def _trimmed(raw: str) -> tuple[int, int]:
    """Where a bare word starts and ends without the punctuation and emphasis round it."""
    start, end = 0, len(raw)
    while start < end and (raw[start] in "\"'*<\u201c\u2018" or (raw[start] == "(" and not _closes(raw, start))):
        start += 1
    if raw[start:end].startswith("_") and raw.rstrip(".,;:!?").endswith("_"):
        start += 1
    while end > start and (
        raw[end - 1] in "\"'*>.,;:!?\u201d\u2019_" or (raw[end - 1] == ")" and "(" not in raw[start:end])
    ):
        end -= 1
    return start, end


def _closes(raw: str, start: int) -> bool:
    """Whether the bracket at `start` is closed within the word and a path goes on after it: `(group)/page.tsx`."""
    close = raw.find(")", start)
    return raw[close + 1 : close + 2] == "/" if close >= 0 else False
