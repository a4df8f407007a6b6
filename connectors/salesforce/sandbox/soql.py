"""SOQL, read into a tree: a recursive-descent parser, no meaning yet.

query    SELECT COUNT() | item {, item} FROM name [AS] [alias] {, path [AS] alias}
         [USING SCOPE name] [WHERE all] [WITH SECURITY_ENFORCED | WITH USER_MODE | WITH SYSTEM_MODE]
         [GROUP BY group [HAVING all]] [ORDER BY order {, order}]
         [LIMIT n] [OFFSET n] [FOR VIEW | FOR REFERENCE]
group    field {, field} | ROLLUP ( field {, field} ) | CUBE ( field {, field} )
item     field [alias] | ( query ) | FIELDS ( name )
         | TYPEOF path {WHEN name THEN path {, path}} [ELSE path {, path}] END
field    path | function ( path ) | FORMAT ( function ( path ) )
all      NOT one | one {AND one} | one {OR one}
one      ( all ) | field operator literal | field [NOT] IN ( literal {, literal} )
         | field [NOT] IN ( SELECT field FROM name [WHERE all] ) | field LIKE literal
         | field INCLUDES ( literal {, literal} ) | field EXCLUDES ( literal {, literal} )

So AND and OR are never mixed without parentheses, and NOT begins a condition or a parenthesis.
"""

from collections.abc import Callable
from typing import TypeVar

from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.literals import RESERVED, count, value
from connectors.salesforce.sandbox.syntax import (
    AGGREGATES,
    DATE_PARTS,
    GROUPING,
    SHOWN,
    Branch,
    Call,
    Comparison,
    Condition,
    Fields,
    Item,
    Junction,
    Order,
    Path,
    Query,
    Typeof,
)
from connectors.salesforce.sandbox.tokens import Token, malformed
from connectors.salesforce.sandbox.words import Words

T = TypeVar("T")

_COMPARISONS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})
_CLAUSES = RESERVED | {"group", "order", "offset", "for", "all", "update", "using", "with"}
_MODES = ("security_enforced", "user_mode", "system_mode")
_FIELD_GROUPS = frozenset({"all", "standard", "custom"})

_FUNCTIONS = AGGREGATES | SHOWN | DATE_PARTS.keys() | {GROUPING}

LONGEST = 100_000
"""Characters of a statement."""


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


