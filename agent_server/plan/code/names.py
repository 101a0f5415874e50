"""What languages are called: by the word behind a fence, by the ending of a file, by what a text looks like."""

import re

# ruff: noqa: SIM905  # A table of words reads better as prose than as a column of strings.

_WORDS = {
    "c": "c h",
    "cpp": "cpp c++ cc cxx hpp hh hxx",
    "csharp": "csharp cs c#",
    "css": "css scss sass less pcss styl",
    "dart": "dart",
    "diff": "diff patch udiff",
    "dockerfile": "dockerfile docker containerfile",
    "elixir": "elixir ex exs",
    "erlang": "erlang erl",
    "fsharp": "fsharp fs f#",
    "go": "go golang",
    "graphql": "graphql gql graphqls",
    "haskell": "haskell hs",
    "hcl": "hcl tf terraform",
    "html": "html htm html5",
    "http": "http",
    "ini": "ini cfg conf properties env dotenv editorconfig",
    "java": "java",
    "javascript": "javascript js mjs cjs node",
    "json": "json jsonc json5 jsonl",
    "jsx": "jsx",
    "kotlin": "kotlin kt kts",
    "lua": "lua",
    "make": "make makefile mk",
    "markdown": "markdown md mdx",
    "mermaid": "mermaid plantuml puml dot graphviz",
    "output": "console-output output log stdout stderr",
    "perl": "perl pl pm",
    "php": "php",
    "prisma": "prisma",
    "proto": "proto protobuf",
    "python": "python py python3 py3 pyi",
    "r": "r",
    "ruby": "ruby rb rake",
    "rust": "rust rs",
    "scala": "scala sc",
    "shell": "bash sh shell zsh fish console shell-session shellsession terminal cmd bat powershell ps1 pwsh ps",
    "solidity": "solidity sol",
    "sql": "sql postgresql postgres psql mysql sqlite plpgsql",
    "svelte": "svelte",
    "swift": "swift",
    "text": "text txt plain plaintext none nohighlight ascii tree",
    "toml": "toml",
    "tsx": "tsx",
    "typescript": "typescript ts mts cts",
    "vue": "vue",
    "xml": "xml xhtml svg xsd plist",
    "yaml": "yaml yml",
    "zig": "zig",
}
_BY_WORD = {word: name for name, words in _WORDS.items() for word in words.split()}
_BY_FILE = {"dockerfile": "dockerfile", "makefile": "make", "gnumakefile": "make", "astro": "astro"}

DATA = frozenset("csv graphql http ini json mermaid text toml xml yaml".split())
"""Languages of what is no code: it becomes a file only where the plan names one."""

_FAMILIES = (
    frozenset("astro javascript jsx svelte tsx typescript vue".split()),
    frozenset("astro css html svelte vue xml".split()),
    frozenset("c cpp".split()),
    frozenset("ini shell text toml make dockerfile".split()),
    frozenset("json javascript text".split()),
    frozenset("prisma sql graphql".split()),
)
"""Languages that one file may hold, or that people take for one another."""


def named(word: str) -> str:
    """The language that the word behind a fence means; empty for an unknown one."""
    return _BY_WORD.get(word.lower(), "")


def of_file(path: str) -> str:
    """The language of a file, by its name; empty for an unknown one."""
    name = path.rpartition("/")[2].lower()
    ending = name.rpartition(".")[2]
    return _BY_FILE.get(name) or _BY_FILE.get(ending) or (_BY_WORD.get(ending, "") if "." in name else "")


def may_hold(path: str, language: str) -> bool:
    """Whether a file may hold a block of that language."""
    own = of_file(path)
    return not own or not language or own == language or any({own, language} <= family for family in _FAMILIES)


_SHELL = (
    r"\A(?:(?:sudo|cd|mkdir|git|npm|npx|pnpm|yarn|bun|uv|pip|pip3|python3?|pytest|cargo|go|make|docker|curl|touch|mv|cp"
    r"|rm|echo|cat|export|mvn|gradle|\./gradlew|dotnet|bundle|rails|composer|php|poetry) [-\w./@\"'$]"
    r"|npm$|make$|pytest$)"
)
_SCRIPT = (
    r"^import (?:type )?(?:[\w*{].* from )?[\"'][^\"'\n]+[\"'];?\s*$"
    r"|^(?:export (?:default )?)?(?:async )?(?:function\*? \w+\(|interface \w+.*\{|type \w+(?:<.*>)? =|enum \w+ \{)"
    r"|^(?:export )?const \w+(?:: [^=\n]+)? = "
)
_RUST = r"^(?:use (?:crate|super|self|std|core)::|(?:pub(?:\(\w+\))? )?(?:fn \w+.*\{|struct \w+|mod \w+;|impl\b))"
_JAVA = r"^(?:package [\w.]+;|import (?:static )?[\w.]+(?:\.\*)?;|public (?:final |abstract )?(?:class|interface))"
_SQL = r"^(?:CREATE (?:OR REPLACE )?(?:UNIQUE )?(?:TABLE|INDEX|VIEW|TYPE)|ALTER TABLE|INSERT INTO|SELECT )\b"
_PYTHON = r"^(?:from [\w.]+ import [\w(*]|(?:async )?def \w+\(.*\).*:\s*$|class \w+(?:\(.*\))?:\s*$)"

_LOOKS = tuple(
    (name, re.compile(pattern, re.MULTILINE))
    for name, pattern in (
        ("shell", r"\A(?:#!.*\b(?:ba|z|da)?sh\b|[$%>] [\w./~]|\w+@[\w.-]+[:~$])"),
        ("php", r"\A<\?php"),
        ("python", _PYTHON),
        ("typescript", _SCRIPT),
        ("go", r"^package [a-z]\w*\s*$|^func (?:\(\w+ \*?\w+\) )?\w+\(.*\).*\{\s*$"),
        ("rust", _RUST),
        ("java", _JAVA),
        ("sql", _SQL),
        ("http", r"\A(?:GET|POST|PUT|PATCH|DELETE) /\S*(?: HTTP/[\d.]+)?\s*$"),
        ("json", r"\A\s*[\[{]\s*(?:[\"\[{\]}]|-?\d)"),
        ("xml", r"\A\s*<(?:\?xml|!DOCTYPE|[a-zA-Z][\w:-]*[\s>/])"),
        ("shell", _SHELL),
    )
)


def looks_like(text: str) -> str:
    """The language that a text is most likely in; empty where nothing tells."""
    head = text[:_HEAD]
    return next((name for name, pattern in _LOOKS if pattern.search(head)), "")


_HEAD = 2000
