"""Reads `connection:` into a connector's settings; values of the environment never stand in a message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from connectors.ports import Connector
from connectors.source_yaml import Block, unknown

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]")


def read_settings(block: Block | None, source: Block, connector: Connector, environ: Mapping[str, str]) -> Any:
    """The connector's settings, checked by their own type.

    Raises:
        InvalidSourceConfigError: A variable is missing, or a setting is unknown, missing or of the wrong type.
    """
    place = block or source
    secrets: set[str] = set()
    given = _filled(block, environ, secrets) if block is not None and not block.absent else {}
    if not isinstance(given, dict):
        place.fail(f"expected the settings of {connector.name}")
    try:
        return msgspec.convert(given, connector.settings, strict=False)
    except msgspec.ValidationError as error:
        said = str(error)
    # Outside the block, so that the error, which may hold a value of the environment, stands in no traceback.
    text, _, path = said.partition(" - at `$")
    where = place.at([name or number for name, number in _STEP.findall(path)]) if block is not None else place
    _explain(where, text, connector, secrets)


def _filled(block: Block, environ: Mapping[str, str], secrets: set[str]) -> Any:
    """The plain value with `${NAME}` replaced; what was put in is added to `secrets`."""
    if isinstance(block.value, dict):
        return {name: _filled(part, environ, secrets) for name, part in block.value.items()}
    if isinstance(block.value, list):
        return [_filled(part, environ, secrets) for part in block.value]
    if not isinstance(block.value, str):
        return block.value

    def value(match: re.Match[str]) -> str:
        name = match[1].strip()
        if not _NAME.fullmatch(name):
            block.fail("a variable is written ${NAME}")
        if not environ.get(name):
            block.fail(f"the environment variable {name} is not set")
        secrets.add(environ[name])
        return environ[name]

    return _VARIABLE.sub(value, block.value)


def _explain(block: Block, text: str, connector: Connector, secrets: set[str]) -> Any:
    names = [field.encode_name for field in msgspec.structs.fields(connector.settings)]
    if match := re.match(r"Object missing required field `(\w+)`", text):
        block.fail(f"the connector {connector.name} needs `{match[1]}` in `connection`")
    if match := re.match(r"Object contains unknown field `(.+)`", text):
        part = block.value.get(match[1]) if isinstance(block.value, dict) else None
        (part if isinstance(part, Block) else block).fail(unknown(match[1], names))
    if match := re.match(r"Expected `([^`]+)`", text):
        block.fail(f"expected {match[1].replace('str', 'text')}")
    # A message of the connector's own checks; one that may hold a value is not passed on.
    if text.startswith("Invalid") or any(secret in text for secret in secrets):
        block.fail(f"the connector {connector.name} cannot take this")
    block.fail(text.rstrip("."))
