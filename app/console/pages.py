"""How a page is drawn: the templates, what they may use, and what a browser is told of it."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from app.console import words
from app.errors import AppError
from app.security import Role

P = ParamSpec("P")

HERE = Path(__file__).parent
STATIC = HERE / "static"

NOTICE, ZONE = "tieline_notice", "tieline_zone"
"""Cookies: a sentence for the next page, and the time zone that the script found."""

LONGEST_NOTICE = 500

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""No page holds a script or a style of its own, and none is shown inside another site."""


def page(request: Request, template: str, /, *, status: int = 200, **shown: object) -> HTMLResponse:
    """Draw a page.

    Args:
        request: Whose visitor, path and time zone the page knows.
        template: Its file in ``templates/``.
        status: Of the answer.
        shown: What the template calls by name.
    """
    notice = unquote(request.cookies.get(NOTICE, ""))[:LONGEST_NOTICE]
    around = {
        "request": request,
        "visitor": getattr(request.state, "visitor", None),
        "path": request.url.path,
        "notice": notice[1:],
        "is_problem": notice.startswith("!"),
        "problem": "",
        "zone": zone_of(request),
        "now": datetime.now(UTC),
    }
    answer = HTMLResponse(_templates.get_template(template).render(around | shown), status, HEADERS)
    if notice:
        answer.delete_cookie(NOTICE)
    return answer


def go(to: str, said: str = "", *, is_problem: bool = False) -> RedirectResponse:
    """Answer a form: the page `to` is shown next, with a sentence at its top.

    Args:
        to: A path of ours.
        said: The sentence; plain text.
        is_problem: Whether it tells what went wrong.
    """
    answer = RedirectResponse(to, 303, HEADERS)
    if said:
        text = quote(("!" if is_problem else " ") + said)
        answer.set_cookie(NOTICE, text, max_age=60, httponly=True, samesite="lax")
    return answer


def back_to(here: str) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Have a form whose wish is refused answered with the page it is on, and the reason."""

    def kept(form: Callable[P, Response]) -> Callable[P, Response]:
        @wraps(form)
        def answered(*given: P.args, **named: P.kwargs) -> Response:
            try:
                return form(*given, **named)
            except AppError as error:
                return go(here, str(error), is_problem=True)

        return answered

    return kept


def failure(request: Request, status: int, detail: str) -> Response:
    """Draw the page that says why there is none, and where to go on."""
    return page(request, "failure.html", status=status, code=status, detail=detail)


def asset(name: str) -> str:
    """The address of a file in ``static/``, which changes when the file does."""
    return f"/console/static/{name}?{_mark(name)}"


def _mark(name: str) -> str:
    if name not in _marks:
        _marks[name] = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return _marks[name]


_marks: dict[str, str] = {}


def zone_of(request: Request) -> ZoneInfo:
    """The visitor's time zone, which the script tells with a cookie; UTC before that."""
    try:
        return ZoneInfo(unquote(request.cookies.get(ZONE, "UTC"))[:60])
    except (KeyError, ValueError, OSError):  # no such zone, or no name of one
        return ZoneInfo("UTC")


@pass_context
def _moment(context: Context, at: datetime | None, *, form: str = "long") -> str:
    """A time in the visitor's zone: whole, `short`, or how long `ago`; with the whole as a tip."""
    if at is None:
        return words.NONE
    local = at.astimezone(context["zone"])
    name = "UTC" if str(context["zone"]) == "UTC" else local.tzname()
    whole = f"{local:%Y-%m-%d %H:%M} {name}"
    shown = {"ago": words.ago(at, context["now"]), "short": f"{local:%d %b %H:%M}"}.get(form, whole)
    return Markup('<time datetime="{}" data-form="{}" title="{}">{}</time>').format(
        at.astimezone(UTC).isoformat(timespec="seconds"), form, whole, shown
    )


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., Any]] = {
        "moment": _moment,
        "number": words.number,
        "percent": words.percent,
        "share": words.share,
        "many": words.many,
        "lasting": words.lasting,
    }
    made.filters.update(filters)
    made.globals.update(asset=asset, Role=Role)
    return made


_templates = _environment()
