"""What somebody who explores may see: all of it, or what the CRMs show them."""

from collections.abc import Collection
from typing import Protocol

from sqlmodel import Session


class Sight(Protocol):
    """What one visitor may see."""

    @property
    def is_whole(self) -> bool:
        """Whether that is everything."""

    @property
    def colleague_id(self) -> int | None:
        """Which colleague they are, if they are one."""

    def people(self, session: Session, ids: Collection[int]) -> set[int]:
        """Those of these people whom the visitor may see."""

    def accounts(self, session: Session, ids: Collection[int]) -> set[int]:
        """Those of these accounts that the visitor may see."""


class Everything:
    """The sight of those who look after Tieline."""

    is_whole = True
    colleague_id: int | None = None

    def people(self, session: Session, ids: Collection[int]) -> set[int]:  # noqa: ARG002 - a Sight
        """All of them."""
        return set(ids)

    def accounts(self, session: Session, ids: Collection[int]) -> set[int]:  # noqa: ARG002 - a Sight
        """All of them."""
        return set(ids)


EVERYTHING: Sight = Everything()
