"""By what an address is left out: pure rules."""

import pytest

from app.errors import Unreadable
from app.pipeline.exclusions import SUGGESTED, Kind, LeftOut, Rule, Rules, Suggestion, normal

MATCHES = [
    (Kind.DOMAIN, "Acme.example", "a@acme.example"),
    (Kind.DOMAIN, "@acme.example", "a@mail.eu.acme.example"),
    (Kind.ADDRESS, "Anna.Smith@Gmail.com", "annasmith+x@googlemail.com"),
    (Kind.PATTERN, "hr-*", "hr-emea@acme.example"),
    (Kind.PATTERN, "legal@", "LEGAL+7@acme.example"),
    (Kind.FREEMAIL, "", "bo@gmx.de"),
    (Kind.COLLEAGUE, "ada@ours.example", "ada@ours.example"),
]


@pytest.mark.parametrize(("kind", "typed", "address"), MATCHES)
def test_a_rule_leaves_out(kind: Kind, typed: str, address: str):
    assert Rules([normal(kind, typed)]).of(address) is LeftOut.PERSON


MISSES = [
    (Kind.DOMAIN, "acme.example", "a@notacme.example"),
    (Kind.DOMAIN, "acme.example", "acme.example@other.example"),
    (Kind.ADDRESS, "a@acme.example", "b@acme.example"),
    (Kind.PATTERN, "hr", "chris@hr.example"),
    (Kind.PATTERN, "hr", "hrubesch@acme.example"),
    (Kind.FREEMAIL, "", "bo@acme.example"),
]


@pytest.mark.parametrize(("kind", "typed", "address"), MISSES)
def test_a_rule_leaves_alone(kind: Kind, typed: str, address: str):
    assert Rules([normal(kind, typed)]).of(address) is LeftOut.NOTHING


NO_RULES = [
    (Kind.DOMAIN, "com"),
    (Kind.DOMAIN, "a@b.example"),
    (Kind.ADDRESS, "anna"),
    (Kind.PATTERN, "*"),
    (Kind.PATTERN, "a@b"),
    (Kind.COLLEAGUE, ""),
]


@pytest.mark.parametrize(("kind", "typed"), NO_RULES)
def test_what_is_no_rule_is_refused(kind: Kind, typed: str):
    with pytest.raises(Unreadable):
        normal(kind, typed)


def test_a_rule_that_takes_the_activity_outdoes_one_that_does_not():
    rules = Rules([Rule(Kind.PATTERN, "hr"), Rule(Kind.DOMAIN, "acme.example", True)])  # noqa: FBT003 - the third of three
    assert rules.of("hr@acme.example") is LeftOut.ACTIVITY
    assert rules.of("hr@other.example") is LeftOut.PERSON


@pytest.mark.parametrize("one", SUGGESTED, ids=lambda one: one.value)
def test_what_is_suggested_stands_as_it_would_be_typed(one: Suggestion):
    assert normal(one.kind, one.value).value == one.value


def test_free_mail_is_suggested_and_off():
    assert [one.kind for one in SUGGESTED if not one.is_on] == [Kind.FREEMAIL]
