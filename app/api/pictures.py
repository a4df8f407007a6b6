"""Pictures of ties as SVG, and the same in words."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from app.api.deps import AtlasDep, Id, SessionDep
from app.api.problems import told
from app.pictures import Scene, account_picture, paint, person_picture

router = APIRouter(tags=["network"])

InPage = Annotated[
    bool, Query(description="To be put into a page: without title, ground and style element.")
]


class Svg(Response):
    """A picture; whoever opens it by itself gets nothing but what is in it."""

    media_type = "image/svg+xml"

    def __init__(self, content: str = "", status_code: int = 200) -> None:
        rule = "default-src 'none'; style-src 'unsafe-inline'"
        super().__init__(content, status_code, {"Content-Security-Policy": rule})


class PictureRow(BaseModel):
    """One tie that is shown."""

    one: str = Field(description="Our colleague's name, where one of the two is ours.")
    other: str
    kind: str
    strength: int = Field(ge=0, le=100)
    last_days: int = Field(description="Days since the last contact.")
    bridge: str = Field(description="What it is the bridge to; empty if it is none.")


class Picture(BaseModel):
    """What a picture shows, in words: the table that stands for it, the strongest ties first."""

    title: str
    summary: str
    ties: list[PictureRow]


_SVG: dict[str, Any] = {"response_class": Svg, "responses": told(404)}


@router.get("/people/{person_id}/picture.svg", operation_id="drawPerson", **_SVG)
async def draw_person(
    person_id: Id, session: SessionDep, atlas: AtlasDep, *, in_page: InPage = False
) -> Svg:
    """Draw whom a person knows, and who of those knows whom."""
    chart = await atlas.chart(session)
    return Svg(paint(person_picture(session, chart.scores, person_id), is_whole=not in_page))


@router.get("/accounts/{account_id}/picture.svg", operation_id="drawAccount", **_SVG)
async def draw_account(
    account_id: Id, session: SessionDep, atlas: AtlasDep, *, in_page: InPage = False
) -> Svg:
    """Draw who of ours knows whom at an account."""
    chart = await atlas.chart(session)
    return Svg(paint(account_picture(session, chart.scores, account_id), is_whole=not in_page))


@router.get(
    "/people/{person_id}/picture", operation_id="describePersonPicture", responses=told(404)
)
async def describe_person(person_id: Id, session: SessionDep, atlas: AtlasDep) -> Picture:
    """Tell in words what the picture of a person shows."""
    chart = await atlas.chart(session)
    return _in_words(person_picture(session, chart.scores, person_id))


@router.get(
    "/accounts/{account_id}/picture", operation_id="describeAccountPicture", responses=told(404)
)
async def describe_account(account_id: Id, session: SessionDep, atlas: AtlasDep) -> Picture:
    """Tell in words what the picture of an account shows."""
    chart = await atlas.chart(session)
    return _in_words(account_picture(session, chart.scores, account_id))


def _in_words(scene: Scene) -> Picture:
    return Picture(
        title=scene.title,
        summary=scene.summary,
        ties=[
            PictureRow(
                one=row.one,
                other=row.other,
                kind=row.kind,
                strength=row.strength,
                last_days=row.last_days,
                bridge=row.bridge,
            )
            for row in scene.rows
        ],
    )
