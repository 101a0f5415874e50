"""Imports of sources that are not Python, read by their text alone: the statements that name another module.

Conservative: it knows the forms of TypeScript and JavaScript, Go, Rust, Java and Kotlin, C#, C and C++, Ruby and PHP
that stand on one line or in one bracket, and reads nothing else. What it finds is only ever compared with a module that
a plan names.
"""

import re
from functools import lru_cache

from agent_server.analysis.python_imports import Import

_NAMED = re.compile(
    r"\b(?:import|export)\s+(?:type\s+)?(?P<names>[\w$*{},\s]{1,1000}?)\bfrom\s*[\"'](?P<module>[^\"'\n]+)[\"']"
)
_CALLED = re.compile(
    r"(?:(?:\b(?:const|let|var)\s+(?P<names>\w+|\{[\w$:,\s]{0,1000}\})\s*=\s*(?:await\s+)?)?"
    r"\b(?:require|require_relative|include|include_once|require_once|import)\s*\(?\s*[\"'](?P<module>[^\"'\n]+)[\"'])"
)
_BLOCK = re.compile(r"^import\s*\((?P<block>[^)]{0,4000})\)", re.MULTILINE)  # Go.
_STRING = re.compile(r"\"(?P<module>[^\"\n]+)\"")
_QUALIFIED = re.compile(
    r"^[ \t]*(?:pub(?:\([^)\n]*\))?\s+)?(?:use|using|import(?:\s+static)?)\s+(?P<module>\w+(?:(?:::|\.|\\)\w+)*)"
    r"(?:(?:::|\.)(?P<names>\{[^}\n]{0,1000}\}))?",
    re.MULTILINE,
)
_INCLUDED = re.compile(r"^[ \t]*#[ \t]*include\s*\"(?P<module>[^\"\n]+)\"", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_ALIASED = re.compile(r"(?:\s+as\s+|\s*:\s*)[\w$]+")


@lru_cache(maxsize=256)
def imports_in(source: str) -> tuple[Import, ...]:
    """The modules that a source names in its import statements, with the names it takes where it lists them."""
    found: dict[tuple[int, str], Import] = {}
    for pattern in (_NAMED, _CALLED, _QUALIFIED, _INCLUDED):
        for match in pattern.finditer(source):
            groups = match.groupdict()
            key = (match.start("module"), match["module"])
            found.setdefault(key, Import(match["module"], _names(groups.get("names"))))
    for block in _BLOCK.finditer(source):
        for match in _STRING.finditer(source, *block.span("block")):
            found.setdefault((match.start("module"), match["module"]), Import(match["module"]))
    return tuple(found[key] for key in sorted(found))


def _names(listed: str | None) -> tuple[str, ...]:
    """The names in the braces of an import, as the other module calls them."""
    if not listed or "{" not in listed:
        return ()
    plain = _ALIASED.sub("", listed.partition("{")[2].partition("}")[0])
    return tuple(name for name in _NAME.findall(plain) if name not in {"type", "self"})
