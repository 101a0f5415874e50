"""Contracts after the fact: whether what an import was allowed to rely on was really written."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from agent_server.analysis.facts import BrokenContract
from agent_server.analysis.model import Contract
from agent_server.execution.changes.changes import Change, ChangeKind
from agent_server.execution.changes.harvest import Harvest
from agent_server.languages import language_of, read_source

_MADE_WHILE_RUNNING = frozenset({"*", "__getattr__"})
"""Exports of a module that makes its names while it runs: it may have any."""


def unkept(contracts: Iterable[Contract], harvests: Mapping[str, Harvest]) -> tuple[BrokenContract, ...]:
    """What the producers of a wave did not keep, each once. Contracts beyond the wave are no concern.

    The module must have been written, and must export the names that were relied on; of a file whose language is not
    known, it is enough that it holds them as words. A package that is a folder exports what any file in it does.
    """
    concerned = (each for each in contracts if each.producer in harvests and each.task in harvests)
    found: dict[str, BrokenContract] = {}
    for each in concerned:
        for words in _broken(each, harvests[each.producer]):
            known = found.get(words, BrokenContract(each.producer, (), each.path, words))
            found[words] = replace(known, tasks=tuple(dict.fromkeys((*known.tasks, each.task))))
    return tuple(found.values())


def producers(contracts: Iterable[Contract]) -> Mapping[str, frozenset[str]]:
    """For each task that relies on others' work in advance: on whose."""
    found: dict[str, frozenset[str]] = {}
    for each in contracts:
        found[each.task] = found.get(each.task, frozenset()) | {each.producer}
    return found


def _broken(contract: Contract, made: Harvest) -> Iterator[str]:
    written = [(change.path, change.content) for change in made.declared if _belongs(change, contract.path)]
    files = [(path, content) for path, content in written if content is not None]
    if not files:
        yield f"`{contract.producer}` did not write `{contract.path}`, which `{contract.task}` imports."
        return
    texts = {path: content.read_text("utf-8", errors="replace") for path, content in files}
    missing = [name for name in contract.names if not _exports(texts, name)]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        yield f"`{contract.path}`, as `{contract.producer}` wrote it, does not define {names}, which others rely on."


def _belongs(change: Change, path: str) -> bool:
    """Whether a change writes the file `path` or, where that is a folder, a source directly in it."""
    if change.kind is ChangeKind.DELETE:
        return False
    if not path.endswith("/"):
        return change.path == path
    folder, _, name = change.path.rpartition("/")
    return folder == path.strip("/") and language_of(name) is not None


def _exports(texts: Mapping[str, str], name: str) -> bool:
    """Whether one of the files exports a name, or may: one that passes on the names of other modules."""
    first = re.split(r"\.|::", name)[0]
    for path, text in texts.items():
        source = read_source(path, text)
        if source is None:
            found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
        else:
            more = source.passes_on or source.makes_from or _MADE_WHILE_RUNNING.intersection(source.exports)
            found = bool(first in source.exports or more)
        if found:
            return True
    return False
