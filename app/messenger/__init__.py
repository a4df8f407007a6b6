"""Telling others what happened, by signed requests after the Standard Webhooks specification.

Read `addresses` (where anything may be sent), `signing`, `sending` (one attempt), `subscribing`
(who is told) and `working` (the thread that does it). What is told is decided by `pipeline.notify`
and kept by `store.events`. A subscriber is told everything at least once, and in no certain order.

A request goes to the very address that was checked: names are resolved once for each attempt. So a
name that leads elsewhere a moment later leads nowhere. Nothing is sent through a proxy that the
environment names, because then the proxy would choose the address.
"""

from app.messenger.sending import Sender
from app.messenger.subscribing import Made, Subscriptions, Wish
from app.messenger.working import Messenger

__all__ = ["Made", "Messenger", "Sender", "Subscriptions", "Wish"]
