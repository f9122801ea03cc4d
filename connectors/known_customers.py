"""The customers that others are matched to, found by domain, by name, or by the words of a name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from connectors.company_names import CompanyName, company_name, domain_name, is_placeholder
from connectors.public_domains import is_public

SERVICE_FROM_NAMES = 3
"""From how many different names on a domain is taken for that of a service, such as one that sends invoices."""


class _Named(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def domain(self) -> str: ...


@dataclass(frozen=True)
class KnownCustomers:
    """Customers by their keys.

    Attributes:
        written: Each one's name as it is written.
        names: Each one's comparable name.
        domains: Each one's own domain, "" where it has none or a public one.
        owners: The customers of each domain.
    """

    written: Mapping[str, str]
    names: Mapping[str, CompanyName]
    domains: Mapping[str, str]
    owners: Mapping[str, Sequence[str]]
    _by_fold: Mapping[str, Sequence[str]]
    _by_words: Mapping[str, Sequence[str]]

    @staticmethod
    def of(parties: Sequence[_Named]) -> KnownCustomers:
        """An index of the customers; one whose name names nobody is not found by it."""
        names = {party.key: company_name(party.name) for party in parties}
        domains = {party.key: own_domain(party) for party in parties}
        real = [(party.key, names[party.key].fold) for party in parties if not is_placeholder(party.name)]
        return KnownCustomers(
            written={party.key: party.name for party in parties},
            names=names,
            domains=domains,
            owners=_keys_by((key, domain) for key, domain in domains.items() if domain),
            _by_fold=_keys_by(real),
            _by_words=_keys_by((key, _sorted_words(fold)) for key, fold in real),
        )

    def of_fold(self, fold: str) -> Sequence[str]:
        """Those whose name is the same but for accents and spelt-out umlauts."""
        return self._by_fold.get(fold, ())

    def of_words(self, fold: str) -> Sequence[str]:
        """Those whose name has the same words in any order."""
        return self._by_words.get(_sorted_words(fold), ())

    def bearers(self, written: str) -> Sequence[str]:
        """Those that bear a name: the same, with no contradicting legal form; of several, those of the same form."""
        if is_placeholder(written):
            return ()
        name = company_name(written)
        fit = [key for key in self.of_fold(name.fold) if self.names[key].form in ("", name.form) or not name.form]
        return [key for key in fit if self.names[key].form == name.form] or fit


def own_domain(party: _Named) -> str:
    """The domain that may tell who a customer is; "" where it has none, or one that many share."""
    domain = domain_name(party.domain)
    return "" if is_public(domain) else domain


def service_domains(parties: Iterable[_Named]) -> frozenset[str]:
    """The domains that stand with customers of so many names that they must be a service's."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for party in parties:
        if not is_placeholder(party.name):
            names[own_domain(party)].add(company_name(party.name).fold)
    return frozenset(domain for domain, folds in names.items() if domain and len(folds) >= SERVICE_FROM_NAMES)


def _keys_by(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    keys: defaultdict[str, list[str]] = defaultdict(list)
    for key, what in pairs:
        keys[what].append(key)
    return dict(keys)


def _sorted_words(fold: str) -> str:
    return " ".join(sorted(fold.split()))
