"""How a stage tells whoever started it how far it is."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is.

    Attributes:
        stage: pull, resolve, score or write back.
        about: What is being worked on, for a person.
        done: Things done so far.
        total: How many there are in all; None while nobody knows.
    """

    stage: str
    about: str
    done: int
    total: int | None = None


class Interrupted(Exception):
    """Raised by whoever watches: the stage must not go on. What it has committed stays."""


Watch = Callable[[Progress], None]


def unwatched(_: Progress) -> None:
    """Tell nobody."""
