"""What the manifests of a Python project say about where its modules lie and what it depends on."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent_server.languages.paths import folder_of, joined, under

MANIFESTS = ("pyproject.toml", "setup.cfg", "setup.py", "pytest.ini", "requirements.txt", "manage.py")

_MOST_ROOTS = 50


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one manifest says.

    `roots` are folders at which modules start, from the workspace root, in the manifest's order. `mapped` are packages
    with a folder of their own (`package-dir = {foo = "lib/foo"}`). `requires` are distributions, by their bare names.
    `compiles`: a build makes modules from another language.
    """

    name: str = ""
    roots: tuple[str, ...] = ()
    mapped: tuple[tuple[str, str], ...] = ()
    requires: tuple[str, ...] = ()
    compiles: bool = False


def read_manifest(path: str, text: str) -> Manifest:
    """What the manifest says; nothing where it is broken."""
    read = _READERS.get(path.rpartition("/")[2])
    found = read(text) if read else _Found()
    folder = folder_of(path)
    roots = (joined(folder, root) for root in found.roots)
    mapped = ((package, joined(folder, place)) for package, place in found.mapped if package)
    return Manifest(
        found.name,
        tuple(dict.fromkeys(root for root in roots if root is not None))[:_MOST_ROOTS],
        tuple((package, place) for package, place in mapped if place is not None),
        tuple(dict.fromkeys(filter(None, map(_bare, found.requires)))),
        bool(_EXTENSION.search(text)),
    )


def module_name(distribution: str) -> str:
    """What a distribution's module would be called: `Flask-SQLAlchemy` gives `flask_sqlalchemy`."""
    return re.sub(r"[-_.]+", "_", distribution).lower()


@dataclass(slots=True)
class _Found:
    """What a manifest says, its paths from its own folder."""

    name: str = ""
    roots: Iterable[str] = ()
    mapped: Iterable[tuple[str, str]] = ()
    requires: Iterable[str] = ()


_EXTENSION = re.compile(r"\b(?:ext_modules|cythonize|rust_extensions|ext-modules|maturin|scikit-build|mesonpy)\b")
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")


def _bare(requirement: str) -> str:
    found = _REQUIREMENT.match(requirement)
    return found[1] if found else ""


def _pyproject(text: str) -> _Found:
    import tomllib  # noqa: PLC0415  # Only a workspace of Python needs it.

    try:
        said = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return _Found()
    name = _at(said, "project", "name") or _at(said, "tool", "poetry", "name")
    return _Found(
        name if isinstance(name, str) else "",
        [*_toml_roots(said)],
        [*_toml_mapped(said)],
        [*_toml_requires(said)],
    )


def _toml_roots(said: object) -> Iterator[str]:
    packages_dir = _at(said, "tool", "setuptools", "package-dir")
    if isinstance(packages_dir, dict):
        yield from _strings(packages_dir.get(""))
    for keys in _ROOT_LISTS:
        yield from _strings(_at(said, *keys))
    for package in _tables(_at(said, "tool", "poetry", "packages")):
        yield from _strings(package.get("from"))
    for place in _strings(_at(said, *_WHEEL, "packages")):
        yield folder_of(place.rstrip("/"))
    sources = _at(said, "tool", "hatch", "build", "sources") or _at(said, *_WHEEL, "sources")
    yield from _strings([*sources] if isinstance(sources, dict) else sources)
    for environment in _tables(_at(said, "tool", "pyright", "executionEnvironments")):
        yield from _strings(environment.get("root"))


_WHEEL = ("tool", "hatch", "build", "targets", "wheel")
_ROOT_LISTS = (
    ("tool", "setuptools", "packages", "find", "where"),
    ("tool", "pdm", "build", "package-dir"),
    ("tool", "uv", "build-backend", "module-root"),
    ("tool", "maturin", "python-source"),
    ("tool", "pytest", "ini_options", "pythonpath"),
    ("tool", "pytest", "pythonpath"),
    ("tool", "pyright", "extraPaths"),
    ("tool", "mypy", "mypy_path"),
    ("tool", "ruff", "src"),
    ("tool", "ty", "environment", "root"),
)


def _toml_mapped(said: object) -> Iterator[tuple[str, str]]:
    packages_dir = _at(said, "tool", "setuptools", "package-dir")
    if isinstance(packages_dir, dict):
        yield from ((package, place) for package, place in packages_dir.items() if package and isinstance(place, str))
    for place in _strings(_at(said, *_WHEEL, "packages")):
        yield place.rstrip("/").rpartition("/")[2], place
    for package in _tables(_at(said, "tool", "poetry", "packages")):
        for name in _strings(package.get("include")):
            yield name, f"{package.get('from', '.')}/{name}"
    root = next(_strings(_at(said, "tool", "uv", "build-backend", "module-root")), "src")
    for module in _strings(_at(said, "tool", "uv", "build-backend", "module-name")):
        top = module.partition(".")[0]
        yield top, under(root, top)
    for name in _strings(_at(said, "tool", "flit", "module", "name")):
        yield name, name


