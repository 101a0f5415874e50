"""The languages whose imports are understood, one file each. Adding a file adds a language.

Pure: a source or a manifest is text, a workspace is a set of paths. tree-sitter and its grammars are imported when the
first source of their language is read, not before. A language's file exposes `LANGUAGE`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules

from agent_server.languages.model import Files, Import, Language, Layout, Resolution, Source, Trace

__all__ = [
    "LANGUAGES",
    "Files",
    "Import",
    "Language",
    "Layout",
    "Resolution",
    "Source",
    "Trace",
    "language_of",
    "read_source",
    "statements",
]


def language_of(path: str) -> Language | None:
    """The language that a file is written in, by its ending; None for any other file."""
    _, dot, ending = path.rpartition("/")[2].rpartition(".")
    return _BY_ENDING.get(dot + ending)


@lru_cache(maxsize=1024)
def read_source(path: str, text: str) -> Source | None:
    """What the file imports and exports; None where its language is not known."""
    language = language_of(path)
    return None if language is None else language.read(path, text)


def statements(text: str, language: Language) -> tuple[Import, ...]:
    """What a plan's author means by one item of `imports`: a bare module, or a whole statement of the language.

    `data.clay`, `from data.clay import entries`, `import { a } from "@/x";` and `"@/x"` are all understood, and so is
    how people note names of a module of Python. A statement may give several imports; an empty text gives none.
    """
    written = text.strip().rstrip(";").strip()
    bare = written.strip("\"'`").strip()
    if not bare:
        return ()
    noted = _NOTED.fullmatch(bare) if language.id == "python" else None
    if noted:
        return _noted(noted["module"], noted["names"], language)
    if not any(char.isspace() or char in "({" for char in bare):
        return (Import(bare),)
    return language.read("", f"{written}\n").imports or language.read("", f"{written};\n").imports or (Import(bare),)


_NOTED = re.compile(
    r"(?!import\s|from\s)(?P<module>[\w./-]+?)"
    r"(?:\s+as\s+\w+|(?:\s*::?|\s*\(|\.?\{|\s+import\b)\s*(?P<names>\w+(?:\s*,\s*\w+)*)\s*[)}]?)"
)
"""A module of Python with names, as `data.clay: entries`, `data.clay (entries, LEVELS)` and `data/clay.py::entries`."""


def _noted(module: str, names: str | None, language: Language) -> tuple[Import, ...]:
    if not names or "/" in module:
        return (Import(module, tuple(re.findall(r"\w+", names or ""))),)
    return language.read("", f"from {module} import {names}\n").imports


def _discover() -> Mapping[str, Language]:
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    found = (vars(module).get("LANGUAGE") for module in modules)
    return {language.id: language for language in sorted(filter(None, found), key=lambda language: language.id)}


LANGUAGES: Mapping[str, Language] = _discover()
"""Every language by its id, in alphabetical order."""

_BY_ENDING = {ending: language for language in LANGUAGES.values() for ending in language.endings}
