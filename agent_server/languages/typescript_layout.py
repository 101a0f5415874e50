"""What a module of TypeScript or JavaScript means: by relative path, alias, base folder, package or path.

The order is TypeScript's: `paths` and `baseUrl` of the nearest `tsconfig.json`, then packages, of which only those of
the workspace are looked into. What frameworks and bundlers take for granted (`@/` is `src/`) comes behind.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher, get_close_matches

from agent_server.languages.model import Files, Resolution
from agent_server.languages.paths import folder_of, joined, under, upwards
from agent_server.languages.typescript_configs import CONFIGS, Alias, Config, read_configs
from agent_server.languages.typescript_packages import (
    PACKAGE_MANIFESTS,
    Package,
    homes,
    installed,
    members,
    nearest,
    nearest_member,
    read_packages,
    sources,
)

MANIFESTS = (*CONFIGS, *PACKAGE_MANIFESTS)

_NOTHING = Resolution()
_LONGEST_MODULE = 1000
_MOST_KEPT = 20_000
_MOST_OPENED = 500
_ALIKE = 0.8

_ENDINGS = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte", ".astro", ".json")
_WRITABLE = (
    ".ts",
    ".tsx",
    "/index.ts",
    "/index.tsx",
    ".js",
    ".jsx",
    "/index.js",
    "/index.jsx",
    ".mjs",
    ".vue",
    ".d.ts",
)
"""What a module that is spelled without an ending may be written in, the likeliest first."""

_PLATFORMS = (".native", ".ios", ".android", ".web")
_SPELLED: Mapping[str, tuple[str, ...]] = {
    ".js": (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".vue"),
    ".jsx": (".tsx", ".jsx", ".d.ts"),
    ".mjs": (".mts", ".mjs", ".d.mts", ".ts"),
    ".cjs": (".cts", ".cjs", ".d.cts", ".ts"),
    ".json": (".json",),
}
"""What an import may mean that spells an ending: TypeScript's sources are imported by the names of what they give."""

_WHOLE = (
    ".astro .avif .css .cts .gif .gql .graphql .html .jpeg .jpg .less .md .mdx .mp3 .mp4 .mts .pcss .png .sass .scss "
    ".styl .svelte .svg .toml .ts .tsx .txt .vue .wasm .webp .woff .woff2 .yaml .yml"
)
_ASSETS = frozenset(_WHOLE.split())
"""Endings that an import spells when it means such a file; any other ending is part of a module's name."""

_LIBRARY = "$lib/"
_DEFAULT_ALIASES = ("@/", "~/", _LIBRARY, "~~/", "@@/")
_NO_FOLDERS = ("@", "~", "$", "#")
"""What begins a module that is no path from the workspace root."""
_BUILT_FOLDERS = frozenset(
    {
        *("dist", "build", "out", "node_modules", "coverage", "generated", "__generated__", "_generated"),
        *("+types", "styled-system", "pkg", "esm", "cjs"),
    }
)
"""Folders whose files a build writes and git ignores, as it does hidden ones: they may yet come to be."""

_TYPED = (".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte", ".astro")
"""Endings of what no build writes, declarations aside."""

_TYPES_OF_ROUTE = "$types"
"""What SvelteKit calls the module, in any spelling of its ending, that it writes for each route."""

_BUILT_PARTS = frozenset({"gen", "generated"})
"""Parts of a file's name, behind its first dot, that say that a build writes it: `sdk.gen.ts`."""

_NODE = (
    "assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain "
    "events fs http http2 https inspector module net os path perf_hooks process punycode querystring readline repl "
    "stream string_decoder sys timers tls trace_events tty url util v8 vm wasi worker_threads zlib"
)
_BUILTINS = frozenset(_NODE.split())


@dataclass(frozen=True, slots=True)
class _Meaning:
    """The places a module may mean, without endings; whether it is surely one of the workspace's modules.

    `within`: it is only the workspace's where this folder exists. `member`: the package of the workspace whose
    `exports` tell whether it may be imported at all, as its `subpath`. `new`: it is a package that no manifest names.
    `slip`: the places are those of a name that it is a slip for.
    """

    places: tuple[str, ...] = ()
    ours: bool = False
    within: tuple[str, ...] = ()
    member: Package | None = None
    subpath: str = ""
    new: bool = False
    slip: bool = False


