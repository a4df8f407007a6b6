"""What a picture says in words: notes beside names, and what there is to see."""

from collections.abc import Sequence

from app.engine import Tie
from app.pictures.scene import Dot, Known, Line

LEAST_POINTS = 2
"""Ties below this are shown only where a tie of ours is at stake: a tie gone quiet is news."""

YEAR_DAYS, MONTH_DAYS = 365, 30


def name_of(known: Known, person: int) -> str:
    """What somebody is called, if only by number."""
    return known.names.get(person) or f"Person {person}"


def standing(tie: Tie) -> str:
    """How strong a tie is, or how long it has been silent, or both."""
    strength = f"{tie.band} {round(tie.points)}" if tie.points >= LEAST_POINTS else ""
    silence = "" if tie.status == "active" else f"silent {_for_long(tie.silence_days)}"
    return ", ".join(filter(None, [strength, silence])) or "hardly any contact"


def _for_long(days: float) -> str:
    if days < 2 * MONTH_DAYS:
        return f"{days:.0f} days"
    if days < 2 * YEAR_DAYS:
        return f"{days / MONTH_DAYS:.0f} months"
    return f"{days / YEAR_DAYS:.0f} years"


def ego_summary(
    known: Known, person: int, around: int, spokes: Sequence[Line], among: Sequence[Line]
) -> str:
    """What there is to see around a person."""
    name = name_of(known, person)
    if not spokes:
        return f"{name} has no tie with anybody."
    best = max(spokes, key=lambda line: (line.points, -line.a, -line.b))
    friend = best.b if best.a == person else best.a
    told = [f"{name} has ties with {_count(around, 'person', 'people')}"]
    if around > len(spokes):
        told[0] += f", of whom {len(spokes)} are shown"
    if best.points >= LEAST_POINTS:
        told.append(f"The strongest is with {name_of(known, friend)} ({best.points} of 100)")
    else:
        told.append("All have gone quiet")
    told.append(f"Among each other these people have {_count(len(among), 'tie', 'ties')}")
    bridges = [line.bridge for line in spokes if line.bridge]
    if bridges:
        told.append(f"Bridges lead to {'; '.join(dict.fromkeys(bridges))}")
    return ". ".join(told) + "."


def account_summary(
    account: str,
    members: int,
    there: Sequence[Dot],
    across: Sequence[Line],
    beside: Sequence[Line],
) -> str:
    """What there is to see of an account."""
    told = [f"At {account} there {'is' if members == 1 else 'are'} "]
    told[0] += _count(members, "person", "people")
    if members > len(there):
        told[0] += f", of whom {len(there)} are shown"
    reached = sum(dot.is_reached for dot in there)
    told.append(f"Our colleagues know {reached or 'none'} of them")
    if across:
        told[-1] += f", by {_count(len(across), 'tie', 'ties')}"
    if beside:
        told.append(f"Dashed or dotted: {_count(len(beside), 'tie', 'ties')} on one side")
    return ". ".join(told) + "."


def _count(number: int, one: str, several: str) -> str:
    return f"{number or 'no'} {one if number == 1 else several}"
