"""Imports of what does not exist yet, files or names in them: missing, waited for, or known in advance.

An import that no open task creates is missing. One that another open task creates may still run beside that task, by a
contract:

1. the importer mirrors an existing file, and an import of that file, with the names substituted, is exactly this one,
   names included where the import lists them;
2. or the producer declares `exports`, and they cover the names that the import lists.

Otherwise the importer waits for the producer, and a finding says so, with what the mirrored file imports instead.

What git leaves out may be there all the same, made by a program, and so is never missing.

A name that an existing file lacks is missing if that file surely exports no other names, and no open task writes it. If
one does, or promises the name, or writes what that file passes on, or has forgotten that its new module wants to be
listed there, the importer waits for that task.

A package of Go may grow by new files. What these add is known in advance by the same contracts, as long as no task
before the importer changes what the package has.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import groupby

from agent_server.analysis.footprints import Footprint
from agent_server.analysis.imports.export_tables import Exports, exports_of, read_for
from agent_server.analysis.imports.layouts import Planned, layouts_of, sources_in
from agent_server.analysis.imports.mirrors import substitute
from agent_server.analysis.imports.predictions import Mirroring, found_instead, imports_of, mirrorings, predicted
from agent_server.analysis.imports.targets import Place, Target, to_come
from agent_server.analysis.model import Contract, Deed, Dependency, HazardKind, ImportFinding, Source
from agent_server.analysis.questions import Definers, Importing, Naming
from agent_server.analysis.scheduling.precedence import PlanOrder
from agent_server.analysis.tree import Tree
from agent_server.analysis.words.symbols import name_of
from agent_server.analysis.writers import Writers
from agent_server.languages import Trace, read_source
from agent_server.languages.paths import folder_of, upwards
from agent_server.plan.model import Task
from agent_server.plan.text import Span

_MOST_ASKED = 50

_ALIKE = 0.75
"""How like an open module a closed one that does not exist must be to be a slip for it."""

Outcome = Contract | Dependency | ImportFinding


def import_hazards(footprints: Sequence[Footprint], tree: Tree, order: PlanOrder) -> Iterator[Outcome]:
    """What becomes of every import of an open task that means no existing file, or a name that its file lacks."""
    if not any(each.targets for each in footprints):
        return
    tasks = {each.task.id: each for each in footprints}
    writers = Writers({task_id: each.writes.paths for task_id, each in tasks.items()}, tree)
    spelled = writers.spelled
    key = (Planned, spelled, writers.folders, layouts_of(tree))
    planned = tree.derived(key, lambda: Planned(tree, spelled, writers.folders))
    around = _Surroundings(tasks, writers, tree, order, planned)
    for importer in footprints:
        for _, group in groupby(importer.targets, key=lambda target: target.item):
            for target in _modules(list(group), importer.task.id, around):
                yield from _outcomes(importer, target, around)


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What an import is judged against."""

    tasks: Mapping[str, Footprint]
    writers: Writers
    tree: Tree
    order: PlanOrder
    planned: Planned

    def creators(self, target: Target) -> tuple[str, tuple[str, ...]]:
        """The file of a target that tasks create, with those tasks; empty where none does."""
        return next(((path, tasks) for path in target.files if (tasks := self._creating(path, target))), ("", ()))

    def adding(self, name: str, path: str, place: Place, writers: Sequence[str]) -> tuple[str, ...]:
        """The tasks that may add a name to the file `path`: those that promise it, else its `writers`.

        Else those that write a file all of whose names it passes on, or make the name in a new one that it has to list.
        """
        passed_on = (file for file in read_for(path, place.language, self.tree) if file not in {path, place.importer})
        writing = tuple(dict.fromkeys(on for file in passed_on for on in self.writers.creating(file)))
        promising = tuple(on for on in (*writers, *writing) if name in _promised(self.tasks[on].task))
        return promising or tuple(writers) or writing or tuple(self._forgetting(name, path))

    def _forgetting(self, name: str, path: str) -> Iterator[str]:
        """The tasks that make a name in a new file, and forget to write `path`, which lists such files."""
        for task_id, each in self.tasks.items():
            implied = (access.path for access in each.writes.beyond if access.source is Source.IMPLIED)
            if path in implied and _makes(each, name):
                yield task_id

    def _creating(self, path: str, target: Target) -> tuple[str, ...]:
        if not path.endswith("/"):
            return self.writers.creating(path)
        language = target.place.language
        return self.writers.creating_in(path, language) if language else ()


