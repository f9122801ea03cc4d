"""What a wrong setting is called and what was probably meant, in words for the operator."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence

from pydantic import BaseModel, ValidationError

PREFIX = "BATON_"
_NESTED = "__"
_NEAR = 0.6
_OF_AN_ORCHESTRATOR = re.compile(r"BATON_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)")
"""Kubernetes gives every container these for a service called `baton`."""


def described(error: ValidationError, settings: type[BaseModel]) -> list[str]:
    """Each wrong setting with what is wrong, never with its value."""
    lines = []
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        where = ".".join(str(part) for part in item["loc"])
        said = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            *above, last = (str(part) for part in item["loc"])
            said = "there is no such setting" + _meant(last, _names_below(settings, above))
        elif item["type"] == "model_type":
            said = "a group of settings belongs here"
        lines.append(f"{where}: {said}" if where else said)
    return lines


def unknown_variables(names: Iterable[str], settings: type[BaseModel]) -> list[str]:
    """Each `BATON_…` variable that no setting reads; nested ones are judged by their first part."""
    lines = []
    known = sorted(_variables(settings))  # Without the prefix, which would make everything look alike.
    for name in sorted(names):
        upper = name.upper()
        if not upper.startswith(PREFIX) or _OF_AN_ORCHESTRATOR.fullmatch(upper):
            continue
        bare = upper.removeprefix(PREFIX)
        if bare.split(_NESTED)[0].lower() not in settings.model_fields:
            lines.append(f"{name}: there is no such setting" + _meant(bare, known, PREFIX))
    return lines


def _meant(name: str, known: Sequence[str], prefix: str = "") -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=_NEAR)
    return f"; did you mean {prefix}{near[0]}?" if near else ""


def _variables(settings: type[BaseModel], above: str = "") -> Iterator[str]:
    for name, field in settings.model_fields.items():
        group = field.annotation
        if isinstance(group, type) and issubclass(group, BaseModel):
            yield from _variables(group, f"{above}{name.upper()}{_NESTED}")
        yield f"{above}{name.upper()}"


def _names_below(settings: type[BaseModel], path: Sequence[str]) -> list[str]:
    """The settings of the group at a path; a group kept by name, as routes are, is its values' group."""
    group: object = settings
    for part in path:
        if isinstance(group, type) and issubclass(group, BaseModel) and part in group.model_fields:
            group = group.model_fields[part].annotation
        else:
            group = getattr(group, "__args__", (None,))[-1]
    return list(group.model_fields) if isinstance(group, type) and issubclass(group, BaseModel) else []
