"""Who is left out by the rules of a list: by an address alone, and purely.

A rule is a domain with all below it, an address in any spelling, a pattern of the part before the
@, all addresses of free-mail providers, or a colleague by their address. Rules only ever add: none
takes back what another leaves out, so a colleague's own list cannot weaken the company's.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import translate
from functools import cached_property

from app.errors import Unreadable
from app.pipeline.mailboxes import FREEMAIL, canonical, spellings

_DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)+")
_ADDRESS = re.compile(r"[^@\s\"]+@[\w-]+(\.[\w-]+)+")
_PATTERN = re.compile(r"[\w.+*-]*\w[\w.+*-]*")


class Kind(StrEnum):
    """By what a rule knows whom it leaves out."""

    DOMAIN = "domain"
    ADDRESS = "address"
    PATTERN = "pattern"
    FREEMAIL = "freemail"
    COLLEAGUE = "colleague"


class LeftOut(StrEnum):
    """What is left out: nobody, the person, or with them whatever they took part in."""

    NOTHING = ""
    PERSON = "person"
    ACTIVITY = "activity"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a list, as `normal` gives it."""

    kind: Kind
    value: str
    takes_activity: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A rule that stands on the company's list from the beginning."""

    value: str
    reason: str
    kind: Kind = Kind.PATTERN
    takes_activity: bool = False
    is_on: bool = True


_WORDS = (
    ("Human resources.", False, "hr hr-* hr.* human-resources humanresources personalabteilung"),
    ("Legal and compliance.", False, "legal legal-* recht rechtsabteilung compliance dpo privacy"),
    ("Legal and compliance.", False, "datenschutz ombuds* whistleblow*"),
    ("The works council.", True, "betriebsrat* personalrat* works-council* workscouncil*"),
    ("Medical.", True, "betriebsarzt* werksarzt* medical occupational-health*"),
    ("A union.", True, "union gewerkschaft* syndicat*"),
    ("The press office.", False, "press press-* presse pressestelle media-relations"),
)

SUGGESTED = (
    *(Suggestion(v, why, takes_activity=all_) for why, all_, some in _WORDS for v in some.split()),
    # Many a customer of a small company writes from there: leaving them out is a decision.
    Suggestion("", "Addresses at free-mail providers.", Kind.FREEMAIL, is_on=False),
)


def normal(kind: Kind, value: str, *, takes_activity: bool = False) -> Rule:
    """Make a rule of what somebody typed.

    Raises:
        Unreadable: If it is none, or would leave everybody out.
    """
    plain = value.strip().lower()
    if kind is Kind.FREEMAIL:
        return Rule(kind, "", takes_activity)
    if kind is Kind.DOMAIN:
        plain = plain.removeprefix("@").removeprefix("*.")
        return Rule(kind, _checked(_DOMAIN, plain, "a domain like example.com"), takes_activity)
    if kind is Kind.PATTERN:
        plain = plain.removesuffix("@")
        wanted = "what stands before the @, like hr or legal-*"
        return Rule(kind, _checked(_PATTERN, plain, wanted), takes_activity)
    checked = _checked(_ADDRESS, plain, "an address like name@example.com")
    return Rule(kind, canonical(checked), takes_activity)


def spelled(rule: Rule) -> list[tuple[str, str]]:
    """How all addresses begin and end that a rule is about; "" for in any way."""
    if rule.kind is Kind.DOMAIN:
        return [("", rule.value)]
    if rule.kind is Kind.PATTERN:
        return [(rule.value.partition("*")[0], "")]
    return [("", "")] if rule.kind is Kind.FREEMAIL else spellings(rule.value)


def _checked(shape: re.Pattern[str], plain: str, wanted: str) -> str:
    if not shape.fullmatch(plain):
        raise Unreadable(f"Give {wanted}.")
    return plain


@dataclass
class Rules:
    """All rules of a list together; answers about an address are remembered.

    Args:
        rules: Those that hold.
    """

    rules: Iterable[Rule]
    _known: dict[str, LeftOut] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rules = tuple(self.rules)

    def __bool__(self) -> bool:
        return bool(self.rules)

    def of(self, address: str) -> LeftOut:
        """What is left out for one address."""
        found = self._known.get(address)
        if found is None:
            found = self._known[address] = self._look(address)
        return found

    def of_any(self, addresses: Iterable[str]) -> LeftOut:
        """What is left out for somebody who has all of these addresses."""
        found = {self.of(address) for address in addresses}
        return next((one for one in (LeftOut.ACTIVITY, LeftOut.PERSON) if one in found), _NOTHING)

    def _look(self, address: str) -> LeftOut:
        plain = canonical(address)
        local, _, domain = address.strip().lower().rpartition("@")
        if not domain:
            return _NOTHING
        keys: set[tuple[Kind, str]] = {(Kind.ADDRESS, plain), (Kind.COLLEAGUE, plain)}
        parts = domain.split(".")
        keys |= {(Kind.DOMAIN, ".".join(parts[n:])) for n in range(len(parts))}
        if domain in FREEMAIL:
            keys.add((Kind.FREEMAIL, ""))
        before = local.partition("+")[0] or local
        takes = {self._exact[key] for key in keys & self._exact.keys()}
        takes |= {takes_it for shape, takes_it in self._patterns if shape.match(before)}
        if not takes:
            return _NOTHING
        return LeftOut.ACTIVITY if True in takes else LeftOut.PERSON

    @cached_property
    def _exact(self) -> dict[tuple[Kind, str], bool]:
        found: dict[tuple[Kind, str], bool] = {}
        for rule in self.rules:
            key = (rule.kind, rule.value)
            found[key] = found.get(key, False) or rule.takes_activity
        return found

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], bool]]:
        return [
            (re.compile(translate(rule.value)), rule.takes_activity)
            for rule in self.rules
            if rule.kind is Kind.PATTERN
        ]


_NOTHING = LeftOut.NOTHING