def _toml_requires(said: dict[str, Any]) -> Iterator[str]:
    """What is listed as a dependency, whichever tool reads it: of the project, in groups and extras, of a hook."""
    waiting = [said]
    while waiting:
        for key, value in waiting.pop().items():
            if not key.endswith(("dependencies", "dependency-groups")):
                waiting += [value] if isinstance(value, dict) else []
            elif isinstance(value, dict):
                for name, listed in value.items():
                    yield from _strings(listed if isinstance(listed, list) else name)
            else:
                yield from _strings(value)


def _setup_cfg(text: str) -> _Found:
    said = _sections(text)
    options = said.get("options", {})
    mapped = [tuple(map(str.strip, line.split("=", 1))) for line in _lines(options.get("package_dir")) if "=" in line]
    roots = [place for package, place in mapped if not package]
    roots += _lines(said.get("options.packages.find", {}).get("where"))
    roots += (said.get("tool:pytest", {}).get("pythonpath") or "").split()
    extras = said.get("options.extras_require", {}).values()
    requires = [*_lines(options.get("install_requires")), *(line for extra in extras for line in _lines(extra))]
    named = ((package, place) for package, place in mapped if package)
    return _Found(said.get("metadata", {}).get("name") or "", roots, [*named], requires)


def _pytest_ini(text: str) -> _Found:
    return _Found(roots=(_sections(text).get("pytest", {}).get("pythonpath") or "").split())


_MOST_OF_SETUP = 200_000
_SETUP_NAME = re.compile(r"\bname\s*=\s*[\"']([^\"'\n]+)[\"']")
_SETUP_ROOT = re.compile(
    r"package_dir\s*=\s*\{\s*[\"'][\"']\s*:\s*[\"']([^\"'\n]+)[\"']"
    r"|find(?:_namespace)?_packages\(\s*(?:where\s*=\s*)?[\"']([^\"'\n]+)[\"']"
)
_LISTED = r"((?:[\s,:\[\]{}]|#[^\n]*|\"[^\"\n]*\"|'[^'\n]*')*)"
_SETUP_REQUIRES = re.compile(rf"\b(?:install_requires|tests_require|extras_require)\s*=\s*(?:([A-Za-z_]\w*)|{_LISTED})")
_STRING = re.compile(r"[\"']([^\"'\n]+)[\"']")


def _setup_py(source: str) -> _Found:
    text = source[:_MOST_OF_SETUP]
    name = _SETUP_NAME.search(text)
    roots = [found[1] or found[2] for found in _SETUP_ROOT.finditer(text)]
    requires = [item for variable, listed in _SETUP_REQUIRES.findall(text) for item in _items(variable, listed, text)]
    return _Found(name[1] if name else "", roots, (), requires)


def _items(variable: str, listed: str, text: str) -> list[str]:
    """The strings of a list or a table that stands there, or that a variable holds."""
    found = re.search(rf"^{variable}\s*=\s*{_LISTED}", text, re.MULTILINE) if variable else None
    return _STRING.findall(found[1] if found else listed)


def _requirements(text: str) -> _Found:
    return _Found(requires=text.splitlines())


_ON_PATH = re.compile(r"\bsys\.path\.(?:append|insert|extend)\(([^\n]{0,300})")
_UPWARDS = re.compile(r"\.parents\[(\d)\]|(\.parent\b(?:\.resolve\(\))?)|\bdirname\(")


def _manage(source: str) -> _Found:
    """The folders that Django's program puts on the path, as `Path(__file__).resolve().parent / "apps"` spells them.

    A variable counts for the program's own folder.
    """
    return _Found(roots=[_on_path(spelled) for spelled in _ON_PATH.findall(source[:_MOST_OF_SETUP])])


def _on_path(spelled: str) -> str:
    steps = [int(found[1]) + 1 if found[1] else 1 for found in _UPWARDS.finditer(spelled)]
    return "/".join(("./", *[".."] * (sum(steps) - 1), *_STRING.findall(spelled)))


_READERS: Mapping[str, Callable[[str], _Found]] = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
    "pytest.ini": _pytest_ini,
    "requirements.txt": _requirements,
    "manage.py": _manage,
}


def _sections(text: str) -> dict[str, dict[str, str | None]]:
    import configparser  # noqa: PLC0415  # Only a workspace of Python needs it.

    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except (configparser.Error, AttributeError, ValueError):
        return {}
    return {section: dict(parser.items(section)) for section in parser.sections()}


def _lines(value: str | None) -> list[str]:
    return [line.strip() for line in (value or "").splitlines() if line.strip()]


def _at(value: object, *keys: str) -> Any:
    """The value behind a row of keys; None where a table or a key is missing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _strings(value: object) -> Iterator[str]:
    """The strings of a value that should be one or a list of them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (item for item in value if isinstance(item, str))


def _tables(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))