def _modules(group: Sequence[Target], task_id: str, around: _Surroundings) -> Iterator[Target]:
    """The modules that one item imports, as they will be. What may be a name or a module is a module if one will be."""
    meant = [_as_it_will_be(target, around) for target in group]
    missing = tuple(each.wanted.module for each in meant if not each.wanted.perhaps and each.existing is None)
    modules = [target for target in meant if not target.wanted.perhaps or _is_there(target, missing, task_id, around)]
    found = {target.wanted.module for target in modules if target.wanted.perhaps}
    perhaps = (target for target in meant if target.wanted.perhaps and target.existing is None)
    found |= {target.wanted.module for target in perhaps if _may_be_made(target, around)}
    for target in modules:
        names = tuple(name for name in target.names if not _is_submodule(target.wanted.module, name, found))
        yield target if names == target.names else replace(target, names=names)


def _as_it_will_be(target: Target, around: _Surroundings) -> Target:
    if target.existing is not None and set(target.names) <= set(target.wanted.names):
        return target
    # A target is kept for as long as its task is the same, and the result keeps it, so no other gets its number.
    return around.planned.derived(
        ("to come", id(target)), lambda: (to_come(target, around.planned, around.tree), target)
    )[0]


def _is_there(target: Target, missing: tuple[str, ...], task_id: str, around: _Surroundings) -> bool:
    """Whether a module that may be but a name is a file that exists, or that a task creates.

    A glob matches whatever a name would be as a file. So it counts only for what is called like a module, stands in a
    package that is there, is no name of that package, and need not wait for this very task. `missing` are the modules
    of the same statement that are not there.
    """
    if target.existing is not None:
        return set(target.names) <= set(target.wanted.names)
    path, creators = around.creators(target)
    if not creators or path.endswith("/") or around.writers.spells(path):
        return bool(creators)
    if target.wanted.module.startswith(missing) or _is_name(target, around):
        return False
    return not any(around.order.needs.follows(on, task_id) for on in creators)


def _is_submodule(module: str, name: str, modules: set[str]) -> bool:
    return any(f"{module}{joint}{name}" in modules for joint in (".", "::", "/", ""))


def _outcomes(importer: Footprint, target: Target, around: _Surroundings) -> Iterator[Outcome]:
    if target.existing is not None and _exists(target.existing, around.tree):
        contracts = _growing(importer, target, target.existing, around) if target.existing.endswith("/") else ()
        kept = {contract.producer for contract in contracts}
        yield from contracts
        lacking = _lacking(importer, target, around)
        yield from (each for each in lacking if not (isinstance(each, Dependency) and each.on in kept))
        return
    path, creators = around.creators(target)
    task_id = importer.task.id
    if task_id in creators:
        yield from _undeclared(importer, target, path, around)
        return
    if target.holder and not around.writers.spells(path) and _is_name(target, around):
        name = target.wanted.module.rpartition(".")[2]
        yield from _lacking(importer, replace(target, names=(name,), existing=target.holder), around)
        return
    if not creators and target.closed_by:
        yield from _closed(importer, target, around)
        return
    makers = dict.fromkeys(creators, path) or (_makers(target, around) if target.ours else {})
    if not makers and target.ours and not _may_be_made(target, around):
        item = target.item
        wanted = target.wanted.module
        yield ImportFinding(task_id, item.text, item.span, None, files=target.files, wanted=wanted)
    for maker, made in makers.items():
        if maker != task_id and not around.order.needs.follows(task_id, maker):
            yield from _from_creator(importer, target, made, around.tasks[maker], around)


def _makers(target: Target, around: _Surroundings) -> Mapping[str, str]:
    """The tasks that write what a module will be declared in or made from, with those files.

    They are the tasks that say its name, else the only one that writes in another language where it belongs, which may
    be anywhere for a package without sources.
    """
    naming: dict[str, str] = {}
    able: dict[str, str] = {}
    for trace in target.traces:
        for path in around.writers.bearing(trace):
            for on in around.writers.creating(path):
                if trace.words[:1] and trace.words[0] in map(str.lower, around.tasks[on].words.names):
                    naming.setdefault(on, path)
                elif trace.folders or _is_of_new_package(target):
                    able.setdefault(on, path)
    return naming or (able if len(able) == 1 else {})


