"""Finds the connectors: by their place in this room, and those that installed packages offer."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from importlib.metadata import entry_points
from importlib.util import find_spec

import connectors as room
from connectors.errors import InvalidSourceConfigError
from connectors.ports import Connector

ENTRY_POINTS = "baton.connectors"


def connectors() -> dict[str, Connector]:
    """Every connector by name: `connectors/<package>/connector.py` with a `CONNECTOR`, and plug-ins.

    Raises:
        InvalidSourceConfigError: A plug-in cannot be loaded, is no connector, or takes a name that is taken.
    """
    found = {connector.name: connector for connector in _of_this_room()}
    for plug_in in entry_points(group=ENTRY_POINTS):
        try:
            connector = plug_in.load()
        except Exception as error:  # Whatever a plug-in's import raises, the operator mends the installation.
            raise InvalidSourceConfigError(
                f"The plug-in {plug_in.name} ({plug_in.value}) cannot be loaded: {type(error).__name__}; "
                "repair or remove its package."
            ) from error
        if not isinstance(connector, Connector):
            raise InvalidSourceConfigError(f"The plug-in {plug_in.name} ({plug_in.value}) is no Connector.")
        if connector.name in found:
            raise InvalidSourceConfigError(f"Two connectors are named {connector.name}; remove one of the packages.")
        found[connector.name] = connector
    return found


def _of_this_room() -> Iterator[Connector]:
    for package in pkgutil.iter_modules(room.__path__):
        name = f"{room.__name__}.{package.name}.connector"
        if package.ispkg and find_spec(name) is not None:
            yield importlib.import_module(name).CONNECTOR
