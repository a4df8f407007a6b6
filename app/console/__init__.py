"""The console: what an admin sets up and watches, as pages drawn on the server.

Read `deps` (who asks, and what they may), `pages` (how a page is drawn and what it may do in a
browser), then a view: one file for one part of the site, with its templates beside. A view asks the
store and the rooms above it, never a stage; what it changes it does by a form that is sent with
POST and answered with a redirect. Everything works without the script, which only makes times local
and numbers live.
"""

from fastapi import APIRouter

from app.console import (
    accounts,
    connect,
    connection,
    doors,
    erasures,
    fields,
    health,
    lists,
    me,
    objections,
    overrides,
    people,
    privacy,
    runs,
    scoring,
    set_up,
    subscribers,
    team,
    tie,
    timetable,
    trail,
    webhooks,
)

OPEN: tuple[APIRouter, ...] = (doors.router,)
"""What is shown to somebody who has not signed in."""

PAGES: tuple[APIRouter, ...] = (
    health.router,
    connect.router,
    set_up.router,
    timetable.router,
    webhooks.router,
    fields.router,
    connection.router,
    runs.router,
    people.router,
    tie.router,
    accounts.router,
    lists.router,
    team.router,
    subscribers.router,
    trail.router,
    scoring.router,
    overrides.router,
    privacy.router,
    objections.router,
    erasures.router,
    me.router,
)
"""Everything else; each route says which role it needs."""

PREFIX = "/console"
