"""What a statement selects: its columns, and the shape of the records made of them."""

from collections.abc import Iterator
from dataclasses import replace

from connectors.salesforce.sandbox import displays
from connectors.salesforce.sandbox.scopes import Parent, Scope
from connectors.salesforce.sandbox.shapes import Choice, Shape, reading
from connectors.salesforce.sandbox.syntax import SHOWN, Call, Fields, Item, Path, Query, Typeof

_MOST_OF_ALL_FIELDS = 200


class Selection:
    """The columns of a statement, the id first, and the shape of its records."""

    def __init__(self, scope: Scope, query: Query, version: str) -> None:
        self.shape = Shape(version, 0, {scope.fact.prefix: scope.fact.name})
        self._scope = scope
        self._query = query
        self._version = version
        self._selected = {'t."Id"': 0}

    def sql(self) -> str:
        """Give the columns selected so far."""
        return ", ".join(self._selected)

    def shape_rows(self) -> None:
        """Give everything selected its column and its place; call it once.

        Raises:
            Refusal: If something cannot be selected.
        """
        for item in self._items():
            match item.what:
                case Query() as child:
                    self._scope.child(child)
                case Typeof() as what:
                    self._choose(what)
                case Call() as call if call.function in SHOWN:
                    self._show(call, item.alias)
                case Path() | Call() as what if item.alias or isinstance(what, Call):
                    problem = "only aggregate expressions use field aliasing"
                    raise self._scope.refusal("MALFORMED_QUERY", item.at, problem)
                case Path() as path:
                    self._put(path)

    def _items(self) -> Iterator[Item]:
        for item in self._query.items:
            if isinstance(item.what, Fields):
                yield from self._all_fields(item.what)
            else:
                yield item

    def _all_fields(self, fields: Fields) -> Iterator[Item]:
        limit = self._query.limit
        is_open = limit is None or limit > _MOST_OF_ALL_FIELDS
        if fields.group != "STANDARD" and is_open:
            problem = "The SOQL FIELDS function must have a LIMIT of at most "
            raise self._scope.refusal(
                "MALFORMED_QUERY", fields.at, f"{problem}{_MOST_OF_ALL_FIELDS}"
            )
        for field in self._scope.fact.fields.values():
            if fields.group == "ALL" or field.is_custom == (fields.group == "CUSTOM"):
                yield Item(Path((field.name,), fields.at), at=fields.at)

    def _put(self, path: Path) -> None:
        """Give a selected field its column and its place in the record."""
        shape = self._shape_of(path)
        column = self._scope.column(path)
        if column.field.name in shape.parts:
            problem = f"duplicate field selected: {path}"
            raise self._scope.refusal("INVALID_FIELD", path.at, problem)
        shape.parts[column.field.name] = reading(self.at(column.sql), column.field)

    def _shape_of(self, path: Path) -> Shape:
        """Give the record that a path ends in, made if there is none so far."""
        shape = self.shape
        for parent in self._scope.parents(path):
            known = shape.parts.get(parent.relation)
            if not isinstance(known, Shape):
                known = self._parent_shape(parent)
                shape.parts[parent.relation] = known
            shape = known
        return shape

    def _show(self, call: Call, alias: str) -> None:
        """Give what a function shows its column and its place: with its field, or by its alias."""
        column, currency = displays.columns(self._scope, call)
        shape = self.shape if alias else self._shape_of(call.path)
        name = alias or column.field.name
        if name in shape.parts:
            problem = f"duplicate field selected: {call.path}"
            raise self._scope.refusal("INVALID_FIELD", call.at, problem)
        currency_at = self.at(currency) if currency else None
        shape.parts[name] = displays.shown(call, column.field, self.at(column.sql), currency_at)

    def _parent_shape(self, parent: Parent) -> Shape:
        objects = {fact.prefix: fact.name for fact in parent.facts}
        shown_as = "Name" if parent.is_polymorphic else ""
        return Shape(self._version, self.at(parent.key), objects, shown_as)

    def _choose(self, what: Typeof) -> None:
        parent = self._scope.path_to(what.path)
        names = {fact.name.lower(): fact for fact in parent.facts}
        shapes: dict[str, Shape] = {}
        otherwise = None
        for branch in what.branches:
            shape = self._parent_shape(parent)
            if not branch.type:
                otherwise = shape
                self._fill_branch(shape, parent, branch.fields)
            elif fact := names.get(branch.type.lower()):
                shape.shown_as = ""
                shapes[fact.prefix] = shape
                only = replace(parent, facts=(fact,), is_polymorphic=False)
                self._fill_branch(shape, only, branch.fields)
            else:
                problem = f"sObject type '{branch.type}' is not supported in TYPEOF {what.path}"
                raise self._scope.refusal("INVALID_TYPE", branch.at, problem)
        self.shape.parts[parent.relation] = Choice(self.at(parent.key), shapes, otherwise)

    def _fill_branch(self, shape: Shape, parent: Parent, fields: tuple[Path, ...]) -> None:
        for path in fields:
            column = self._scope.column_of(parent, path)
            shape.parts[column.field.name] = reading(self.at(column.sql), column.field)

    def at(self, sql: str) -> int:
        """Give the place of a column among those selected; it is selected if it was not."""
        return self._selected.setdefault(sql, len(self._selected))
