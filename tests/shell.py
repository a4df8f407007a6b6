"""Tieline on the command line, as a shell runs it; the fixture `tieline` gives it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Answer]
