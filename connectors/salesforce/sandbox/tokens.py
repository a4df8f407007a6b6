"""SOQL's words, and how Salesforce points at one of them."""

import re
from dataclasses import dataclass

from connectors.salesforce.sandbox.errors import Refusal

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:\\.|[^'\\])*')
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d)
    | (?P<number>[+-]?(?:\d+(?:\.\d+)?|\.\d+))
    | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    | (?P<symbol>!=|<>|<=|>=|[=<>(),:])
    )""",
    re.VERBOSE | re.DOTALL,
)
_AROUND = 40

_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}
_OF_LIKE = {"%": "\\%", "_": "\\_", "\\": "\\\\"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the statement and where it begins."""

    kind: str
    text: str
    at: int


def tokens(text: str) -> list[Token]:
    """Cut a statement into its words, with one of kind ``end`` behind them.

    Raises:
        Refusal: MALFORMED_QUERY, at the first character that begins no word.
    """
    found: list[Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise _stray(text, at + len(text[at:]) - len(text[at:].lstrip()))
        found.append(Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        at = match.end()
    found.append(Token("end", "", len(text)))
    return found


def located(text: str, at: int, problem: str) -> str:
    """Word an error as Salesforce does: the line with a caret under the word it means."""
    row = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    window = text[max(0, at - _AROUND) : at + _AROUND].replace("\n", " ")
    caret = " " * min(at, _AROUND) + "^"
    return f"\n{window}\n{caret}\nERROR at Row:{row}:Column:{column}\n{problem}"


def malformed(text: str, at: int, problem: str) -> Refusal:
    """Refuse a statement that is no SOQL."""
    return Refusal(400, "MALFORMED_QUERY", located(text, at, problem))


def unescaped(text: str, token: Token, *, is_pattern: bool) -> str:
    r"""Give what a string literal says.

    Args:
        text: The statement.
        token: The literal, with its quotes.
        is_pattern: For LIKE: then ``\%`` and ``\_`` are allowed and stay escaped.

    Raises:
        Refusal: MALFORMED_QUERY, if it has an escape that SOQL does not know.
    """

    def meant(match: re.Match[str]) -> str:
        escape = match[1]
        if is_pattern and escape in _OF_LIKE:
            return _OF_LIKE[escape]
        if escape.startswith("u") and len(escape) > 1:
            return chr(int(escape[1:], 16))
        if escape not in _ESCAPES:
            problem = f"Invalid string literal {token.text}. Illegal character sequence"
            raise malformed(text, token.at, f"{problem} '\\{escape}' in string literal.")
        return _ESCAPES[escape]

    return _ESCAPE.sub(meant, token.text[1:-1])


def _stray(text: str, at: int) -> Refusal:
    row = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at) - 1
    if text[at] == "'":
        problem = "mismatched character '<EOF>' expecting '''"
        return malformed(text, at, f"line {row}:{len(text)} {problem}")
    problem = f"line {row}:{column} no viable alternative at character '{text[at]}'"
    return malformed(text, at, problem)
