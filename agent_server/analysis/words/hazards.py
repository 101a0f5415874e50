"""Output dependencies that no path shows: a task that uses a name which another task creates, or that says so.

What is inferred from words is a guess, so it is held to these rules:

- A task that uses a name comes after the task that creates it, if that one stands before it in the plan, or if nothing
  in the workspace defines the name yet: then there is nothing else that could be meant.
- A name that the workspace defines already is a reason to wait only for a task before it that changes how the name is
  used; and whoever removes or renames it comes after those before it that use it.
- A name in a module (`store.Open`) is that of a task which writes the module and creates the name, however plain it
  is, or which alone writes a new package of Go: nothing else can be meant there.
- An event or an error is made by whoever sends it, unless a task declares it; and what nobody creates, by whoever
  first says what it does.
- Several tasks that create the same name say nothing to one another; but who implements what a task before it declares
  comes after that one.
- Tests may be written before what they test.
- No guess makes a cycle, and none contradicts what the author has put in order. The surest ones come first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

from agent_server.analysis.footprints import Footprint
from agent_server.analysis.memory import Recall, do
from agent_server.analysis.model import Contract, Deed, Dependency, HazardKind
from agent_server.analysis.questions import Definers
from agent_server.analysis.scheduling.acyclic import without_cycles
from agent_server.analysis.scheduling.precedence import PlanOrder
from agent_server.analysis.tree import Tree
from agent_server.analysis.words.members import members
from agent_server.analysis.words.phrases import phrase_key
from agent_server.analysis.words.symbol_words import Role
from agent_server.analysis.words.symbols import is_felt, is_renamed
from agent_server.analysis.words.task_references import TaskNames
from agent_server.analysis.words.task_words import Part, Said, TaskWords, reference_span
from agent_server.plan.model import Task
from agent_server.plan.text import Span

_SURE = 0.5
"""A guess below this is not made."""

_SURE_AGAINST_PLAN = 0.75
"""A guess below this does not send a task behind one that stands after it in the plan: most authors list in order."""

_SURE_AGAINST_WAVE = 0.85
"""A guess below this does not contradict an author who has put both tasks into one wave."""

_CONCERNING = frozenset({Role.CREATES, Role.CHANGES, Role.EMITS, Role.DESCRIBES, Role.REMOVES})
"""What a task does with a name that may concern others who say it."""

_MOST_CREATORS = 3
"""A name that more tasks than this create is no name of one thing."""


def inferred(  # noqa: PLR0913, PLR0917  # the tasks, and what is known of them already
    footprints: Sequence[Footprint],
    tasks: Sequence[Task],
    tree: Tree,
    order: PlanOrder,
    certain: Iterable[Dependency],
    contracts: Iterable[Contract],
    recall: Recall = do,
) -> Iterator[Dependency]:
    """What tasks wait for by their words, each pair once, the surest reason first.

    `footprints` are the open tasks in the plan's order, `tasks` all of them; `order` is the author's. `certain` are the
    dependencies that are known without guessing. A name that a contract covers need not be waited for. `recall`
    remembers who says what, which an edit mostly leaves as it is.
    """
    words = {each.task.id: each.words for each in footprints}
    running = {each.task.id: each.task for each in footprints}
    speaking = recall("speaking", _speaking, _waves(order), tuple(words.values()))
    called = tuple([(task.id, task.title) for task in tasks])
    names = recall("names", lambda _: TaskNames(tasks), called)
    guesses = [*_by_reference(running, words, names), *_by_name(running, speaking, tree), *_by_member(footprints, tree)]
    if not guesses:
        return
    covered = {(contract.task, contract.producer) for contract in contracts}
    open_ones = (
        guess
        for guess in guesses
        if _is_open_question(guess, order) and not (guess.said and (guess.task, guess.on) in covered)
    )
    for guess in without_cycles(open_ones, [(each.task, each.on) for each in certain], order.places):
        yield _dependency(guess, running)


@dataclass(frozen=True, slots=True)
class _Guess:
    """`task` comes after `on`. For a name, `said` is where the one uses it and `made` where the other makes it.

    `path` is the file of the other that the name is in, where that does not say that it makes it.
    """

    task: str
    on: str
    confidence: float
    because: str
    span: Span
    said: Said | None = None
    made: Said | None = None
    path: str = ""


def _waves(order: PlanOrder) -> tuple[tuple[str, int | None], ...]:
    """The tasks with their waves, as far as these say anything else than the order in which the tasks stand."""
    numbers = [*order.waves.values()]
    if all(one is not None and other is not None and one <= other for one, other in pairwise(numbers)):
        return tuple([(task, None) for task in order.waves])
    return tuple(order.waves.items())


def _is_open_question(guess: _Guess, order: PlanOrder) -> bool:
    """Whether the author has left the order of the two tasks open."""
    wave = order.waves[guess.task]
    together = wave is not None and wave == order.waves[guess.on]
    if together and guess.confidence < _SURE_AGAINST_WAVE:
        return False
    return not (order.needs.orders(guess.task, guess.on) or order.fixed_after(guess.on, guess.task))


def _by_reference(running: Mapping[str, Task], words: Mapping[str, TaskWords], names: TaskNames) -> Iterator[_Guess]:
    met: set[str] = set()
    for task in running.values():
        for reference, part in words[task.id].references:
            on = names.meant(reference, task)
            is_open = on is not None and on != task.id and on in running
            if on is not None and is_open and (reference.confidence >= _SURE_AGAINST_PLAN or on in met):
                span = reference_span(reference, part, task)
                yield _Guess(task.id, on, reference.confidence, f"\u201c{reference.sentence}\u201d", span)
        met.add(task.id)


@dataclass(frozen=True, slots=True)
class _Speaker:
    """A task that says a name, as far as it matters for that name: its words, and its wave."""

    task: str
    words: TaskWords
    wave: int | None

    def roles(self, name: str) -> Mapping[Role, Said]:
        """What it does with a name, spelled or in plain words."""
        roles = self.words.names.get(name)
        return {Role.USES: self.words.phrases[phrase_key(name)]} if roles is None else roles


@dataclass(frozen=True, slots=True)
class _Wait:
    """`user` waits for `maker`, which makes what it uses, or uses what it removes. How sure that is, and the places."""

    user: str
    maker: str
    confidence: float
    use: Said
    made: Said


def _by_name(running: Mapping[str, Task], spoken: Mapping[str, tuple[_Speaker, ...]], tree: Tree) -> Iterator[_Guess]:
    for name, speaking in spoken.items():
        if len(speaking) > 1 and not all(_CONCERNING.isdisjoint(each.roles(name)) for each in speaking):
            for wait in _waits(name, speaking, _is_defined(name, tree)):
                span, because = wait.use.span(running[wait.user]), _because(name, wait)
                yield _Guess(wait.user, wait.maker, wait.confidence, because, span, wait.use, wait.made)


def _speaking(
    waves: Sequence[tuple[str, int | None]], words: Sequence[TaskWords]
) -> Mapping[str, tuple[_Speaker, ...]]:
    """The names, with the tasks that say them in the plan's order, spelled or in plain words."""
    called: dict[str, set[str]] = {}
    for key, name in chain.from_iterable([each.made.items() for each in words]):
        called.setdefault(key, set()).add(name)
    found: dict[str, list[_Speaker]] = {}
    for (task, wave), said in zip(waves, words, strict=True):
        speaker = _Speaker(task, said, wave)
        meant = (name for key in said.phrases for name in sorted(called.get(key, ())) if name not in said.names)
        for name in chain(said.names, meant):
            found.setdefault(name, []).append(speaker)
    return {name: tuple(speaking) for name, speaking in found.items()}


