"""Which model a task needs, by its complexity.

- *Creative or wide*: much to compose, something to design, many files, folders or modules, long instructions, a rework
  of several files, or new ground → `capable`.
- *Copy and adapt*: it mirrors a pattern, or is told to do as its neighbours do, writes one or two files, and its
  instructions are short; or it asks for something mechanical → `fast`.
- Everything else is ordinary work → `default`.

The first reason that fits is the one that the user reads.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent_server.analysis.estimates.kinship import alike
from agent_server.analysis.estimates.prices import price_of
from agent_server.analysis.estimates.work_words import Wording, wording
from agent_server.analysis.footprints import Footprint
from agent_server.analysis.inputs import Surroundings
from agent_server.analysis.model import Access, ImportFinding, ModelChoice, Source
from agent_server.analysis.settings import AnalysisSettings, Tier
from agent_server.analysis.tree import Tree

FEW_FILES = 2
"""Files that a copy-and-adapt task writes at most."""

SHORT = 150
"""Words of instructions up to which a task is short."""

LONG = 600
"""Words of instructions from which a task is long."""

MANY_FILES = 8
MANY_FOLDERS = 4
MANY_MODULES = 8
"""How many files, folders or imported modules make a task wide."""

MANY_REWORKED = 3
"""Beyond so many files a rework is wide."""

NEW_GROUND = 4
"""So many new files, with nothing of their kind beside any of them, are new ground."""

ENOUGH_ALIKE = 3
"""So many files of a kind make a pattern."""

_TIERS: Mapping[str, Tier] = {tier.value: tier for tier in Tier}
_AUTO = "auto"
_GIVEN = frozenset({Source.DECLARED, Source.NAMED, Source.OBSERVED})


@dataclass(frozen=True, slots=True)
class Complexity:
    """The tier that a task's work asks for, and the reason in words for the user, as a clause."""

    tier: Tier
    because: str


def choose_model(
    footprint: Footprint,
    around: Surroundings,
    settings: AnalysisSettings,
    tree: Tree,
    unpredicted: ImportFinding | None = None,
) -> ModelChoice:
    """The model for a task: what the task pins, else what the plan pins, else what its complexity asks for.

    `unpredicted` is an import of the task that the pattern which it mirrors does not tell.
    """
    asked = complexity(footprint, tree, unpredicted)
    task = footprint.task
    pin, who = (task.model, "the task") if task.model is not None else (around.settings.model, "the plan")
    if pin is None or pin.text.lower() == _AUTO:
        return ModelChoice(asked.tier, settings.models[asked.tier], asked.because, asked.tier)
    because = f"{who} asks for `{pin.text}`; {asked.because}"
    tier = _TIERS.get(pin.text.lower())
    if tier is None:
        return ModelChoice(tier_of(pin.text, settings) or asked.tier, pin.text, because, asked.tier)
    return ModelChoice(tier, settings.models[tier], because, asked.tier)


def tier_of(model: str, settings: AnalysisSettings) -> Tier | None:
    """The tier that a model id stands for: by the settings' `models`, else by the table of prices."""
    price = price_of(model, settings.prices)
    chosen = (tier for tier, known in settings.models.items() if known == model)
    return next(chosen, price.tier if price else None)


def complexity(footprint: Footprint, tree: Tree, unpredicted: ImportFinding | None = None) -> Complexity:
    """How complex a task is, by what it writes, mirrors and imports, and by what it is told."""
    words = wording(footprint.task.title, footprint.task.instructions)
    work = _Work(footprint, tuple(_given(footprint)), words, tree)
    for tier, reasons in ((Tier.CAPABLE, _hard(work)), (Tier.FAST, _easy(work, unpredicted))):
        because = next(reasons, "")
        if because:
            return Complexity(tier, because)
    return Complexity(Tier.DEFAULT, _ordinary(work, unpredicted))


@dataclass(frozen=True, slots=True)
class _Work:
    """A task's work. `entries` are the files that the author gave it: what follows from those makes it no harder."""

    footprint: Footprint
    entries: tuple[Access, ...]
    words: Wording
    tree: Tree

    @property
    def files(self) -> int:
        return len(self.entries)

    @property
    def is_small(self) -> bool:
        """Whether it is known to be one or two files, in few words."""
        return self.files <= FEW_FILES and not self.footprint.writes.unknown and self.words.words <= SHORT

    @property
    def new(self) -> tuple[str, ...]:
        """The files that it creates, as far as they are spelled out."""
        return tuple(entry.path for entry in self.entries if not entry.exists and "*" not in entry.path)


def _given(footprint: Footprint) -> Iterator[Access]:
    return (entry for entry in footprint.writes.entries if entry.source in _GIVEN)


def _hard(work: _Work) -> Iterator[str]:
    """What makes a task creative or wide, strongest reason first."""
    words, mirrors = work.words, work.footprint.task.mirrors
    if words.composes:
        yield words.composes
    if words.creative and not mirrors:
        yield words.creative
    if work.files > MANY_FILES:
        yield f"it writes {_count(work.files, 'file')}"
    folders = {entry.path.rpartition("/")[0] for entry in work.entries}
    if len(folders) > MANY_FOLDERS:
        yield f"it writes in {_count(len(folders), 'folder')}"
    if words.words > LONG:
        yield f"its instructions run to {words.words} words"
    if words.reworks and work.files > MANY_REWORKED:
        yield f"{words.reworks}, across {work.files} files"
    modules = len({item.text for item in work.footprint.task.imports})
    if modules > MANY_MODULES:
        yield f"it brings {modules} modules together"
    if not mirrors and len(work.new) >= NEW_GROUND and not any(alike(path, work.tree) for path in work.new):
        yield f"nothing like its {len(work.new)} new files is there to go by"


def _easy(work: _Work, unpredicted: ImportFinding | None) -> Iterator[str]:
    """What makes a task one for a fast model, strongest reason first."""
    mirrors, words = work.footprint.task.mirrors, work.words
    if not work.is_small or unpredicted is not None:
        return
    if mirrors:
        yield f"it mirrors `{mirrors[0].text}` and writes {_count(work.files, 'file')}"
    if words.mechanical and work.entries and not work.new:
        yield f"{words.mechanical}, in {_count(work.files, 'file')}"
    beside = min((alike(path, work.tree) for path in work.new), default=0)
    if words.alike and beside >= ENOUGH_ALIKE:
        yield f"it is to do as {beside} files of its kind do, in {_count(work.files, 'file')}"


def _ordinary(work: _Work, unpredicted: ImportFinding | None) -> str:
    mirrors = work.footprint.task.mirrors
    if work.footprint.writes.unknown:
        return "nothing tells which files it writes"
    if not mirrors:
        return f"it writes {_count(work.files, 'file')} without a pattern to copy"
    if work.files > FEW_FILES:
        return f"it writes {_count(work.files, 'file')} after a pattern"
    if unpredicted is not None:
        return f"`{mirrors[0].text}` does not tell how to import `{unpredicted.module}`"
    return f"its instructions run to {work.words.words} words"


def _count(number: int, noun: str) -> str:
    words = {0: "no", 1: "one", 2: "two"}
    return f"{words.get(number, number)} {noun}{'' if number == 1 else 's'}"
