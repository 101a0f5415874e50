"""How each setting is spelled: from a JSON-like value to the value that the programs use. One reader a setting.

A setting is a single value, or a table of entries. Each entry of a table is read for itself, so that a slip in one
keeps nothing from the others.
"""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from agent_server.analysis.estimates.prices import Price
from agent_server.analysis.globs.path_sets import BadGlob, PathSet
from agent_server.analysis.rules import RULES
from agent_server.analysis.settings import Severity, Tier
from agent_server.analysis.tree import Tree
from agent_server.plan.formats import READERS
from agent_server.plan.formats.patterns import MOST_SPELLINGS, spellings
from agent_server.settings.values import AgentProgram

Path_ = tuple[str, ...]
"""The name of a setting, and of the entry where it is a table: `("agents",)`, `("minutes", "fast")`."""

TRUSTED = "trusted"
"""What an editor says of a workspace. It stands beside the settings, and no file can say it."""

# Larger numbers, and `inf`, are slips: they mean no limit, and no arithmetic of minutes survives them.
_MOST = 1_000_000_000
_LONGEST_GLOB = 500
_MOST_TOLD = 20

MOST_WRONG = 20
"""So many problems of one place are told."""


class BadSetting(ValueError):
    """A value that a setting cannot have. The message names the setting and says what it takes."""


def read(values: Mapping[str, Any]) -> tuple[dict[Path_, Any], list[tuple[Path_, str]]]:
    """What `values` set, and what is wrong with them, each in one message.

    `None` sets nothing: editors send it for what the user has left alone. Behind `MOST_WRONG` slips nothing is read:
    whoever made so many has another file in mind.
    """
    taken: dict[Path_, Any] = {}
    wrong: list[tuple[Path_, str]] = []
    for path, reader, given in (entry for name, value in values.items() for entry in _entries(name, value)):
        if len(wrong) == MOST_WRONG:
            wrong.append((path, f"After {MOST_WRONG} problems the rest is not read."))
            break
        try:
            taken[path] = reader(".".join(path), given)
        except BadSetting as error:
            wrong.append((path, str(error)))
    return taken, wrong


def _entries(name: str, value: Any) -> Iterator[tuple[Path_, Callable[[str, Any], Any], Any]]:
    """The entries of one setting, each with its reader."""
    if value is None:
        return
    if name in SINGLE:
        yield (name,), SINGLE[name], value
    elif name not in TABLES:
        yield (name,), _unknown, value
    elif not isinstance(value, Mapping):
        yield (name,), _no_table, value
    else:
        keys, reader = TABLES[name]
        for key, given in value.items():
            if given is not None:
                path = (name, str(key))
                yield (path, reader, given) if keys is None or key in keys else (path, _unknown_key, given)


def _unknown(name: str, _: Any) -> Any:
    if name == TRUSTED:
        raise BadSetting(f"`{name}` is what an editor says of a workspace. No file can set it.")
    near = get_close_matches(name, NAMES, n=1)
    hint = f" Did you mean `{near[0]}`?" if near else f" Known are {', '.join(sorted(NAMES - {TRUSTED}))}."
    raise BadSetting(f"There is no setting `{name}`.{hint}")


def _unknown_key(path: str, _: Any) -> Any:
    name, _dot, key = path.partition(".")
    if TABLES[name][0] is _TIERS:
        raise BadSetting(f"`{name}` takes `fast`, `default` and `capable`, not `{key}`.")
    keys = sorted(TABLES[name][0] or ())
    near = get_close_matches(key, keys, n=1)
    known = f" Known are {', '.join(keys)}." if len(keys) <= _MOST_TOLD else ""
    raise BadSetting(f"`{name}`: there is no {_KEYS[name]} `{key}`.{f' Did you mean `{near[0]}`?' if near else known}")


def _no_table(name: str, value: Any) -> Any:
    raise BadSetting(f"`{name}` takes a table with an entry for each {_KEYS[name]}, not {value!r}.")


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _MOST:
        raise BadSetting(f"`{name}` takes a number above 0 and below {_MOST:,}, not {value!r}.")
    return float(value)


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < _MOST:
        raise BadSetting(f"`{name}` takes a whole number from 1 and below {_MOST:,}, not {value!r}.")
    return value


def _text(name: str, value: Any) -> str | None:
    if isinstance(value, str) and (not value or value.strip()):
        return value or None
    raise BadSetting(f"`{name}` takes a text, not {value!r}.")


def _agent(name: str, value: Any) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise BadSetting(f"`{name}` takes the name of a backend, not {value!r}.")


def _path(name: str, value: Any) -> Path | None:
    text = _text(name, value)
    return expanded(text) if text else None


def expanded(text: str) -> Path:
    """The path, with `~` as the home folder where there is one."""
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:  # there is no such user
        return path


def _protected(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadSetting(f"`{name}` takes a list of globs, not {value!r}.")
    for item in value:
        try:
            PathSet.of((item,), Tree())
        except BadGlob as error:
            raise BadSetting(f"`{name}` has a glob that cannot be used: {error}") from None
    return tuple(value)


def _globs(name: str, value: Any) -> tuple[str, ...]:
    """Globs of plans. They are matched, never read from the disk, so they need not lie in the workspace."""
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip("/ ") for item in value):
        raise BadSetting(f'`{name}` takes a list of globs, such as `["docs/features/**/tasks.md"]`, not {value!r}.')
    if len(value) > MOST_SPELLINGS or any(len(item) > _LONGEST_GLOB for item in value):
        raise BadSetting(f"`{name}` takes at most {MOST_SPELLINGS} globs of at most {_LONGEST_GLOB} characters.")
    for item in value:
        if len(spelled := spellings(item)) == MOST_SPELLINGS:
            raise BadSetting(f"`{name}`: the braces of `{item}` stand for too many globs. Write fewer, or several.")
        if not all(each.split("/")[-1].strip("*?") for each in spelled):
            raise BadSetting(f"`{name}`: `{item}` takes any file for a plan. Say how they are called: `docs/**/*.md`.")
    return tuple(value)