def _by_member(footprints: Sequence[Footprint], tree: Tree) -> Iterator[_Guess]:
    for found in members(footprints, tree):
        user, maker, use, made = found.user.task, found.maker.task, found.use, found.made
        sentence = f"\u201c{use.symbol.sentence}\u201d"
        path, name = (found.path, "") if made is None else ("", made.symbol.name)
        because = f"{sentence}, and `{maker.id}` {_deed(made)} `{path or name}`"
        yield _Guess(user.id, maker.id, found.confidence, because, use.span(user), use, made, path)


@lru_cache(maxsize=16384)
def _waits(name: str, speaking: tuple[_Speaker, ...], defined: bool | None) -> tuple[_Wait, ...]:
    """Who waits for whom because of a name. `defined`: the workspace has the name; None if nobody knows."""
    made = _made_waits(name, speaking, defined)
    return (*made, *_removals(name, speaking)) if defined else tuple(made)


def _made_waits(name: str, speaking: Sequence[_Speaker], defined: bool | None) -> Iterator[_Wait]:
    """Who waits for those that make a name, or change it."""
    creators = _makers(name, speaking)
    if len(creators) > _MOST_CREATORS:
        return
    changers = [each for each in speaking if each not in creators and _change(each, name) is not None]
    changing = [*changers, *(each for each in creators if (made := _creation(each, name)) and made.is_declared)]
    for user in speaking:
        use = None if user in creators else _use(user, name)
        if use is None:
            continue
        if defined:
            makers = [each for each in changing if each is not user and _stands_before(each, user, speaking)]
        else:
            makers = _creators_of(user, use, name, creators, speaking, anywhere=defined is not None)
        found = ((each, _making(each, name) or _implicit(each, name)) for each in makers)
        yield from _sure_waits(user, use, found)


