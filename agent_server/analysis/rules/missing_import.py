"""`missing-import`: a task imports something that does not exist, and that no task creates."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from agent_server.analysis.created import Created
from agent_server.analysis.model import Analysis, Diagnostic, ImportFinding
from agent_server.analysis.rules.around import created_in
from agent_server.analysis.rules.nearby import nearest
from agent_server.analysis.rules.problems import suggested
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity
from agent_server.analysis.tree import Tree
from agent_server.plan.model import Task


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    missing = [finding for finding in analysis.imports if finding.producer is None]
    created = created_in(analysis) if missing else Created(())
    for finding in missing:
        if finding.closed_by:
            yield _closed(finding)
        else:
            yield _name(finding) if finding.name else _module(finding, analysis, created)


def _module(finding: ImportFinding, analysis: Analysis, created: Created) -> Diagnostic:
    creator = _not_running(finding, analysis)
    near = None if creator else _meant(finding, created, analysis.tree)
    if creator is not None:
        hint = f"`{creator.id}` would, but its status is `{creator.status}`."
    elif near:
        hint = f"Did you mean `{near}`?"
    else:
        hint = "Mend the name, or add the file to the `writes` of the task that creates it."
    message = f"`{finding.task}` imports `{finding.subject}`, which does not exist, and no task creates it. {hint}"
    return _diagnostic(finding, message, near, (finding.module,))


def _not_running(finding: ImportFinding, analysis: Analysis) -> Task | None:
    """The task that spells one of the files among its `writes`, and is not going to run."""
    idle = (task for task in analysis.plan.tasks if not task.is_open)
    return next((task for task in idle if any(item.text in finding.files for item in task.writes)), None)


def _name(finding: ImportFinding) -> Diagnostic:
    path = finding.files[0]
    near = _replaced(finding.module, finding.name, finding.alike) if finding.alike else None
    hint = f"Did you mean `{finding.alike}`?" if finding.alike else "Mend the name, or let a task add it there."
    lacks = f"`{finding.task}` imports `{finding.name}` from `{path}`, which does not define it, and no task adds it."
    return _diagnostic(finding, f"{lacks} {hint}", near, (path,))


def _closed(finding: ImportFinding) -> Diagnostic:
    if finding.closed_by.endswith("/"):
        inside = f"which only code in `{finding.closed_by}` may import, since it is internal there."
        hint = "Import a package that is open to all, or let a task move what is needed out of `internal`."
        message = f"`{finding.task}` imports `{finding.subject}`, {inside} {hint}"
        return _diagnostic(finding, message, None, (finding.closed_by,))
    near = finding.alike or None
    hint = f"Did you mean `{near}`?" if near else "Mend the name, or let a task open it there."
    keeps = f"which `{finding.closed_by}` does not list in its `exports`, and no task adds it."
    return _diagnostic(
        finding, f"`{finding.task}` imports `{finding.subject}`, {keeps} {hint}", near, (finding.closed_by,)
    )


def _diagnostic(finding: ImportFinding, message: str, near: str | None, paths: tuple[str, ...]) -> Diagnostic:
    return Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=message,
        span=finding.span,
        tasks=(finding.task,),
        paths=paths,
        suggestion=near,
    )


def _meant(finding: ImportFinding, created: Created, tree: Tree) -> str | None:
    """What the author most likely meant, spelled as the import is; by the files that the import may mean."""
    for path in finding.files[:_MOST_TRIED]:
        near = _folder_near(path, tree) if path.endswith("/") else nearest(path, tree, created.beside)
        spelled = near if near is None or finding.module == path else _respelled(finding, path, near, tree)
        if spelled is not None:
            return spelled
    return None


def _respelled(finding: ImportFinding, path: str, near: str, tree: Tree) -> str | None:
    """An import of `path` as an import of `near`: the segments that differ are replaced where the import has them."""
    module = finding.module
    old, new = _segments(path), _segments(near)
    if len(old) != len(new):
        python = near.endswith(".py") and "/" not in module
        return module.replace(finding.subject, _module_of(near, tree), 1) if python else None
    changed: str | None = module
    for before, after in zip(old, new, strict=True):
        if before != after and changed is not None:
            changed = _replaced(changed, before, after)
    return changed if changed != module else None


def _module_of(path: str, tree: Tree) -> str:
    """A file of Python as an absolute module, from its outermost package."""
    segments = _segments(path)
    folders = path.split("/")[:-1]
    while folders and "/".join((*folders, "__init__.py")) in tree:
        folders.pop()
    return ".".join(segments[len(folders) :] if len(folders) < len(segments) else segments[-1:])


def _segments(path: str) -> list[str]:
    """The segments of a path as imports spell them: without an ending, or a file that stands for its folder."""
    segments = path.rstrip("/").split("/")
    stem = _ENDING.sub("", segments[-1]) or segments[-1]
    return segments[:-1] if stem in _FOLDERS_THEMSELVES and len(segments) > 1 else [*segments[:-1], stem]


def _replaced(text: str, word: str, by: str) -> str | None:
    """`text` with the last occurrence of a word replaced; None where it has none."""
    found = list(re.finditer(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text))
    return f"{text[: found[-1].start()]}{by}{text[found[-1].end() :]}" if found else None


def _folder_near(folder: str, tree: Tree) -> str | None:
    """The folder that a missing one is most like: where its first missing segment is a slip for one that is there."""
    segments = folder.strip("/").split("/")
    depth = next((at for at in range(len(segments)) if not tree.is_directory("/".join(segments[: at + 1]))), None)
    if depth is None:
        return None
    parent = "/".join(segments[:depth])
    start = len(parent) + 1 if parent else 0
    beside = {path[start:].partition("/")[0] for path in tree.below(parent, most=_MOST_BELOW) if "/" in path[start:]}
    close = get_close_matches(segments[depth], sorted(beside), n=1, cutoff=_ALIKE)
    near = "/".join((*segments[:depth], *close, *segments[depth + 1 :]))
    return f"{near}/" if close and tree.is_directory(near) else None


_ENDING = re.compile(r"(?:\.d)?\.\w+$")
_MOST_TRIED = 6
_MOST_BELOW = 2000
_ALIKE = 0.7
_FOLDERS_THEMSELVES = frozenset({"__init__", "index", "lib", "main", "mod"})

RULE = Rule(
    code="missing-import",
    severity=Severity.ERROR,
    summary="A task imports something that does not exist.",
    explanation="""\
Code that imports a module which nobody creates cannot build. Mostly the name has a slip in it. The same holds for a
name that an existing module does not define, and that no task adds there; and for a module that is there, but that its
package keeps to itself: its `package.json` does not list it in `exports`, or it is `internal` in Go.

A module that another task of the plan creates is not missing: see `output-dependency` and `predictable-import`.
""",
    bad="""\
# Clay wiki

## hub: Build the hub page
- writes: `pages/clay.py`
- imports: `data/caly.py`

Build the page that lists every entry.
""",
    good="""\
# Clay wiki

## hub: Build the hub page
- writes: `pages/clay.py`
- imports: `data/clay.py`

Build the page that lists every entry.
""",
    files={"data/clay.py": "ENTRIES = []\n"},
    check=_check,
    fixes=suggested,
)
