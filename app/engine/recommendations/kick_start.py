"""Kick-start: somebody who decides about an open deal, and whom none of us has ever met."""

from collections.abc import Iterator

from app.engine.calibre import HEADS, calibre
from app.engine.company import Company, Deal
from app.engine.recommendations._candidates import has_owner
from app.engine.recommendations._rule import Advice
from app.engine.routes import best_introduction

TITLE, WORTH, AGAIN_DAYS = "Make first contact", 0.6, 90
DUE_DAYS = 14


def apply(company: Company) -> Iterator[Advice]:
    """Find, for each open deal, who heads something there, has no tie with us and no introducer.

    One for each deal, the highest calibre first; who is on the deal before who is at its account.
    Priority is the calibre.
    """
    for deal in company.open_deals:
        found = _stranger(company, deal) if has_owner(company, deal) else None
        if found is not None:
            yield _advice(company, deal, found)


def _stranger(company: Company, deal: Deal) -> int | None:
    people = company.around(deal)
    ranked = sorted(people, key=lambda one: -(calibre(company.titles.get(one)) or 0.0))
    for person in ranked:
        if (calibre(company.titles.get(person)) or 0.0) < HEADS:
            return None
        if not company.ties_with(person) and not _has_introducer(company, deal, person):
            return person
    return None


def _has_introducer(company: Company, deal: Deal, person: int) -> bool:
    return best_introduction(company.scores, deal.owner or 0, person) is not None


def _advice(company: Company, deal: Deal, person: int) -> Advice:
    worth = calibre(company.titles.get(person)) or 0.0
    on_it = any(one.person == person for one in deal.involved)
    where = "on this open deal" if on_it else "at the account of this open deal"
    return Advice(
        contact=person,
        colleague=deal.owner or 0,
        priority=worth,
        reason=(
            f"By title somebody who decides {where}, and no contact with any of us is on record; "
            "nobody we know could introduce you, so the first step is yours."
        ),
        objective="Get a first answer.",
        second="Learn who is the right person.",
        due_days=DUE_DAYS,
        evidence={"calibre_percent": round(100 * worth), "ties": 0, "introducers": 0},
        deal=deal.key,
    )