def _makers(name: str, speaking: Sequence[_Speaker]) -> list[_Speaker]:
    """The tasks that create a name; else the first with a file called so, those that send it, or who describes it.

    Who implements what another one declares does not create it.
    """
    made = [(each, said) for each in speaking if (said := _creation(each, name)) is not None]
    spelled = [(each, said) for each, said in made if said.part is not Part.FILES] or made[:1]
    declaring = [each for each, said in spelled if not said.symbol.fulfils] or [each for each, _ in spelled]
    sending = [each for each in speaking if Role.EMITS in each.roles(name) and not each.words.tests]
    describing = [each for each in speaking[:1] if Role.DESCRIBES in each.roles(name) and not each.words.tests]
    return declaring or sending or describing


def _implicit(speaker: _Speaker, name: str) -> Said | None:
    """How a task makes a name that it does not say to create."""
    return speaker.roles(name).get(Role.EMITS) or speaker.roles(name).get(Role.DESCRIBES)


def _removals(name: str, speaking: Sequence[_Speaker]) -> Iterator[_Wait]:
    """Whoever removes a name waits for those before it that do something with it."""
    for remover in speaking:
        removal = _removal(remover, name)
        if removal is not None:
            before = [each for each in speaking if each is not remover and _stands_before(each, remover, speaking)]
            yield from _sure_waits(remover, removal, ((each, _use(each, name)) for each in before))


def _sure_waits(user: _Speaker, use: Said, makers: Iterable[tuple[_Speaker, Said | None]]) -> Iterator[_Wait]:
    for maker, made in makers:
        confidence = made.symbol.confidence * use.symbol.confidence if made is not None else 0.0
        if made is not None and confidence >= _SURE:
            yield _Wait(user.task, maker.task, confidence, use, made)


def _creators_of(  # noqa: PLR0913  # a name, who says it, and what is known of it
    user: _Speaker, use: Said, name: str, creators: Sequence[_Speaker], speaking: Sequence[_Speaker], *, anywhere: bool
) -> list[_Speaker]:
    """The creator that a task means: the last one before it, else the first one after it."""
    before = [each for each in creators if _stands_before(each, user, speaking)]
    if before:
        return before[-1:]
    if not anywhere or user.words.tests or use.symbol.role is not Role.USES:
        return []
    made = [(each, _creation(each, name)) for each in creators]
    named = [(each, said) for each, said in made if said is not None and (said.is_declared or said.symbol.named)]
    return [each for each, said in named if said.symbol.confidence * use.symbol.confidence >= _SURE_AGAINST_PLAN][:1]


