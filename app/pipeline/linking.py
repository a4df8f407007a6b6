"""Lists of connections on LinkedIn -> who of us knows whom; never how well.

Most rows of such a list have no address. Who has none is taken for the one contact of the same name
at an account of the same name, if there is exactly one; a name alone never is enough. The records
stay apart: only the link is read as theirs.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from sqlmodel import Session

from app.engine.topology.evidence import LINKEDIN, Links
from app.pipeline.identity import words
from app.store import identity, linked
from app.store.linked import Listed

Pair = tuple[int, int]
"""A colleague, and whom they are connected with."""

Called = tuple[str, str]
"""A name and a company, as far as spelling goes."""


def linking(session: Session) -> dict[Pair, date]:
    """Who of us is connected with whom, since when at the earliest; sorted."""
    every = linked.listed(session)
    namesakes = _namesakes(session, every)
    colleagues = _colleagues(session, every)
    found: dict[Pair, date] = {}
    for one in every:
        person = one.person
        if not one.has_address:
            person = namesakes.get(_called(one.name, one.company), person)
        for record, since in one.by.items():
            colleague = colleagues.get((one.connection_id, record))
            if colleague is not None and colleague != person:
                before = found.get((colleague, person), since)
                found[colleague, person] = min(before, since)
    return dict(sorted(found.items()))


def links(pairs: Mapping[Pair, date]) -> Links:
    """These pairs as edges of the network."""
    a, b = np.array(list(pairs), dtype=np.int64).reshape(-1, 2).T
    return Links(a, b, np.full(len(a), LINKEDIN, dtype=np.int64))


def rows(pairs: Mapping[Pair, date]) -> list[dict[str, Any]]:
    """These pairs as rows to keep."""
    return [
        {"colleague_id": colleague, "person_id": person, "since": since}
        for (colleague, person), since in pairs.items()
    ]


def _colleagues(session: Session, every: Sequence[Listed]) -> dict[linked.Key, int]:
    """The people behind the records whose lists they are."""
    by: dict[int, set[str]] = {}
    for one in every:
        by.setdefault(one.connection_id, set()).update(one.by)
    return {
        (connection_id, record): person
        for connection_id, records in by.items()
        for record, person in identity.of_profiles(session, connection_id, records).items()
    }


def _namesakes(session: Session, every: Sequence[Listed]) -> dict[Called, int]:
    """Whom a name and a company tell, of all that are on a list without an address."""
    unsaid = [
        one for one in every if one.company and len(words(one.name)) > 1 and not one.has_address
    ]
    sought = {_called(one.name, one.company) for one in unsaid}
    there: dict[Called, set[int]] = {}
    for company, name, person in linked.staff(session, {one.company for one in unsaid}):
        there.setdefault(_called(name, company), set()).add(person)
    return {
        called: next(iter(who))
        for called, who in there.items()
        if called in sought and len(who) == 1
    }


def _called(name: str, company: str) -> Called:
    return " ".join(sorted(words(name))), " ".join(words(company))
