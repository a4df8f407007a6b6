"""The ways to connect a CRM: what its admin does there first, and what they enter here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Way:
    """One way to connect a CRM, as its admin is shown it.

    Attributes:
        name: By which it is asked for.
        title: What people call it.
        about: When to take it, in a sentence.
        steps: What to do in the CRM beforehand, in order, a sentence or two each.
        asked: The fields of the module's `Credentials` that have to be entered.
        also: Those that may be.
    """

    name: str
    title: str
    about: str
    steps: tuple[str, ...]
    asked: tuple[str, ...]
    also: tuple[str, ...] = ()
