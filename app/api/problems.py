"""What went wrong, as a problem after RFC 9457: one sentence, no stack, nobody's secret."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

MEDIA_TYPE = "application/problem+json"

_REF = "#/components/schemas/Problem"


class Wrong(BaseModel):
    """One thing in a request that cannot be used."""

    where: str = Field(description="The part of the request, as `query.limit`.")
    what: str


class Problem(BaseModel):
    """Why a request was not answered as asked, after RFC 9457."""

    type: str = Field(default="about:blank", description="The status alone says what kind it is.")
    title: str = Field(description="The status in words.")
    status: int
    detail: str = Field(description="One sentence that says what to do.")
    errors: list[Wrong] = Field(default=[], description="What in the request cannot be used.")


def answer(
    status: int,
    detail: str,
    *,
    errors: Sequence[Wrong] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Make the answer that tells a problem."""
    title = HTTPStatus(status).phrase
    problem = Problem(title=title, status=status, detail=detail, errors=list(errors))
    content = problem.model_dump(exclude_defaults=True) | {"type": problem.type}
    return JSONResponse(content, status, headers, media_type=MEDIA_TYPE)


def wrong(errors: Sequence[Mapping[str, Any]]) -> list[Wrong]:
    """Say what in a request cannot be used, never what it was."""
    return [Wrong(where=".".join(map(str, e["loc"])), what=e["msg"]) for e in errors]


def told(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe, for the OpenAPI document, the problems that a route may answer with."""
    return {s: {"model": Problem, "description": HTTPStatus(s).phrase} for s in statuses}


def name_media_type(document: dict[str, Any]) -> dict[str, Any]:
    """Describe problems under their own media type: FastAPI knows one per route."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                for described in list(response.get("content", {}).values()):
                    if described.get("schema", {}).get("$ref") == _REF:
                        response["content"] = {MEDIA_TYPE: described}
    return document
