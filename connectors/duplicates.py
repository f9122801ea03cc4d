"""Customers that seem to stand twice in one system: a finding for a person, nothing is merged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from rapidfuzz import fuzz, process

from connectors.company_names import CompanyName, company_name, is_placeholder
from connectors.known_customers import own_domain
from connectors.matching import Party

NEARLY_SCORE = 95.0
"""Similarity of two names of one legal form, 0 to 100, from which they may be one customer."""
_SAME_START = 2


class Duplicates(NamedTuple):
    """Keys of one system that may be one customer, and what they share."""

    keys: tuple[str, ...]
    reason: str


def duplicates(parties: Iterable[Party]) -> list[Duplicates]:
    """Groups of customers with one domain and name, or with nearly the same legal name and form.

    Names are compared with those that begin with the same letters, so that large systems stay quick.
    """
    known = {party.key: party for party in parties if party.key}
    names = {key: company_name(party.name) for key, party in known.items() if not is_placeholder(party.name)}
    shared = list(_shared_domains(known.values(), names))
    of_domain = {frozenset(pair) for pair in shared}
    alike = [pair for pair in _alike(names) if frozenset(pair) not in of_domain]
    return [
        *(Duplicates(keys, "the same domain and name") for keys in _groups(shared)),
        *(Duplicates(keys, "nearly the same legal name") for keys in _groups(alike)),
    ]


def _shared_domains(parties: Iterable[Party], names: dict[str, CompanyName]) -> Iterator[tuple[str, str]]:
    owners: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for party in parties:
        if (domain := own_domain(party)) and party.key in names:
            owners[domain, names[party.key].fold].append(party.key)
    for keys in owners.values():
        for one, other in combinations(keys, 2):
            forms = {names[one].form, names[other].form} - {""}
            if len(forms) < 2:
                yield one, other


def _alike(names: dict[str, CompanyName]) -> Iterator[tuple[str, str]]:
    buckets: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for key, name in names.items():
        buckets[name.stem[:_SAME_START], name.form].append(key)
    for keys in buckets.values():
        if len(keys) > 1:
            yield from _alike_in(keys, [names[key].stem for key in keys])


def _alike_in(keys: Sequence[str], stems: Sequence[str]) -> Iterator[tuple[str, str]]:
    scores = process.cdist(stems, stems, scorer=fuzz.ratio, score_cutoff=NEARLY_SCORE)
    for one, other in zip(*scores.nonzero(), strict=True):
        if one < other and _numbers_in(stems[one]) == _numbers_in(stems[other]):
            yield keys[one], keys[other]


def _groups(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """The pairs drawn together where they share a customer."""
    group_of: dict[str, list[str]] = {}
    for one, other in pairs:
        joined = [*group_of.get(one, [one]), *(key for key in group_of.get(other, [other]))]
        group = list(dict.fromkeys(joined))
        for key in group:
            group_of[key] = group
    return list(dict.fromkeys(tuple(group) for group in group_of.values()))


def _numbers_in(stem: str) -> list[str]:
    """The words of a name that hold a digit; two names that differ there are two customers."""
    return [word for word in stem.split() if any(letter.isdigit() for letter in word)]