def _is_of_new_package(target: Target) -> bool:
    """Whether nothing of the package that a module is in is there, so that all of it may be yet to be made."""
    return any(beginning.endswith(".") for beginning in target.unless_imported)


def _undeclared(importer: Footprint, target: Target, path: str, around: _Surroundings) -> Iterator[Outcome]:
    """What becomes of a module that the task's own new file would declare: no task may be creating its file."""
    files = _module_files(target, path)
    if files and target.ours and not around.creators(replace(target, files=files))[1]:
        item, wanted = target.item, target.wanted.module
        if not _may_be_made(target, around):
            yield ImportFinding(importer.task.id, item.text, item.span, None, files=files, wanted=wanted)


def _may_be_made(target: Target, around: _Surroundings) -> bool:
    """Whether what would be a module may be there, although no file of it is: made by a program, or elsewhere."""
    if target.files and (not target.ours or _is_spread(target, around.tree) or _is_left_out(target, around)):
        return True
    is_new = _is_of_new_package(target)
    if any(_is_to_come(trace, around, is_new=is_new) or _is_seen(trace, around.tree) for trace in target.traces):
        return True
    importing = [around.tree.answers.files(Importing(beginning)) for beginning in target.unless_imported]
    return bool(importing) and () not in importing


def _is_spread(target: Target, tree: Tree) -> bool:
    """Whether the package that a module would lie in may have modules of which only Python knows where they are."""
    text = tree.contents.get(target.holder)
    source = None if text is None else read_source(target.holder, text)
    return source is not None and "__path__" in source.exports


def _is_left_out(target: Target, around: _Surroundings) -> bool:
    """Whether an import means a file that git leaves out: what programs make is there, and not in the workspace."""
    layouts = layouts_of(around.tree)
    files = (f"{file}new" if file.endswith("/") else file for file in target.files[:_MOST_ASKED] if file.strip("/"))
    return any(layouts.is_left_out(file) and not _is_compiled(file, around.tree) for file in files)


def _is_to_come(trace: Trace, around: _Surroundings, *, is_new: bool) -> bool:
    """Whether a task may write a file that bears the trace: where it belongs, or for a package without sources."""
    return bool(trace.folders or is_new) and bool(around.writers.bearing(trace) or around.writers.may_bear(trace))


def _is_seen(trace: Trace, tree: Tree) -> bool:
    """Whether a file bears the trace. Where nobody knows yet, one does."""
    endings = tree.derived(_is_seen, lambda: frozenset(f".{path.rpartition('.')[2]}" for path in tree.paths))
    if endings.isdisjoint(trace.endings):
        return False
    found = tree.answers.files(Naming(trace.words)) if trace.words else tree.paths
    return found is None or any(map(trace.may_be, found))


def _is_compiled(file: str, tree: Tree) -> bool:
    """Whether a file can only be compiled from a source beside it: git leaves out what all of these become, too."""
    ending = _COMPILED.search(file)
    if ending is None:
        return False
    folder = next(each for each in upwards(file.rpartition("/")[0]) if not each or tree.is_directory(each))
    below = tree.below(folder, most=_MOST_BELOW)
    beside = [path for path in below if path.rpartition("/")[0] == folder and path.endswith(_COMPILES)]
    layouts = layouts_of(tree)
    sources = [path for path in beside if not _COMPILED.search(path)][:_MOST_ASKED]
    return bool(sources) and all(layouts.is_left_out(f"{path.rpartition('.')[0]}{ending[0]}") for path in sources)


_COMPILED = re.compile(r"\.(?:d\.[cm]?ts|[cm]?jsx?)$")
_COMPILES = (".ts", ".tsx", ".mts", ".cts")
"""The endings of sources that a compiler may put what it makes beside, with endings as above."""

_MOST_BELOW = 2000


def _is_name(target: Target, around: _Surroundings) -> bool:
    """Whether what would be a module is rather a name of the package above it: `app.models.Room`.

    What names are taken from is a module, and so is what a statement imports as a whole. Modules are called in lower
    case, so that only a name that is there, or promised, may be so too.
    """
    is_right_above = any(folder_of(file) == folder_of(target.holder) for file in target.files)
    is_module = bool(target.wanted.names) or target.item.text.startswith(("from ", "import "))
    if not target.holder or not is_right_above or (is_module and not target.wanted.perhaps):
        return False
    name = target.wanted.module.rpartition(".")[2]
    writers = around.writers.creating(target.holder)
    if not name.islower() or name.startswith("__") or any(name in _promised(around.tasks[on].task) for on in writers):
        return True
    exports = exports_of(target.holder, target.place.language, around.tree)
    return bool(exports.names) and not exports.lack(name)


