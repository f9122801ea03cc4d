"""JMESPath expressions, compiled once; plain names and dotted chains are looked up without the interpreter."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

from connectors.ports import Row
from connectors.toolkit.spelling import suggestion

Getter = Callable[[Row], Any]
_LONGEST = 2_000
# Python's own errors come through, as of a slice with step 0 or of an expression nested too deeply.
_FAILURES = (JMESPathError, ValueError, TypeError, ArithmeticError, RecursionError)


class InvalidPathError(ValueError):
    """The text is no JMESPath expression; the message says what may have been meant."""


class PathFailedError(ValueError):
    """The expression cannot be applied to this row, such as a function given a value of another type."""


@dataclass(frozen=True)
class Path:
    """Where in a row a value stands.

    Attributes:
        columns: The top-level names it uses; None when it looks at the whole row.
        chains: The dotted chains it follows from the row on, such as `Owner.Email`; one name where it takes it whole.
        plain: The column, when the path is nothing but its name.
        get: The value at that place, None when there is none; raises `PathFailedError`.
    """

    text: str
    columns: frozenset[str] | None
    chains: frozenset[str]
    plain: str
    get: Getter


def compile_path(text: str) -> Path:
    """The expression, ready to use.

    Raises:
        InvalidPathError: It is none.
    """
    if len(text) > _LONGEST:
        raise InvalidPathError(f"an expression may have {_LONGEST:,} characters")
    try:
        compiled = jmespath.compile(text)
        tree = compiled.parsed
        calls = list(_calls(tree))
        roots = _roots(tree)
    except RecursionError:
        raise InvalidPathError("this expression is nested too deeply") from None
    except _FAILURES:
        raise InvalidPathError(f"`{text}` is no JMESPath expression{_as_column(text)}") from None
    for name, count in calls:
        _check_call(name, count, text)
    columns = None if roots is None else frozenset(names[0] for names in roots)
    chains = frozenset(".".join(names) for names in roots or ())
    names = tuple(_chain(tree))
    if len(names) == 1:
        return Path(text, columns, chains, names[0], _one(names[0]))
    return Path(text, columns, chains, "", _dotted(names) if names else _searched(compiled, columns or ()))


def _as_column(text: str) -> str:
    """How a column of that name is written, unless the text can be none."""
    if not text.strip() or '"' in text:
        return ""
    quoted = json.dumps(text, ensure_ascii=False).replace("'", "''")
    return f"; a column of that name is written '{quoted}'"


def _calls(tree: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """The functions that an expression calls, and with how many values each."""
    if tree["type"] == "function_expression":
        yield tree["value"], len(tree["children"])
    for child in tree["children"]:
        if isinstance(child, Mapping):
            yield from _calls(child)


def _check_call(name: str, count: int, text: str) -> None:
    """Refuse what would fail on every row."""
    known = Functions.FUNCTION_TABLE
    if name not in known:
        near = suggestion(name, known)
        raise InvalidPathError(f"`{name}` is no function of JMESPath{near}{_as_column(text)}")
    wanted = known[name]["signature"]
    fits = count >= len(wanted) if wanted and wanted[-1].get("variadic") else count == len(wanted)
    if not fits:
        raise InvalidPathError(f"`{name}` takes {len(wanted)} values, not {count}")


def _chain(tree: Mapping[str, Any]) -> Iterator[str]:
    """The names of a plain name or of a dotted chain; nothing for any other expression."""
    if tree["type"] == "field":
        yield tree["value"]
    elif tree["type"] == "subexpression" and all(child["type"] == "field" for child in tree["children"]):
        yield from (child["value"] for child in tree["children"])


def _one(name: str) -> Getter:
    return lambda row: row.get(name)


def _dotted(names: tuple[str, ...]) -> Getter:
    first, rest = names[0], names[1:]

    def get(row: Row) -> Any:
        value = row.get(first)
        for name in rest:
            if not isinstance(value, Mapping):
                return None
            value = value.get(name)
        return value

    return get


def _searched(compiled: Any, columns: Iterable[str]) -> Getter:
    def get(row: Row) -> Any:
        try:
            return compiled.search(row)
        except _FAILURES:
            # Functions take no null, and a field whose columns are empty is simply absent.
            if columns and all(row.get(name) is None for name in columns):
                return None
            raise PathFailedError("the expression does not fit the row's values") from None

    return get


_FROM_FIRST_CHILD = frozenset((
    "subexpression", "index_expression", "pipe", "projection", "value_projection", "flatten", "filter_projection",
))  # fmt: skip


def _roots(tree: Mapping[str, Any]) -> frozenset[tuple[str, ...]] | None:
    """The chains of names that an expression follows from the row on; None when it takes the row as a whole."""
    kind, children = tree["type"], tree["children"]
    if names := tuple(_chain(tree)):
        return frozenset((names,))
    if kind in ("current", "identity"):
        return None
    if kind in ("literal", "expref"):
        return frozenset()
    parts = [_roots(child) for child in (children[:1] if kind in _FROM_FIRST_CHILD else children)]
    if any(part is None for part in parts):
        return None
    return frozenset().union(*(part for part in parts if part is not None))
