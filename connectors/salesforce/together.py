"""Several lookups in as few calls as Salesforce allows."""

from collections.abc import Iterator, Sequence

from connectors._errors import (
    AuthenticationFailed,
    ConnectorError,
    Misconfigured,
    PermissionMissing,
    RateLimited,
    TryLater,
)
from connectors.salesforce.client import Client, Found, Question
from connectors.salesforce.refusals import is_heavy

MOST_PARTS, MOST_QUERIES = 25, 5
"""Of one composite call, which counts as one whatever is in it."""


class Together:
    """Asks by composite calls; one by one where the org does not let us, which is remembered.

    Attributes:
        is_allowed: Whether composite calls are made.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self.is_allowed = True

    def ask(self, questions: Sequence[Question]) -> list[Found | ConnectorError]:
        """Look up several things, in their order, five queries to a call.

        Returns:
            For each, what it was answered with, or what it was refused with.

        Raises:
            ConnectorError: If Salesforce refuses us as a whole.
        """
        found: list[Found | ConnectorError] = []
        for share in shares(questions):
            found += self._ask(share)
        for one in found:
            if isinstance(one, AuthenticationFailed | RateLimited):
                raise one
        return found

    def ask_alone(self, question: Question) -> Found | ConnectorError:
        """Look up one thing.

        Raises:
            ConnectorError: If Salesforce refuses us as a whole.
        """
        try:
            return self._client.get(question)
        except AuthenticationFailed:
            raise
        except TryLater as error:
            if not is_heavy(error):
                raise
            return error
        except ConnectorError as error:
            return error

    def _ask(self, share: Sequence[Question]) -> list[Found | ConnectorError]:
        if self.is_allowed and len(share) > 1:
            try:
                return self._client.get_together(share)
            except AuthenticationFailed:
                raise
            except (Misconfigured, PermissionMissing):
                self.is_allowed = False
        return [self.ask_alone(question) for question in share]


def shares(questions: Sequence[Question]) -> Iterator[Sequence[Question]]:
    """Share questions out to calls."""
    share: list[Question] = []
    for question in questions:
        queries = sum(1 for one in share if one.soql)
        if len(share) >= MOST_PARTS or (question.soql and queries >= MOST_QUERIES):
            yield share
            share = []
        share.append(question)
    if share:
        yield share