def _isolation(name: str, value: Any) -> str | None:
    if value == "auto":
        return None
    if value not in ("overlay", "worktree", "copy"):
        raise BadSetting(f"`{name}` is `overlay`, `worktree`, `copy` or `auto`, not {value!r}.")
    return str(value)


def _network(name: str, value: Any) -> str:
    if value not in ("on", "agents", "off"):
        raise BadSetting(f"`{name}` is `on`, `agents` or `off`, not {value!r}.")
    return str(value)


def _switch(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadSetting(f"`{name}` is true or false, not {value!r}.")
    return value


def _backend(name: str, value: Any) -> AgentProgram:
    """A program that is an agent. Slips are told one at a time: the table is small."""
    parts = dict(value) if isinstance(value, Mapping) else {}
    for key, allowed in _CHOICES.items():
        if key in parts and parts[key] not in allowed:
            raise BadSetting(f"`{name}.{key}` is {' or '.join(f'`{each}`' for each in allowed)}, not {parts[key]!r}.")
    for key in _WORDS:
        words = parts.get(key, [])
        if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
            raise BadSetting(f"`{name}.{key}` takes a list of words, not {words!r}.")
        parts[key] = tuple(words)
    for key, below, such in (("logins", "your home", ".tool/login.json"), ("unseen", "the workspace", ".tool.toml")):
        if any(path.startswith("/") or ".." in path.split("/") for path in parts[key]):
            raise BadSetting(f"`{name}.{key}` takes paths below {below}, such as `{such}`.")
    unknown = parts.keys() - {*_CHOICES, *_WORDS, "mode"}
    if unknown or "protocol" not in parts or not parts["command"] or not isinstance(parts.get("mode", ""), str):
        raise BadSetting(
            f'`{name}` takes a table such as `{{ protocol = "acp", command = ["my-agent", "--acp"], variables = '
            '["MY_AGENT_KEY"] }`, where `prompt`, `output`, `logins`, `unseen` and `mode` may be added, '
            f"not {value!r}."
        )
    return AgentProgram(**parts)


def _model_id(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadSetting(f"`{name}` takes a model id, not {value!r}.")
    return value


def _severity(name: str, value: Any) -> Severity:
    allowed = [severity.value for severity in Severity]
    if not isinstance(value, str) or value not in allowed:
        raise BadSetting(f"`{name}` is one of {', '.join(f'`{each}`' for each in allowed)}, not {value!r}.")
    return Severity(value)


def _price(name: str, value: Any) -> Price:
    parts = {"input": None, "output": None, **value} if isinstance(value, Mapping) else {}
    tier = parts.pop("tier", None)
    if not parts or not set(parts) <= _PRICE or not all(map(_is_amount, parts.values())) or tier not in (None, *_TIERS):
        raise BadSetting(
            f"`{name}` takes a table of USD per million tokens, `{{ input = 2, output = 10 }}`, where `cache_read`, "
            f"`cache_write` and the model's `tier` may be added, not {value!r}."
        )
    return Price(**parts, tier=None if tier is None else Tier(tier))


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _MOST


_CHOICES: Mapping[str, tuple[str, ...]] = {
    "protocol": ("acp", "command"),
    "prompt": ("stdin", "file", "argument"),
    "output": ("text", "stream-json", "codex-json", "aider"),
}
_WORDS = ("command", "variables", "logins", "unseen")
_PRICE = frozenset({"input", "output", "cache_read", "cache_write"})
_TIERS = frozenset(Tier)
_KEYS = {
    "severities": "rule",
    "models": "tier",
    "minutes": "tier",
    "brief_tokens": "tier",
    "prices": "model id",
    "backends": "agent",
    "plans": "format",
}
_RULES = frozenset(RULES)
_FORMATS = frozenset(READERS)

SINGLE: Mapping[str, Callable[[str, Any], Any]] = {
    "agents": _count,
    "protected": _protected,
    "verify": _text,
    "agent": _agent,
    "transcripts": _path,
    "speed": _number,
    "task_minutes": _number,
    "task_tokens": _count,
    "turns": _count,
    "verify_minutes": _number,
    "isolation": _isolation,
    "record": _path,
    "network": _network,
    "requests": _count,
    "bisect": _switch,
    "keep_days": _number,
    "scheduler": _text,
}
"""The settings that are one value, with their readers."""

TABLES: Mapping[str, tuple[frozenset[str] | None, Callable[[str, Any], Any]]] = {
    "models": (_TIERS, _model_id),
    "minutes": (_TIERS, _number),
    "brief_tokens": (_TIERS, _count),
    "severities": (_RULES, _severity),
    "prices": (None, _price),
    "backends": (None, _backend),
    "plans": (_FORMATS, _globs),
}
"""The settings that are tables: the keys that they take (None: any), and the reader of one entry."""

NAMES = frozenset({*SINGLE, *TABLES, TRUSTED})
"""Every setting's name, with the one that only an editor can set."""
