"""Results that a handler has encoded itself, where it can do better than to make LSP's types and have them encoded."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Encoded(Generic[Result]):
    """The JSON of a `Result`."""

    json: bytes
