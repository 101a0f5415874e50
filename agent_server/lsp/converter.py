"""How messages become the types of lsprotocol and back: one converter, for all connections and threads."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar, get_args, get_type_hints

import attrs
import cattrs
from lsprotocol import converters

T = TypeVar("T")


class MessageConverter:
    """What cattrs does for messages, before it has learnt their types and after.

    cattrs learns a type where it first meets it: 80 ms for those of `initialize`. It looks types up in a registry of
    `functools.singledispatch`, which must not grow meanwhile, or `bool` is an unknown type. So a second converter
    learns, and takes over once it has learnt everything.
    """

    def __init__(self) -> None:
        self._asked = converters.get_converter()

    def structure(self, plain: Any, kind: type[T]) -> T:
        """What JSON says, as a type; raises what cattrs raises where it does not fit."""
        return self._asked.structure(plain, kind)

    def unstructure(self, value: Any) -> Any:
        """A value as JSON says it."""
        return self._asked.unstructure(value)

    def learn_types(self, functions: Iterable[Callable[..., Any]]) -> None:
        """Learn all types that these functions take and give, so that no client waits for it.

        May run in a thread while others convert.
        """
        learner = converters.get_converter()
        taken, given = set[Any](), set[Any]()
        for function in functions:
            for name, kind in get_type_hints(function).items():
                if name == "return":
                    _learn(kind, partial(_learn_to_write, learner), given)
                else:
                    _learn(kind, partial(_learn_to_read, learner), taken)
        self._asked = learner


converter = MessageConverter()


# A hook that was only made is kept in a cache that cattrs empties whenever it makes another; so each is registered.


def _learn_to_read(learner: cattrs.Converter, kind: type) -> None:
    learner.register_structure_hook(kind, learner.get_structure_hook(kind))


def _learn_to_write(learner: cattrs.Converter, kind: type) -> None:
    learner.register_unstructure_hook(kind, learner.get_unstructure_hook(kind))


def _learn(kind: Any, learn: Callable[[type], None], known: set[Any]) -> None:
    """Learn a type, and those of its fields."""
    parts = get_args(kind)
    if attrs.has(kind) and kind not in known:
        known.add(kind)
        parts = tuple(get_type_hints(kind).values())
        learn(kind)
    for part in parts:
        _learn(part, learn, known)
