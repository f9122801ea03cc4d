"""Joins what several sources gave into the accounts of the leading one; what is not certain is told, never merged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.matching import Matches, Party, match
from connectors.reading import CUSTOMERS, SourceRead, Table, account_key

_WHOLE_PARTS = ("annual_recurring_revenue", "owner")
"""Parts that mean nothing in halves: an amount with another system's currency, a name with another's address."""
_LONG_ID, _SHORT_ID = 18, 15


@dataclass(frozen=True)
class Matching:
    """How the customers, or the accounts, of one source were matched to the accounts of the leading one."""

    source: str
    of: str
    matches: Matches = field(repr=False)

    def count(self, method: str) -> int:
        """How many were matched by id, domain or name."""
        return sum(pair.method == method for pair in self.matches.pairs)


@dataclass
class Joined:
    """The accounts with all their records, the matchings, and rows that belong to nobody, by source and kind.

    `withheld` are ids that accounts which a narrowed reading left out have too: they got no records, as these may be
    the others'.
    """

    accounts: list[dict[str, Any]] = field(repr=False)
    matchings: list[Matching] = field(default_factory=list)
    orphans: dict[tuple[str, str], int] = field(default_factory=dict)
    withheld: tuple[str, ...] = ()


def join(reads: Sequence[SourceRead], leading: SourceRead) -> Joined:
    """One list of accounts: those of the leading source, completed by the others.

    An account's key is its id in the leading source. Other sources' accounts fill only what is absent there; records
    of other systems' customers go to the account these are matched with. Of accounts with one id the first has all.
    """
    joined = Joined(accounts=list(leading.tables["accounts"].records))
    by_id: dict[str, dict[str, Any]] = {}
    for account in joined.accounts:
        if key := account_key(account):
            by_id.setdefault(key, account)
    left_out = Counter(party.key for party in leading.parties)
    left_out.subtract(map(account_key, joined.accounts))
    joined.withheld = tuple(key for key in by_id if left_out[key] > 0)
    for key in joined.withheld:
        del by_id[key]
    ids = _Ids(leading.parties)
    for read in reads:
        account_of = ids.known
        if read is not leading and "accounts" in read.tables:
            same = ids.long(read.config.records["accounts"].same)
            matches = match(ids.referring(read.parties), leading.parties, same=same)
            joined.matchings.append(Matching(read.config.name, "accounts", matches))
            account_of = matches.right_of()
            _fill(by_id, read.tables["accounts"], account_of)
        customer_of: dict[str, str] = {}
        if read.config.customers is not None:
            many = read.config.customers.many_to_one
            same = ids.long(read.config.customers.same)
            matches = match(ids.referring(read.customers), leading.parties, many_to_one=many, same=same)
            joined.matchings.append(Matching(read.config.name, CUSTOMERS, matches))
            customer_of = matches.right_of()
        customers = {party.key for party in read.customers}
        accounts = {*account_of, *(party.key for party in read.parties)}
        for kind, record in read.config.records.items():
            if kind == "accounts":
                continue
            finds, known = (customer_of, customers) if record.customer else (account_of, accounts)
            strays = _attach(by_id, read.tables[kind], finds, known)
            if strays:
                joined.orphans[read.config.name, kind] = strays
    return joined


class _Ids:
    """The ids of the leading source's accounts, found also by the short form that Salesforce uses beside the long."""

    def __init__(self, parties: Sequence[Party]) -> None:
        self.known = {party.key: party.key for party in parties if party.key}
        short = {key[:_SHORT_ID]: key for key in self.known if len(key) == _LONG_ID and key.isalnum()}
        self.known = {**short, **self.known}

    def referring(self, parties: Sequence[Party]) -> Iterator[Party]:
        """The parties with the accounts they name in their long form."""
        for party in parties:
            yield party._replace(reference=self.known.get(party.reference, party.reference))

    def long(self, same: Mapping[str, str]) -> dict[str, str]:
        """What a person says is the same, with the accounts in their long form."""
        return {key: self.known.get(account, account) for key, account in same.items()}


def _attach(by_id: Mapping[str, dict[str, Any]], table: Table, account_of: Mapping[str, str], known: set[str]) -> int:
    """Give each record to its account; how many name an account or customer that does not exist."""
    strays = 0
    for record, owner in zip(table.records, table.owners, strict=True):
        account_id = account_of.get(owner)
        if account_id is None:
            strays += owner not in known
        elif (account := by_id.get(account_id)) is not None:
            account.setdefault(table.kind, []).append(record)
    return strays


def _fill(by_id: Mapping[str, dict[str, Any]], table: Table, account_of: Mapping[str, str]) -> None:
    """Complete accounts by what another source knows of them; what stands is never replaced."""
    for record in table.records:
        account = by_id.get(account_of.get(account_key(record), ""))
        if account is None:
            continue
        for name, value in record.items():
            if name not in account:
                account[name] = value
            elif isinstance(value, dict) and name not in _WHOLE_PARTS:
                account[name] = {**value, **account[name]}
