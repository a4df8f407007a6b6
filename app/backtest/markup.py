"""HTML and SVG that cannot be broken out of: what is not markup already is escaped."""

from html import escape


class Markup(str):
    """Text that is markup, and goes into a page as it is."""

    __slots__ = ()


def el(name: str, *children: str, **attributes: str | float | None) -> Markup:
    """An element with its children.

    Args:
        name: Of the element.
        children: Markup, or text to escape.
        attributes: A trailing underscore is dropped and others become hyphens (``class_``,
            ``aria_label``); numbers are written with two decimals at most; None leaves it out.
    """
    written = "".join(
        f' {_name(key)}="{escape(_value(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{written}>{joined(*children)}</{name}>")


def joined(*parts: str) -> Markup:
    """Parts one after the other."""
    return Markup("".join(one if isinstance(one, Markup) else escape(one) for one in parts))


def _name(key: str) -> str:
    return "viewBox" if key == "view_box" else key.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
