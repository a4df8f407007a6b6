"""Ask for an introduction: to somebody on an open deal, by whoever knows them and its owner."""

from collections.abc import Iterator

from app.engine.asking import Ask, carries
from app.engine.company import Company, Deal
from app.engine.recommendations._candidates import days, has_owner, is_live
from app.engine.recommendations._rule import Advice
from app.engine.routes import Route, best_introduction
from app.engine.weights import DAY_S

TITLE, WORTH, AGAIN_DAYS = "Ask for an introduction", 0.8, 30
DUE_DAYS = 7


def apply(company: Company) -> Iterator[Advice]:
    """Find, for each open deal, the best introduction of its owner to somebody it is about.

    That is somebody with whom the owner has no live tie, or a weak one. Priority is the chance of
    the route. Where its weakest leg does not carry an introduction, the introducer is asked for
    information first, and where it does not carry that, nobody is asked.
    """
    for deal in company.open_deals:
        route = _best(company, deal) if has_owner(company, deal) else None
        if route is not None and carries(route.weakest.probability, Ask.INFORMATION):
            yield _advice(company, deal, route)


def _best(company: Company, deal: Deal) -> Route | None:
    owner = deal.owner or 0
    strangers = [p for p in company.around(deal) if not _knows(company, owner, p)]
    routes = (best_introduction(company.scores, owner, person) for person in strangers)
    return max(filter(None, routes), key=lambda one: one.probability, default=None)


def _knows(company: Company, owner: int, person: int) -> bool:
    tie = company.scores.between(owner, person)
    return tie is not None and is_live(tie) and tie.points >= company.scores.cuts[1]


def _advice(company: Company, deal: Deal, route: Route) -> Advice:
    last = route.legs[-1]
    points, ago = round(last.points or 0), (company.scores.as_of_s - (last.last_s or 0)) // DAY_S
    on_it = any(one.person == route.target for one in deal.involved)
    where = "is on an open deal of yours" if on_it else "works at the account of an open deal"
    own = "no tie with them" if route.direct is None else "a weak tie or a silent one"
    if carries(route.weakest.probability, Ask.INTRODUCTION):
        step = "enough to ask for an introduction."
        objective, second = "Be introduced.", "Ask the introducer about them."
    else:
        step = "too little for an introduction, so ask for information first."
        objective, second = "Ask the introducer about them.", "Learn who else knows them."
    return Advice(
        contact=route.target,
        colleague=deal.owner or 0,
        priority=route.probability,
        reason=(
            f"This contact {where} and you have {own}. Somebody who knows both of you "
            f"has a tie of {points} of 100, last in touch {days(ago)} ago: {step}"
        ),
        objective=objective,
        second=second,
        due_days=DUE_DAYS,
        evidence={
            "introducer": route.introducer,
            "points": points,
            "chance_percent": round(100 * route.probability),
        },
        deal=deal.key,
    )
