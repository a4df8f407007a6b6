"""The levers of a sandbox CRM, found by name: what people, admins and bad luck do to it.

A lever is a public function in the CRM's ``sandbox/levers.py`` whose first parameter is the
`Sandbox`. To add one, write the function: its docstring is the help, its types check what is given.
"""

import importlib
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from connectors._sandbox import Sandbox

Lever = Callable[..., object]


class BadLever(ValueError):
    """There is no such lever, or it does not take what it was given."""


def find(crm: str) -> Mapping[str, Lever]:
    """Give the levers of a CRM by name, in alphabetical order."""
    module = importlib.import_module(f"connectors.{crm}.sandbox.levers")
    found = inspect.getmembers(module, inspect.isfunction)
    return {name: lever for name, lever in found if name[0] != "_" and _is_lever(lever)}


def describe(lever: Lever) -> dict[str, str]:
    """Give a lever's signature, without the sandbox, and the first line of its help."""
    _, *rest = inspect.signature(lever).parameters.values()
    told = re.sub(r"([A-Za-z_]\w*\.)+(?=[A-Za-z_])", "", str(inspect.Signature(rest)))
    return {"arguments": told, "does": (inspect.getdoc(lever) or "").partition("\n")[0]}


def pull(lever: Lever, sandbox: Sandbox, given: Mapping[str, Any]) -> object:
    """Call a lever with arguments that came as JSON.

    Args:
        lever: One that `find` gave.
        sandbox: What to do it to.
        given: Its arguments by name; a list for those it takes any number of.

    Returns:
        What the lever gave, as JSON would have it.

    Raises:
        BadLever: If an argument is missing, unknown or of the wrong type.
    """
    _, *parameters = inspect.signature(lever, eval_str=True).parameters.values()
    left = dict(given)
    several: list[Any] = []
    named: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            members = left.pop(parameter.name, [])
            several = [_checked(parameter, member) for member in members]
        elif parameter.kind is parameter.VAR_KEYWORD:
            named |= {name: _checked(parameter, value) for name, value in left.items()}
            left.clear()
        elif parameter.name in left:
            named[parameter.name] = _checked(parameter, left.pop(parameter.name))
    if left:
        raise BadLever(f"There is no argument {min(left)!r}: the lever takes {_names(parameters)}.")
    complete = _complete(parameters, named)
    first = [complete.pop(name) for name in _before_several(parameters)] if several else []
    return _as_json(lever(sandbox, *first, *several, **complete))


def _is_lever(function: Lever) -> bool:
    first = next(iter(inspect.signature(function, eval_str=True).parameters.values()), None)
    return first is not None and first.annotation is Sandbox


def _checked(parameter: inspect.Parameter, value: object) -> object:
    if parameter.annotation is parameter.empty:
        return value
    try:
        return TypeAdapter(parameter.annotation).validate_python(value)
    except ValidationError as error:
        raise BadLever(f"{parameter.name}: {error.errors()[0]['msg']}.") from error


def _complete(parameters: list[inspect.Parameter], named: dict[str, Any]) -> dict[str, Any]:
    open_ended = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [p for p in parameters if p.default is p.empty and p.kind not in open_ended]
    missing = [p.name for p in needed if p.name not in named]
    if missing:
        raise BadLever(f"{missing[0]} is missing: the lever takes {_names(parameters)}.")
    return named


def _before_several(parameters: list[inspect.Parameter]) -> list[str]:
    """Name the parameters that can be given by their place only, if any number follow them."""
    return [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]


def _names(parameters: list[inspect.Parameter]) -> str:
    return ", ".join(parameter.name for parameter in parameters) or "nothing"


def _as_json(value: object) -> object:
    return TypeAdapter(object).dump_python(value, mode="json")
