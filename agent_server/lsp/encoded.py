"""Results that a handler has encoded itself, where it can do better than to make LSP's types and have them encoded."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Encoded(Generic[Result]):
    """The JSON of a `Result`. `is_news`: it says something that the client has not said that it knows."""

    json: bytes
    is_news: bool = True
