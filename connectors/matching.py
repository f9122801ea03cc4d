"""Which customer of one system is which customer of another: by stated id, then domain, then legal name.

A pair that is not certain is a finding for a person (`Matches.ambiguous`); it is never merged silently. Two witnesses
that contradict each other (a domain of one account and the name of another) leave a pair uncertain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from connectors.company_names import company_name, is_placeholder
from connectors.known_customers import KnownCustomers, own_domain, service_domains
from connectors.name_likeness import alike

Method = Literal["id", "domain", "name"]

DOUBT_SCORE = 84.0
"""Similarity of two names, 0 to 100, from which a pair is worth a person's look; never enough to merge them."""
MANY = 4
"""From how many customers on a domain no longer tells which of them is the account's."""
_BLOCK = 1_000
_SHOWN = 5


class Party(NamedTuple):
    """A customer as one system knows it; `domain` may be a web or mail address, `reference` the other system's key."""

    key: str
    name: str = ""
    domain: str = ""
    reference: str = ""


class Pair(NamedTuple):
    """Two records of one customer; `score` in [0, 1] is how alike they are by that method."""

    left: str
    right: str
    method: Method
    score: float


class Ambiguity(NamedTuple):
    """A left customer that may be any of `candidates` (right key, score in [0, 1]), best first, and why it is open."""

    left: str
    candidates: tuple[tuple[str, float], ...]
    reason: str


@dataclass(frozen=True)
class Matches:
    """Every left customer once: in `pairs`, `ambiguous`, `unmatched_left` or `set_aside`.

    Attributes:
        set_aside: Left customers that a person said are no account's.
        stale: Left customers whose stated account is not known, wherever they ended.
        misstated: Left customers for which a person named an account that is not known.
        unused: Keys for which a person named an account, and no such left customer came.
    """

    pairs: list[Pair] = field(default_factory=list)
    ambiguous: list[Ambiguity] = field(default_factory=list)
    unmatched_left: list[str] = field(default_factory=list)
    unmatched_right: list[str] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    misstated: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)

    def right_of(self) -> dict[str, str]:
        """The right key of each left key that was matched."""
        return {pair.left: pair.right for pair in self.pairs}


class _Open(NamedTuple):
    """A proposal by one method for one left customer, before proposals are held against each other."""

    candidates: tuple[tuple[str, float], ...]
    reason: str = ""


def match(
    left: Iterable[Party],
    right: Iterable[Party],
    *,
    many_to_one: bool = False,
    same: Mapping[str, str] | None = None,
    doubt: float = DOUBT_SCORE,
) -> Matches:
    """Pair the customers of two systems.

    What a person states wins, then explicit references; then a domain of one right customer, unless the names
    contradict; then the legal name, equal but for accents, of the same legal form where both name one.

    Args:
        many_to_one: Whether several left customers may share a right one by domain (by reference they always may).
        same: Left key to right key as a person knows them, "" where there is none.
        doubt: Name similarity, 0 to 100, from which a pair becomes a finding.
    """
    lefts, rights = _unique(left), _unique(right)
    known = KnownCustomers.of(rights)
    matches = Matches()
    rest = _stated(lefts, known, same or {}, matches)
    pairs, ambiguous = matches.pairs, matches.ambiguous

    services, crowds = service_domains(lefts), Counter(own_domain(party) for party in lefts)
    by_domain = {party.key: found for party in rest if (found := _by_domain(party, known, services, crowds))}
    taken = set() if many_to_one else {pair.right for pair in pairs}
    _settle(by_domain, "domain", taken, pairs, ambiguous, many_to_one=many_to_one)

    rest = [party for party in rest if party.key not in by_domain and not is_placeholder(party.name)]
    by_name, nameless = _by_name(rest, known, services, stale=frozenset(matches.stale))
    by_name |= _similar_names(nameless, known, doubt=doubt)
    _settle(by_name, "name", {pair.right for pair in pairs}, pairs, ambiguous, many_to_one=False)

    placed = {p.left for p in pairs} | {a.left for a in ambiguous} | set(matches.set_aside)
    used = {p.right for p in pairs}
    matches.unmatched_left.extend(party.key for party in lefts if party.key not in placed)
    matches.unmatched_right.extend(party.key for party in rights if party.key not in used)
    return matches


def _unique(parties: Iterable[Party]) -> list[Party]:
    """The parties with a key, the first of each."""
    return list({party.key: party for party in reversed(list(parties)) if party.key}.values())[::-1]


def _stated(lefts: Sequence[Party], known: KnownCustomers, same: Mapping[str, str], matches: Matches) -> list[Party]:
    """Note what a person or the system itself states; the customers of whom nothing that holds is stated."""
    rest = []
    for party in lefts:
        said = same.get(party.key)
        if said == "":
            matches.set_aside.append(party.key)
        elif said is not None and said not in known.names:
            matches.misstated.append(party.key)
            matches.ambiguous.append(Ambiguity(party.key, (), "`same` names an account that is not known"))
        elif (right := said or party.reference) in known.names:
            matches.pairs.append(Pair(party.key, right, "id", 1.0))
        else:
            if not is_placeholder(party.reference):
                matches.stale.append(party.key)
            rest.append(party)
    matches.unused.extend(same.keys() - {party.key for party in lefts})
    return rest


