"""The fact book of one account: every figure or text an answer rests on, once, with its record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import resources

import yaml

from chains.evidence import Audience, Fact

# Texts of a closed vocabulary or of the house's own making: no person can stand in them.
_CLOSED_FIELDS = frozenset(
    {"priority", "status", "state", "topic", "role", "kind", "currency", "segment", "ticket_id", "invoice_id"}
)
_SYSTEM_OF_KIND = {"usage": "usage", "ticket": "support", "invoice": "billing", "survey": "survey"}


@cache
def shareable_fields() -> frozenset[str]:
    """The `kind.field` names a customer may be told, from `audiences.yaml`; all others are internal."""
    text = resources.files("chains.churn").joinpath("audiences.yaml").read_text(encoding="utf-8")
    return frozenset(yaml.safe_load(text)["shareable"])


def audience(kind: str, field: str) -> Audience:
    """Who may read the field of such a record."""
    return "shareable" if f"{kind}.{field}" in shareable_fields() else "internal"


def as_text(value: object) -> str:
    """A fact's value as text: ISO dates, plain numbers without a trailing ``.0``, yes or no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


class FactBook:
    """Collects the facts of one account; citing the same field of the same record twice gives one fact.

    Args:
        systems: Name of the source by kind of system (crm, usage, billing, support, survey).
        mask: Takes a text and gives it without persons; applied to every value.
    """

    def __init__(self, systems: Mapping[str, str], mask: Callable[[str], str]) -> None:
        self._systems = systems
        self._mask = mask
        self._facts: dict[str, Fact] = {}

    def cite(
        self, kind: str, record_id: str, field: str, value: object, *, unit: str = "", observed_at: str = ""
    ) -> str:
        """Record the fact and give its id, `kind:record_id:field`."""
        fact_id = f"{kind}:{record_id}:{field}"
        if fact_id not in self._facts:
            crm = self._systems.get("crm", "crm")
            self._facts[fact_id] = Fact(
                fact_id=fact_id,
                source=self._systems.get(_SYSTEM_OF_KIND.get(kind, "crm"), crm),
                record_id=record_id,
                field=field,
                value=self._safe(field, value),
                unit=unit,
                observed_at=observed_at,
                audience=audience(kind, field),
            )
        return fact_id

    def _safe(self, field: str, value: object) -> str:
        text = as_text(value)
        return self._mask(text) if isinstance(value, str) and field not in _CLOSED_FIELDS else text

    def fresh(self) -> FactBook:
        """An empty book of the same account, for facts that may turn out not to be needed."""
        return FactBook(self._systems, self._mask)

    def take(self, facts: Iterable[Fact]) -> None:
        """Add facts of a fresh book that are needed after all; one that is there already stays as it is."""
        for fact in facts:
            self._facts.setdefault(fact.fact_id, fact)

    def get(self, fact_id: str) -> Fact:
        """The fact cited under that id; raises KeyError when nobody cited it."""
        return self._facts[fact_id]

    def all(self) -> list[Fact]:
        """Every fact, in the order it was first cited."""
        return list(self._facts.values())
