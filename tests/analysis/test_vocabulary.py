"""What tasks speak of in common, version after version."""

from hypothesis import given
from hypothesis import strategies as st

from agent_server.analysis.columns import Column
from agent_server.analysis.words.vocabulary import Shared, Spoken, Vocabulary

NAMES = st.lists(st.sampled_from(("Open", "load", "ClayBadge", "GlassBadge")), unique=True, max_size=3).map(tuple)
KEYS = st.lists(st.sampled_from(("claybadge", "glassbadge")), unique=True, max_size=2).map(tuple)
MADE = st.dictionaries(
    st.sampled_from(("claybadge", "glassbadge")), st.sampled_from(("ClayBadge", "GlassBadge")), max_size=2
).map(lambda made: tuple(made.items()))
SPOKEN = st.builds(Spoken, NAMES, NAMES, KEYS, MADE)
VERSIONS = st.lists(st.dictionaries(st.sampled_from("abcd"), SPOKEN), min_size=1, max_size=5)


def shared(vocabulary: Vocabulary, **spoken: Spoken) -> dict[str, Shared]:
    rows = {task: row for row, task in enumerate(spoken)}
    return dict(vocabulary.shared(Column(rows, [*spoken.values()])))


@given(VERSIONS)
def test_what_is_shared_follows_from_what_is_spoken_now(versions: list[dict[str, Spoken]]) -> None:
    vocabulary = Vocabulary()
    for spoken in versions:
        assert shared(vocabulary, **spoken) == shared(Vocabulary(), **spoken)


@given(VERSIONS)
def test_columns_that_follow_one_another_are_told_apart(versions: list[dict[str, Spoken]]) -> None:
    vocabulary = Vocabulary()
    first = versions[0]
    column = Column({task: row for row, task in enumerate(first)}, [*first.values()])
    for spoken in versions:
        column = column.replaced({column.rows[task]: each for task, each in spoken.items() if task in first})
        assert dict(vocabulary.shared(column)) == shared(Vocabulary(), **dict(column))


def test_a_name_is_shared_by_the_tasks_that_say_it() -> None:
    found = shared(Vocabulary(), a=Spoken(names=("load", "save")), b=Spoken(names=("load",)))
    assert found == {"a": Shared(names=("load",)), "b": Shared(names=("load",))}


def test_who_speaks_of_a_name_in_a_module_speaks_of_the_name() -> None:
    found = shared(Vocabulary(), a=Spoken(names=("Open",)), b=Spoken(names=("store.Open",), members=("Open",)))
    assert found == {"a": Shared(names=("Open",)), "b": Shared()}


def test_plain_words_are_shared_with_who_makes_what_they_mean() -> None:
    maker = Spoken(names=("ClayBadge",), made=(("claybadge", "ClayBadge"),))
    found = shared(Vocabulary(), a=maker, b=Spoken(phrases=("claybadge", "list")))
    assert found == {"a": Shared(names=("ClayBadge",), made=("claybadge",)), "b": Shared(phrases=("claybadge",))}
