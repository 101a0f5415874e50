"""The language servers that are compared, and what each is given: texts of its own kind, and places to work at in them.

Each gets what suits it: Agent Server a workspace of ten thousand files, the others a folder that holds nothing else.
All texts are about as long and have about as many problems as the plan of a thousand tasks. `yaml-language-server` is
used where somebody has installed it, and downloaded by nobody.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import platformdirs

from agent_server.plan.native import parse
from tests.benchmarks.large_plans import path_of, plan_text
from tests.e2e.raw_client import ENTRY

OURS, ONE_PROCESS = "agent-server", "agent-server --standalone"
FLOOR, PYGLS, RUFF, YAML = "floor", "minimal pygls server", "ruff server", "yaml-language-server"
EVERYONE = (OURS, ONE_PROCESS, FLOOR, PYGLS, RUFF, YAML)

NODE_FOLDER = platformdirs.user_cache_path("agent-server-benchmarks")
"""Where `npm install --prefix` may put what is compared and is no Python."""

_SERVERS = Path(__file__).parent / "servers"
_PLACES = 60

_SCHEMA = {
    "type": "object",
    "properties": {
        "tasks": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "title"],
                "properties": {
                    "id": {"type": "string", "description": "What other tasks call it."},
                    "title": {"type": "string", "description": "What is to be done, in a few words."},
                    "writes": {"type": "array", "items": {"type": "string"}, "description": "The files it writes."},
                    "reads": {"type": "array", "items": {"type": "string"}, "description": "The files it reads."},
                    "instructions": {"type": "string", "description": "What is to be done, in full."},
                },
            },
        }
    },
}

Place = tuple[int, int]
"""A zero-based line and character. All texts are ASCII, so that they are the same in every encoding."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text, and where in it somebody types, asks for a hover, and asks for a completion.

    `unfinished` is the line for the completion, and where to put it: it is completed at its end.
    """

    uri: str
    language: str
    text: str
    edits: tuple[Place, ...]
    hovers: tuple[Place, ...]
    unfinished: tuple[int, str] | None

    @property
    def lines(self) -> int:
        return self.text.count("\n")


@dataclass(frozen=True, slots=True)
class Contender:
    """A server. `answers` is what the client answers to its requests.

    `has_daemon`: what an editor starts is a forwarder, and the work is done by one process for all editors.
    """

    name: str
    command: tuple[str, ...]
    root: Path
    small: Document
    large: Document
    version: str = ""
    has_daemon: bool = False
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A server that cannot be compared here, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the plan is, in tasks, and the workspace, in files. The other servers' texts are as long."""

    small: int
    large: int
    files: int


def contenders(
    names: Sequence[str], sizes: Sizes, folder: Path, payload: Path
) -> tuple[list[Contender], list[LeftOut]]:
    """Those of these names that there are, their texts and workspaces in `folder`, and those that there are not.

    `payload` is the file that the two servers that think nothing find their diagnostics in.
    """
    made: dict[str, Callable[[], Contender | LeftOut]] = {
        OURS: lambda: _ours(OURS, sizes, folder),
        ONE_PROCESS: lambda: _ours(ONE_PROCESS, sizes, folder, "--standalone"),
        FLOOR: lambda: _trivial(FLOOR, "floor.py", "msgspec", sizes, folder, payload),
        PYGLS: lambda: _trivial(PYGLS, "minimal_pygls.py", "pygls", sizes, folder, payload),
        RUFF: lambda: _ruff(sizes, folder),
        YAML: lambda: _yaml(sizes, folder),
    }
    found = [made[name]() for name in names]
    return (
        [each for each in found if isinstance(each, Contender)],
        [each for each in found if isinstance(each, LeftOut)],
    )


def _ours(name: str, sizes: Sizes, folder: Path, *options: str) -> Contender:
    root = _workspace(folder / "workspace", sizes.files)
    small, large = _plans(root, sizes)
    return Contender(name, (*ENTRY, "lsp", *options), root, small, large, has_daemon=not options)


def _trivial(name: str, file: str, package: str, sizes: Sizes, folder: Path, payload: Path) -> Contender:
    """A server that publishes for a plan what Agent Server publishes for it."""
    root = _workspace(folder / "workspace", sizes.files)
    command = (sys.executable, str(_SERVERS / file), str(payload))
    return Contender(name, command, root, *_plans(root, sizes), version=f"{package} {version(package)}")


def _ruff(sizes: Sizes, folder: Path) -> Contender | LeftOut:
    found = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    if found is None:
        return LeftOut(RUFF, "ruff is not installed")
    root = _folder(folder / "python")
    said = subprocess.run([found, "--version"], check=True, capture_output=True, text=True).stdout
    small, large = (
        _python(root / f"{name}.py", plan.lines)
        for name, plan in zip(("small", "large"), _plans(root, sizes), strict=True)
    )
    return Contender(RUFF, (found, "server"), root, small, large, version=said.strip().removeprefix("ruff "))


