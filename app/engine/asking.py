"""How much may be asked of a tie: the greater the request, the more alive the tie must be."""

from enum import Enum


class Ask(Enum):
    """What can be asked of somebody; its value is the least chance that the tie is alive."""

    INFORMATION = 0.15
    REFERRAL = 0.35
    INTRODUCTION = 0.50
    COLLABORATION = 0.70


def carries(alive: float, ask: Ask) -> bool:
    """Whether a tie that is alive with this chance carries a request of this size."""
    return alive >= ask.value


def most(alive: float) -> Ask | None:
    """The greatest request that a tie carries; None where it carries none."""
    return max((a for a in Ask if carries(alive, a)), key=lambda a: a.value, default=None)