def _closed(importer: Footprint, target: Target, around: _Surroundings) -> Iterator[Outcome]:
    """What becomes of a module that a manifest keeps from being imported: an open task may change the manifest."""
    task_id, item, manifest = importer.task.id, target.item, target.closed_by
    writers = () if manifest.endswith("/") else around.writers.creating(manifest)
    module = target.wanted.module
    if not writers:
        near = _open_instead(target)
        alike = item.text.replace(module, near) if near else ""
        yield ImportFinding(
            task_id, item.text, item.span, None, files=target.files, alike=alike, closed_by=manifest, wanted=module
        )
    because = f"imports: {item.text}, which `{manifest}` does not open yet"
    for on in writers if task_id not in writers else ():
        if not around.order.needs.orders(task_id, on) and not around.order.fixed_after(on, task_id):
            written = around.tasks[on].written_span(manifest)
            yield Dependency(
                HazardKind.OUTPUT_DEPENDENCY, task_id, on, manifest, item.span, written, because, module, Deed.ADDS
            )


def _open_instead(target: Target) -> str:
    """The module that a closed one most likely means: of the same last name where its file is there, else a slip."""
    last = target.wanted.module.rpartition("/")[2]
    same = [module for module in target.opened if target.files or module.rpartition("/")[2] == last]
    close = get_close_matches(target.wanted.module, same, n=1, cutoff=_ALIKE if target.files else 0)
    return close[0] if close else ""


def _exists(path: str, tree: Tree) -> bool:
    return tree.is_directory(path.rstrip("/")) if path.endswith("/") else path in tree


def _lacking(importer: Footprint, target: Target, around: _Surroundings) -> Iterator[Outcome]:
    """What becomes of the names that an existing file lacks."""
    path = target.existing
    if path is None or not target.names:
        return
    place = target.place
    exports = exports_of(path, place.language, around.tree, place.importer, target.inside)
    if not target.ours:
        return
    files = _module_files(target, path)
    creators = around.creators(replace(target, files=files))[1]
    # A folder of Python holds no names: a module that a task creates there is found by itself.
    only_modules = bool(exports.modules) and path.endswith("/")
    writers = () if only_modules else creators or around.creators(replace(target, files=(path,)))[1]
    # Who writes a file may put any name there, but its modules have files of their own.
    own = importer.task.id in writers
    if (own and (creators or not files)) or (files and _may_be_made(target, around)):
        return
    is_sure = not _is_elsewhere(target, around.tree)
    for name in _names_within(target):
        if name.partition("::")[0] in exports.gone:
            yield from _gone(importer, target, name, exports, around)
            continue
        lacks = is_sure and exports.lack(name, module=bool(files))
        lacks = lacks and (bool(files) or not _may_be_macro(name, path, target, around.tree))
        known = replace(target, names=(name,))
        yield from _lacked(importer, known, exports, None if own else writers, lacks=lacks, around=around)


def _is_elsewhere(target: Target, tree: Tree) -> bool:
    """Whether the importer, a file of Rust, is not declared by the one above it: then `super` means another one.

    `#[path = "fare_tests.rs"] mod tests;` makes it a module of any file.
    """
    importer = target.place.importer
    if target.wanted.module.partition("::")[0] != "super" or importer not in tree or target.place.language is None:
        return False
    above = layouts_of(tree).resolve("super", importer, target.place.language)
    folder, _, name = importer.rpartition("/")
    module = folder.rpartition("/")[2] if name == "mod.rs" else name.removesuffix(".rs")
    texts = [tree.contents.get(file, module) for file in above.files if file in tree]
    return bool(above.name or texts) and not any(module in text for text in texts)


def _gone(
    importer: Footprint, target: Target, name: str, exports: Exports, around: _Surroundings
) -> Iterator[ImportFinding]:
    """What becomes of a module that is declared, and whose file is not there: who creates it is awaited elsewhere."""
    file = exports.gone[name.partition("::")[0]]
    if not around.writers.creating(file) and not layouts_of(around.tree).is_left_out(file):
        wanted = target.wanted.module if target.left else f"{target.wanted.module}::{name}"
        yield ImportFinding(importer.task.id, target.item.text, target.item.span, None, files=(file,), wanted=wanted)


