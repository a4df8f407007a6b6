"""Deals: what there is to do at a stage, and whether we have the network for it.

Finding prospects asks for many ties into different corners, closing for strong ones that pull
together: each of the four selling tasks has a fit of its own, 0 to 100.

Source:
    Ustuner & Godes, Better Sales Networks, Harvard Business Review 84 (2006), 7/8: that the tasks
    ask for different networks. The formulas are ours (`docs/model.md`).
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import prod
from types import MappingProxyType
from typing import Final


class Task(StrEnum):
    """What there is to do in a stage of a deal, in the order in which it is done."""

    FIND = "find prospects"
    GAIN = "gain buy-in"
    CREATE = "create solutions"
    CLOSE = "close"


class Risk(StrEnum):
    """How much hangs on one person.

    High: one live tie or none. Low: two, or all of them through one of us. None: anything else.
    """

    NONE = "none"
    LOW = "low"
    HIGH = "high"


_STAGE_WORDS: Final = (
    (Task.CLOSE, "negotiat contract closing commit verbal legal signature order won"),
    (Task.CREATE, "proposal propose solution quote demo presentation pilot trial poc evaluat"),
    (Task.GAIN, "discover need analysis perception decision buy-in buy-ins bought value interest"),
    (Task.FIND, "prospect qualif lead new appointment identif outreach target"),
)
"""Beginnings of words that tell a stage's task; the first line of which one is found counts."""

_STAGES: Final = tuple(
    (task, re.compile("|".join(rf"\b{re.escape(word)}" for word in words.split())))
    for task, words in _STAGE_WORDS
)

ASKS_FOR: Final = MappingProxyType(
    {
        Task.FIND: ("reach",),
        Task.GAIN: ("reach", "coverage"),
        Task.CREATE: ("team", "coverage"),
        Task.CLOSE: ("depth", "coverage"),
    }
)
"""What the fit of a task is the mean of."""

_LACKS: Final = MappingProxyType(
    {
        "reach": "more ties into the company: weak ones will do",
        "team": "more of us who know somebody there",
        "depth": "a strong tie with somebody who decides",
        "coverage": "ties with the others on the deal",
    }
)
WILL_DO = 0.5
"""A part of a fit below this is told to be missing."""

WIDE, FEW = 3, 2
"""Live ties, and colleagues with one, of which more adds nothing to a fit; how many are few."""

UNKNOWN_CALIBRE = 0.5
"""Stands for the calibre of somebody whose title tells none, where a mean needs one."""


@dataclass(frozen=True, slots=True)
class Link:
    """A tie of one of us with somebody on a deal, or at its account.

    Attributes:
        points: Strength as shown, 0 to 100.
        alive: Chance of contact both ways within 90 days, 0 to 1.
        is_known: At least weak.
        is_live: That, and neither off the radar nor dormant.
    """

    colleague: int
    contact: int
    points: float
    alive: float
    is_known: bool
    is_live: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """How a deal stands by its ties.

    Attributes:
        threads: How many people have a live tie with one of us.
        strongest: The strongest tie, None where there is none.
        coverage: Share of those on the deal with whom one of us has at least a weak tie, live or
            not; None where nobody is on the deal.
        calibre: The highest of those on the deal with a live tie, None if no title tells one.
        fit: 0 to 100, how far the ties are what the task asks for.
        lacks: What network is missing, in words; "" where nothing is.
    """

    task: Task
    threads: int
    risk: Risk
    strongest: Link | None
    coverage: float | None
    calibre: float | None
    fit: int
    lacks: str


def task_of(
    stage: str, order: Sequence[str] = (), chosen: Mapping[str, Task] | None = None
) -> Task:
    """What there is to do in a stage: what an admin said, or by its name, or by its place.

    Args:
        stage: In the CRM's own words.
        order: The open stages, the first one first, as `stage_order` tells.
        chosen: What an admin has said of a stage.
    """
    if chosen and stage in chosen:
        return chosen[stage]
    lowered = stage.lower()
    for task, words in _STAGES:
        if words.search(lowered):
            return task
    place = order.index(stage) / len(order) if stage in order else 0.0
    return list(Task)[int(place * len(Task))]


def stage_order(
    histories: Iterable[Sequence[str]], closed: Collection[str] = ()
) -> tuple[str, ...]:
    """The stages of a pipeline by their mean place in the histories of deals.

    Args:
        histories: The stages that each deal came into, the oldest first.
        closed: Stages in which a deal is won or lost: they are left out.
    """
    places: dict[str, list[int]] = {}
    for history in histories:
        for place, stage in enumerate(history):
            places.setdefault(stage, []).append(place)
    mean = {stage: sum(p) / len(p) for stage, p in places.items() if stage not in closed}
    return tuple(sorted(mean, key=lambda stage: (mean[stage], stage)))


def picture(
    task: Task,
    links: Sequence[Link],
    *,
    involved: Collection[int],
    calibres: Mapping[int, float],
) -> Picture:
    """See how a deal stands.

    Args:
        task: What there is to do.
        links: Ties of us with people on the deal or at its account, in any order.
        involved: The people on the deal.
        calibres: What is known of people's calibre, 0 to 1.
    """
    live = sorted((one for one in links if one.is_live), key=lambda one: (-one.points, one.contact))
    threads = {one.contact for one in live}
    known = {one.contact for one in links if one.is_known} & set(involved)
    coverage = len(known) / len(set(involved)) if involved else None
    parts = _parts(live, coverage, calibres)
    asked = {name: parts[name] for name in ASKS_FOR[task]}
    least = min(asked, key=lambda name: asked[name])
    return Picture(
        task=task,
        threads=len(threads),
        risk=risk_of(live),
        strongest=max(links, key=lambda one: (one.points, -one.contact), default=None),
        coverage=coverage,
        calibre=max((calibres[p] for p in threads & set(calibres)), default=None),
        fit=round(100 * sum(asked.values()) / len(asked)),
        lacks=_LACKS[least] if asked[least] < WILL_DO else "",
    )


def risk_of(live: Collection[Link]) -> Risk:
    """How much hangs on one person, by the live ties."""
    threads, ours = {one.contact for one in live}, {one.colleague for one in live}
    if len(threads) <= 1:
        return Risk.HIGH
    return Risk.LOW if len(threads) <= FEW or len(ours) == 1 else Risk.NONE


def _parts(
    live: Sequence[Link], coverage: float | None, calibres: Mapping[int, float]
) -> dict[str, float]:
    """What fits are made of, each 0 to 1."""
    best: dict[int, float] = {}
    for one in live:
        best[one.contact] = max(best.get(one.contact, 0.0), one.alive)
    worth = [calibres.get(one.contact, UNKNOWN_CALIBRE) * one.points / 100 for one in live]
    return {
        "reach": (1 - prod(1 - alive for alive in best.values())) * min(len(best) / WIDE, 1),
        "team": min(len({one.colleague for one in live}) / WIDE, 1),
        "depth": max(worth, default=0.0),
        "coverage": coverage or 0.0,
    }
