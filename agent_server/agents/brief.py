"""The brief of one agent: a prompt that is complete and stands alone.

Agents share nothing while they work. So a brief holds the plan's shared context and the task's own instructions, what
the agent may write, what it should read, and what it may take for granted of files that do not exist yet: never the
instructions of another agent.
"""

from collections.abc import Iterable, Iterator

from agent_server.agents.backend import Brief, Limits
from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.globs.pattern import Wildcard
from agent_server.analysis.model import Access, Analysis, Contract, Source, TaskAnalysis
from agent_server.plan.model import Item, Plan, Task

MAX_PATHS = 60
"""The most paths that one list of a prompt spells out."""

_DEFAULT_LIMITS = Limits()
_ALL_BELOW = (Wildcard.TREE, Wildcard.BELOW)
_GUIDES = ("AGENTS.md", "CLAUDE.md")
_BESIDE = (
    *("spec.md", "plan.md", "research.md", "data-model.md", "quickstart.md", "contracts"),  # spec-kit
    *("requirements.md", "design.md"),  # Kiro and cc-sdd
    *("proposal.md", "specs"),  # OpenSpec, which has a design.md too
)
"""The documents that lie in the folder of a plan, by format."""

_HOW_TO_WORK = """\
You carry out one task of a plan. Other agents carry out its other tasks at the same moment, each in its own copy of \
the workspace: you cannot see their work, and nobody can answer questions. Everything that you need is in this text or \
in the workspace.

{tools}
- Before you write, read the files named below, and enough of their neighbours to write as this workspace does: its \
structure, its naming, its way of importing, its tests.
- Finish the work. Leave no placeholder, no stub and nothing for later; leave alone what the task does not ask for.
- Where the plan asks for what you cannot do here (to commit, to wait for somebody, to change other files), what \
stands above holds: leave that out, and say so at the end.
- When all is done, end with a few sentences: what you made, and what the author of the plan has to know."""
_OUR_TOOLS = """\
- Look with `list`, `search` and `read`; change your own files with `write`, `edit` and `delete`. There is no shell: \
you cannot run anything. Paths are relative to the root of the workspace.
- Change the files under "Your files" and no others. Any other change is refused and reported. If the task seems \
to need one, do all that your own files allow, and say at the end which file needs what."""
_OWN_TOOLS = """\
- You are in a sandbox, at the root of your copy of the workspace. Work with your own tools. Ask for nothing to be \
confirmed: nobody is there to do it.
- Change the files under "Your files" and no others. All other changes, those to `.git` among them, are thrown away \
and reported, so commit nothing and write nothing outside the workspace. If the task seems to need another file, do \
all that your own files allow, and say at the end which file needs what.
- If you have a shell, you may run the project's own checks. Leave nothing running when you end."""
_MISSED = """\
- Where the project's checks miss what another agent is writing now, that is no fault of your work."""


def tools_words(*, own: bool) -> str:
    """How an agent works with its tools: with `own` ones, as a program has them, or with ours (`tools.py`)."""
    return _OWN_TOOLS if own else _OUR_TOOLS


def brief_for(  # noqa: PLR0913  # what was said of earlier attempts is asked by keyword
    analysis: Analysis,
    task_id: str,
    limits: Limits = _DEFAULT_LIMITS,
    *,
    own_tools: bool = False,
    comment: str = "",
    before: str = "",
    plan: str = "",
) -> Brief:
    """The brief of a task of the analysis; `KeyError` where it has no such task.

    With `own_tools` it is for an agent that is a program with tools of its own, otherwise for one that has ours. Where
    the task was tried before, `before` says how that ended, and `comment` what its author says to that. `plan` is the
    plan's path in the workspace: its documents may stand beside it.
    """
    found = analysis.tasks[task_id]
    return Brief(
        task=task_id,
        title=found.task.title,
        prompt=_prompt(analysis, found, plan, own_tools=own_tools, tried=_tried(comment, before)),
        writes=found.writes.paths,
        model=found.model.id,
        tier=found.model.tier,
        limits=limits,
    )


