"""SOQL, read into a tree: a tokenizer and a recursive-descent parser, no meaning yet.

query    SELECT item {, item} FROM name [WHERE or] [ORDER BY order {, order}]
         [LIMIT n] [OFFSET n]
item     path | COUNT() | ( query )
or       and {OR and}          and    not {AND not}
not      NOT not | ( or ) | path operator literal | path [NOT] IN ( literal {, literal} )
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.syntax import (
    Comparison,
    Condition,
    Junction,
    Order,
    Path,
    Query,
    Value,
)

T = TypeVar("T")

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:\\.|[^'\\])*')
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d)
    | (?P<number>[+-]?\d+(?:\.\d+)?)
    | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    | (?P<symbol>!=|<>|<=|>=|[=<>(),])
    )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "%": "\\%", "_": "\\_"}
_COMPARISONS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})
_RESERVED = frozenset({"from", "where", "order", "limit", "offset", "and", "or", "not", "in"})

DEEPEST = 20
"""Levels of parentheses and NOTs that are followed; Salesforce has a limit of its own."""

LONGEST = 100_000
"""Characters of a statement."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the statement and where it begins."""

    kind: str
    text: str
    at: int


def parse(text: str) -> Query:
    """Read a statement.

    Raises:
        Refusal: MALFORMED_QUERY, with the place of the first word that does not fit.
    """
    if len(text) > LONGEST:
        raise Refusal(
            400,
            "MALFORMED_QUERY",
            f"SOQL statements can not be longer than {LONGEST} characters.",
        )
    parser = _Parser(text)
    query = parser.query()
    parser.end()
    return query


def located(text: str, at: int, problem: str) -> str:
    """Word an error as Salesforce does: the line with a caret under the word it means."""
    row = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    window = text[max(0, at - 40) : at + 40].replace("\n", " ")
    caret = " " * min(at, 40) + "^"
    return f"\n{window}\n{caret}\nERROR at Row:{row}:Column:{column}\n{problem}"


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._next = 0
        self._depth = 0

    def query(self) -> Query:
        self._keyword("select")
        fields, children = self._items()
        self._keyword("from")
        source = self._take("name")
        return Query(
            fields=fields,
            children=children,
            source=source.text,
            source_at=source.at,
            where=self._or() if self._accept("where") else None,
            order=self._order() if self._accept("order") else (),
            limit=self._count() if self._accept("limit") else None,
            offset=self._count() if self._accept("offset") else 0,
        )

    def end(self) -> None:
        if self._peek().kind != "end":
            raise self._unexpected()

    def _items(self) -> tuple[tuple[Path, ...], tuple[Query, ...]]:
        if self._peek().text.lower() == "count" and self._accept("count"):
            self._symbol("(")
            self._symbol(")")
            return (), ()
        fields, children = [], []
        while True:
            if self._accept("("):
                children.append(self._nested(self.query))
                self._symbol(")")
            else:
                fields.append(self._path())
            if not self._accept(","):
                return tuple(fields), tuple(children)

    def _or(self) -> Condition:
        return self._joined("OR", lambda: self._joined("AND", self._not))

    def _joined(self, word: Literal["AND", "OR"], part: Callable[[], Condition]) -> Condition:
        parts = [part()]
        while self._accept(word.lower()):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Junction(word, tuple(parts))

    def _not(self) -> Condition:
        if self._accept("not"):
            return Junction("NOT", (self._nested(self._not),))
        if self._accept("("):
            inner = self._nested(self._or)
            self._symbol(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Comparison:
        path = self._path()
        if self._accept("not"):
            self._keyword("in")
            return Comparison(path, "not in", self._list())
        if self._accept("in"):
            return Comparison(path, "in", self._list())
        if self._accept("like"):
            return Comparison(path, "like", (self._value(),))
        token = self._peek()
        if token.text not in _COMPARISONS:
            raise self._unexpected()
        self._next += 1
        operator = "!=" if token.text == "<>" else token.text
        return Comparison(path, operator, (self._value(),))

    def _list(self) -> tuple[Value, ...]:
        self._symbol("(")
        values = [self._value()]
        while self._accept(","):
            values.append(self._value())
        self._symbol(")")
        return tuple(values)

    def _order(self) -> tuple[Order, ...]:
        self._keyword("by")
        keys = [self._key()]
        while self._accept(","):
            keys.append(self._key())
        return tuple(keys)

    def _key(self) -> Order:
        path = self._path()
        is_descending = self._accept("desc") or (self._accept("asc") and False)
        nulls_last = False
        if self._accept("nulls"):
            nulls_last = self._accept("last")
            if not nulls_last:
                self._keyword("first")
        return Order(path, is_descending, nulls_last)

    def _path(self) -> Path:
        token = self._take("name")
        if token.text.lower() in _RESERVED:
            self._next -= 1
            raise self._unexpected()
        return Path(tuple(token.text.split(".")), token.at)

    def _count(self) -> int:
        token = self._take("number")
        if not token.text.isdigit():
            self._next -= 1
            raise self._unexpected()
        return int(token.text)

    def _value(self) -> Value:
        token = self._peek()
        self._next += 1
        word = token.text.lower()
        match token.kind:
            case "string":
                unescaped = _ESCAPE.sub(lambda m: _ESCAPES.get(m[1], m[1]), token.text[1:-1])
                return Value("string", unescaped, token.at)
            case "number":
                return Value("number", float(token.text), token.at)
            case "date" | "datetime":
                return Value(token.kind, token.text, token.at)
            case "name" if word in {"true", "false"}:
                return Value("boolean", word == "true", token.at)
            case "name" if word == "null":
                return Value("null", None, token.at)
        self._next -= 1
        raise self._unexpected()

    def _nested(self, rule: Callable[[], T]) -> T:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._unexpected()
        inner = rule()
        self._depth -= 1
        return inner

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self, kind: str) -> Token:
        token = self._peek()
        if token.kind != kind:
            raise self._unexpected()
        self._next += 1
        return token

    def _accept(self, word: str) -> bool:
        token = self._peek()
        is_it = token.kind in {"name", "symbol"} and token.text.lower() == word
        self._next += is_it
        return is_it

    def _keyword(self, word: str) -> None:
        if not self._accept(word):
            raise self._unexpected()

    _symbol = _keyword

    def _unexpected(self) -> Refusal:
        token = self._peek()
        problem = f"unexpected token: '{token.text}'" if token.text else "unexpected token: '<EOF>'"
        return Refusal(400, "MALFORMED_QUERY", located(self._text, token.at, problem))


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            stray = at + len(text[at:]) - len(text[at:].lstrip())
            problem = f"line 1:{stray} no viable alternative at character '{text[stray]}'"
            raise Refusal(400, "MALFORMED_QUERY", located(text, stray, problem))
        tokens.append(Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        at = match.end()
    tokens.append(Token("end", "", len(text)))
    return tokens