@dataclass(frozen=True, slots=True)
class TypeScriptLayout:
    """The layout of a workspace's TypeScript and JavaScript.

    `homes` are the folders in which packages of a scope (`""` for none) lie that are called as their own folders.
    """

    configs: Mapping[str, Config]
    packages: Mapping[str, Package]
    members: Mapping[str, tuple[Package, ...]]
    installed: frozenset[str]
    homes: Mapping[str, tuple[str, ...]]
    _kept: dict[tuple[str, str], tuple[_Meaning, ...]] = field(default_factory=dict)

    def resolve(self, module: str, importer: str, files: Files) -> Resolution:
        """What a module means in the file `importer`; a path from the workspace root counts as a module, too."""
        if len(module) > _LONGEST_MODULE:
            return _NOTHING
        plain = module.rpartition("!")[2].partition("?")[0]
        if plain.startswith("."):
            place = joined(folder_of(importer), plain) if importer else None
            return _NOTHING if place is None else self._choose((_Meaning((place,), ours=True),), files)
        return self._choose(self._meanings(plain, folder_of(importer)), files)

    def _choose(self, meanings: Iterable[_Meaning], files: Files) -> Resolution:
        """The first meaning that is there; else what it would be, by those that may be the workspace's own."""
        own: dict[str, None] = {}
        others: dict[str, None] = {}
        is_slip = False
        for meaning in meanings:
            member = meaning.member
            existing = next(filter(None, (self._existing(place, files) for place in meaning.places)), ())
            if member is not None and not own and _is_closed(member, meaning.subpath, files, is_there=bool(existing)):
                return self._closed(member, meaning.places, files)
            if meaning.slip:
                is_slip = is_slip or bool(existing)
                continue
            if existing:
                return Resolution(existing, ours=True)
            if own and member is not None and not member.lists(meaning.subpath):
                continue  # It would be built from the source that is not there.
            written = self._written(meaning, files)
            candidates = own if written else others
            candidates.update(dict.fromkeys(file for place in written or meaning.places for file in _files(place)))
        return Resolution(tuple(dict.fromkeys((*own, *others))), ours=bool(own) or is_slip)

    def _written(self, meaning: _Meaning, files: Files) -> tuple[str, ...]:
        """Where people would write a module that is not there, if it is surely one of the workspace's."""
        if meaning.member is not None:
            return tuple(place for place in meaning.member.opened(meaning.subpath) if _is_source(place, files))
        if meaning.new and any(folder_of(path) not in self.packages for path in files.named("package.json")):
            return ()  # It may be called what it likes.
        if any(self.packages[place].mains for place in meaning.places if place in self.packages):
            return ()  # A build writes what the folder's manifest calls its main file.
        return meaning.places if _is_ours(meaning, files) else ()

    def _closed(self, member: Package, places: tuple[str, ...], files: Files) -> Resolution:
        """What a module means that its package does not open: nothing that is there."""
        there = any(self._existing(place, files) for place in places)
        made = () if there else tuple(file for place in places for file in _files(place))
        opened = tuple(dict.fromkeys(_opened(member, files)))
        return Resolution(made, ours=True, closed_by=under(member.folder, "package.json"), opened=opened)

    def _existing(self, place: str, files: Files) -> tuple[str, ...]:
        if place in files:
            return (place,)
        stem, ending = _split(place)
        for spelled in _SPELLED.get(ending, ()):
            if stem + spelled in files:
                return (stem + spelled,)
        for added in _ENDINGS:
            if place + added in files:
                return (place + added,)
        for added in _ENDINGS:
            index = under(place, f"index{added}")
            if index in files:
                return (index,)
        if place in self.packages:
            mains = (under(place, main.removeprefix("./")) for main in self.packages[place].mains)
            found = next((main for main in mains if main in files), None)
            if found:
                return (found,)
        platforms = (f"{place}{platform}{added}" for platform in _PLATFORMS for added in (".tsx", ".ts", ".js"))
        return tuple(path for path in platforms if path in files)

    def _meanings(self, module: str, folder: str) -> tuple[_Meaning, ...]:
        """What a module that is not relative may mean in a folder, in the order of trial. Kept: it asks no files."""
        key = module, folder
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            found = self._kept[key] = tuple(self._looked_up(module, folder))
        return found

    def _looked_up(self, module: str, folder: str) -> Iterator[_Meaning]:
        package = nearest(self.packages, folder)
        if module.startswith("#"):
            inner = package.inner(module) if package else ()
            if inner:
                yield from self._inner(inner, package.folder if package else "")
                return
            if package is not None:
                for mended in _mended(module, package.imports):
                    slips = self._inner(package.inner(mended), package.folder)
                    yield from (replace(meaning, slip=True) for meaning in slips)
        name, subpath = _package_parts(module)
        if ":" in name or name in _BUILTINS or not module:
            return
        if module.startswith("/"):
            yield _Meaning((under(package.folder if package else "", module.strip("/")),))
            return
        is_installed = name in self.installed and name not in self.members
        aliased = [*self._aliased(module, folder, is_installed=is_installed)]
        yield from aliased
        itself = (package,) if package is not None and package.name == name else ()
        member = nearest_member((*itself, *self.members.get(name, ())), folder)
        if member is not None:
            yield _member(member, subpath)
        elif not is_installed and not any(meaning.ours for meaning in aliased):
            yield from self._new_package(name, subpath)
            yield from _by_default(module, package.folder if package else "", folder, self.configs)
            if "/" in module and not module.startswith(_NO_FOLDERS):
                yield _Meaning((module.rstrip("/"),), ours=True, within=(module.partition("/")[0],))

    def _new_package(self, name: str, subpath: str) -> Iterator[_Meaning]:
        """What a package that no manifest names is if a task creates it: a folder of its name beside its like.

        It is surely the workspace's where its scope is that of the workspace's packages, and of no others, and its name
        is nearly that of one of them. Any other may be somebody else's, and yet to be installed.
        """
        scope, _, last = name.rpartition("/")
        homes = self.homes.get(scope, ())
        beside = [other.removeprefix(f"{scope}/") for other in self.members if scope and other.startswith(f"{scope}/")]
        foreign = any(other.startswith(f"{scope}/") for other in self.installed - self.members.keys())
        ours = not foreign and bool(get_close_matches(last, beside, n=1, cutoff=_ALIKE))
        for home in homes:
            yield _Meaning(Package(under(home, last), name).entry(subpath), ours=ours, new=True)

    def _inner(self, targets: Iterable[str], folder: str) -> Iterator[_Meaning]:
        for target in targets:
            if target.startswith("."):
                places = (joined(folder, place) for place in (target, *sources(target)))
                yield _Meaning(tuple(place for place in places if place is not None), ours=True)
            elif not target.startswith("#"):
                yield from self._looked_up(target, folder)

    def _aliased(self, module: str, folder: str, *, is_installed: bool) -> Iterator[_Meaning]:
        config = next((self.configs[place] for place in upwards(folder) if place in self.configs), None)
        if config is None:
            return
        for alias in config.aliases:
            places = tuple(place for place in alias.match(module) if "node_modules" not in place.split("/"))
            if places:
                within = tuple(folder_of(place.partition("*")[0]) for place in alias.places)
                yield _Meaning(places, ours=bool(alias.prefix) and not is_installed, within=within)
                break
        else:
            if not is_installed:
                for mended in _mended(module, (alias.pattern for alias in config.aliases)):
                    yield from (
                        _Meaning(places, slip=True) for each in config.aliases if (places := each.match(mended))
                    )
                yield _Meaning(tuple(dict.fromkeys(_beside(module, config.aliases))))
        if config.base is not None and not is_installed:
            top = under(config.base, module.partition("/")[0])
            yield _Meaning((under(config.base, module),), ours="/" in module, within=(top,))


