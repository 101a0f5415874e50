"""Contracts after the fact: whether what an import was allowed to rely on was really written."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from agent_server.analysis.model import Contract
from agent_server.execution.changes import ChangeKind
from agent_server.execution.harvest import Harvest


def broken(contracts: Iterable[Contract], harvests: Mapping[str, Harvest]) -> tuple[str, ...]:
    """What the producers of a wave did not keep, one sentence each. Contracts beyond the wave are no concern.

    The module must have been written, and must define the names that were relied on: at the top level of a Python
    module, as a word anywhere in another file.
    """
    concerned = (each for each in contracts if each.producer in harvests and each.task in harvests)
    return tuple(dict.fromkeys(problem for each in concerned for problem in _broken(each, harvests[each.producer])))


def _broken(contract: Contract, made: Harvest) -> Iterator[str]:
    written = next((change for change in made.declared if change.path == contract.path), None)
    if written is None or written.kind is ChangeKind.DELETE or written.content is None:
        yield f"`{contract.producer}` did not write `{contract.path}`, which `{contract.task}` imports."
        return
    text = written.content.read_text("utf-8", errors="replace")
    missing = [name for name in contract.names if not _defines(text, name, python=contract.path.endswith(".py"))]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        yield f"`{contract.path}`, as `{contract.producer}` wrote it, does not define {names}, which others rely on."


def _defines(text: str, name: str, *, python: bool) -> bool:
    if python:
        try:
            return name in _top_level(ast.parse(text))
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: nested without end
            return False
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _top_level(module: ast.Module) -> set[str]:
    """The names that a module binds outside functions and classes, in branches too."""
    names: set[str] = set()
    pending: list[ast.AST] = [module]
    while pending:
        for node in ast.iter_child_nodes(pending.pop()):
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    names.add(name)
                case ast.alias(name=name, asname=asname):
                    names.add(asname or name.partition(".")[0])
                case ast.Name(id=name, ctx=ast.Store()):
                    names.add(name)
                case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                    pass
                case _:
                    pending.append(node)
    return names
