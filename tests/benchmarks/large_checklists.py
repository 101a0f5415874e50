"""Plans as large as anybody's in the formats of others, made from a seed: checklists, lists in JSON, folders of tasks.

A checklist is made story by story, as spec-kit makes them: tests, then what is tested, then what puts it together.
"""

import json
from collections.abc import Iterator
from random import Random

from agent_server.analysis.tree import Tree

_THINGS = ("order", "invoice", "account", "product", "message", "booking", "report", "ticket", "payment", "shipment")
_SIDES = ("draft", "archive", "search", "export", "import", "approval", "history", "summary", "template", "reminder")
_STORY = (
    "[P] [{story}] Contract test for POST /api/{thing}s/{side} in tests/contract/test_{name}_api.py",
    "[P] [{story}] Integration test of the {thing} {side} journey in tests/integration/test_{name}.py",
    "[P] [{story}] Create the {Name} model in src/models/{name}.py",
    "[P] [{story}] Create the `{Name}Entry` type in src/models/{name}_entry.py",
    "[{story}] Implement {Name}Service in src/services/{name}_service.py (depends on {model})",
    "[{story}] Implement POST /api/{thing}s/{side} in src/api/{thing}s.py",
    "[P] [{story}] Build the {thing} {side} page in web/src/pages/{name}.tsx using `{Name}Entry`",
    "[{story}] Register the route of {thing} {side} in src/api/router.py",
    "[P] [{story}] Add the texts of the {thing} {side} page to web/src/texts.ts",
    "[{story}] Log every {thing} {side} with its request id",
)
_DETAILS = (
    "Keep the public names as they are, and add what is missing.",
    "Return 404 where the {thing} does not exist, as src/api/errors.py does.",
    "Follow the pattern of `{Name}Entry`, with the fields of data-model.md.",
    "Read the limits from config/settings.py, never from the environment.",
    "The list is sorted by its date, newest first, and holds 50 entries at most.",
    "See contracts/{thing}s.yaml for the shape of the answer.",
)
_STORIES = 3
"""So many of them make a phase."""

_DONE = 0.3


def workspace(tasks: int) -> Tree:
    """A tree in which half of what the plans of so many tasks name is there."""
    names = [_name(number) for number in range(0, tasks // len(_STORY) + 1, 2)]
    shared = ("src/api/router.py", "src/api/errors.py", "config/settings.py", "pyproject.toml", "web/package.json")
    forms = (
        "src/models/{0}.py",
        "src/services/{0}_service.py",
        "web/src/pages/{0}.tsx",
        "tests/integration/test_{0}.py",
    )
    return Tree((*shared, *(form.format(name) for name in names for form in forms)))


def checklist(tasks: int, seed: int = 1, done: float = _DONE) -> str:
    """A spec-kit checklist of so many tasks, of which that part is done: two lines a task, and phases of stories."""
    random = Random(seed)  # the same plan every time
    lines = ["# Tasks: Everything at once", "", "**Input**: Design documents from `/specs/001-everything/`", ""]
    for number, (story, text) in enumerate(_tasks(tasks)):
        if number % (_STORIES * len(_STORY)) == 0:
            lines += ["", f"## Phase {number // (_STORIES * len(_STORY)) + 1}: From {story} on", ""]
        box = "x" if number < tasks * done else " "
        lines.append(f"- [{box}] T{number + 1:04} {text}")
        if random.random() < 0.5:
            lines.append(f"  - {_detail(number, random)}")
    return "\n".join(lines) + "\n"


def list_in_json(tasks: int, seed: int = 1, done: float = _DONE) -> str:
    """A Task Master list of so many subtasks, ten to a task, each with a kilobyte or so to say."""
    random = Random(seed)  # as above
    parts = [_part(number, text, number < tasks * done, random) for number, (_, text) in enumerate(_tasks(tasks))]
    groups = [
        {
            "id": story + 1,
            "title": _name(story),
            "status": "pending",
            "dependencies": [story] if story and story % 5 == 0 else [],
            "subtasks": parts[story * len(_STORY) : (story + 1) * len(_STORY)],
        }
        for story in range(-(-tasks // len(_STORY)))
    ]
    return json.dumps({"master": {"tasks": groups}}, indent=2)


def _part(number: int, text: str, is_done: bool, random: Random) -> dict[str, object]:
    at = number % len(_STORY)
    return {
        "id": at + 1,
        "title": _plain(text),
        "details": " ".join(_detail(number, random) for _ in range(12)),
        "status": "done" if is_done else "pending",
        "dependencies": [at] if at % 3 else [],
    }


def folder_of_tasks(tasks: int, seed: int = 1, done: float = 0.9) -> tuple[tuple[str, str], ...]:
    """The files of a Backlog.md folder: a task each, with a description, criteria and notes."""
    random = Random(seed)  # as above
    texts = enumerate(text for _, text in _tasks(tasks))
    return tuple([_file(number, text, "Done" if number < tasks * done else "To Do", random) for number, text in texts])


def _file(number: int, text: str, status: str, random: Random) -> tuple[str, str]:
    name, title = f"task-{number + 1}", _plain(text)
    head = f"---\nid: {name}\ntitle: '{title}'\nstatus: {status}\ndependencies: []\n---\n\n"
    about, notes = (" ".join(_detail(number, random) for _ in range(length)) for length in (4, 20))
    criteria = "\n".join(f"- [ ] #{at} {_detail(number, random)}" for at in range(1, 6))
    body = f"## Description\n\n{about}\n\n## Acceptance Criteria\n\n{criteria}\n\n## Implementation Notes\n\n{notes}\n"
    return f"backlog/tasks/{name} - {_name(number // len(_STORY))}.md", head + body


def _tasks(count: int) -> Iterator[tuple[str, str]]:
    """The story of each task, and what it says."""
    for number in range(count):
        story, at = divmod(number, len(_STORY))
        yield f"US{story + 1}", _STORY[at].format(story=f"US{story + 1}", model=f"T{number - 1:04}", **_words(number))


def _words(number: int) -> dict[str, str]:
    name = _name(number // len(_STORY))
    thing, side, *_ = name.split("_")
    return {"thing": thing, "side": side, "name": name, "Name": "".join(map(str.capitalize, name.split("_")))}


def _name(story: int) -> str:
    round_, at = divmod(story, len(_THINGS) * len(_SIDES))
    name = f"{_THINGS[at % len(_THINGS)]}_{_SIDES[at // len(_THINGS)]}"
    return f"{name}_v{round_ + 1}" if round_ else name


def _detail(number: int, random: Random) -> str:
    return random.choice(_DETAILS).format(**_words(number))


def _plain(text: str) -> str:
    """The text of a task without its labels."""
    return text.rpartition("] ")[2]