def read_layout(files: Files, texts: Mapping[str, str]) -> TypeScriptLayout:  # noqa: ARG001  # Manifests say it all.
    """The layout of a workspace, from the manifests in `texts`."""
    packages = read_packages(texts)
    by_name = members(packages, texts)
    folders = {name: found[0].folder for name, found in by_name.items()}
    return TypeScriptLayout(read_configs(texts, folders), packages, by_name, installed(packages), homes(by_name))


def _member(package: Package, subpath: str) -> _Meaning:
    """What a package of the workspace opens. What a build would write cannot be missing."""
    places = package.entry(subpath)
    if package.exports is None or subpath == "package.json":
        return _Meaning(places, ours=package.exports is None and bool(subpath))
    return _Meaning(places, ours=True, member=package, subpath=subpath)


def _by_default(module: str, package: str, folder: str, configs: Mapping[str, Config]) -> Iterator[_Meaning]:
    """What `@/x` and its like mean where no configuration says it: `src/x`, `x` or `app/x` of the package."""
    spelled = module if "/" in module else f"{module}/"
    prefix = next((alias for alias in _DEFAULT_ALIASES if spelled.startswith(alias)), None)
    if prefix is None:
        return
    rest = spelled.removeprefix(prefix)
    root = next((place for place in upwards(folder) if place in configs), package)
    starts = ("src/lib",) if prefix == _LIBRARY else ("src", "", "app")
    bases = dict.fromkeys(under(home, start) for home in (root, package, "") for start in starts)
    if prefix == _LIBRARY:
        within = tuple(bases)  # Nothing else can be called so.
    else:
        within = tuple(under(base, rest.partition("/")[0]) for base in bases if "/" in rest)
    yield _Meaning(tuple(under(base, rest) for base in bases), ours=bool(within), within=within)


def _is_closed(member: Package, subpath: str, files: Files, *, is_there: bool) -> bool:
    """Whether a package keeps a subpath to itself, as its `exports` say; `is_there`: the workspace has its file.

    Of a package that is built nobody can tell, since its manifest may be another one by then, but for a slip.
    """
    if member.opened(subpath):
        return False
    openings = dict(member.openings())
    if not is_there and any(_is_slip(under(member.name, subpath), module) for module in openings):
        return True
    return bool(openings) and all(any(_is_there(place, files) for place in places) for places in openings.values())


