"""What `tsconfig.json` and `jsconfig.json` say about where modules lie: `baseUrl`, `paths`, `extends`, `references`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from agent_server.languages.jsonc import loads
from agent_server.languages.paths import folder_of, joined

CONFIGS = (
    "tsconfig.json",
    "jsconfig.json",
    "tsconfig.app.json",
    "tsconfig.base.json",
    "tsconfig.build.json",
    "tsconfig.common.json",
    "tsconfig.lib.json",
    "tsconfig.node.json",
    "tsconfig.options.json",
    "tsconfig.paths.json",
    "tsconfig.shared.json",
    "tsconfig.web.json",
)
"""The files read. One that another extends under a name of its own is unknown, and says nothing."""

_MOST_EXTENDED = 20


@dataclass(frozen=True, slots=True)
class Alias:
    """One pattern of `paths`: what it begins and ends with, whether a `*` stands between, and the places it means.

    `places` are paths from the workspace root, where `*` stands for what the import's `*` stood for.
    """

    prefix: str
    suffix: str
    is_pattern: bool
    places: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """The pattern as `paths` spells it."""
        return f"{self.prefix}*{self.suffix}" if self.is_pattern else self.prefix

    def match(self, module: str) -> tuple[str, ...]:
        """The places that the module means by this pattern; none where it does not match."""
        if not self.is_pattern:
            return self.places if module == self.prefix else ()
        if len(module) < len(self.prefix) + len(self.suffix):
            return ()
        if not (module.startswith(self.prefix) and module.endswith(self.suffix)):
            return ()
        star = module[len(self.prefix) : len(module) - len(self.suffix)]
        return tuple(place.replace("*", star, 1) for place in self.places)


@dataclass(frozen=True, slots=True)
class Config:
    """What governs the modules below one folder. `aliases` are in the order in which they are tried."""

    base: str | None = None
    aliases: tuple[Alias, ...] = ()


def read_configs(texts: Mapping[str, str], package_folders: Mapping[str, str]) -> dict[str, Config]:
    """The configuration of each folder that has one, from the files in `texts`.

    `package_folders` gives the folders of the workspace's packages, which a configuration may extend.
    """
    said = {path: loads(text) for path, text in texts.items() if path.rpartition("/")[2] in CONFIGS}
    found: dict[str, Config] = {}
    for name in ("tsconfig.json", "jsconfig.json", *CONFIGS[2:]):
        for path in said:
            folder = folder_of(path)
            if path.rpartition("/")[2] == name and not (folder in found and found[folder].aliases):
                config = _merged(path, said, package_folders)
                if folder not in found or config.aliases:
                    found[folder] = config
    return found


def _merged(path: str, said: Mapping[str, Any], package_folders: Mapping[str, str]) -> Config:
    """What a file says together with those that it extends; else, where it says nothing, with those it refers to.

    Those may be one for each part of a program. Which governs a module only their globs tell, so all of them do.
    """
    config = _extended(path, said, package_folders)
    if config.aliases or config.base is not None:
        return config
    beside = (each for each in _references(path, said) if folder_of(each) == folder_of(path))
    referred = [_extended(each, said, package_folders) for each in beside]
    found: dict[str, Alias] = {}
    for alias in (alias for each in referred for alias in each.aliases):
        known = found.setdefault(alias.pattern, alias)
        found[alias.pattern] = replace(known, places=tuple(dict.fromkeys((*known.places, *alias.places))))
    base = next((each.base for each in referred if each.base is not None), None)
    return Config(base, tuple(sorted(found.values(), key=_rank)))


def _extended(path: str, said: Mapping[str, Any], package_folders: Mapping[str, str]) -> Config:
    """What a file says, and what those it extends say where it is silent. The last one it extends goes first."""
    base: str | None = None
    paths: tuple[dict[str, Any], str] | None = None
    waiting, seen = [path], set[str]()
    while waiting and len(seen) < _MOST_EXTENDED:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        options = _options(said.get(current))
        if base is None and isinstance(options.get("baseUrl"), str):
            base = _place(options["baseUrl"], folder_of(current), folder_of(path))
        if paths is None and isinstance(options.get("paths"), dict):
            paths = options["paths"], folder_of(current)
        extended = (_find(name, current, said, package_folders) for name in _extends(said.get(current)))
        waiting += filter(None, extended)
    if paths is None:
        return Config(base)
    start = paths[1] if base is None else base
    return Config(base, tuple(sorted(_aliases(paths[0], start, folder_of(path)), key=_rank)))


def _rank(alias: Alias) -> tuple[bool, int]:
    """A plain name goes before every pattern, then the longest beginning goes first."""
    return alias.is_pattern, -len(alias.prefix)


def _options(said: object) -> dict[str, Any]:
    options = said.get("compilerOptions") if isinstance(said, dict) else None
    return options if isinstance(options, dict) else {}


def _place(path: str, start: str, governing: str) -> str | None:
    """Where a path in a configuration leads: `${configDir}` is the folder of the one that governs."""
    if path.startswith("${configDir}"):
        return joined(governing, path.removeprefix("${configDir}").lstrip("/"))
    return joined(start, path)


def _aliases(paths: Mapping[str, object], start: str, governing: str) -> Iterator[Alias]:
    for pattern, targets in paths.items():
        prefix, star, suffix = pattern.partition("*")
        written = [target for target in targets if isinstance(target, str)] if isinstance(targets, list) else []
        places = (_place(target, start, governing) for target in written)
        yield Alias(prefix, suffix, bool(star), tuple(place for place in places if place is not None))


def _extends(said: object) -> list[str]:
    extends = said.get("extends") if isinstance(said, dict) else None
    listed = [extends] if isinstance(extends, str) else extends if isinstance(extends, list) else []
    return [name for name in listed if isinstance(name, str)]


def _find(name: str, config: str, said: Mapping[str, Any], package_folders: Mapping[str, str]) -> str | None:
    """The file that `extends` names: by a path, or by a package of the workspace and a path in it."""
    if name.startswith("."):
        place = joined(folder_of(config), name)
    else:
        parts = name.split("/")
        count = 2 if name.startswith("@") else 1
        folder = package_folders.get("/".join(parts[:count]))
        place = joined(folder, "/".join(parts[count:])) if folder is not None else None
    if place is None:
        return None
    candidates = (place, f"{place}.json", f"{place}/tsconfig.json" if place else "tsconfig.json")
    return next((path for path in candidates if path in said), None)


def _references(path: str, said: Mapping[str, Any]) -> Iterator[str]:
    value = said.get(path)
    references = value.get("references") if isinstance(value, dict) else None
    for reference in references if isinstance(references, list) else ():
        written = reference.get("path") if isinstance(reference, dict) else None
        place = joined(folder_of(path), written) if isinstance(written, str) else None
        if place is not None:
            candidates = (place, f"{place}/tsconfig.json" if place else "tsconfig.json")
            yield from (found for found in candidates if found in said)
