"""YAML whose every value knows its place, so that an error names file, line and field."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml

from connectors.errors import InvalidSourceConfigError

_DEEPEST, _MOST_BLOCKS, _MOST_PROBLEMS = 20, 100_000, 5
_STANDARD = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset(f"{_STANDARD}{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "value"))
_T = TypeVar("_T")
_U = TypeVar("_U")


@dataclass(frozen=True)
class Block:
    """A value of a file and where it stands.

    Attributes:
        value: A mapping of names to blocks, a list of blocks, or a plain value.
        text: A plain value as it is written.
        field: The names and numbers on the way to it, joined by dots; "" for the whole file.
    """

    file: str
    line: int
    field: str
    value: Any
    text: str = ""

    def fail(self, message: str) -> NoReturn:
        """Say what is wrong here.

        Raises:
            InvalidSourceConfigError: Always.
        """
        field = f", {self.field}" if self.field else ""
        raise InvalidSourceConfigError(f"{self.file}, line {self.line}{field}: {message}.")

    def table(self, known: Iterable[str] = (), *, needs: Iterable[str] = (), what: str = "") -> dict[str, Block]:
        """The named parts; with `known`, no other names may stand there."""
        if not isinstance(self.value, dict):
            self.fail(f"expected {what or 'names with values'}")
        names = tuple(known)
        for name, part in self.value.items():
            if names and name not in names:
                part.fail(unknown(name, names))
        for name in needs:
            if name not in self.value or self.value[name].absent:
                self.fail(f"`{name}` is missing")
        return dict(self.value)

    def items(self) -> Iterator[Block]:
        """The parts of a list."""
        if not isinstance(self.value, list):
            self.fail("expected a list")
        yield from self.value

    def string(self, choices: Iterable[str] = ()) -> str:
        """The value as text, one of `choices` if there are any."""
        if not isinstance(self.value, str):
            self.fail("expected text; put it in quotes" if self.text else "expected text")
        if not self.value.strip():
            self.fail("expected text")
        names = tuple(choices)
        if names and self.value not in names:
            self.fail(unknown(self.value, names))
        return self.value

    def whole(self, *, least: int) -> int:
        """The value as a whole number that is not below `least`."""
        if type(self.value) is not int or self.value < least:
            self.fail(f"expected a whole number from {least} on")
        return self.value

    def flag(self) -> bool:
        """The value as true or false."""
        if not isinstance(self.value, bool):
            self.fail("expected true or false")
        return self.value

    @property
    def absent(self) -> bool:
        """Whether nothing is written here."""
        return self.value is None

    def plain(self) -> Any:
        """The value without its places."""
        if isinstance(self.value, dict):
            return {name: part.plain() for name, part in self.value.items()}
        if isinstance(self.value, list):
            return [part.plain() for part in self.value]
        return self.value

    def at(self, path: Iterable[str]) -> Block:
        """The innermost block on the way along names and numbers."""
        block = self
        for step in path:
            inner = block.value
            if isinstance(inner, dict) and step in inner:
                block = inner[step]
            elif isinstance(inner, list) and step.isdecimal() and int(step) < len(inner):
                block = inner[int(step)]
        return block


def unknown(name: str, known: Iterable[str]) -> str:
    """That a name is not among the known ones, with the nearest of them, or with all."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    hint = f"the nearest is `{near[0]}`" if near else f"known are {', '.join(names)}"
    return f"`{name}` is not known; {hint}"


