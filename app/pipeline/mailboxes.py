"""What an address tells by itself: whose it can be, and whether anybody reads or writes there."""

from enum import StrEnum

_FREEMAIL_WORDS = """
126.com 163.com aim.com aol.com att.net bellsouth.net bigpond.com bluewin.ch btinternet.com
comcast.net cox.net duck.com earthlink.net fastmail.com free.fr freenet.de gmail.com gmx.at
gmx.ch gmx.com gmx.de gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de
hotmail.fr hotmail.it hushmail.com icloud.com inbox.com laposte.net libero.it live.co.uk
live.com live.de live.fr mac.com mail.com mail.ru me.com msn.com naver.com ntlworld.com o2.pl
orange.fr outlook.com outlook.de outlook.fr pm.me proton.me protonmail.com qq.com rambler.ru
rediffmail.com rocketmail.com sbcglobal.net seznam.cz sfr.fr sky.com t-online.de talktalk.net
tutanota.com uol.com.br verizon.net virgilio.it wanadoo.fr web.de wp.pl yahoo.ca yahoo.co.in
yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.br yahoo.de yahoo.es yahoo.fr yahoo.it yandex.ru
ymail.com zoho.com
"""
FREEMAIL = frozenset(_FREEMAIL_WORDS.split())
"""Domains at which anybody can have an address: they are nobody's company."""

_DOTS_MEAN_NOTHING = frozenset({"gmail.com", "googlemail.com"})

_MACHINES_WORDS = """
alert alerts automated autoreply bounce bounces calendar-notification daemon do-not-reply
donotreply invitations mailer mailer-daemon mailerdaemon no-reply no_reply noreply notification
notifications notify postmaster reply-to root system unsubscribe
"""
_MACHINES = frozenset(_MACHINES_WORDS.split())
_LISTS_WORDS = """
all all-hands all-staff all.hands allhands allstaff announce announcements everybody everyone
list lists mailing newsletter newsletters news staff team updates
"""
_LISTS = frozenset(_LISTS_WORDS.split())
_SHARED_WORDS = """
abuse accounting accounts admin administration ap ar billing booking bookings bureau careers
contact contacto customer-service customercare customerservice desk enquiries enquiry events
feedback finance front-desk frontdesk hello help helpdesk hi hr info information inquiries
invoice invoices it jobs kontakt legal mail marketing media office operations orders payroll
post press privacy procurement purchasing reception recruiting sales security service services
support webmaster welcome
"""
_SHARED = frozenset(_SHARED_WORDS.split())


class Mailbox(StrEnum):
    """Who is behind an address; `PERSON` unless the address says otherwise."""

    PERSON = ""
    SHARED = "shared"
    LIST = "list"
    MACHINE = "machine"


def canonical(address: str) -> str:
    """Give one spelling for all those that lead to the same mailbox: of case, tags and dots."""
    local, _, domain = address.strip().lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTS_MEAN_NOTHING:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def spellings(address: str) -> list[tuple[str, str]]:
    """How all spellings of an address begin, "" for in any way, and at which domain each ends."""
    local, _, domain = canonical(address).rpartition("@")
    if domain in _DOTS_MEAN_NOTHING:
        return [("", one) for one in sorted(_DOTS_MEAN_NOTHING)]
    return [(local, domain)]


def mailbox(address: str) -> Mailbox:
    """Tell by its first part who is behind an address."""
    local = canonical(address).partition("@")[0]
    plain = local.strip("0123456789._-")
    if plain in _MACHINES or any(word in local for word in ("noreply", "no-reply", "donotreply")):
        return Mailbox.MACHINE
    if plain in _LISTS or local.endswith(("-list", "-announce", "-all", "-request", "-bounces")):
        return Mailbox.LIST
    return Mailbox.SHARED if plain in _SHARED else Mailbox.PERSON


def company_domain(address: str) -> str | None:
    """Give the domain of an address, if it is some company's own."""
    domain = address.lower().rpartition("@")[2]
    return None if not domain or domain in FREEMAIL else domain