def _lacked(  # noqa: PLR0913  # a name of a file, and what is known of both
    importer: Footprint,
    target: Target,
    exports: Exports,
    writers: Sequence[str] | None,
    *,
    lacks: bool,
    around: _Surroundings,
) -> Iterator[Outcome]:
    """What becomes of the one name of a target: others may add it to the file that lacks it, or have promised to.

    None of the `writers` may where these are None.
    """
    task_id, item, path, name = importer.task.id, target.item, target.existing or "", target.names[0]
    promising = [on for on in writers or () if name in _promised(around.tasks[on].task)]
    slip = _slip(name, target, around.planned) if lacks and not promising else ""
    able: Sequence[str] = ()
    if writers is not None and not slip:
        able = around.adding(name, path, target.place, writers) if lacks else writers
    if task_id in able:
        return
    makers = [on for on in promising if name not in exports.names] or (able if lacks else ())
    for on in makers:
        if not around.order.needs.orders(task_id, on) and not around.order.fixed_after(on, task_id):
            because = f"imports: {item.text}, and `{on}` adds `{name}` to `{path}`"
            written = around.tasks[on].written_span(path)
            yield Dependency(
                HazardKind.OUTPUT_DEPENDENCY, task_id, on, path, item.span, written, because, name, Deed.ADDS
            )
    if lacks and not able:
        alike = slip or _alike(name, sorted(exports.names | exports.modules))
        yield ImportFinding(task_id, item.text, item.span, None, files=(path,), name=name, alike=alike)


def _module_files(target: Target, path: str) -> tuple[str, ...]:
    """The files that could be the module to which a path of Rust leads from the existing file `path`.

    Empty where what is left of the path may as well be something in there, which needs no file: a type, a function.
    """
    first, joint, _ = target.left.partition("::")
    is_module = joint or target.wanted.names or target.wanted.module == f"self::{first}"
    if not is_module or first[:1].isupper() or target.files[:1] != (path,):
        return ()
    return tuple(file for file in target.files[1:] if re.search(rf"(?:^|/){re.escape(first)}(?:\.rs$|/)", file))


def _growing(importer: Footprint, target: Target, folder: str, around: _Surroundings) -> Sequence[Contract]:
    """The contracts for what tasks before an importer add to an existing package; none if one of them has no contract.

    What tasks behind it add is no matter: it sees the package without that.
    """
    task_id, language, order = importer.task.id, target.place.language, around.order
    if language is None or language.id not in _PACKAGES_ARE_FOLDERS:
        return ()
    creators = around.writers.creating_in(folder, language)
    before = [
        on for on in creators if on != task_id and order.before(on, task_id) and not order.needs.orders(on, task_id)
    ]
    producers = [around.tasks[on] for on in before]
    if not producers or not all(_only_adds(each, folder, around.tree) for each in producers):
        return ()
    found = [_added(importer, target, folder, each, around) for each in producers]
    contracts = [each for each in found if each is not None]
    return contracts if len(contracts) == len(found) else ()


_PACKAGES_ARE_FOLDERS = frozenset({"go"})
"""Languages that import a folder as a whole, with the names of all its sources."""


def _only_adds(producer: Footprint, folder: str, tree: Tree) -> bool:
    """Whether a task changes no source that a package has: it spells the new ones out."""
    globs = (claim.paths for claim in producer.write_claims if not claim.paths.is_literal)
    changes = any(path in tree and not path.endswith("_test.go") for path in _written_in(folder, producer))
    return not changes and not any(each.matches(f"{folder}new.go".lstrip("/")) for each in globs)


def _written_in(folder: str, producer: Footprint) -> list[str]:
    return [path for path in producer.writes.paths.literals if f"{path.rpartition('/')[0]}/" == folder]


