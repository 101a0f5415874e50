"""The words of modules and of paths: which imports are worth asking whether they mean a certain file.

What a module means, only its language's layout can tell, and asking it for every import of a large workspace would
take long. But a module that means a file nearly always spells it: `../data/clay-wiki`, `app.data.clay_wiki` and
`crate::data::clay_wiki` all end in the file's name, or in that of its folder. Two kinds do not, and are found in other
ways: those that only go up (`.`, `..`, `super::Name`), and names that a manifest gives (`@app/ui`, a crate, an alias).
"""

import re
from collections.abc import Iterable

LAST_WORDS = 3
"""Of a long module, these many last words are kept: `crate::data::Wiki::new` means a file called `data`."""

_STEPS = frozenset({"self", "super", "crate"})
_SEPARATOR = re.compile(r"[/.:\\#@~*]+")
_NAME = re.compile(r"[\w-]+")

_FOLDERS_THEMSELVES = frozenset({"__init__", "index", "lib", "main", "mod", "package"})
"""Files that are imported by the name of their folder."""


def module_words(module: str) -> tuple[str, ...]:
    """The words of a module by which the files that it may mean are found."""
    return tuple(dict.fromkeys(_words(module)[-LAST_WORDS:]))


def only_goes_up(module: str) -> bool:
    """Whether a module spells no file, but a place relative to its importer: `.`, `../`, `super::Name`, `.name`."""
    words = [word for word in _words(module) if word not in _STEPS]
    if "/" in module:
        return module.startswith(".") and not words
    return len(words) <= 1 and (module.startswith(".") or module.partition("::")[0] in _STEPS)


def path_words(path: str) -> tuple[str, ...]:
    """The words of which one is in nearly every module that means `path`: its name, or that of its folder."""
    folder, _, name = path.rpartition("/")
    stem = _words(name)[0] if _words(name) else ""
    # Folders are the modules of Go and Java; and `import "./data"` may mean `data/index.ts`.
    return tuple(dict.fromkeys(word for word in (stem, *_words(folder.rpartition("/")[2])) if word))


def is_folder_itself(path: str) -> bool:
    """Whether `path` is what its folder means as a module (`__init__.py`, `index.ts`, `mod.rs`)."""
    return path.rpartition("/")[2].partition(".")[0] in _FOLDERS_THEMSELVES


def manifest_words(texts: Iterable[str]) -> frozenset[str]:
    """Every word that a manifest could give as a name to something."""
    return frozenset(_plain(word) for text in texts for word in _NAME.findall(text))


def _words(text: str) -> list[str]:
    return [_plain(word) for word in _SEPARATOR.split(text) if word]


def _plain(word: str) -> str:
    # Cargo's `my-crate` is `my_crate` in a source.
    return word.lower().replace("-", "_")
