"""What the rules recommend."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from app.api.deps import LARGEST_ID, Limit, SessionDep
from app.store import lookups, scores
from app.store.cards import CardAdvice

router = APIRouter(tags=["recommendations"])

ColleagueQuery = Annotated[
    int | None, Query(ge=1, le=LARGEST_ID, description="Only what this colleague should do.")
]


class Recommendations(BaseModel):
    """What the rules recommend, the most pressing first."""

    items: list[CardAdvice]


@router.get("/recommendations", operation_id="listRecommendations")
async def list_recommendations(
    session: SessionDep, colleague: ColleagueQuery = None, limit: Limit = 100
) -> Recommendations:
    """List what the rules recommend."""
    found = scores.advice(session, limit=limit, colleague_id=colleague)
    who = lookups.named(session, {i for row in found for i in (row.colleague_id, row.contact_id)})
    return Recommendations(
        items=[
            CardAdvice(
                rule=row.rule,
                colleague=who[row.colleague_id],
                contact=who[row.contact_id],
                priority=row.priority,
                reason=row.reason,
                objective=row.objective,
                second_objective=row.second_objective,
                due_on=row.due_on,
                evidence=row.evidence,
            )
            for row in found
            if {row.colleague_id, row.contact_id} <= who.keys()
        ]
    )