def _stands_before(one: _Speaker, other: _Speaker, speaking: Sequence[_Speaker]) -> bool:
    """Whether a task stands before another one: in an earlier fixed wave, else earlier in the plan."""
    if one.wave is not None and other.wave is not None and one.wave != other.wave:
        return one.wave < other.wave
    return speaking.index(one) < speaking.index(other)


def _making(speaker: _Speaker, name: str) -> Said | None:
    """How a task makes a name, or changes it so that its users feel it."""
    return _creation(speaker, name) or _change(speaker, name)


def _creation(speaker: _Speaker, name: str) -> Said | None:
    made = speaker.roles(name).get(Role.CREATES)
    if made is None or made.symbol.confidence < _SURE:
        return None
    if not made.is_declared and speaker.words.tests and "test" not in name.lower():
        return None
    return made if made.symbol.distinctive or made.symbol.named else None


def _change(speaker: _Speaker, name: str) -> Said | None:
    """A change of a thing that its users feel."""
    made = speaker.roles(name).get(Role.CHANGES)
    if made is None or made.symbol.confidence < _SURE:
        return None
    return made if is_felt(made.symbol) else None


def _removal(speaker: _Speaker, name: str) -> Said | None:
    """How a task takes a name away: it is gone, or called something else."""
    roles = speaker.roles(name)
    renamed = roles.get(Role.CHANGES)
    return renamed if renamed is not None and is_renamed(renamed.symbol) else roles.get(Role.REMOVES)


def _use(speaker: _Speaker, name: str) -> Said | None:
    """The surest use of a name by a task that does not make it; if nothing else, that it is mentioned."""
    roles = speaker.roles(name)
    found = [said for role in _USES if (said := roles.get(role)) is not None]
    made, mentioned = roles.get(Role.CREATES), roles.get(Role.MENTIONS)
    if made is not None and made.symbol.fulfils:
        found.append(made)
    if mentioned is not None and mentioned.symbol.distinctive and Role.CITES not in roles:
        found.append(mentioned)
    return max(found, key=lambda said: said.symbol.confidence, default=None)


_USES = (Role.USES, Role.CHANGES, Role.EMITS, Role.DESCRIBES)


def _is_defined(name: str, tree: Tree) -> bool | None:
    """Whether the workspace defines a name; None where nobody knows. Addresses and flags are no language's names."""
    definers = tree.answers.files(Definers(name)) if name.isidentifier() else None
    return None if definers is None else bool(definers)


def _because(name: str, wait: _Wait) -> str:
    return f"\u201c{wait.use.symbol.sentence}\u201d, and `{wait.maker}` {_deed(wait.made)} `{name}`"


def _deed(made: Said | None) -> Deed:
    """What a task does with a name; of one that does not say it, all that is known is the file that it writes."""
    if made is None:
        return Deed.WRITES
    return Deed.EXPORTS if made.is_declared else _DEEDS.get(made.symbol.role, Deed.USES)


_DEEDS = {
    Role.CREATES: Deed.CREATES,
    Role.CHANGES: Deed.CHANGES,
    Role.EMITS: Deed.SENDS,
    Role.DESCRIBES: Deed.DESCRIBES,
}


def _dependency(guess: _Guess, running: Mapping[str, Task]) -> Dependency:
    made = guess.made
    return Dependency(
        kind=HazardKind.OUTPUT_DEPENDENCY,
        task=guess.task,
        on=guess.on,
        path=guess.path,
        span=guess.span,
        on_span=running[guess.on].id_span if made is None else made.span(running[guess.on]),
        because=guess.because,
        name="" if made is None else made.symbol.name,
        does=_deed(made) if made is not None or guess.path else None,
        confidence=guess.confidence,
    )
