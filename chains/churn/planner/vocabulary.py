"""What a payload lets a question name: its segments, places, industries, owners and accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from chains.churn.planner.names import NameIndex
from chains.churn.planner.territories import Territories, territories_of
from connectors.records import Account


@dataclass(frozen=True)
class Vocabulary:
    """The payload's own spellings; `owners` is name by id, `accounts` are (id, name).

    `principal_owner_ids` are the caller's own, empty when unknown.
    """

    segments: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    principal_owner_ids: tuple[str, ...] = ()
    accounts: tuple[tuple[str, str], ...] = ()

    @cached_property
    def names(self) -> NameIndex:
        """The accounts' names, made ready for looking up."""
        return NameIndex(self.accounts)

    @cached_property
    def territories(self) -> Territories:
        """The regions and countries, made ready for looking up."""
        return territories_of(self.regions, self.countries)


def vocabulary_of(
    accounts: Sequence[Account],
    principal_owner_ids: Sequence[str] = (),
    set_aside: Sequence[tuple[str, str]] = (),
) -> Vocabulary:
    """The vocabulary of a payload's accounts, its values in alphabetical order; `set_aside` can be named too."""
    owners = {a.owner.owner_id: a.owner.name for a in accounts if a.owner is not None and a.owner.owner_id}
    return Vocabulary(
        segments=_values({a.segment for a in accounts}),
        regions=_values({a.region for a in accounts}),
        countries=_values({a.country for a in accounts}),
        industries=_values({a.industry for a in accounts}),
        owners=owners,
        principal_owner_ids=tuple(principal_owner_ids),
        accounts=(*((a.account_id, a.name) for a in accounts), *set_aside),
    )


def _values(values: set[str]) -> tuple[str, ...]:
    return tuple(sorted(value for value in values if value.strip()))