def _yaml(sizes: Sizes, folder: Path) -> Contender | LeftOut:
    package = NODE_FOLDER / "node_modules" / "yaml-language-server"
    if not package.exists() or shutil.which("node") is None:
        return LeftOut(YAML, f"it is used where `npm install --prefix {_shown(NODE_FOLDER)} {YAML}` has put it")
    root = _folder(folder / "yaml")
    schema = root / "schema.json"
    schema.write_text(json.dumps(_SCHEMA))
    settings = {"yaml": {"schemaStore": {"enable": False}, "schemas": {schema.as_uri(): "*.yaml"}}}
    answers = {"workspace/configuration": lambda params: [settings.get(item["section"]) for item in params["items"]]}
    command = (str(package.parent / ".bin" / YAML), "--stdio")
    tasks = {"small": sizes.small, "large": sizes.large}
    small, large = (_tasks_in_yaml(root / f"{name}.yaml", number) for name, number in tasks.items())
    number = json.loads((package / "package.json").read_text("utf-8"))["version"]
    return Contender(YAML, command, root, small, large, version=number, answers=answers)


def _shown(path: Path) -> str:
    return f"~/{path.relative_to(Path.home())}" if path.is_relative_to(Path.home()) else str(path)


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path.resolve()


def _workspace(root: Path, files: int) -> Path:
    """A repository of so many small sources, those that plans of `large_plans.py` are about."""
    if root.exists():
        return root.resolve()
    for number in range(files):
        path = root / path_of(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"export const value{number} = {number}\n" if path.suffix != ".py" else f"VALUE = {number}\n")
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    subprocess.run(["git", "add", "--all"], cwd=root, check=True)
    return root.resolve()


def _plans(root: Path, sizes: Sizes) -> tuple[Document, Document]:
    """A small plan about few files, so that it has a problem or two, and a large one about all."""
    texts = {"small": plan_text(sizes.small, sizes.small), "large": plan_text(sizes.large, sizes.files)}
    small, large = (_plan(root / f"{name}.plan.md", text) for name, text in texts.items())
    return small, large


def _plan(path: Path, text: str) -> Document:
    lines = text.splitlines()
    titles = [(number, len(line) - 3) for number, line in enumerate(lines) if line.startswith("## ")]
    fields = [(number, 15) for number, line in enumerate(lines) if line.startswith("- writes: `")]
    prose = [
        (at, len(line) // 2) for at, line in enumerate(lines) if at > titles[0][0] and line and line[0] not in "#-"
    ]
    middle = titles[len(titles) // 2][0]
    return Document(
        uri=path.as_uri(),
        language="markdown",
        text=text,
        edits=_mixed(prose, titles, fields),
        hovers=_mixed([], [(number, 5) for number, _ in titles], fields),
        unfinished=(middle + 1, "- needs: a"),
    )


def _python(path: Path, lines: int) -> Document:
    """So many lines, or nearly, of a long module of the standard library: its helpers first, then its classes.

    Its own imports are left out, so that there are problems: about a hundred in 5,000 lines.
    """
    origin = Path(str(find_spec("_pydecimal").origin))  # type: ignore[union-attr]
    whole = origin.read_text("utf-8").splitlines()
    helpers, classes = whole.index("class _WorkRep(object):"), whole.index("class DecimalException(ArithmeticError):")
    source = [*whole[helpers:], "", "", *whole[classes:helpers]]
    ends = [at for at, line in enumerate(source) if at and _begins(line) and "@" not in source[at - 1]]
    end = min(ends, key=lambda at: abs(at - lines))
    text = "\n".join(["import math  # noqa: F401", "", "", *source[:end], ""])
    found = list(enumerate(text.splitlines()))
    comments = [(number, len(line) - 1) for number, line in found if line.lstrip().startswith("# ")]
    names = [(number, line.index("(")) for number, line in found if line.lstrip().startswith("def ") and "(" in line]
    return Document(
        uri=path.as_uri(),
        language="python",
        text=text,
        edits=_mixed(comments, [], names),
        hovers=((0, len("import math  # noqa: F4")),),
        unfinished=None,
    )


def _begins(line: str) -> bool:
    return line.startswith(("class ", "def ", "    def "))


def _tasks_in_yaml(path: Path, tasks: int) -> Document:
    """The tasks of the plan, five lines each; every twelfth has a key that its schema does not know."""
    plan, _ = parse(plan_text(tasks, tasks))
    lines = ["tasks:"]
    for number, task in enumerate(plan.tasks):
        writes = ", ".join(item.text for each in task.fields if each.name == "writes" for item in each.items)
        lines += [f"  - id: {task.id}", f"    title: {task.title}", f"    writes: [{writes}]"]
        lines += [f'    instructions: "{task.instructions.strip()}"', "    estimate: soon" if number % 12 == 5 else ""]
    found = list(enumerate(lines))
    titles = [(number, len(line) - 3) for number, line in found if line.startswith("    title: ")]
    fields = [(number, 20) for number, line in found if line.startswith("    writes: ") and len(line) > 30]
    prose = [(number, len(line) // 2) for number, line in found if line.startswith("    instructions: ")]
    return Document(
        uri=path.as_uri(),
        language="yaml",
        text="\n".join([*lines, ""]),
        edits=_mixed(prose, titles, fields),
        hovers=tuple((number, 5) for number, _ in titles[:_PLACES]),
        unfinished=(titles[len(titles) // 2][0] + 1, "    re"),
    )


def _mixed(prose: Sequence[Place], titles: Sequence[Place], fields: Sequence[Place]) -> tuple[Place, ...]:
    """Places where people type, by weight: mostly in prose, as in `test_edits.py`."""
    random = Random(5)  # the same places every time
    kinds = [(kind, weight) for kind, weight in ((prose, 75), (titles, 10), (fields, 15)) if kind]
    chosen = random.choices([kind for kind, _ in kinds], [weight for _, weight in kinds], k=_PLACES)
    return tuple(random.choice(kind) for kind in chosen)