def _settle(
    proposals: Mapping[str, _Open],
    method: Method,
    taken: set[str],
    pairs: list[Pair],
    ambiguous: list[Ambiguity],
    *,
    many_to_one: bool,
) -> None:
    """Merge the proposals that stand alone; two that want the same customer, or one already given, stay open."""
    wanted = Counter(o.candidates[0][0] for o in proposals.values() if not o.reason)
    for key, proposal in proposals.items():
        best, score = proposal.candidates[0]
        reason = proposal.reason
        if not reason and best in taken:
            reason = "the customer is already matched by a stronger key"
        elif not reason and wanted[best] > 1 and not many_to_one:
            reason = "several customers claim the same one"
        if reason:
            ambiguous.append(Ambiguity(key, proposal.candidates, reason))
        else:
            pairs.append(Pair(key, best, method, score))


def _by_domain(
    party: Party, known: KnownCustomers, services: frozenset[str], crowds: Mapping[str, int]
) -> _Open | None:
    """The right customer whose domain it is, or why that is uncertain; nothing where the domain tells nothing."""
    domain = own_domain(party)
    owners = known.owners.get(domain, [])
    if not owners:
        return None
    bearers = known.bearers(party.name)
    chosen = [key for key in owners if key in bearers]
    if len(chosen) == 1:
        return _Open(((chosen[0], 1.0),))
    if domain in services:
        named = known.of_fold(company_name(party.name).fold)
        return None if named else _Open(_all(owners), "many customers share the domain")
    if len(owners) > 1:
        return _Open(_all(owners, bearers), "several customers share the domain")
    if is_placeholder(party.name) or is_placeholder(known.written[owners[0]]):
        crowded = crowds[domain] >= MANY
        return _Open(((owners[0], 1.0),), "many customers share the domain" if crowded else "")
    if bearers:
        return _Open(_all(owners, bearers), "the domain is one customer's, the name another's")
    if alike(company_name(party.name), known.names[owners[0]]):
        return _Open(((owners[0], 0.95),))
    return _Open(((owners[0], 0.5),), "the domain is the same, the names differ")


def _all(*keys: Sequence[str]) -> tuple[tuple[str, float], ...]:
    return tuple((key, 0.5) for key in list(dict.fromkeys(key for some in keys for key in some))[:_SHOWN])


def _by_name(
    lefts: Sequence[Party], known: KnownCustomers, services: frozenset[str], *, stale: frozenset[str]
) -> tuple[dict[str, _Open], list[Party]]:
    """For each left customer a right one whose name is equal; and the customers for which there is none."""
    proposals: dict[str, _Open] = {}
    rest = []
    for party in lefts:
        name = company_name(party.name)
        domain = "" if own_domain(party) in services else own_domain(party)
        if keys := known.of_fold(name.fold):
            proposals[party.key] = _doubted(_equal_names(party, keys, known), domain, party.key in stale, known)
        elif keys := known.of_words(name.fold):
            proposals[party.key] = _Open(_all(keys), "the same words in another order")
        else:
            rest.append(party)
    return proposals, rest


def _equal_names(party: Party, keys: Sequence[str], known: KnownCustomers) -> _Open:
    """Which of the customers of that name it is: the one of the same spelling and legal form, or the only one."""
    name = company_name(party.name)
    spelt = [key for key in keys if known.names[key].stem == name.stem]
    among, most = (spelt, 1.0) if spelt else (keys, 0.95)
    same_form = [key for key in among if known.names[key].form == name.form]
    if len(same_form) == 1:
        return _Open(((same_form[0], most),))
    if len(keys) == 1 and not (name.form and known.names[keys[0]].form):
        return _Open(((keys[0], min(most, 0.97)),))
    if len(keys) == 1:
        return _Open(((keys[0], 0.85),), "the same name with another legal form")
    return _Open(tuple((key, 0.85) for key in keys[:_SHOWN]), "several customers have this name")


def _doubted(proposal: _Open, domain: str, stale: bool, known: KnownCustomers) -> _Open:
    """The proposal, open where the domains contradict the name, or the name alone contradicts a stated id."""
    (key, score), *_ = proposal.candidates
    other = known.domains[key]
    contradicts = domain and other and not f".{domain}".endswith(f".{other}") and not f".{other}".endswith(f".{domain}")
    if proposal.reason:
        return proposal
    if contradicts:
        return _Open(((key, min(score, 0.85)),), "the same name with another domain")
    if stale:
        return _Open(((key, min(score, 0.85)),), "the account it states is not known, and only the name is the same")
    return proposal


def _similar_names(lefts: Sequence[Party], known: KnownCustomers, *, doubt: float) -> dict[str, _Open]:
    """The nearly equal names, compared all with all in blocks so that memory stays flat; a person decides them."""
    proposals: dict[str, _Open] = {}
    keys = [key for key in known.names if not is_placeholder(known.written[key])]
    folds = [known.names[key].fold for key in keys]
    for start in range(0, len(lefts), _BLOCK):
        block = lefts[start : start + _BLOCK]
        names = [company_name(party.name).fold for party in block]
        scores = process.cdist(names, folds, scorer=fuzz.ratio, score_cutoff=doubt, dtype=np.float32, workers=-1)
        for row in map(int, np.flatnonzero(scores.any(axis=1))):
            found = np.flatnonzero(scores[row])
            best = found[np.argsort(-scores[row, found], kind="stable")][:_SHOWN]
            near = tuple((keys[i], round(float(scores[row, i]) / 100, 3)) for i in best)
            proposals[block[row].key] = _Open(near, "the names are only similar")
    return proposals