def _added(
    importer: Footprint, target: Target, folder: str, producer: Footprint, around: _Surroundings
) -> Contract | None:
    """The contract for what a task adds to an existing package, if there is one."""
    tree, item = around.tree, target.item
    known = exports_of(folder, target.place.language, tree)
    exports = _promised(producer.task)
    mirrored = importer.mirrored(tree)
    prediction = predicted(folder, mirrorings(importer.writes.paths.literals, mirrored), tree, around.planned)
    if prediction is not None:
        mirroring, names = prediction
        old = {name for each in imports_of(mirroring.mirrored, tree) for name in each.names}
        new = tuple(name for name in names if name not in old)
        covers = all(name in names or not known.lack(name) for name in target.names)
        says_it = new or _is_counterpart(folder, producer, mirroring, target, tree)
        if says_it and covers and (not exports or set(new) <= set(exports)):
            return Contract(importer.task.id, producer.task.id, item.text, folder, new, mirroring.mirrored, item.span)
    if exports and all(name in exports or not known.lack(name) for name in target.names):
        wanted = tuple(name for name in target.names if name in exports) or exports
        return Contract(importer.task.id, producer.task.id, item.text, folder, wanted, None, item.span)
    return None


def _is_counterpart(folder: str, producer: Footprint, mirroring: Mirroring, target: Target, tree: Tree) -> bool:
    """Whether a task writes what a source of a package becomes by the names that a mirroring exchanges."""
    language = target.place.language
    sources = sources_in(folder, language, tree) if language is not None else ()
    becoming = {substitute(source, mirroring.renamings) for source in sources}
    return not becoming.isdisjoint(_written_in(folder, producer))


def _names_within(target: Target) -> tuple[str, ...]:
    """The names that an import takes from an existing file; from a nested type of Java, with that type."""
    wanted, language = target.wanted, target.place.language
    nested = language is not None and language.id in _ONE_TYPE_A_FILE and wanted.names and target.names != wanted.names
    return tuple(f"{kind}.{name}" for kind in target.names for name in wanted.names) if nested else target.names


def _slip(name: str, target: Target, planned: Planned) -> str:
    """The path of modules that `name`, what an existing file of Rust lacks, is a slip for; empty where it is none.

    Then it is missing even where a task writes that file, which could declare a module of any name.
    """
    first, joint, rest = name.partition("::")
    if not (joint or target.wanted.module.endswith(f"::{first}")) or first[:1].isupper():
        return ""
    wanted = (re.match(rf"(?P<folder>(?:.*/)?){re.escape(first)}[./]", file) for file in target.files)
    folder = next((found["folder"] for found in wanted if found), None)
    if folder is None:
        return ""
    beside = {path[len(folder) :].partition("/")[0].partition(".")[0] for path in planned.below(folder.rstrip("/"))}
    return next((f"{near}{joint}{rest}" for near in get_close_matches(first, beside, 1, _ALIKE_MODULE)), "")


_ALIKE_MODULE = 0.8
"""As `_ALIKE`, for modules: a task that writes the file above them may declare one that is called a little alike."""


def _may_be_macro(name: str, path: str, target: Target, tree: Tree) -> bool:
    """Whether a name that the root of a crate lacks may be a macro, which any of its files puts there."""
    language = target.place.language
    is_root = language is not None and language.id == "rust" and path.endswith(_ROOTS)
    if not is_root or not name.isidentifier() or name[:1].isupper():
        return False
    definers = tree.answers.files(Definers(name))
    return definers is None or any(definer.endswith(".rs") for definer in definers)


_ROOTS = ("lib.rs", "main.rs")


def _alike(name: str, names: Sequence[str]) -> str:
    """The name that is most like one, among those of its kind (types begin with a capital) if there is any."""
    same = [other for other in names if other[:1].isupper() == name[:1].isupper()]
    close = (get_close_matches(name, candidates, n=1, cutoff=_ALIKE) for candidates in (same, names))
    return next((found[0] for found in close if found), "")


_ALIKE = 0.7
"""How much of two names has to be the same for the one to be a slip for the other: `TooCold` is none for `TooHot`."""


def _makes(producer: Footprint, name: str) -> bool:
    """Whether a task promises a name, or writes a file that is called like it: `card.component.ts`, `CardComponent`."""
    stems = (path.rpartition("/")[2].rpartition(".")[0] for path in producer.writes.paths.literals)
    return name in _promised(producer.task) or name.lower() in {re.sub(r"[\W_]", "", stem).lower() for stem in stems}


def _promised(task: Task) -> tuple[str, ...]:
    """The names that others may import of what a task exports; a default export has no other, whatever it is called."""
    return tuple("default" if _DEFAULT.search(export.text) else name_of(export.text) for export in task.exports)


_DEFAULT = re.compile(r"\bdefault\b")


