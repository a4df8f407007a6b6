"""Literals of SOQL, read as they are written: strings, numbers, times, periods."""

from connectors.salesforce.sandbox.periods import is_counted, is_period
from connectors.salesforce.sandbox.syntax import Value
from connectors.salesforce.sandbox.tokens import Token, malformed, unescaped
from connectors.salesforce.sandbox.words import Words

RESERVED = frozenset(
    {
        *("and", "asc", "desc", "excludes", "first", "from", "having", "in", "includes", "last"),
        *("like", "limit", "not", "null", "nulls", "or", "select", "using", "where", "with"),
    }
)
"""Words that are no names."""

LONGEST_STRING = 4000


def count(words: Words) -> int:
    """Read a whole number, without a sign.

    Raises:
        Refusal: MALFORMED_QUERY, if the next word is none.
    """
    token = words.take("number")
    if not token.text.isdigit():
        words.skip(-1)
        raise words.unexpected()
    return int(token.text)


def value(words: Words, *, is_pattern: bool = False) -> Value:
    """Read a literal.

    Args:
        words: Where to read.
        is_pattern: It stands after LIKE; see `tokens.unescaped`.

    Raises:
        Refusal: MALFORMED_QUERY, if the next word is none.
    """
    token = words.peek()
    words.skip()
    word = token.text.lower()
    match token.kind:
        case "string":
            return _string(words, token, is_pattern=is_pattern)
        case "number":
            return Value("number", float(token.text), token.at)
        case "date" | "datetime":
            return Value(token.kind, token.text, token.at)
        case "name" if word in {"true", "false"}:
            return Value("boolean", word == "true", token.at)
        case "name" if word == "null":
            return Value("null", None, token.at)
        case "name" if word not in RESERVED:
            return _period(words, token)
        case "symbol" if word == ":":
            problem = "Bind variables only allowed in Apex code"
            raise malformed(words.text, token.at, problem)
    words.skip(-1)
    raise words.unexpected()


def _string(words: Words, token: Token, *, is_pattern: bool) -> Value:
    meant = unescaped(words.text, token, is_pattern=is_pattern)
    if len(meant) > LONGEST_STRING:
        problem = f"String literals can not be longer than {LONGEST_STRING} characters"
        raise malformed(words.text, token.at, problem)
    return Value("string", meant, token.at)


def _period(words: Words, token: Token) -> Value:
    name = token.text.upper()
    if is_period(name) and not is_counted(name):
        return Value("period", name, token.at)
    if not words.accept(":"):
        found = words.peek().text or "<EOF>"
        raise malformed(words.text, token.at, f"expecting a colon, found '{found}'")
    if not is_counted(name):
        words.skip(-2)
        raise words.unexpected()
    return Value("period", f"{name}:{count(words)}", token.at)