class _Parser:
    def __init__(self, text: str) -> None:
        self._words = Words(text)

    def query(self) -> Query:
        self._words.keyword("select")
        items = () if self._counts() else self._words.many(self._item)
        self._words.keyword("from")
        source, aliases = self._source()
        whose = self._whose()
        where = self._all() if self._words.accept("where") else None
        self._mode()
        totals, group = self._groups() if self._words.accept("group") else ("", ())
        return Query(
            items=items,
            source=source.text,
            source_at=source.at,
            aliases=aliases,
            whose=whose,
            where=where,
            totals=totals,
            group=group,
            having=self._all() if self._words.accept("having") else None,
            order=self._by(self._key) if self._words.accept("order") else (),
            limit=count(self._words) if self._words.accept("limit") else None,
            offset=count(self._words) if self._words.accept("offset") else 0,
            tracking=self._tracking(),
        )

    def _whose(self) -> str:
        if not self._words.accept("using"):
            return ""
        self._words.keyword("scope")
        return self._words.take("name").text.lower()

    def _mode(self) -> None:
        """Pass over whose permissions count: in this API always the caller's."""
        if self._words.accept("with") and not any(map(self._words.accept, _MODES)):
            raise self._words.unexpected()

    def _groups(self) -> tuple[str, tuple[Path | Call, ...]]:
        """Read what is grouped by, and how totals of it are asked for, if they are."""
        self._words.keyword("by")
        totals = next((word for word in ("rollup", "cube") if self._words.is_call(word)), "")
        self._words.skip(2 if totals else 0)
        keys = self._words.many(self._field)
        if totals:
            self._words.close()
        return totals, keys

    def end(self) -> None:
        at = self._words.peek().at
        if self._words.accept("all") and self._words.accept("rows"):
            raise malformed(self._words.text, at, "ALL ROWS not allowed in this context")
        if self._words.peek().kind != "end":
            raise self._words.unexpected()

    def _counts(self) -> bool:
        is_so = self._words.ahead(3) == ["count", "(", ")"]
        self._words.skip(3 * is_so)
        return is_so

    def _source(self) -> tuple[Token, tuple[tuple[str, tuple[str, ...]], ...]]:
        source = self._words.take("name")
        aliases: dict[str, tuple[str, ...]] = {}
        if alias := self._alias():
            aliases[alias] = ()
        while self._words.accept(","):
            head, *rest = self._path().names
            if alias := self._alias():
                aliases[alias] = (*aliases.get(head.lower(), ()), *rest)
        return source, tuple(aliases.items())

    def _alias(self) -> str:
        is_said = self._words.accept("as")
        token = self._words.peek()
        if token.kind == "name" and token.text.lower() not in _CLAUSES:
            self._words.skip()
            return token.text.lower()
        if is_said:
            raise self._words.unexpected()
        return ""

    def _item(self) -> Item:
        at = self._words.peek().at
        if self._words.accept("("):
            query = self._words.nested(self.query)
            self._words.close()
            return Item(query, at=at)
        if self._words.is_call("fields"):
            return Item(self._fields(), at=at)
        if self._words.accept("typeof"):
            return Item(self._typeof(), at=at)
        field = self._field()
        token = self._words.peek()
        is_named = token.kind == "name" and token.text.lower() not in RESERVED
        self._words.skip(is_named)
        return Item(field, token.text if is_named else "", at)

    def _fields(self) -> Fields:
        at = self._words.peek().at
        self._words.skip(2)
        group = self._words.take("name").text
        if group.lower() not in _FIELD_GROUPS:
            self._words.skip(-1)
            raise self._words.unexpected()
        self._words.close()
        return Fields(group.upper(), at)

    def _typeof(self) -> Typeof:
        path, branches = self._path(), []
        while self._words.accept("when"):
            word = self._words.take("name")
            self._words.keyword("then")
            branches.append(Branch(word.text, self._words.many(self._path), word.at))
        if not branches:
            raise self._words.unexpected()
        if self._words.accept("else"):
            branches.append(Branch("", self._words.many(self._path)))
        self._words.keyword("end")
        return Typeof(path, tuple(branches))

    def _all(self) -> Condition:
        if self._words.accept("not"):
            return Junction("NOT", (self._one(),))
        parts = [self._one()]
        if self._words.is_next("and"):
            while self._words.accept("and"):
                parts.append(self._one())
            return Junction("AND", tuple(parts))
        while self._words.accept("or"):
            parts.append(self._one())
        return Junction("OR", tuple(parts)) if len(parts) > 1 else parts[0]

    def _one(self) -> Condition:
        if self._words.accept("("):
            inner = self._words.nested(self._all)
            self._words.close()
            return inner
        return self._comparison()

    def _comparison(self) -> Comparison:
        left = self._field()
        token = self._words.peek()
        word = token.text.lower()
        self._words.skip()
        if word == "not" and self._words.is_next("in"):
            self._words.skip()
            return self._listed(left, "not in")
        if word in {"in", "includes", "excludes"}:
            return self._listed(left, word)
        if word == "like":
            return Comparison(left, "like", (value(self._words, is_pattern=True),))
        if token.kind == "symbol" and word in _COMPARISONS:
            return Comparison(left, "!=" if word == "<>" else word, (value(self._words),))
        self._words.skip(-1)
        raise self._words.unexpected()

    def _listed(self, left: Path | Call, operator: str) -> Comparison:
        self._words.keyword("(")
        if operator.endswith("in") and self._words.is_next("select"):
            inner = self._words.nested(self._inner)
            self._words.close()
            return Comparison(left, operator, inner=inner)
        values = self._words.many(lambda: value(self._words))
        self._words.close()
        return Comparison(left, operator, values)

    def _inner(self) -> Query:
        self._words.keyword("select")
        at = self._words.peek().at
        item = Item(self._field(), at=at)
        self._words.keyword("from")
        source, aliases = self._source()
        where = self._all() if self._words.accept("where") else None
        return Query((item,), source.text, source.at, aliases, where)

    def _key(self) -> Order:
        key = self._field()
        is_descending = self._words.accept("desc") or (self._words.accept("asc") and False)
        nulls_last = False
        if self._words.accept("nulls"):
            nulls_last = self._words.accept("last")
            if not nulls_last:
                self._words.keyword("first")
        return Order(key, is_descending, nulls_last)

    def _tracking(self) -> str:
        at = self._words.peek().at
        if not self._words.accept("for"):
            return ""
        if self._words.accept("update"):
            raise malformed(self._words.text, at, "FOR UPDATE not allowed in this context")
        if self._words.accept("view"):
            return "view"
        self._words.keyword("reference")
        return "reference"

    def _field(self) -> Path | Call:
        token = self._words.peek()
        name = token.text.upper()
        if name not in _FUNCTIONS or not self._words.is_call(token.text.lower()):
            return self._path()
        self._words.skip(2)
        inside = ""
        if name == "FORMAT" and self._words.is_call("convertcurrency"):
            inside = "CONVERTCURRENCY"
            self._words.skip(2)
        path = self._path()
        for _ in range(1 + bool(inside)):
            self._words.close()
        return Call(name, path, token.at, inside)

    def _path(self) -> Path:
        token = self._words.take("name")
        if token.text.lower() in RESERVED:
            self._words.skip(-1)
            raise self._words.unexpected()
        return Path(tuple(token.text.split(".")), token.at)

    def _by(self, rule: Callable[[], T]) -> tuple[T, ...]:
        self._words.keyword("by")
        return self._words.many(rule)