def read_yaml(file: Path) -> Block:
    """The file's content with its places.

    Raises:
        InvalidSourceConfigError: It cannot be read, is no YAML, or names something twice.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidSourceConfigError(f"{file.name} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InvalidSourceConfigError(f"{file.name} is not UTF-8; save it as UTF-8.") from None
    loader: yaml.SafeLoader | None = None
    line = 0
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            raise InvalidSourceConfigError(f"{file.name} is empty.")
        return _Reader(loader, file.name).block(node, "", node.start_mark.line + 1, depth=0)
    except yaml.reader.ReaderError as error:
        line, what = text.count("\n", 0, error.position) + 1, "a character stands here that YAML does not allow"
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, what = mark.line + 1 if mark else 0, "this is no valid YAML"
    except RecursionError:
        line, what = loader.line + 1 if loader else 0, "this is nested too deeply"
    finally:
        if loader is not None:
            loader.dispose()
    # Outside the block, so that no value of the file stands in a traceback.
    raise InvalidSourceConfigError(f"{file.name}{f', line {line}' if line else ''}: {what}.")


def each(parts: Iterable[_T], read: Callable[[_T], _U]) -> list[_U]:
    """What is read of each part; what is wrong is told together, the first few of it.

    Raises:
        InvalidSourceConfigError: Something is wrong; one line a problem.
    """
    found: list[_U] = []
    problems: list[str] = []
    for part in parts:
        try:
            found.append(read(part))
        except InvalidSourceConfigError as error:
            problems += error.message.split("\n")
    if problems:
        raise InvalidSourceConfigError("\n".join(problems[:_MOST_PROBLEMS]))
    return found


class _Reader:
    """Turns YAML nodes into blocks."""

    def __init__(self, loader: yaml.SafeLoader, file: str) -> None:
        self._loader, self._file, self._blocks = loader, file, 0
        self._merged: dict[int, dict[str, tuple[yaml.Node, yaml.Node]] | None] = {}

    def block(self, node: yaml.Node, field: str, line: int, *, depth: int) -> Block:
        self._blocks += 1
        if depth > _DEEPEST or self._blocks > _MOST_BLOCKS:
            Block(self._file, line, field, None).fail("this is nested too deeply, or repeated too often")
        if isinstance(node, yaml.CollectionNode) and node.tag not in (f"{_STANDARD}map", f"{_STANDARD}seq"):
            Block(self._file, line, field, None).fail("this kind of value has no place here; write it without `!`")
        if isinstance(node, yaml.MappingNode):
            return Block(self._file, line, field, self._table(node, field, depth))
        if isinstance(node, yaml.SequenceNode):
            parts = [
                self.block(item, f"{field}[{number}]", item.start_mark.line + 1, depth=depth + 1)
                for number, item in enumerate(node.value)
            ]
            return Block(self._file, line, field, parts)
        return Block(self._file, line, field, self._plain(node, field, line), node.value)

    def _plain(self, node: yaml.Node, field: str, line: int) -> Any:
        problem = f"it cannot be read as {node.tag.removeprefix(_STANDARD)}; put text in quotes"
        if node.tag in _PLAIN_TAGS:
            # PyYAML lets a wrong value through as whatever its making of it raises.
            with suppress(ValueError, LookupError, TypeError, AttributeError, ArithmeticError, yaml.YAMLError):
                return self._loader.construct_object(node)
        else:
            problem = "this kind of value has no place here; write it without `!`"
        Block(self._file, line, field, None).fail(problem)

    def _table(self, node: yaml.MappingNode, field: str, depth: int) -> dict[str, Block]:
        table: dict[str, Block] = {}
        for name, (key, inner) in self._pairs(node, field).items():
            inside = f"{field}.{name}" if field else name
            table[name] = self.block(inner, inside, key.start_mark.line + 1, depth=depth + 1)
        return table

    def _pairs(self, node: yaml.MappingNode, field: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """The names and values of a table, each name once: its own win over those that `<<` merges in.

        A table that is merged in many times is worked out once.
        """
        here = Block(self._file, node.start_mark.line + 1, field, None)
        if id(node) in self._merged:
            known = self._merged[id(node)]
            return known if known is not None else here.fail("`<<` merges a table into itself")
        self._merged[id(node)] = None
        self._check_names(node, field)
        pairs: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, inner in node.value:
            if key.tag == f"{_STANDARD}merge":
                for merged in reversed(inner.value if isinstance(inner, yaml.SequenceNode) else [inner]):
                    if not isinstance(merged, yaml.MappingNode):
                        here.fail("`<<` takes a table or a list of tables")
                    pairs |= self._pairs(merged, field)
        pairs |= {key.value: (key, inner) for key, inner in node.value if key.tag != f"{_STANDARD}merge"}
        self._merged[id(node)] = pairs
        return pairs

    def _check_names(self, node: yaml.MappingNode, field: str) -> None:
        seen: set[str] = set()
        for key, _ in node.value:
            here = Block(self._file, key.start_mark.line + 1, field, None)
            if not isinstance(key, yaml.ScalarNode):
                here.fail("a name must be plain text")
            if key.value in seen:
                here.fail(f"`{key.value}` stands here twice")
            seen.add(key.value)
