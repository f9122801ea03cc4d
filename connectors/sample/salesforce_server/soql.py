"""Reads the part of SOQL that the stand-in understands.

SELECT fields FROM object [WHERE field = value | field IN (values) [AND …]] [ORDER BY field [DESC]] [LIMIT n],
with dots over relationships. Source: SOQL and SOSL Reference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from connectors.sample.salesforce_server.errors import ApiError

MAX_QUERY = 100_000
Literal: TypeAlias = str | float | bool | None

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*)"
    r"|(?P<mark>[(),=]))",
    re.ASCII | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_CONSTANTS: dict[str, Literal] = {"null": None, "true": True, "false": False}


@dataclass(frozen=True)
class Condition:
    """A field and the values it may have; the values of one condition are of one kind."""

    field: str
    values: tuple[Literal, ...]


@dataclass(frozen=True)
class Select:
    """One statement."""

    fields: tuple[str, ...]
    origin: str
    where: tuple[Condition, ...] = ()
    order_by: str = ""
    descending: bool = False
    limit: int | None = None


def parse(text: str) -> Select:
    """The statement.

    Raises:
        ApiError: MALFORMED_QUERY, it is none.
    """
    if len(text) > MAX_QUERY:
        raise _malformed("SOQL statements cannot be longer than 100000 characters.")
    return _Reader(_tokens(text)).select()


def _malformed(message: str) -> ApiError:
    return ApiError(400, "MALFORMED_QUERY", message)


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        found = _TOKEN.match(text, position)
        if not found or not found.lastgroup:
            raise _malformed(f"unexpected token at character {position}")
        tokens.append((found.lastgroup, found[found.lastgroup]))
        position = found.end()
    return tokens


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = [*tokens, ("end", "<EOF>")]
        self._at = 0

    def select(self) -> Select:
        self._word("SELECT")
        fields = [self._name()]
        while self._take(","):
            fields.append(self._name())
        self._word("FROM")
        origin = self._name()
        where: list[Condition] = []
        if self._take("WHERE"):
            where.append(self._condition())
            while self._take("AND"):
                where.append(self._condition())
        order_by, descending = "", False
        if self._take("ORDER"):
            self._word("BY")
            order_by = self._name()
            descending = self._take("DESC") or (self._take("ASC") and False)
        limit = int(self._of("number")) if self._take("LIMIT") else None
        if self._tokens[self._at][0] != "end":
            raise self._unexpected()
        return Select(tuple(fields), origin, tuple(where), order_by, descending, limit)

    def _condition(self) -> Condition:
        field = self._name()
        if self._take("="):
            return Condition(field, (self._literal(),))
        self._word("IN")
        self._word("(")
        values = [self._literal()]
        while self._take(","):
            values.append(self._literal())
        self._word(")")
        return Condition(field, tuple(values))

    def _literal(self) -> Literal:
        kind, text = self._tokens[self._at]
        if kind == "name" and text.casefold() in _CONSTANTS:
            self._at += 1
            return _CONSTANTS[text.casefold()]
        if kind == "number":
            return float(self._of("number"))
        return _ESCAPE.sub(_unescaped, self._of("string")[1:-1])

    def _name(self) -> str:
        return self._of("name")

    def _of(self, kind: str) -> str:
        if self._tokens[self._at][0] != kind:
            raise self._unexpected()
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _take(self, word: str) -> bool:
        kind, text = self._tokens[self._at]
        if kind in ("name", "mark") and text.upper() == word:
            self._at += 1
            return True
        return False

    def _word(self, word: str) -> None:
        if not self._take(word):
            raise self._unexpected()

    def _unexpected(self) -> ApiError:
        return _malformed(f"unexpected token: '{self._tokens[self._at][1]}'")


def _unescaped(found: re.Match[str]) -> str:
    code = found[1]
    if code[0] == "u" and len(code) == 5:
        return chr(int(code[1:], 16))
    if code.lower() not in _ESCAPED:
        raise _malformed(f"Invalid string literal. Illegal character sequence '\\{code}' in string literal.")
    return _ESCAPED[code.lower()]
