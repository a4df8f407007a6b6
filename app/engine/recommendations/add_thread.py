"""Add a thread: an open deal that hangs on one live tie."""

from collections.abc import Iterator

from app.engine.calibre import calibre
from app.engine.company import Company, Deal
from app.engine.recommendations._candidates import has_owner, is_live, people
from app.engine.recommendations._rule import Advice
from app.engine.scores import Tie

TITLE, WORTH, AGAIN_DAYS = "Add a thread", 0.9, 30
DUE_DAYS = 14


def apply(company: Company) -> Iterator[Advice]:
    """Find open deals where one person alone has a live tie with us.

    Advised is the owner, or who has that tie where the owner is not here: to get to know another
    one on the deal, or at its account, whoever decides most by title; where nobody else is known,
    to ask the one. Priority is higher the fewer of those on the deal are known.
    """
    for deal in company.open_deals:
        ties = company.ties_around(deal)
        live = [tie for tie in ties if is_live(tie)]
        if len({tie.other for tie in live}) == 1:
            yield _advice(company, deal, live[0])


def _advice(company: Company, deal: Deal, thread: Tie) -> Advice:
    on_it = [one.person for one in deal.involved if one.person not in company.ours]
    missing = [person for person in on_it if person != thread.other]
    others = [person for person in company.around(deal) if person != thread.other]
    newcomer = _best(company, missing) or _best(company, others)
    if newcomer is None:
        objective, second = "Ask who else has a say.", "Ask who would stand in for them."
    else:
        objective, second = "Get to know this second person.", "Ask your contact to bring them in."
    without = f"{len(missing)} of {people(len(on_it))} on it" if on_it else "nobody named on it"
    lack = f"{without} have no live tie with us" if missing else "nobody else on it is known to us"
    return Advice(
        contact=newcomer or thread.other,
        colleague=(deal.owner or 0) if has_owner(company, deal) else thread.person,
        priority=(1 + len(missing)) / (2 + len(missing)),
        reason=(
            f"This open deal hangs on one live tie ({thread.points:.0f} of 100): {lack}. "
            "A second one keeps it going should that person leave."
        ),
        objective=objective,
        second=second,
        due_days=DUE_DAYS,
        evidence={"threads": 1, "on_the_deal": len(on_it), "without_tie": len(missing)},
        deal=deal.key,
    )


def _best(company: Company, found: list[int]) -> int | None:
    """Who decides most by title, of equals the first; None of none."""
    ranked = sorted(found, key=lambda one: -(calibre(company.titles.get(one)) or 0.0))
    return ranked[0] if ranked else None
