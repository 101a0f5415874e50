"""Go packages that programs write: which those may be, and which schemas they are made of.

Names tell, since what a generator is told (`out` in `sqlc.yaml`, `option go_package`) stands in files of all kinds: if
`api/kiln/v1/readings.proto` is there, or `proto/kiln.proto`, then `gen/kiln/v1` is made of it.
"""

import re

from agent_server.languages.model import Files

_GENERATED = re.compile(
    r"(?:.*?/)??(?:gen|generated|genproto|pb|protos?|[^/]+pb|sqlc|ent|graph(?:ql)?/(?:generated|models?)|openapi|swagger"
    r"|stubs)(?=/|$)"
)
"""Folders whose packages programs write, often outside of version control."""

_MOCKS = re.compile(r"(?:^|/)(?:mocks?|mock_\w+|\w+mocks?)$")
"""Packages that `go generate` writes, as comments in other packages tell it."""

_GENERATORS = (
    *("buf.gen.yaml", "sqlc.yaml", "sqlc.yml", "sqlc.json", "gqlgen.yml", "gqlgen.yaml"),
    *("oapi-codegen.yaml", "oapi-codegen.yml"),
)
_SCHEMAS = ("proto", "graphql", "graphqls")

_VERSION = re.compile(r"v\d+(?:(?:alpha|beta)\d+)?")
_ENDING = re.compile(rf"(?<=.)_?(?:{_VERSION.pattern})?(?:connect|grpc|pb|proto)?$")
"""What generators put behind the name of a schema: `kilnpb`, `kilnv1connect`."""

_MOST_SCHEMAS = 20


def may_be_made(folder: str, files: Files) -> bool:
    """Whether a program may be yet to write a package, of whatever it makes it.

    Where others of its generated folder are there, it would be there with them.
    """
    if _MOCKS.search(folder):
        return True
    generated = _GENERATED.match(folder)
    if generated is None:
        return False
    below = (path for path in files.below(generated[0]) if path.endswith(".go"))
    described = [path for path in below if not path.startswith(f"{generated[0]}/schema/")]
    if any(not path.endswith("/generate.go") for path in described):
        return False
    evident = files.is_directory(f"{generated[0]}/schema") or any(map(files.named, _GENERATORS))
    return evident or any(map(files.with_extension, _SCHEMAS))


class Schemas:
    """The schemas among some files, by what packages are made of them."""

    def __init__(self, files: Files) -> None:
        """Looks at every schema once, however many packages are asked for."""
        self._files = files
        self._by_folder: dict[str, list[str]] = {}
        self._by_name: dict[str, list[str]] = {}
        for path in files.with_extension("proto"):
            self._by_folder.setdefault(path.rpartition("/")[0], []).append(path)
            for name in _names(path):
                self._by_name.setdefault(name, []).append(path)

    def of(self, folder: str) -> tuple[str, ...]:
        """The files that a program makes a package of: those of its name, or in its folder."""
        generated = _GENERATED.match(folder)
        name = _name(folder[generated.end() :]) if generated else ""
        entity = f"{generated[0]}/schema/{name}.go" if generated else ""
        if entity in self._files:
            return (entity,)  # ent writes a package for each type.
        found = dict.fromkeys((*self._by_folder.get(folder, ()), *self._by_name.get(name, ())))
        return tuple(found)[:_MOST_SCHEMAS]


def _name(within: str) -> str:
    """What the schema of a package is called, by where it lies in a generated folder; empty if that does not tell."""
    segments = [each for each in within.split("/") if each and not _VERSION.fullmatch(each)]
    return _letters(_ENDING.sub("", segments[-1])) if segments else ""


def _names(schema: str) -> set[str]:
    """What packages may be called that are made of a schema: `kiln/v1/readings.proto`, `kiln_service.proto`."""
    *folders, file = schema.split("/")
    folder = next((each for each in reversed(folders) if not _VERSION.fullmatch(each)), "")
    stem = file.partition(".")[0]
    return {_letters(each) for each in (folder, stem, stem.partition("_")[0]) if each}


def _letters(name: str) -> str:
    return re.sub(r"[_-]", "", name).lower()
