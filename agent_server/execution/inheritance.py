"""Working on what others did: an agent's changes, apart from those that it began with."""

from collections.abc import Sequence
from pathlib import Path

from agent_server.execution.changes import Change, ChangeKind, change_set, type_of


def beyond(inherited: Sequence[Change], found: Sequence[Change], base: Path, store: Path) -> tuple[Change, ...]:
    """The changes that lead from `inherited` to `found`, sorted by path; both are relative to the tree `base`.

    What an agent took back is a change, too; the bytes of `base` that it brought back are copied into `store`. Raises
    `OSError`.
    """
    earlier, later = {change.path: change for change in inherited}, {change.path: change for change in found}
    changes = [_since(earlier[path], change) if path in earlier else change for path, change in later.items()]
    changes += [_taken_back(change, base, store) for path, change in earlier.items() if path not in later]
    return tuple(sorted((each for each in changes if each.base != each.new), key=lambda each: each.path))


def _since(earlier: Change, later: Change) -> Change:
    if later.new is None:
        return _removal(earlier)
    kind = ChangeKind.CREATE if earlier.new is None else ChangeKind.MODIFY
    return Change(later.path, kind, later.type, earlier.new, later.new, later.content, earlier.content)


def _taken_back(earlier: Change, base: Path, store: Path) -> Change:
    """The path holds again what it holds in the base."""
    if earlier.base is None:
        return _removal(earlier)
    (stored,) = change_set(store / "nothing", {earlier.path: base / earlier.path}, store)
    kind = ChangeKind.CREATE if earlier.new is None else ChangeKind.MODIFY
    return Change(earlier.path, kind, type_of(earlier.base), earlier.new, stored.new, stored.content, earlier.content)


def _removal(earlier: Change) -> Change:
    """The path holds nothing any more; nothing changes where it held nothing before."""
    kind = earlier.type if earlier.new is None else type_of(earlier.new)
    return Change(earlier.path, ChangeKind.DELETE, kind, earlier.new, None, None, earlier.content)