def _prompt(analysis: Analysis, found: TaskAnalysis, path: str, *, own_tools: bool, tried: Iterable[str]) -> str:
    plan, task = analysis.plan, found.task
    relied_on = [contract for contract in analysis.contracts if contract.task == task.id]
    needed = [contract for contract in analysis.contracts if contract.producer == task.id]
    parts = [
        _HOW_TO_WORK.format(tools="\n".join((tools_words(own=own_tools), *([_MISSED] if own_tools else ())))),
        f"# The plan: {plan.title}" if plan.title else "# The plan",
        plan.context.strip(),
        f"# Your task: {task.title}",
        _phase(plan, task),
        task.instructions.strip(),
        *_section("Tried before", tried),
        *_section("Your files", _writes(found)),
        *_section("Read first", (*_reads(found), *_documents(analysis, path), *_guides(analysis, found))),
        *_section("Pattern to follow", (_pattern(item) for item in task.mirrors)),
        *_section(
            "Not there yet, but safe to rely on",
            (_relied_on(contract, analysis.tasks[contract.producer].task.exports) for contract in relied_on),
        ),
        *_section("Imports", _imports(task.imports, relied_on)),
        *_section("What others rely on", _exports(task.exports, needed)),
        *_section("How it is verified", _verification(analysis, found)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _phase(plan: Plan, task: Task) -> str:
    """Which part of the plan the task belongs to: in a checklist that says what its few words are about."""
    title = plan.phases[task.phase].title.strip() if task.phase is not None else ""
    return f"It is `{task.id}`, of the part \u201c{title}\u201d." if title else ""


def _tried(comment: str, before: str) -> Iterator[str]:
    """What there is to know of earlier attempts, of which nothing else is left."""
    if comment.strip() or before.strip():
        yield "This task was tried before. What that attempt wrote is not in your copy of the workspace"
    if before.strip():
        yield _indented(f"How it ended: {before.strip()}")
    if comment.strip():
        yield _indented(f"What the author of the plan says to that: {comment.strip()}")


def _indented(text: str) -> str:
    """Several lines as the text of one bullet."""
    return "\n  ".join(text.splitlines())


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A section with one bullet a line; none where there is no line."""
    bullets = [f"- {line}" for line in dict.fromkeys(lines)]
    if len(bullets) > MAX_PATHS:
        bullets = [*bullets[:MAX_PATHS], f"- ... and {len(bullets) - MAX_PATHS} more"]
    if bullets:
        yield f"## {title}\n" + "\n".join(bullets)


def _verification(analysis: Analysis, found: TaskAnalysis) -> Iterator[str]:
    own = found.task.verify
    whole = analysis.plan.settings.verify.text if analysis.plan.settings.verify else analysis.settings.verify
    if own is not None:
        yield f"When you are done, `{own.text}` must pass on your work alone"
    if whole:
        yield f"When all agents are done, `{whole}` must pass on their combined work"


def _writes(found: TaskAnalysis) -> Iterator[str]:
    if found.writes.unknown:
        yield "The plan does not say which. Nothing runs before it does"
        return
    if not found.writes.paths:
        yield "None: say in your last message what you found"
        return
    entries = {entry.path: entry for entry in found.writes.entries}
    folders = frozenset(_folders(found.writes.paths))
    for item in found.task.writes:
        yield _written(item.text, entries.get(item.text), folders)
    for entry in found.writes.entries:
        if entry.source is not Source.DECLARED:
            yield _written(entry.path, entry, folders)


def _folders(paths: PathSet) -> Iterator[str]:
    """The words of a write set that name a folder, and so all that lies below it."""
    for glob in (glob for part in paths.parts for glob in part.include):
        if any(pattern.tokens[-1] in _ALL_BELOW for pattern in glob.patterns) and not glob.text.endswith("*"):
            yield glob.text


def _written(path: str, entry: Access | None, folders: frozenset[str]) -> str:
    if path.startswith("!"):
        return f"not `{path[1:].strip()}`"
    if path in folders:
        return f"`{path}` with all that lies below it"
    if entry is None or any(character in path for character in "*?{"):
        return f"`{path}`"
    return f"`{path}` (there now)" if entry.exists else f"`{path}` (new)"


def _reads(found: TaskAnalysis) -> Iterator[str]:
    declared = [item.text for item in found.task.reads]
    yield from (f"`{path}`" for path in declared if not path.startswith("!"))
    for entry in found.reads:
        if entry.source is not Source.DECLARED and entry.exists:
            yield f"`{entry.path}`"


def _documents(analysis: Analysis, path: str) -> Iterator[str]:
    """What stands beside a plan of another format, and says what its tasks are for."""
    folder = path.rpartition("/")[0]
    for name in _BESIDE if path and not analysis.plan.has_fields else ():
        document = f"{folder}/{name}" if folder else name
        if document in analysis.tree or analysis.tree.is_directory(document):
            yield f"`{document}`"


def _guides(analysis: Analysis, found: TaskAnalysis) -> Iterator[str]:
    """The workspace's own words for agents, where it has any and the task is not to write them."""
    for path in _GUIDES:
        if path in analysis.tree and not found.writes.paths.matches(path):
            yield f"`{path}`"


def _pattern(item: Item) -> str:
    return f"`{item.text}`: read it first, and give your file the same shape, with the names changed"


def _relied_on(contract: Contract, exports: Iterable[Item]) -> str:
    names = _names((*contract.names, *(item.text for item in exports)))
    return (
        f"`{contract.path}`{_spelled(contract)}: another agent is writing it now."
        + (f" It exports {names}." if names else "")
        + (f" Use it as `{contract.mirror}` uses its own counterpart." if contract.mirror else "")
        + " Import it as if it were there; do not create it."
    )


def _spelled(contract: Contract) -> str:
    return f", imported as `{contract.module}`" if contract.module != contract.path else ""


def _imports(items: Iterable[Item], relied_on: Iterable[Contract]) -> Iterator[str]:
    promised = {name for contract in relied_on for name in (contract.module, contract.path)}
    for item in items:
        if item.text not in promised:
            yield f"Your code is meant to import `{item.text}`"


def _exports(items: tuple[Item, ...], needed: list[Contract]) -> Iterator[str]:
    if items:
        yield f"Export exactly these names: {_names(item.text for item in items)}"
    for path in dict.fromkeys(contract.path for contract in needed):
        users = [contract for contract in needed if contract.path == path]
        names = _names(name for contract in users for name in contract.names)
        patterns = _names(contract.mirror for contract in users if contract.mirror)
        yield (
            f"`{path}`{_spelled(users[0])}: files that are being written now import it."
            + (f" They use {names}." if names else "")
            + (f" They are made after {patterns}, so offer what those use of its counterpart." if patterns else "")
        )


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names))
