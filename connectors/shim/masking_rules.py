"""What leaves the house, field by field: built-in rules that keep persons at home, and a file that changes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from connectors.mapping import RECORDS, field_types
from connectors.shim.known_words import KNOWN
from connectors.source_yaml import Block, read_yaml

Rule = Literal["keep", "drop", "hash", "redact", "known"]
Rules = Mapping[str, Mapping[str, Rule]]

_PERSONAL: Rules = {
    "accounts": {"owner.name": "drop", "owner.email": "drop"},
    "contacts": {"first_name": "drop", "last_name": "drop", "email": "drop", "phone": "drop"},
    "tickets": {"subject": "redact", "body": "redact"},
    "surveys": {"comment": "redact"},
}
_WORDS: Rules = {kind: {name: "known" for of, name in KNOWN if of == kind} for kind, _ in KNOWN}
DEFAULTS: Rules = {kind: {**_PERSONAL.get(kind, {}), **_WORDS.get(kind, {})} for kind in {**_PERSONAL, **_WORDS}}
"""Persons by their ids alone; texts that people wrote without names, addresses and numbers; in fields of a few words
nothing but these; all else is kept."""
_NEEDED = frozenset({("accounts", "account_id"), ("accounts", "owner.owner_id"), ("contacts", "contact_id")})


@dataclass(frozen=True)
class MaskingRules:
    """The rule of every canonical field that is not kept, by record kind; `key_env` names the variable of the key."""

    by_kind: Rules = field(default_factory=lambda: DEFAULTS)
    key_env: str = ""

    @property
    def hashes(self) -> bool:
        """Whether any field is replaced by a pseudonym, so that a key is needed."""
        return any("hash" in rules.values() for rules in self.by_kind.values())

    @property
    def redacts(self) -> bool:
        """Whether any text is redacted, and so the question too."""
        return any("redact" in rules.values() for rules in self.by_kind.values())

    def names_leave(self, kind: str, *names: str) -> bool:
        """Whether these fields of persons are sent as they are."""
        return not any(name in self.by_kind.get(kind, {}) for name in names)


def load_masking(file: Path) -> MaskingRules:
    """The built-in rules with those of the file in their places.

    Raises:
        InvalidSourceConfigError: The message names file, line and field.
    """
    whole = read_yaml(file)
    parts = whole.table(("version", "key_env", "rules"), needs=("version", "rules"))
    if parts["version"].value != 1:
        parts["version"].fail("expected 1")
    rules = {kind: dict(by_field) for kind, by_field in DEFAULTS.items()}
    for kind, block in parts["rules"].table(RECORDS).items():
        for name, rule in block.table(field_types(kind)).items():
            rules.setdefault(kind, {})[name] = _checked(kind, name, rule)
    kept_out = {
        kind: {name: rule for name, rule in by_field.items() if rule != "keep"} for kind, by_field in rules.items()
    }
    key_env = parts["key_env"].string() if "key_env" in parts else ""
    return MaskingRules({kind: by_field for kind, by_field in kept_out.items() if by_field}, key_env)


def _checked(kind: str, name: str, block: Block) -> Rule:
    rule = block.string(get_args(Rule))
    if (kind, name) in _NEEDED and rule != "keep":
        block.fail("ids are kept: answers name accounts and persons by them")
    if rule == "known" and (kind, name) not in KNOWN:
        block.fail("`known` is for fields that hold one of a few words; keep or drop this one")
    if rule in ("hash", "redact") and field_types(kind)[name] is not str:
        block.fail(f"`{rule}` is for texts; keep or drop this one")
    if rule == "drop" and (kind, name) == ("usage", "week_start"):
        block.fail("a week without its day cannot be read; drop its other fields")
    return rule  # type: ignore[return-value]
