"""Misspelt names: a method says which keywords it knows and which comes close, and an object says it of its methods."""

import difflib
from collections.abc import Callable, Iterable
from functools import wraps
from inspect import CO_VARKEYWORDS
from types import FunctionType
from typing import Any, TypeVar

__tracebackhide__ = True
"""pytest shows the line of the test, not a line of this file."""

C = TypeVar("C", bound=type)


def spelled(kind: C) -> C:
    """A class whose public methods and `__init__` raise a TypeError that helps for a keyword they do not know.

    So does an AttributeError for a name that its objects do not have.
    """
    setattr(kind, "__getattr__", _nameless)  # noqa: B010 -- type checkers would take every name then
    for name, method in tuple(vars(kind).items()):
        if isinstance(method, FunctionType) and (not name.startswith("_") or name == "__init__"):
            setattr(kind, name, _spelled(method, kind.__name__ if name == "__init__" else name))
    return kind


def unknown_keyword(call: str, word: str, known: Iterable[str]) -> str:
    """The error for a keyword that a call does not know. known: those that it does."""
    names = [name for name in known if not name.startswith("_")]
    near = difflib.get_close_matches(word, names, n=1)
    hint = f"; did you mean {near[0]}=?" if near else ""
    knows = f"it knows {', '.join(f'{name}=' for name in names)}" if names else "it takes no keywords"
    return f"{call}() knows no {word}={hint} ({knows})"


def check_keywords(call: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise TypeError for a keyword that a call does not know. known: those that it does."""
    names = tuple(known)
    for word in given:
        if word not in names:
            raise TypeError(unknown_keyword(call, word, names))


def _nameless(self: object, name: str) -> Any:
    """What a class does for a name that its objects do not have."""
    if name.startswith("_") or hasattr(type(self), name):  # a property raised AttributeError: let it say why
        return object.__getattribute__(self, name)
    names = [each for each in dir(self) if not each.startswith("_")]
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"; did you mean {near[0]}?" if near else f" (it has {', '.join(names)})"
    kind = type(self).__name__.removeprefix("Async")
    raise AttributeError(f"{kind} has no {name}{hint}")


def _spelled(method: FunctionType, call: str) -> Callable[..., Any]:
    code = method.__code__
    if code.co_flags & CO_VARKEYWORDS:
        return method
    known = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]

    @wraps(method)
    def checked(*args: Any, **given: Any) -> Any:
        check_keywords(call, given, known)
        return method(*args, **given)

    return checked