def _from_creator(
    importer: Footprint, target: Target, path: str, producer: Footprint, around: _Surroundings
) -> Iterator[Outcome]:
    task_id, on, item = importer.task.id, producer.task.id, target.item
    if not around.order.fixed_after(task_id, on):
        outcome = _kept_contract(importer, target, path, producer, around)
        yield outcome
        if isinstance(outcome, Contract):
            return
    because = f"imports: {item.text}, and `{on}` creates `{path}`"
    written = producer.written_span(path) if not path.endswith("/") else _span_in(producer, path)
    yield Dependency(HazardKind.OUTPUT_DEPENDENCY, task_id, on, path, item.span, written, because, does=Deed.CREATES)


def _kept_contract(
    importer: Footprint, target: Target, path: str, producer: Footprint, around: _Surroundings
) -> Contract | ImportFinding:
    """As `_contract`, kept for as long as both tasks are the same, unless it rests on the text of a mirrored file."""
    if importer.task.mirrors:
        return _contract(importer, target, path, producer.task, around)
    key = "contract", id(importer), id(target), id(producer)
    return around.planned.derived(
        key, lambda: (_contract(importer, target, path, producer.task, around), importer, target, producer)
    )[0]


def _contract(
    importer: Footprint, target: Target, path: str, producer: Task, around: _Surroundings
) -> Contract | ImportFinding:
    """The contract that makes an import known in advance, or the finding that there is none."""
    task_id, on, item, tree = importer.task.id, producer.id, target.item, around.tree
    mirrored = importer.mirrored(tree)
    candidates = mirrorings(importer.writes.paths.literals, mirrored)
    prediction = predicted(path, candidates, tree, around.planned)
    exports = _promised(producer)
    listed = set(target.names)
    # `Pages.split` promises `Pages`, which has it, and `split`, which is in there.
    promised = {*exports, *(part for name in exports for part in name.split("."))}
    # What the producer promises outweighs a guess from a pattern that would have other names. It may name a default.
    as_promised = prediction is None or not exports or set(prediction[1]) <= {"default", *promised}
    if prediction is not None and as_promised and listed <= set(prediction[1]):
        mirroring, names = prediction
        return Contract(task_id, on, item.text, path, names, mirroring.mirrored, item.span)
    if exports and set(_used(target, path, exports)) <= promised:
        otherwise = prediction[1] if prediction is not None else ()
        return Contract(task_id, on, item.text, path, target.names or exports, None, item.span, otherwise)
    instead = _instead(_used(target, path, exports), prediction and prediction[1], exports, producer)
    if not instead and mirrored:
        instead = found_instead(mirrored, candidates, tree)
    return ImportFinding(task_id, item.text, item.span, on, instead, wanted=target.wanted.module)


def _used(target: Target, path: str, exports: Sequence[str]) -> tuple[str, ...]:
    """The names that an import takes from a file: those that it lists or, in Java, the type that the file is named for.

    Where the producer promises members alone, they are those of the type.
    """
    language = target.place.language
    if target.names or language is None or language.id not in _ONE_TYPE_A_FILE or path.endswith("/"):
        return target.names
    module = target.wanted.module
    kind = path.rpartition("/")[2].partition(".")[0] if "/" in module else module.rpartition(".")[2]
    types = {part for name in exports for part in name.split(".") if part[:1].isupper() and not part.isupper()}
    return (kind,) if types and kind not in types else ()


_ONE_TYPE_A_FILE = frozenset({"java"})
"""Languages that import types, each from the file of its name."""


def _instead(
    names: Sequence[str], predicted_names: Sequence[str] | None, exports: Sequence[str], producer: Task
) -> str:
    """Why the names that an import takes are not known in advance; empty where they are not the reason."""
    if exports:
        missing = _listed([name for name in names if name not in exports])
        return f"`{producer.id}` promises {_listed(exports)}, and not {missing}" if missing else ""
    if predicted_names is None:
        return ""
    missing = _listed([name for name in names if name not in predicted_names])
    shown = _listed(predicted_names) or "no name"
    return f"the pattern takes {shown} from there, and not {missing}" if missing else ""


def _listed(names: Sequence[str]) -> str:
    shown = [f"`{name}`" for name in names]
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)


def _span_in(producer: Footprint, folder: str) -> Span:
    """Where the plan says that a task writes something in a folder."""
    written = next((path for path in producer.writes.paths.literals if path.startswith(folder)), f"{folder}new")
    return producer.written_span(written)
