"""The examples of the OpenAPI documents: real answers about the sample organisation of a fixed day."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CORRELATION_ID = "5f0c7b4e9d0a4c5fb0f3a8a1c2d3e4f5"
_FILE = Path(__file__).with_name("examples.json")


@dataclass(frozen=True)
class Examples:
    """Examples by operation: its `parameters` by name, its `request`, and its answers by status."""

    operations: Mapping[str, Mapping[str, Any]]

    def body(self, operation: str, key: str) -> Any:
        """The example of a request ("request") or of an answer (such as "200"); None where there is none."""
        return self.operations.get(operation, {}).get(key)

    def parameter(self, operation: str, name: str) -> Any:
        """The example of a parameter; None where there is none."""
        own = self.operations.get(operation, {}).get("parameters", {})
        return own.get(name, self.operations.get("*", {}).get("parameters", {}).get(name))


def load_examples() -> Examples:
    """The examples that ship with the service."""
    return Examples(json.loads(_FILE.read_text(encoding="utf-8")))
