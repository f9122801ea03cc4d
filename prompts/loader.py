"""Reads the text that stands in this room: prompts, phrase books and playbooks, by name."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import PurePosixPath


@cache
def load_text(name: str) -> str:
    """The text stored under a name such as ``churn/playbook.yaml``.

    Raises:
        FileNotFoundError: No such text, or the name points outside this room.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.suffix:
        raise FileNotFoundError(f"no text named {name!r}")
    return resources.files("prompts").joinpath(*path.parts).read_text(encoding="utf-8")
