"""What a rule is, and where the rules are found."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, cast

from app.engine.company import Company, DealKey

LONGEST_REASON = 255
"""Characters of a reason at most: what a text field of a CRM holds."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing a colleague might do about a contact.

    Attributes:
        contact: Whom it is about, a person number.
        colleague: Who should act, a person number.
        priority: 0 to 1, comparable within one rule, and the same whatever else is found.
        reason: One sentence in plain words, without names, at most 255 characters.
        objective: What to be after, a short plain sentence: "Hear from them".
        second: What to settle for where that is not to be had.
        due_days: Until when to do it, in days from the moment of the scores.
        evidence: The numbers that the reason follows from, by name.
        deal: What it is to help with, if it is one deal.
    """

    contact: int
    colleague: int
    priority: float
    reason: str
    objective: str
    second: str
    due_days: int
    evidence: Mapping[str, int] = field(default_factory=dict)
    deal: DealKey | None = None


class Rule(Protocol):
    """What a module of this package gives.

    Attributes:
        TITLE: What people call the advice.
        WORTH: What its advice counts beside that of other rules, 0 to 1.
        AGAIN_DAYS: How long the same advice is not given again.
    """

    TITLE: str
    WORTH: float
    AGAIN_DAYS: int

    def apply(self, company: Company) -> Iterator[Advice]:
        """Find what to do; about each thing once, in an order that is always the same."""


def names() -> tuple[str, ...]:
    """The rules there are, by module name, in alphabetical order."""
    package = importlib.import_module("app.engine.recommendations")
    found = (module.name for module in pkgutil.iter_modules(package.__path__))
    return tuple(sorted(name for name in found if not name.startswith("_")))


def rule(name: str) -> Rule:
    """Load a rule.

    Raises:
        KeyError: If there is no such rule.
    """
    if name not in names():
        raise KeyError(name)
    return cast("Rule", importlib.import_module(f"app.engine.recommendations.{name}"))