def _mended(module: str, patterns: Iterable[str]) -> Iterator[str]:
    """The module as the patterns of aliases spell it whose beginning it has but for a slip."""
    parts = module.split("/")
    for pattern in patterns:
        prefix, star, _ = pattern.partition("*")
        count = prefix.count("/") if star else len(parts)
        meant = prefix.rstrip("/")
        if _is_slip("/".join(parts[:count]), meant):
            yield "/".join((meant, *parts[count:]))


def _is_slip(spelled: str, meant: str) -> bool:
    """Whether a module differs from another one in a single segment, and there by little."""
    one, other = spelled.split("/"), meant.split("/")
    differing = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    if len(one) != len(other) or len(differing) != 1:
        return False
    return SequenceMatcher(None, *differing[0], autojunk=False).ratio() >= _ALIKE


def _beside(module: str, aliases: Iterable[Alias]) -> Iterator[str]:
    """Where a module lies that no alias names yet, if it is named as those of its scope are: as its own folder.

    In the name of a library a hyphen may stand for the slash between two folders (`@shop/cart-ui` in `cart/ui`).
    """
    scope, _, new = module.partition("/")
    for alias in aliases:
        its_scope, _, own = alias.prefix.partition("/")
        if alias.is_pattern or not own or its_scope != scope:
            continue
        for old, by in ((own, new), (own.replace("-", "/", 1), new.replace("-", "/", 1))):
            yield from (place.replace(f"/{old}/", f"/{by}/") for place in alias.places if f"/{old}/" in place)


def _is_there(place: str, files: Files) -> bool:
    """Whether a place of `exports`, which may hold a `*`, is a source that exists."""
    prefix, star, _ = place.partition("*")
    return files.is_directory(folder_of(prefix)) if star else place in files


def _opened(member: Package, files: Files) -> Iterator[str]:
    """The modules that a package opens, those that its patterns mean by the files that are there."""
    for module, places in member.openings():
        if "*" not in module:
            yield module
            continue
        for place in places:
            prefix, _, suffix = place.partition("*")
            for path in files.below(folder_of(prefix), most=_MOST_OPENED):
                if path.startswith(prefix) and path.endswith(suffix) and len(path) > len(prefix) + len(suffix):
                    yield module.replace("*", path[len(prefix) : len(path) - len(suffix)])


def _is_ours(meaning: _Meaning, files: Files) -> bool:
    """Whether a module that is not there is one of the workspace's, and nothing that a build makes."""
    if not meaning.ours or any(_is_built(place, files) for place in meaning.places):
        return False
    return not meaning.within or any(not place or files.is_directory(place) for place in meaning.within)


def _is_source(place: str, files: Files) -> bool:
    """Whether people write what `exports` give, not a build: by its ending, else by what lies beside it."""
    if _is_built(place, files):
        return False
    ending = _split(place)[1]
    is_declared = place.removesuffix(ending).endswith(".d")
    if ending in _TYPED and not is_declared:
        return True
    alike = f".d{ending}" if is_declared else _SPELLED.get(ending, ending)
    folder = folder_of(place)
    return any(path.endswith(alike) and folder_of(path) == folder for path in files.below(folder))


def _is_built(place: str, files: Files) -> bool:
    """Whether a build makes a place: it is called so, or lies in a folder that is, and holds no file that is there."""
    parts = place.split("/")
    stem, *others = parts[-1].split(".")
    if stem == _TYPES_OF_ROUTE or not _BUILT_PARTS.isdisjoint(others):
        return True
    made = (count for count, part in enumerate(parts, 1) if part in _BUILT_FOLDERS or part.startswith("."))
    return any(not files.is_directory("/".join(parts[:count])) for count in made)


def _files(place: str) -> Iterator[str]:
    """The files that a place which is not there may come to be, the likeliest first."""
    stem, ending = _split(place)
    if ending in _SPELLED:
        yield from (stem + spelled for spelled in _SPELLED[ending])
    elif ending in _ASSETS:
        yield place
    else:
        yield from (place + added for added in _WRITABLE)


def _split(place: str) -> tuple[str, str]:
    """A place without its ending, and the ending with its dot."""
    dot = place.rfind(".")
    return (place[:dot], place[dot:]) if dot > place.rfind("/") else (place, "")


def _package_parts(module: str) -> tuple[str, str]:
    """The name of a package and the path in it: `@scope/name/a/b` gives `@scope/name` and `a/b`."""
    parts = module.split("/")
    count = 2 if module.startswith("@") else 1
    return "/".join(parts[:count]), "/".join(parts[count:])
