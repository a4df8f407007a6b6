"""A statement's words, taken one by one: what every rule of the grammar is written in."""

from collections.abc import Callable
from typing import TypeVar

from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.tokens import Token, malformed, tokens

T = TypeVar("T")

DEEPEST = 20
"""Levels of parentheses that are followed; Salesforce has a limit of its own."""


class Words:
    """The words of a statement, and which of them is next."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokens(text)
        self._next = 0
        self._depth = 0

    def ahead(self, count: int) -> list[str]:
        """Give the next words in lower case."""
        return [token.text.lower() for token in self._tokens[self._next : self._next + count]]

    def skip(self, count: int = 1) -> None:
        """Pass over words; back, if fewer than none."""
        self._next += count

    def many(self, rule: Callable[[], T]) -> tuple[T, ...]:
        """Read things that commas part."""
        found = [rule()]
        while self.accept(","):
            found.append(rule())
        return tuple(found)

    def nested(self, rule: Callable[[], T]) -> T:
        """Read what stands in parentheses.

        Raises:
            Refusal: MALFORMED_QUERY, if they are too deep.
        """
        self._depth += 1
        if self._depth > DEEPEST:
            raise self.unexpected()
        inner = rule()
        self._depth -= 1
        return inner

    def peek(self) -> Token:
        """Give the next word."""
        return self._tokens[self._next]

    def is_next(self, word: str) -> bool:
        """Tell whether the next word is this one; it is not taken."""
        token = self.peek()
        return token.kind in {"name", "symbol"} and token.text.lower() == word

    def is_call(self, name: str) -> bool:
        """Tell whether the next word is this one, and a parenthesis follows."""
        return self.is_next(name) and self._tokens[self._next + 1].text == "("

    def take(self, kind: str) -> Token:
        """Take the next word.

        Raises:
            Refusal: MALFORMED_QUERY, if it is not of this kind.
        """
        token = self.peek()
        if token.kind != kind:
            raise self.unexpected()
        self._next += 1
        return token

    def accept(self, word: str) -> bool:
        """Take the next word if it is this one, and tell whether it was."""
        is_it = self.is_next(word)
        self._next += is_it
        return is_it

    def keyword(self, word: str) -> None:
        """Take the next word, which must be this one.

        Raises:
            Refusal: MALFORMED_QUERY, if it is another.
        """
        if not self.accept(word):
            raise self.unexpected()

    def close(self) -> None:
        """Take a closing parenthesis.

        Raises:
            Refusal: MALFORMED_QUERY, if there is none.
        """
        if not self.accept(")"):
            token = self.peek()
            problem = f"expecting a right parentheses, found '{token.text or '<EOF>'}'"
            raise malformed(self.text, token.at, problem)

    def unexpected(self) -> Refusal:
        """Refuse the next word."""
        token = self.peek()
        return malformed(self.text, token.at, f"unexpected token: '{token.text or '<EOF>'}'")
